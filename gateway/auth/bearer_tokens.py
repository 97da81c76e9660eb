"""Authenticates a request: a bearer token becomes an actor in one role, or the request is refused.

Without a token the caller is ANONYMOUS. With a valid token the caller is the one that the token names. A token that is
malformed, expired or forged is refused; it is never treated as a missing token.

    Authorization: Bearer eyJ…       RS256, ES256 or EdDSA (Ed25519), from our issuer, for our audience, not expired
    Acting-Role: handler             needed if the token holds several roles

`gateway.auth.claims` reads the claims of a verified token.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID

from joserfc.errors import JoseError
from joserfc.jws import CompactSignature, JWSRegistry, extract_compact, validate_compact
from starlette.datastructures import Headers

from gateway.auth.claims import Bearer, ClaimReader, instant
from gateway.auth.jwks import KeySet, KeySource, PublicKey
from gateway.http.errors import Code, HttpRefusal
from gateway.json_input import parse_json
from policy.actors import ANONYMOUS, Actor, Role

ALGORITHMS = {"RS256": "RS256", "ES256": "ES256", "EdDSA": "EdDSA", "Ed25519": "EdDSA"}
"""The algorithms a token may name, each with the one under which the key set files its keys [RFC 9864]."""
KINDS = frozenset({"jwt", "at+jwt"})
EXTENDED = frozenset({"crit", "b64"})
"""Header parameters that change how a token is read. No token for us needs them."""
CACHED = 10_000
ROLES = frozenset(role.value for role in Role)


class _Pinned(JWSRegistry):
    """The library's registry, restricted so that `EdDSA` means Ed25519 and nothing else."""

    max_header_length = 4096

    def get_alg(self, name: str) -> Any:  # noqa: ANN401 - the library does not export the type
        return self.algorithms["Ed25519" if name == "EdDSA" else name]


PINNED = _Pinned(strict_check_header=False)


SubjectOf = Callable[[str], Awaitable[UUID | None]]
"""Returns the subject that an account is linked with, if it is, by the account's reference."""


@dataclass(frozen=True, slots=True)
class Verified:
    """The holder of a verified token, in a role that may still lack what it needs, and the claims of the token."""

    actor: Actor
    claims: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Caller:
    """The holder of a token that *keys* verified, in its role; without *actor* where a link names its subject."""

    keys: KeySet
    bearer: Bearer
    role: Role
    actor: Actor | None


class Authenticator(Protocol):
    """What makes an actor of the headers of a request."""

    async def __call__(self, headers: Headers) -> Actor:
        """Return the caller as an actor. Raises HttpRefusal."""
        ...

    async def again(self, headers: Headers) -> Actor:
        """Return the caller of a request that goes on, as it is now: nobody has used a session by it.

        Raises HttpRefusal.
        """
        ...

    async def verify(self, headers: Headers) -> Verified:
        """Return the caller and the claims of its token. Raises HttpRefusal."""
        ...


