"""Authenticates a request: a bearer token becomes an actor in one role, or the request is refused.

Without a token the caller is ANONYMOUS. With a valid token the caller is the one that the token names. A token that is
malformed, expired or forged is refused; it is never treated as a missing token.

    Authorization: Bearer eyJ…       RS256, ES256 or EdDSA (Ed25519), from our issuer, for our audience, not expired
    Acting-Role: handler             needed if the token holds several roles

Claims: `sub` (an account reference), `roles` (a list), and where the role needs them `department`, `sector`, `area`,
`subject` (the UUID of the own subject); `acting_role`, if the issuer itself binds a token to one role.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from cachetools import LRUCache
from joserfc.errors import JoseError
from joserfc.jws import CompactSignature, JWSRegistry, extract_compact, validate_compact
from starlette.datastructures import Headers

from gateway.auth.jwks import KeySet, KeySource, PublicKey
from gateway.http.errors import Code, HttpRefusal
from gateway.json_input import parse_json
from policy.actors import ANONYMOUS, Actor, Role

ALGORITHMS = {"RS256": "RS256", "ES256": "ES256", "EdDSA": "EdDSA", "Ed25519": "EdDSA"}
"""The algorithms a token may name, each with the one under which the key set files its keys [RFC 9864]."""
KINDS = frozenset({"jwt", "at+jwt"})
EXTENDED = frozenset({"crit", "b64"})
"""Header parameters that change how a token is read. No token for us needs them."""
LONGEST_TOKEN = 8192
CACHED = 10_000
REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:|\-]{0,63}", re.ASCII)
PERSONAL = re.compile(r"(?<!\d)(\d{17}[\dXx]|\d{15}|1[3-9]\d{9})(?![\dXx])", re.ASCII)
"""What may not be a reference even if it looks like one: an identity number, a mobile telephone number."""
ROLES = frozenset(role.value for role in Role)
NEEDS: Mapping[Role, tuple[str, ...]] = {
    Role.SUBJECT: ("subject",),
    Role.CLERK: ("department",),
    Role.HANDLER: ("department",),
    Role.REVIEWER: ("department",),
    Role.HEAD: ("department",),
    Role.REGULATOR: ("sector", "area"),
}
"""Claims without which a role would see nothing, and better says so."""


class _Pinned(JWSRegistry):
    """The library's registry, restricted so that `EdDSA` means Ed25519 and nothing else."""

    max_header_length = 4096

    def get_alg(self, name: str) -> Any:  # noqa: ANN401 - the library does not export the type
        return self.algorithms["Ed25519" if name == "EdDSA" else name]


PINNED = _Pinned(strict_check_header=False)


@dataclass(frozen=True, slots=True)
class Bearer:
    """The holder of a verified token, before a role is chosen."""

    ref: str
    roles: frozenset[Role]
    bound_to: Role | None
    department: str | None
    sector: str | None
    area: str | None
    subject: UUID | None
    expires_at: float

    def act(self, role: Role) -> Actor:
        """Return the actor in *role*, which the bearer must hold."""
        if role not in self.roles:
            raise HttpRefusal(Code.ROLE_NOT_HELD)
        if any(getattr(self, claim) is None for claim in NEEDS.get(role, ())):
            raise HttpRefusal(Code.ROLE_INCOMPLETE)
        return Actor(self.ref, role, self.department, self.sector, self.area, self.subject)


