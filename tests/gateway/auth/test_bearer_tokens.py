"""Bearer tokens: signed with real keys, a dozen forgeries, and one role for each request."""

# ruff: noqa: E501 - one row of a table is one line

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey
from starlette.datastructures import Headers

from consent.vocabulary import DataClass, Purpose
from gateway.auth import bearer_tokens
from gateway.auth.bearer_tokens import TokenAuthenticator
from gateway.auth.claims import NEEDS
from gateway.auth.jwks import FixedKeys, KeySet, read_key_set
from gateway.http.errors import WORDS, Code, HttpRefusal
from gateway.settings.settings import POLICY_OF_THIS_RELEASE
from policy.actors import ANONYMOUS, Role
from policy.decisions import load
from queryplan.scopes import Scope
from tests.gateway.fakes import NOW, SUBJECT, claim_reader

LONGEST = 16384
ISSUER, AUDIENCE = "https://login.example/linzi", "chengxin"
EC, RSA, ED = ECKey.generate_key("P-256"), RSAKey.generate_key(2048), OKPKey.generate_key("Ed25519")
STRANGER, P384, ED448 = ECKey.generate_key("P-256"), ECKey.generate_key("P-384"), OKPKey.generate_key("Ed448")
AT = int(NOW.timestamp())
OF_SCOPES = {Scope.OWN: ("subject",), Scope.DEPARTMENT: ("department",), Scope.SECTOR_AREA: ("sector", "area")}
CLAIMS: dict[str, Any] = {
    "iss": ISSUER, "aud": AUDIENCE, "exp": AT + 600, "iat": AT, "sub": "u-1024", "roles": ["clerk"], "department": "LZ-1",
}  # fmt: skip


def published(**keys: Any) -> KeySet:
    return read_key_set(
        orjson.dumps({"keys": [key.as_dict(private=False) | {"kid": kid} for kid, key in keys.items()]})
    )


KEYS = published(ec=EC, rsa=RSA, ed=ED)


def signed(
    key: Any = EC, alg: str = "ES256", kid: str | None = "ec", header: dict[str, Any] | None = None, **claims: Any
) -> str:
    head = {"alg": alg, **({"kid": kid} if kid else {}), **(header or {})}
    body = {name: value for name, value in (CLAIMS | claims).items() if value is not ...}
    registry = bearer_tokens._Pinned(strict_check_header=False)
    return jwt.encode(head, body, key, registry=registry)


