"""The client of a real OpenID Connect provider: a front end and the browser in front of it, over HTTP.

It signs in with the authorization code flow and PKCE [RFC 7636], fills in the provider's pages of login and consent,
and asks for a token for one resource [RFC 8707].
"""

import base64
import hashlib
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import orjson

HERE = Path(__file__).parent
NODE = shutil.which("node")
IS_INSTALLED = NODE is not None and (HERE / "node_modules" / "oidc-provider").is_dir()
GATEWAY = "https://gateway.example/"
REDIRECT = "http://127.0.0.1/callback"
MOST_PAGES = 12


@dataclass(frozen=True, slots=True)
class Provider:
    """A running provider."""

    issuer: str

    @property
    def metadata(self) -> dict[str, Any]:
        """What the provider publishes of itself [OIDC Discovery 4]."""
        found: dict[str, Any] = httpx.get(f"{self.issuer}/.well-known/openid-configuration").json()
        return found

    def sign_in(self, account: str, resource: str = GATEWAY) -> str:
        """Sign *account* in with a browser of its own, consent, and return its access token for *resource*."""
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        state = secrets.token_urlsafe(16)
        asked = {
            "client_id": "front-end", "response_type": "code", "scope": "openid identity", "redirect_uri": REDIRECT,
            "code_challenge": challenge, "code_challenge_method": "S256", "state": state, "resource": resource,
        }  # fmt: skip
        metadata = self.metadata
        with httpx.Client(timeout=30) as browser:
            page = browser.get(metadata["authorization_endpoint"], params=asked)
            answer = through_the_pages(browser, page, account, REDIRECT)
            assert answer["state"] == [state]
            given = {
                "client_id": "front-end", "grant_type": "authorization_code", "code": answer["code"][0],
                "redirect_uri": REDIRECT, "code_verifier": verifier, "resource": resource,
            }  # fmt: skip
            tokens = browser.post(metadata["token_endpoint"], data=given)
        assert tokens.status_code == httpx.codes.OK, tokens.text
        token: str = tokens.json()["access_token"]
        return token


def through_the_pages(
    browser: httpx.Client, page: httpx.Response, account: str, redirect: str
) -> Mapping[str, list[str]]:
    """Follow redirects and send the forms of login, consent and logout; return the parameters at *redirect*."""
    for _ in range(MOST_PAGES):
        if page.is_redirect:
            to = urljoin(str(page.url), page.headers["location"])
            if to.startswith(redirect):
                return parse_qs(urlsplit(to).query)
            page = browser.get(to)
            continue
        assert page.status_code == httpx.codes.OK, page.text
        form = re.search(r'action="([^"]+)"', page.text)
        assert form is not None, page.text
        filled = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text))
        if filled.get("prompt") == "login":
            filled |= {"login": account, "password": "any"}
        page = browser.post(urljoin(str(page.url), form[1]), data=filled)
    raise AssertionError("the provider asked for more pages than expected")


@contextmanager
def running_provider(folder: Path, accounts: Mapping[str, Mapping[str, Any]]) -> Iterator[Provider]:
    """Run the provider with these *accounts* and the claims of their tokens; its files are in *folder*."""
    (folder / "accounts.json").write_bytes(orjson.dumps(accounts))
    command = [str(NODE), "provider.mjs", str(folder / "accounts.json")]
    with (
        (folder / "provider.log").open("wb") as log,
        subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        try:
            assert process.stdout is not None
            issuer = process.stdout.readline().strip()
            assert issuer, (folder / "provider.log").read_text()
            yield Provider(issuer)
        finally:
            process.terminate()
            process.wait(10)
