"""The demo's own issuer: it gives anybody a token of any persona, and so exists in demo mode only.

Personas are plain data that the wiring passes in: a name, a title, and the claims of its tokens.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from gateway.auth.jwks import FixedKeys, read_key_set
from gateway.http.errors import Code, HttpRefusal
from gateway.json_input import parse_json
from gateway.settings.settings import DEMO_ISSUER, Settings

LIFETIME_SECONDS = 8 * 3600
"""A working day."""


class DevIssuerRefused(Exception):
    """The development issuer cannot start: this is production, or its key file is not safe to use."""


@dataclass(frozen=True, slots=True)
class Example:
    """A query that shows what a persona is for."""

    title: str
    query: str
    purpose: str | None = None
    variables: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Persona:
    """A synthetic person of the demo. *claims* are those of its tokens without issuer, audience and times."""

    name: str
    title: str
    claims: Mapping[str, object]
    purpose: str | None = None
    examples: Sequence[Example] = ()

    @property
    def roles(self) -> Sequence[str]:
        """The roles that the persona holds; the first is the one it usually acts in."""
        found = self.claims.get("roles")
        return [str(role) for role in found] if isinstance(found, list | tuple) else []


class DevIssuer:
    """Signs tokens for personas with an ES256 key that it stores in a file of its own."""

    def __init__(self, settings: Settings, personas: Sequence[Persona], now: Callable[[], datetime]) -> None:
        if not settings.is_demo:
            raise DevIssuerRefused("The development issuer cannot be switched on in production.")
        self.personas: Mapping[str, Persona] = {persona.name: persona for persona in personas}
        self._audience = settings.oidc_audience
        self._now = now
        self._key = _stored_key(settings.dev_key_file)

    @property
    def jwks(self) -> bytes:
        """The public half of the key, as a JWKS."""
        public = self._key.as_dict(private=False) | {"use": "sig", "alg": "ES256", "kid": self._key.thumbprint()}
        return orjson.dumps({"keys": [public]})

    @property
    def keys(self) -> FixedKeys:
        """The key source that verifies the tokens of this issuer."""
        return FixedKeys(read_key_set(self.jwks))

    def mint(self, name: str) -> str:
        """Return a bearer token of the persona *name*, valid for a working day. Raises HttpRefusal(PERSONA_UNKNOWN)."""
        persona = self.personas.get(name)
        if persona is None:
            raise HttpRefusal(Code.PERSONA_UNKNOWN)
        issued = int(self._now().timestamp())
        times = {"iat": issued, "nbf": issued, "exp": issued + LIFETIME_SECONDS}
        return self.sign({**persona.claims, **times, "iss": DEMO_ISSUER, "aud": self._audience})

    def sign(self, claims: Mapping[str, object]) -> str:
        """Return *claims* as a signed token."""
        return jwt.encode({"alg": "ES256", "kid": self._key.thumbprint()}, dict(claims), self._key)

    def routes(self) -> list[Route]:
        """Return `/dev/jwks.json` and `/dev/token?persona=…`."""
        return [Route("/dev/jwks.json", self._show_keys), Route("/dev/token", self._give_token)]

    async def _show_keys(self, _: Request) -> Response:
        return Response(self.jwks, media_type="application/jwk-set+json")

    async def _give_token(self, request: Request) -> Response:
        token = self.mint(request.query_params.get("persona", ""))
        if "application/json" in request.headers.get("accept", ""):
            return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME_SECONDS})
        return PlainTextResponse(token)


def _stored_key(path: Path) -> ECKey:
    """Return the key in *path*; create it where it is missing. Two processes that start at once get the same key."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_once(path, orjson.dumps(ECKey.generate_key("P-256", auto_kid=True).as_dict(private=True)))
    if path.stat().st_mode & 0o077:
        raise DevIssuerRefused(f"Set the permissions of {path.name} to 0600: others on this machine can read it.")
    try:
        return ECKey.import_key(parse_json(path.read_bytes()))
    except Exception:  # noqa: BLE001 - the library raises many kinds, and each means the same
        raise DevIssuerRefused(
            f"Remove {path.name}: it does not hold a signing key, and a new one will be made."
        ) from None


def _write_once(path: Path, text: bytes) -> None:
    # The file appears whole or not at all, and the first process to link it wins.
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