class TokenAuthenticator:
    """Turns the headers of a request into an actor."""

    def __init__(
        self, *, keys: KeySource, issuer: str, audience: str, skew_seconds: int, now: Callable[[], datetime]
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._skew = skew_seconds
        self._now = now
        self._verified: LRUCache[bytes, tuple[KeySet, Bearer]] = LRUCache(CACHED)

    async def __call__(self, headers: Headers) -> Actor:
        """Return the caller as an actor. Raises HttpRefusal."""
        named = _named_role(headers)
        token = _bearer_token(headers)
        if token is None:
            if named not in {None, Role.ANONYMOUS}:
                raise HttpRefusal(Code.ROLE_NOT_HELD)
            return ANONYMOUS
        bearer = await self._bearer(token)
        if bearer.bound_to and named and named is not bearer.bound_to:
            raise HttpRefusal(Code.TWO_ROLES)
        role = named or bearer.bound_to or _only(bearer.roles)
        return bearer.act(role)

    async def _bearer(self, token: str) -> Bearer:
        digest = sha256(token.encode("latin-1")).digest()
        keys = await self._keys.current()
        known = self._verified.get(digest)
        # A token is accepted from the cache only under the keys that verified it: a key rotation empties the cache.
        if known and known[0] is keys:
            if known[1].expires_at <= self._now().timestamp() - self._skew:
                raise HttpRefusal(Code.TOKEN_EXPIRED)
            return known[1]
        keys, claims = await self._verify(token, keys)
        bearer = read_claims(claims)
        self._verified[digest] = (keys, bearer)
        return bearer

    async def _verify(self, token: str, keys: KeySet) -> tuple[KeySet, dict[str, Any]]:
        signed = _parsed(token)
        algorithm, kid = _algorithm_and_kid(signed)
        key = keys.find(kid, algorithm)
        if key is None:
            keys = await self._keys.renewed()
            key = keys.find(kid, algorithm)
        if key is None:
            raise HttpRefusal(Code.TOKEN_REFUSED)
        claims = _claims(signed, key)
        self._check_times_and_parties(claims)
        return keys, claims

    def _check_times_and_parties(self, claims: Mapping[str, Any]) -> None:
        now = self._now().timestamp()
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        if claims.get("iss") != self._issuer or self._audience not in audiences:
            raise HttpRefusal(Code.TOKEN_REFUSED)
        if _instant(claims, "exp") <= now - self._skew:
            raise HttpRefusal(Code.TOKEN_EXPIRED)
        for claim in ("nbf", "iat"):
            if claim in claims and _instant(claims, claim) > now + self._skew:
                raise HttpRefusal(Code.TOKEN_NOT_YET_VALID)


def read_claims(claims: Mapping[str, Any]) -> Bearer:
    """Return the bearer that verified *claims* describe. Raises HttpRefusal."""
    ref = claims.get("sub")
    if not isinstance(ref, str) or not REFERENCE.fullmatch(ref) or PERSONAL.search(ref):
        raise HttpRefusal(Code.SUBJECT_REFUSED)
    roles, bound_to = claims.get("roles"), claims.get("acting_role")
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise HttpRefusal(Code.CLAIMS_REFUSED)
    if bound_to is not None and (not isinstance(bound_to, str) or bound_to not in ROLES):
        raise HttpRefusal(Code.CLAIMS_REFUSED)
    return Bearer(
        ref=ref,
        # The same token may hold roles of other systems; we ignore them.
        roles=frozenset(Role(role) for role in roles if role in ROLES) - {Role.ANONYMOUS},
        bound_to=Role(bound_to) if bound_to else None,
        department=_reference(claims, "department"),
        sector=_reference(claims, "sector"),
        area=_reference(claims, "area"),
        subject=_subject(claims),
        expires_at=_instant(claims, "exp"),
    )


def _named_role(headers: Headers) -> Role | None:
    named = headers.getlist("acting-role")
    if len(named) > 1 or any("," in value for value in named):
        raise HttpRefusal(Code.TWO_ROLES)
    if not named:
        return None
    word = named[0].strip()
    if word not in ROLES:
        raise HttpRefusal(Code.ROLE_NOT_HELD)
    return Role(word)


def _bearer_token(headers: Headers) -> str | None:
    sent = headers.getlist("authorization")
    if not sent:
        return None
    scheme, _, token = sent[0].strip().partition(" ")
    token = token.strip()
    if len(sent) > 1 or scheme.lower() != "bearer" or not token or len(token) > LONGEST_TOKEN:
        raise HttpRefusal(Code.TOKEN_REFUSED)
    return token


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


def _instant(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    # `bool` is an `int`, and NaN compares as false with every number: neither is an instant.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e11:  # noqa: PLR2004
        raise HttpRefusal(Code.TOKEN_REFUSED)
    return float(value)


def _reference(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not REFERENCE.fullmatch(value):
        raise HttpRefusal(Code.CLAIMS_REFUSED)
    return value


def _subject(claims: Mapping[str, Any]) -> UUID | None:
    value = claims.get("subject")
    if value is None:
        return None
    try:
        return UUID(value)
    except (ValueError, AttributeError, TypeError):
        raise HttpRefusal(Code.CLAIMS_REFUSED) from None