def by_hand(header: dict[str, Any], claims: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    def part(content: bytes) -> bytes:
        return base64.urlsafe_b64encode(content).rstrip(b"=")

    start = part(json.dumps(header).encode()) + b"." + part(json.dumps(claims).encode())
    return (start + b"." + part(sign(start))).decode()


def an_identity(keys: KeySet = KEYS, now: Callable[[], datetime] = lambda: NOW) -> TokenAuthenticator:
    return TokenAuthenticator(
        keys=FixedKeys(keys), issuer=ISSUER, audience=AUDIENCE, skew_seconds=30, now=now,
        claims=claim_reader(), longest=LONGEST,
    )  # fmt: skip


def headers(token: str | None, *roles: str) -> Headers:
    sent = [(b"authorization", f"Bearer {token}".encode())] if token is not None else []
    return Headers(raw=sent + [(b"acting-role", role.encode()) for role in roles])


async def refused(asked: Headers, identity: TokenAuthenticator | None = None) -> tuple[int, str]:
    with pytest.raises(HttpRefusal) as caught:
        await (identity or an_identity())(asked)
    return caught.value.status, str(caught.value.code)


@pytest.mark.parametrize(
    ("case", "token"),
    [
        ("ES256", signed()),
        ("RS256", signed(RSA, "RS256", "rsa")),
        ("EdDSA", signed(ED, "EdDSA", "ed")),
        ("EdDSA under its newer name", signed(ED, "Ed25519", "ed")),
        ("no key id, and only one key it can be", signed(kid=None)),
        ("an access token by its type", signed(header={"typ": "at+jwt"})),
        ("several audiences, ours among them", signed(aud=["other", AUDIENCE])),
        ("expired within the clock skew", signed(exp=AT - 29)),
        ("valid from within the clock skew", signed(nbf=AT + 29)),
        ("unknown header parameters", signed(header={"x5t": "abc"})),
        ("roles of other systems beside ours", signed(roles=["clerk", "mail-user"])),
    ],
)
async def test_a_good_token_makes_an_actor(case: str, token: str):
    actor = await an_identity()(headers(token))
    assert (actor.ref, actor.role, actor.department) == ("u-1024", Role.CLERK, "LZ-1"), case


async def test_every_claim_reaches_the_actor():
    claims = {"roles": ["regulator"], "sector": "food", "area": "370305", "subject": SUBJECT}
    actor = await an_identity()(headers(signed(**claims)))
    assert (actor.sector, actor.area, actor.subject) == ("food", "370305", UUID(SUBJECT))


async def test_without_a_token_the_caller_is_anonymous():
    assert await an_identity()(headers(None)) is ANONYMOUS
    assert await an_identity()(headers(None, "anonymous")) is ANONYMOUS
    assert await refused(headers(None, "clerk")) == (403, "ROLE_NOT_HELD")


PEM = RSA.public_key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
HEAD, BODY, SIGNATURE = signed().split(".")
OTHER_BODY = signed(roles=["admin"]).split(".")[1]


@pytest.mark.parametrize(
    ("case", "token", "code"),
    [
        ("empty", "", "TOKEN_REFUSED"),
        ("not a token", "abc", "TOKEN_REFUSED"),
        ("not in ASCII", "abc.déf.ghi", "TOKEN_REFUSED"),
        ("signed by somebody else", signed(STRANGER), "TOKEN_REFUSED"),
        ("claims exchanged", f"{HEAD}.{OTHER_BODY}.{SIGNATURE}", "TOKEN_REFUSED"),
        ("signature left out", f"{HEAD}.{BODY}.", "TOKEN_REFUSED"),
        ("signature of zeros", f"{HEAD}.{BODY}.{'A' * 86}", "TOKEN_REFUSED"),
        ("alg none", by_hand({"alg": "none", "kid": "ec"}, CLAIMS, lambda _: b""), "TOKEN_REFUSED"),
        ("alg None", by_hand({"alg": "None", "kid": "ec"}, CLAIMS, lambda _: b""), "TOKEN_REFUSED"),
        ("no alg", by_hand({"kid": "ec"}, CLAIMS, lambda _: b""), "TOKEN_REFUSED"),
        ("HS256 with the public key as the secret",
         by_hand({"alg": "HS256", "kid": "rsa"}, CLAIMS, lambda text: hmac.digest(PEM, text, hashlib.sha256)), "TOKEN_REFUSED"),
        ("an algorithm that is not pinned", by_hand({"alg": "RS512", "kid": "rsa"}, CLAIMS, lambda _: b"x"), "TOKEN_REFUSED"),
        ("another key's algorithm", by_hand({"alg": "RS256", "kid": "ec"}, CLAIMS, lambda _: b"x"), "TOKEN_REFUSED"),
        ("an unknown key id", signed(STRANGER, kid="new"), "TOKEN_REFUSED"),
        ("a key id that is a path", signed(STRANGER, kid="../../etc/passwd"), "TOKEN_REFUSED"),
        ("a key brought along", signed(STRANGER, header={"jwk": STRANGER.as_dict(private=False)}), "TOKEN_REFUSED"),
        ("a critical extension", by_hand({"alg": "ES256", "kid": "ec", "crit": ["exp"]}, CLAIMS, lambda _: b"x"), "TOKEN_REFUSED"),
        ("a logout token", signed(header={"typ": "logout+jwt"}), "TOKEN_REFUSED"),
        ("another issuer", signed(iss="https://login.example/else"), "TOKEN_REFUSED"),
        ("no issuer", signed(iss=...), "TOKEN_REFUSED"),
        ("another audience", signed(aud="other"), "TOKEN_REFUSED"),
        ("no audience", signed(aud=...), "TOKEN_REFUSED"),
        ("part of the audience's name", signed(aud="chengxin-test"), "TOKEN_REFUSED"),
        ("expired", signed(exp=AT - 31), "TOKEN_EXPIRED"),
        ("no expiry", signed(exp=...), "TOKEN_REFUSED"),
        ("an expiry in words", signed(exp="never"), "TOKEN_REFUSED"),
        ("an expiry that is a flag", signed(exp=True), "TOKEN_REFUSED"),
        ("an expiry that is not a number", signed(exp=float("nan")), "TOKEN_REFUSED"),
        ("an expiry without end", signed(exp=1e300), "TOKEN_REFUSED"),
        ("not valid yet", signed(nbf=AT + 31), "TOKEN_NOT_YET_VALID"),
        ("issued in the future", signed(iat=AT + 31), "TOKEN_NOT_YET_VALID"),
        ("no account", signed(sub=...), "SUBJECT_REFUSED"),
        ("a claim in another form", signed(roles=[1]), "CLAIMS_REFUSED"),
    ],
)  # fmt: skip
async def test_a_bad_token_is_refused_and_never_anonymous(case: str, token: str, code: str):
    assert await refused(headers(token)) == (401, code), case


@pytest.mark.parametrize(
    ("case", "sent"),
    [
        ("another scheme", [(b"authorization", b"Basic ZGVtbzpkZW1v")]),
        ("no scheme", [(b"authorization", signed().encode())]),
        ("two tokens", [(b"authorization", f"Bearer {signed()}".encode())] * 2),
        ("an empty header", [(b"authorization", b"")]),
    ],
)
async def test_a_bad_header_is_refused_and_never_anonymous(case: str, sent: list[tuple[bytes, bytes]]):
    assert await refused(Headers(raw=sent)) == (401, "TOKEN_REFUSED"), case


async def test_a_long_token_is_read_up_to_the_limit_and_then_refused_by_name():
    token = signed(roles=["clerk", *(f"/realms/linzi/role-{number}" for number in range(300))])
    assert 8192 < len(token) < LONGEST
    assert (await an_identity()(headers(token))).role is Role.CLERK
    assert await refused(headers("x" * LONGEST)) == (401, "TOKEN_REFUSED")
    with pytest.raises(HttpRefusal) as caught:
        await an_identity()(headers("x" * (LONGEST + 1)))
    assert (caught.value.status, caught.value.code, caught.value.facts) == (431, "TOKEN_TOO_LONG", {"limit": LONGEST})


async def test_the_reference_of_an_account_is_computed_once_for_each_token():
    asked: list[str] = []
    identity = an_identity()
    identity._claims = claim_reader(lambda sub: asked.append(sub) or "acct-k3xq7m2nfr5ta6hw")  # type: ignore[func-returns-value]
    token = headers(signed())
    assert [(await identity(token)).ref for _ in range(3)] == ["acct-k3xq7m2nfr5ta6hw"] * 3
    assert asked == ["u-1024"]


TWO = {"roles": ["handler", "reviewer"]}


@pytest.mark.parametrize(
    ("case", "claims", "named", "expected"),
    [
        ("the only role needs no naming", {}, (), Role.CLERK),
        ("the only role, named", {}, ("clerk",), Role.CLERK),
        ("one of two, named", TWO, ("reviewer",), Role.REVIEWER),
        ("one of two, bound by the issuer", TWO | {"acting_role": "reviewer"}, (), Role.REVIEWER),
        ("bound and named alike", TWO | {"acting_role": "reviewer"}, ("reviewer",), Role.REVIEWER),
        ("one of two, not named", TWO, (), (400, "ACTING_ROLE_REQUIRED")),
        ("two in one header", TWO, ("handler, reviewer",), (400, "TWO_ROLES")),
        ("two headers", TWO, ("handler", "reviewer"), (400, "TWO_ROLES")),
        ("the same header twice", TWO, ("handler", "handler"), (400, "TWO_ROLES")),
        ("another than the issuer bound", TWO | {"acting_role": "reviewer"}, ("handler",), (400, "TWO_ROLES")),
        ("one that is not held", {}, ("admin",), (403, "ROLE_NOT_HELD")),
        ("one that does not exist", {}, ("emperor",), (403, "ROLE_NOT_HELD")),
        ("an empty one", {}, ("",), (403, "ROLE_NOT_HELD")),
        ("bound to one that is not held", {"acting_role": "admin"}, (), (403, "ROLE_NOT_HELD")),
        ("anonymous while holding a token", {}, ("anonymous",), (403, "ROLE_NOT_HELD")),
        ("anonymous cannot be held", {"roles": ["anonymous"]}, (), (403, "ROLE_NOT_HELD")),
        ("no role of ours", {"roles": ["mail-user"]}, (), (403, "ROLE_NOT_HELD")),
        ("no role at all", {"roles": []}, (), (403, "ROLE_NOT_HELD")),
        ("a clerk of no department", {"department": ...}, (), (403, "ROLE_INCOMPLETE")),
        ("a regulator of no area", {"roles": ["regulator"], "sector": "food"}, (), (403, "ROLE_INCOMPLETE")),
        ("a subject that is nobody", {"roles": ["subject"]}, (), (403, "ROLE_INCOMPLETE")),
    ],
)  # fmt: skip
async def test_a_request_acts_in_exactly_one_role_that_is_held(
    case: str, claims: dict[str, Any], named: tuple[str, ...], expected: Role | tuple[int, str]
):
    asked = headers(signed(**claims), *named)
    if isinstance(expected, Role):
        assert (await an_identity()(asked)).role is expected, case
    else:
        assert await refused(asked) == expected, case


async def test_a_cached_token_still_expires():
    clock = [NOW]
    identity = an_identity(now=lambda: clock[0])
    token = headers(signed(exp=AT + 600))
    await identity(token)
    clock[0] = NOW + timedelta(seconds=629)
    await identity(token)
    clock[0] = NOW + timedelta(seconds=630)
    assert await refused(token, identity) == (401, "TOKEN_EXPIRED")


async def test_a_cached_token_is_verified_again_when_the_keys_change():
    identity = an_identity()
    token = headers(signed())
    await identity(token)
    identity._keys = FixedKeys(published(rsa=RSA))
    assert await refused(token, identity) == (401, "TOKEN_REFUSED")


async def test_the_cache_is_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bearer_tokens, "CACHED", 3)
    identity = an_identity()
    for number in range(5):
        await identity(headers(signed(sub=f"u-{number}")))
    assert len(identity._callers) == 3


