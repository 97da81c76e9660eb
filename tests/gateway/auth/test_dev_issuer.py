"""The demo's issuer: real tokens for made-up persons, and no place in production."""

import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.datastructures import Headers

from gateway.auth.bearer_tokens import TokenAuthenticator
from gateway.auth.dev_issuer import DevIssuer, DevIssuerRefused, Persona
from gateway.http.app import build_app
from gateway.http.errors import HttpRefusal
from gateway.settings.settings import Mode, Settings
from policy.actors import Actor, Role
from tests.gateway.fakes import NOW, PERSONAS, SUBJECT, HttpServer, ToyService, claim_reader, settings_for


def issuer_in(folder: Path) -> DevIssuer:
    return DevIssuer(settings_for(folder), PERSONAS, lambda: NOW)


def identity_of(issuer: DevIssuer, settings: Settings, **changed: object) -> TokenAuthenticator:
    return TokenAuthenticator(
        keys=issuer.keys, issuer=settings.oidc_issuer, audience=settings.oidc_audience, skew_seconds=0,
        now=lambda: NOW + timedelta(hours=int(str(changed.get("hours", 0)))),
        claims=claim_reader(), longest=settings.token_limit,
    )  # fmt: skip


async def ask(identity: TokenAuthenticator, token: str, *roles: str) -> Actor:
    raw = [(b"authorization", f"Bearer {token}".encode()), *((b"acting-role", role.encode()) for role in roles)]
    return await identity(Headers(raw=raw))


async def test_a_persona_is_whom_its_claims_describe(tmp_path: Path):
    issuer = issuer_in(tmp_path)
    identity = identity_of(issuer, settings_for(tmp_path))
    assert await ask(identity, issuer.mint("clerk")) == Actor("demo-clerk", Role.CLERK, "LZ-XZSP", client="window")
    assert (await ask(identity, issuer.mint("handler"), "handler")).role is Role.HANDLER
    assert str((await ask(identity, issuer.mint("subject"))).subject) == SUBJECT


async def test_a_token_is_good_for_a_working_day(tmp_path: Path):
    issuer = issuer_in(tmp_path)
    token = issuer.mint("clerk")
    assert await ask(identity_of(issuer, settings_for(tmp_path), hours=7), token)
    with pytest.raises(HttpRefusal, match="TOKEN_EXPIRED"):
        await ask(identity_of(issuer, settings_for(tmp_path), hours=8), token)


def test_the_key_file_is_readable_by_its_owner_only_and_leaves_no_temporary_file(tmp_path: Path):
    issuer_in(tmp_path)
    (file,) = tmp_path.iterdir()
    assert (file.name, stat.S_IMODE(file.stat().st_mode)) == ("dev.json", 0o600)


async def test_the_key_outlives_a_restart(tmp_path: Path):
    token = issuer_in(tmp_path).mint("clerk")
    assert await ask(identity_of(issuer_in(tmp_path), settings_for(tmp_path)), token)


def test_only_the_public_half_is_published(tmp_path: Path):
    issuer = issuer_in(tmp_path)
    assert b'"d"' in (tmp_path / "dev.json").read_bytes()
    assert b'"d"' not in issuer.jwks


def test_another_deployment_does_not_take_the_token(tmp_path: Path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert issuer_in(tmp_path / "a").jwks != issuer_in(tmp_path / "b").jwks


@pytest.mark.parametrize(
    ("case", "content", "mode", "sentence"),
    [
        ("others can read it", None, 0o644, "Set the permissions of dev.json to 0600"),
        ("it holds no key", b"{}", 0o600, "Remove dev.json"),
        ("it is broken", b"\x00", 0o600, "Remove dev.json"),
    ],
)
def test_a_key_file_that_is_not_to_be_trusted_is_refused(
    tmp_path: Path, case: str, content: bytes | None, mode: int, sentence: str
):
    issuer_in(tmp_path)
    file = tmp_path / "dev.json"
    if content is not None:
        file.write_bytes(content)
    file.chmod(mode)
    with pytest.raises(DevIssuerRefused, match=sentence):
        issuer_in(tmp_path)


def test_in_production_it_cannot_be_made_and_cannot_be_smuggled_in(tmp_path: Path):
    production = replace(settings_for(tmp_path), mode=Mode.PRODUCTION)
    with pytest.raises(DevIssuerRefused, match="production"):
        DevIssuer(production, PERSONAS, lambda: NOW)
    assert not (tmp_path / "dev.json").exists()
    issuer = issuer_in(tmp_path)
    with pytest.raises(DevIssuerRefused, match="production"):
        build_app(production, ToyService(), identity_of(issuer, production), checks={}, dev_issuer=issuer)


def test_tokens_are_given_to_whoever_asks_for_a_persona(http_server: HttpServer):
    plain = http_server.client.get("/dev/token", params={"persona": "clerk"})
    assert (plain.status_code, plain.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    answer = http_server.client.post(
        "/graphql", json={"query": "{ hello }"}, headers={"Authorization": f"Bearer {plain.text}"}
    )
    assert answer.json() == {"data": {"hello": "你好"}}
    asked = {"Accept": "application/json"}
    assert (
        http_server.client.get("/dev/token", params={"persona": "clerk"}, headers=asked).json()["token_type"]
        == "Bearer"
    )
    for persona in ("", "emperor"):
        assert http_server.client.get("/dev/token", params={"persona": persona}).status_code == 404


def test_its_keys_are_published(http_server: HttpServer):
    keys = http_server.client.get("/dev/jwks.json").json()["keys"]
    assert [(key["alg"], "d" in key) for key in keys] == [("ES256", False)]


async def test_a_persona_may_not_choose_its_issuer_or_its_times(tmp_path: Path):
    claims = {
        "sub": "odd",
        "roles": ["clerk"],
        "department": "d",
        "iss": "https://login.example",
        "exp": 9e9,
        "aud": "x",
    }
    settings = settings_for(tmp_path)
    issuer = DevIssuer(settings, [Persona("odd", "怪", claims)], lambda: NOW)
    assert await ask(identity_of(issuer, settings), issuer.mint("odd"))
    with pytest.raises(HttpRefusal, match="TOKEN_EXPIRED"):
        await ask(identity_of(issuer, settings, hours=8), issuer.mint("odd"))
