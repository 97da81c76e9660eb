"""An OpenID Connect issuer for the gateway in production mode: one key, and the address at which it is published."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson
from joserfc import jwt
from joserfc.jwk import ECKey


class Issuer:
    """An OpenID Connect issuer's key and its address, for the gateway in production mode."""

    def __init__(self) -> None:
        self.key = ECKey.generate_key("P-256", {"kid": "bench", "use": "sig", "alg": "ES256"})
        published = orjson.dumps({"keys": [self.key.as_dict(private=False)]})

        class Keys(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(published)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def token(self) -> str:
        now = int(time.time())
        claims = {"iss": self.url, "aud": "bench", "sub": "regulator-1", "roles": ["regulator"], "sector": "market"}
        return jwt.encode(
            {"alg": "ES256", "kid": "bench"}, {**claims, "area": "370305", "iat": now, "exp": now + 36_000}, self.key
        )