class TokenAuthenticator:
    """Turns the headers of a request into an actor. *longest* is the longest token that it reads.

    *subject_of*: where accounts are linked with subjects.
    """

    def __init__(
        self,
        *,
        keys: KeySource,
        issuer: str,
        audience: str,
        skew_seconds: int,
        now: Callable[[], datetime],
        claims: ClaimReader,
        longest: int,
        subject_of: SubjectOf | None = None,
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._skew = skew_seconds
        self._now = now
        self._claims = claims
        self._longest = longest
        self._subject_of = subject_of
        self._callers: OrderedDict[tuple[bytes, Role | None], _Caller] = OrderedDict()
        """By the hash of a verified token and the role that the request named."""

    async def __call__(self, headers: Headers) -> Actor:
        """Return the caller as an actor. Raises HttpRefusal."""
        named = named_role(headers)
        token = _bearer_token(headers, self._longest)
        if token is None:
            if named is not None and named is not Role.ANONYMOUS:
                raise HttpRefusal(Code.ROLE_NOT_HELD)
            return ANONYMOUS
        return await self.act(token, named)

    async def again(self, headers: Headers) -> Actor:
        """Return the caller as it is now. Raises HttpRefusal."""
        return await self(headers)

    async def act(self, token: str, named: Role | None) -> Actor:
        """Return the holder of *token* in the role *named*, or in its only one. Raises HttpRefusal."""
        caller = await self._caller(token, named)
        if caller.actor is not None:
            return caller.actor
        assert self._subject_of is not None  # noqa: S101 - no other caller lacks its actor
        # Asked at each request: a link that is made or ended counts at once, whatever the cache holds.
        subject = await self._subject_of(caller.bearer.ref)
        if subject is None:
            raise HttpRefusal(Code.NOT_LINKED)
        return replace(caller.bearer, subject=subject).act(caller.role)

    async def verify(self, headers: Headers) -> Verified:
        """Return the caller and the claims of its token, which are kept nowhere. Raises HttpRefusal."""
        named, token = named_role(headers), _bearer_token(headers, self._longest)
        if token is None:
            raise HttpRefusal(Code.TOKEN_REFUSED)
        return await self.verify_token(token, named)

    async def verify_token(self, token: str, named: Role | None) -> Verified:
        """Return the holder of *token* and its claims, which are kept nowhere. Raises HttpRefusal."""
        bearer, claims = await self.read(token)
        return Verified(
            Actor(bearer.ref, _role(bearer, named), subject=bearer.subject, known_by=bearer.known_by), claims
        )

    async def read(self, token: str) -> tuple[Bearer, Mapping[str, Any]]:
        """Return the holder of *token*, before a role is chosen, and its claims. Raises HttpRefusal."""
        if len(token) > self._longest:
            raise HttpRefusal(Code.TOKEN_TOO_LONG, limit=self._longest)
        _, claims = await self._verify(token, await self._keys.current())
        return self._claims.read(claims), claims

    async def _caller(self, token: str, named: Role | None) -> "_Caller":
        key = sha256(token.encode("latin-1")).digest(), named
        keys = await self._keys.current()
        known = self._callers.get(key)
        # A token is accepted from the cache only under the keys that verified it: a key rotation empties the cache.
        if known is not None and known.keys is keys:
            if known.bearer.expires_at <= self._now().timestamp() - self._skew:
                raise HttpRefusal(Code.TOKEN_EXPIRED)
            return known
        keys, claims = await self._verify(token, keys)
        bearer = self._claims.read(claims)
        role = _role(bearer, named)
        is_linked = role is Role.SUBJECT and bearer.subject is None and self._subject_of is not None
        caller = _Caller(keys, bearer, role, None if is_linked else bearer.act(role))
        self._callers[key] = caller
        if len(self._callers) > CACHED:
            self._callers.popitem(last=False)
        return caller

    async def _verify(self, token: str, keys: KeySet) -> tuple[KeySet, dict[str, Any]]:
        keys, claims = await read_signed(token, self._keys, keys)
        require_times_and_parties(claims, self._issuer, self._audience, self._now().timestamp(), self._skew)
        return keys, claims


async def read_signed(token: str, source: KeySource, keys: KeySet) -> tuple[KeySet, dict[str, Any]]:
    """Return the claims that the issuer signed, and the keys that verified them: *keys*, or renewed ones of *source*.

    Raises HttpRefusal. No claim was looked at.
    """
    signed = _parsed(token)
    algorithm, kid = _algorithm_and_kid(signed)
    key = keys.find(kid, algorithm)
    if key is None:
        keys = await source.renewed()
        key = keys.find(kid, algorithm)
    if key is None:
        raise HttpRefusal(Code.TOKEN_REFUSED)
    return keys, _claims(signed, key)


def require_times_and_parties(claims: Mapping[str, Any], issuer: str, audience: str, now: float, skew: int) -> None:
    """Raise HttpRefusal unless *issuer* made the token for *audience*, and it is valid *now*, give or take *skew*."""
    stated = claims.get("aud")
    audiences = stated if isinstance(stated, list) else [stated]
    if claims.get("iss") != issuer or audience not in audiences:
        raise HttpRefusal(Code.TOKEN_REFUSED)
    if instant(claims, "exp") <= now - skew:
        raise HttpRefusal(Code.TOKEN_EXPIRED)
    for claim in ("nbf", "iat"):
        if claim in claims and instant(claims, claim) > now + skew:
            raise HttpRefusal(Code.TOKEN_NOT_YET_VALID)


def named_role(headers: Headers) -> Role | None:
    """Return the role that the header Acting-Role names, if it is there. Raises HttpRefusal."""
    named = headers.getlist("acting-role")
    if not named:
        return None
    if len(named) > 1 or any("," in value for value in named):
        raise HttpRefusal(Code.TWO_ROLES)
    word = named[0].strip()
    if word not in ROLES:
        raise HttpRefusal(Code.ROLE_NOT_HELD)
    return Role(word)


def _bearer_token(headers: Headers, longest: int) -> str | None:
    sent = headers.getlist("authorization")
    if not sent:
        return None
    scheme, _, token = sent[0].strip().partition(" ")
    token = token.strip()
    if len(sent) > 1 or scheme.lower() != "bearer" or not token:
        raise HttpRefusal(Code.TOKEN_REFUSED)
    if len(token) > longest:
        raise HttpRefusal(Code.TOKEN_TOO_LONG, limit=longest)
    return token


def _role(bearer: Bearer, named: Role | None) -> Role:
    """Return the role in which *bearer* acts, and which it holds."""
    if bearer.bound_to and named and named is not bearer.bound_to:
        raise HttpRefusal(Code.TWO_ROLES)
    role = named or bearer.bound_to or _only(bearer.roles)
    if role not in bearer.roles:
        raise HttpRefusal(Code.ROLE_NOT_HELD)
    return role


def _only(roles: frozenset[Role]) -> Role:
    if not roles:
        raise HttpRefusal(Code.ROLE_NOT_HELD)
    if len(roles) > 1:
        raise HttpRefusal(Code.ACTING_ROLE_REQUIRED, roles=", ".join(sorted(roles)))
    return next(iter(roles))


def _parsed(token: str) -> CompactSignature:
    try:
        return extract_compact(token.encode("ascii"), registry=PINNED)
    except (JoseError, ValueError, TypeError, AttributeError):
        raise HttpRefusal(Code.TOKEN_REFUSED) from None


def _algorithm_and_kid(signed: CompactSignature) -> tuple[str, str | None]:
    """Return the algorithm, in the key set's spelling, and the key id. No other part of the header is trusted."""
    header = signed.headers()
    algorithm, kid, kind = header.get("alg"), header.get("kid"), header.get("typ", "JWT")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS or not isinstance(kid, str | None):
        raise HttpRefusal(Code.TOKEN_REFUSED)
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in KINDS or EXTENDED & set(header):
        raise HttpRefusal(Code.TOKEN_REFUSED)
    return ALGORITHMS[algorithm], kid


def _claims(signed: CompactSignature, key: PublicKey) -> dict[str, Any]:
    try:
        genuine = validate_compact(signed, key, registry=PINNED)
        # orjson knows neither NaN nor Infinity: an `exp` that is never past cannot be written.
        claims = parse_json(signed.payload) if genuine else None
    except (JoseError, ValueError, TypeError):
        raise HttpRefusal(Code.TOKEN_REFUSED) from None
    if not isinstance(claims, dict):
        raise HttpRefusal(Code.TOKEN_REFUSED)
    return claims