async def test_another_role_of_a_cached_token_is_checked_again():
    identity = an_identity()
    token = signed(**TWO)
    assert (await identity(headers(token, "handler"))).role is Role.HANDLER
    assert (await identity(headers(token, "reviewer"))).role is Role.REVIEWER
    assert await refused(headers(token, "admin"), identity) == (403, "ROLE_NOT_HELD")


@given(st.integers(0, len(signed()) - 1))
def test_any_flipped_character_of_a_token_is_refused(place: int):
    token = signed()
    # The last character of a base64 text carries bits that nobody reads.
    flipped = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
    if place == len(token) - 1:
        return
    with pytest.raises(HttpRefusal):
        asyncio.run(an_identity()(headers(flipped)))


def test_refusals_show_nothing_of_the_token():
    assert set(WORDS) == set(Code)
    for code, (status, chinese, english) in WORDS.items():
        assert 400 <= status < 600
        assert chinese.endswith("。"), code
        assert english.endswith((".", ")")), code


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ASSOCIATION])
def test_a_role_needs_the_claims_of_its_scopes(role: Role):
    """A scope whose claim is missing matches no row, without a word. An association may be named by its account alone."""
    table = load(POLICY_OF_THIS_RELEASE)
    claims = {
        claim
        for purpose in Purpose
        for data_class in DataClass
        if isinstance(grants := table.read(role, purpose, data_class), tuple)
        for grant in grants
        for claim in OF_SCOPES.get(grant.scope, ())
    }
    assert claims <= set(NEEDS.get(role, ()))
