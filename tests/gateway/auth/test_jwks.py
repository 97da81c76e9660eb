"""The issuer's keys: fetched once, fetched again when a token names a new one; without keys no token is accepted."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from starlette.datastructures import Headers

from gateway.auth.bearer_tokens import TokenAuthenticator
from gateway.auth.jwks import FRESH_FOR, REFRESH_PAUSE, STALE_AFTER, PublishedKeys, read_key_set
from gateway.http.errors import HttpRefusal
from tests.gateway.fakes import NOW, HttpServer, claim_reader

OLD, NEW = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
SMALL = {"kty": "RSA", "kid": "small", "e": "AQAB", "n": "w" * 171}
LARGE, ED = RSAKey.generate_key(2048), OKPKey.generate_key("Ed25519")


def jwks(**keys: Any) -> bytes:
    return orjson.dumps({"keys": [key.as_dict(private=False) | {"kid": kid} for kid, key in keys.items()]})


class Issuer:
    """An issuer whose answers the test decides, and a clock that the test moves."""

    def __init__(self) -> None:
        self.answer: Callable[[], httpx.Response] = lambda: httpx.Response(200, content=jwks(old=OLD))
        self.asked = 0
        self.clock = 1000.0
        client = httpx.AsyncClient(transport=httpx.MockTransport(self._handle))
        self.keys = PublishedKeys("https://login.example/jwks", client, lambda: self.clock)

    def _handle(self, _: httpx.Request) -> httpx.Response:
        self.asked += 1
        return self.answer()


def down() -> httpx.Response:
    raise httpx.ConnectError("no route")


async def test_keys_are_fetched_once_and_cached():
    issuer = Issuer()
    first = await issuer.keys.current()
    await asyncio.gather(*(issuer.keys.current() for _ in range(20)))
    assert (await issuer.keys.current()) is first
    assert issuer.asked == 1


async def test_requests_that_arrive_together_fetch_once():
    issuer = Issuer()
    await asyncio.gather(*(issuer.keys.current() for _ in range(20)))
    assert issuer.asked == 1


async def test_a_rotated_key_is_found_and_the_old_one_forgotten():
    issuer = Issuer()
    await issuer.keys.current()
    issuer.answer = lambda: httpx.Response(200, content=jwks(new=NEW))
    issuer.clock += REFRESH_PAUSE
    keys = await issuer.keys.renewed()
    assert keys.find("new", "ES256")
    assert keys.find("old", "ES256") is None


async def test_unknown_key_ids_do_not_make_us_a_hammer():
    issuer = Issuer()
    await issuer.keys.current()
    for _ in range(100):
        await issuer.keys.renewed()
    assert issuer.asked == 1
    issuer.clock += REFRESH_PAUSE
    for _ in range(100):
        await issuer.keys.renewed()
    assert issuer.asked == 2


async def test_the_same_text_keeps_the_same_set_so_that_caches_stay():
    issuer = Issuer()
    first = await issuer.keys.current()
    issuer.clock += FRESH_FOR
    assert (await issuer.keys.current()) is first
    assert issuer.asked == 2


@pytest.mark.parametrize(
    ("case", "answer"),
    [
        ("unreachable", down),
        ("an error", lambda: httpx.Response(500)),
        ("a redirect", lambda: httpx.Response(302, headers={"Location": "https://evil.example/jwks"})),
        ("no JSON", lambda: httpx.Response(200, content=b"<html>")),
        ("no keys", lambda: httpx.Response(200, content=b'{"keys": []}')),
        ("a list", lambda: httpx.Response(200, content=b"[]")),
        ("only keys of no use", lambda: httpx.Response(200, content=orjson.dumps({"keys": [SMALL]}))),
        ("far too large", lambda: httpx.Response(200, content=jwks(old=OLD) + b" " * 300_000)),
    ],
)
async def test_without_keys_nobody_is_let_in(case: str, answer: Callable[[], httpx.Response]):
    issuer = Issuer()
    issuer.answer = answer
    with pytest.raises(HttpRefusal) as caught:
        await issuer.keys.current()
    assert (caught.value.status, caught.value.code) == (503, "KEYS_UNAVAILABLE"), case
    assert caught.value.headers == {"Retry-After": "5"}


async def test_the_last_keys_serve_while_the_issuer_is_down_but_not_for_ever():
    issuer = Issuer()
    await issuer.keys.current()
    issuer.answer = down
    issuer.clock += FRESH_FOR
    assert (await issuer.keys.current()).find("old", "ES256")
    issuer.clock += STALE_AFTER
    with pytest.raises(HttpRefusal, match="KEYS_UNAVAILABLE"):
        await issuer.keys.current()


async def test_keys_that_come_back_are_used_again():
    issuer = Issuer()
    issuer.answer = down
    with pytest.raises(HttpRefusal):
        await issuer.keys.ready()
    issuer.answer = lambda: httpx.Response(200, content=jwks(old=OLD))
    issuer.clock += 1
    await issuer.keys.ready()


@pytest.mark.parametrize(
    ("case", "entry"),
    [
        ("a secret", OctKey.generate_key(256).as_dict()),
        ("a short RSA key", SMALL),
        ("for encryption", NEW.as_dict(private=False) | {"use": "enc"}),
        ("another curve", ECKey.generate_key("P-384").as_dict(private=False)),
        ("the other Edwards curve", OKPKey.generate_key("Ed448").as_dict(private=False)),
        ("for key agreement", OKPKey.generate_key("X25519").as_dict(private=False)),
        ("an algorithm we do not take", LARGE.as_dict(private=False) | {"alg": "PS256"}),
        ("a point that is not on the curve", NEW.as_dict(private=False) | {"x": "AAAA"}),
        ("half a key", {"kty": "RSA", "e": "AQAB"}),
        ("something new", {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"}),
        ("a text", "key"),
    ],
)
def test_keys_of_no_use_are_left_out_and_the_others_stay(case: str, entry: Any):
    entry = entry | {"kid": "odd"} if isinstance(entry, dict) else entry
    keys = read_key_set(orjson.dumps({"keys": [entry, OLD.as_dict(private=False) | {"kid": "old"}]}))
    assert set(keys.by_kid) == {"old"}, case


def test_without_a_key_id_only_the_only_key_is_meant():
    assert read_key_set(jwks(old=OLD, ed=ED)).find(None, "ES256")
    assert read_key_set(jwks(old=OLD, new=NEW)).find(None, "ES256") is None


async def test_a_real_issuer_is_asked_over_http(http_server: HttpServer):
    async with httpx.AsyncClient() as client:
        keys = PublishedKeys(f"{http_server.url}/dev/jwks.json", client, time.monotonic)
        identity = TokenAuthenticator(
            keys=keys,
            issuer=http_server.settings.oidc_issuer,
            audience="chengxin",
            skew_seconds=0,
            now=lambda: NOW,
            claims=claim_reader(),
            longest=8192,
        )
        await keys.ready()
        actor = await identity(Headers(http_server.bearer("clerk")))
        assert actor.ref == "demo-clerk"
