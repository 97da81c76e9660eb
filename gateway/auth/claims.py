"""Reads the claims of a verified token: its account, the roles that it holds, and what limits them.

Which claim holds what is the operator's choice (docs/tokens.md); the defaults are `sub`, `roles` (a list, or one text
with spaces), `acting_role`, `department`, `sector`, `area` and `subject` (the UUID of the own subject). The application
is `azp`, else `client_id`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Self
from uuid import UUID

from consent.vocabulary import KnownBy
from gateway.auth.accounts import REFERENCE_FORM, AccountReference
from gateway.auth.claim_paths import ClaimPath
from gateway.http.errors import Code, HttpRefusal
from gateway.settings.settings import Settings
from policy.actors import Actor, Role

LONGEST_SUB: Final = 255
"""[OIDC Core 2]: a `sub` is at most 255 ASCII characters."""
OWN_NAMES: Final = MappingProxyType({role.value: role for role in Role if role is not Role.ANONYMOUS})
NEEDS: Mapping[Role, tuple[str, ...]] = {
    Role.SUBJECT: ("subject",),
    Role.CLERK: ("department",),
    Role.HANDLER: ("department",),
    Role.REVIEWER: ("department",),
    Role.HEAD: ("department",),
    Role.REGULATOR: ("sector", "area"),
}
"""Claims without which a role would see nothing, and better says so."""


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
    known_by: KnownBy
    client: str | None = None

    def act(self, role: Role) -> Actor:
        """Return the actor in *role*, which the bearer must hold."""
        if role not in self.roles:
            raise HttpRefusal(Code.ROLE_NOT_HELD)
        if any(getattr(self, claim) is None for claim in NEEDS.get(role, ())):
            raise HttpRefusal(Code.ROLE_INCOMPLETE)
        return Actor(self.ref, role, self.department, self.sector, self.area, self.subject, self.known_by, self.client)


@dataclass(frozen=True, slots=True)
class ClaimNames:
    """Where the issuer's tokens hold what we read, and what the issuer calls our roles."""

    sub: ClaimPath
    roles: ClaimPath
    acting_role: ClaimPath
    department: ClaimPath
    sector: ClaimPath
    area: ClaimPath
    subject: ClaimPath
    role_names: Mapping[str, Role]
    default_role: Role | None

    @classmethod
    def chosen(cls, settings: Settings) -> Self:
        """Return the names that the settings choose."""
        return cls(
            sub=settings.oidc_sub_claim,
            roles=settings.oidc_roles_claim,
            acting_role=settings.oidc_acting_role_claim,
            department=settings.oidc_department_claim,
            sector=settings.oidc_sector_claim,
            area=settings.oidc_area_claim,
            subject=settings.oidc_subject_claim,
            # DANGER: with names of the issuer's own, ours must not count beside them. Many issuers have an `admin`.
            role_names=settings.oidc_role_names or OWN_NAMES,
            default_role=Role(settings.oidc_default_role) if settings.oidc_default_role else None,
        )


@dataclass(frozen=True, slots=True)
class ClaimReader:
    """Reads claims by the operator's names. *reference* gives an account its reference."""

    names: ClaimNames
    reference: AccountReference
    known_by: KnownBy = KnownBy.TOKEN

    def read(self, claims: Mapping[str, Any]) -> Bearer:
        """Return the bearer that verified *claims* describe. Raises HttpRefusal, which never quotes a value."""
        names = self.names
        return Bearer(
            ref=self._account(claims),
            roles=self._roles(claims),
            bound_to=self._bound_to(claims),
            department=_code(names.department, claims, "department"),
            sector=_code(names.sector, claims, "sector"),
            area=_code(names.area, claims, "area"),
            subject=_subject(names.subject, claims),
            expires_at=instant(claims, "exp"),
            known_by=self.known_by,
            client=_client(claims),
        )

    def _account(self, claims: Mapping[str, Any]) -> str:
        sub = self.names.sub.find(claims)
        if not isinstance(sub, str) or not 0 < len(sub) <= LONGEST_SUB or not sub.isascii():
            raise HttpRefusal(Code.SUBJECT_REFUSED)
        return self.reference(sub)

    def _roles(self, claims: Mapping[str, Any]) -> frozenset[Role]:
        held = self.names.roles.find(claims)
        if held is None and self.names.default_role is not None:
            return frozenset({self.names.default_role})
        words = held.split() if isinstance(held, str) else held
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise HttpRefusal(Code.CLAIMS_REFUSED, claim="roles")
        # The same token may hold roles of other systems; we ignore them.
        return frozenset(self.names.role_names[word] for word in words if word in self.names.role_names)

    def _bound_to(self, claims: Mapping[str, Any]) -> Role | None:
        word = _text(self.names.acting_role, claims, "acting_role")
        if word is None:
            return None
        if word not in self.names.role_names:
            raise HttpRefusal(Code.CLAIMS_REFUSED, claim="acting_role")
        return self.names.role_names[word]


def instant(claims: Mapping[str, Any], name: str) -> float:
    """Return the instant of a claim, in seconds. Raises HttpRefusal."""
    value = claims.get(name)
    # `bool` is an `int`, and NaN compares as false with every number: neither is an instant.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e11:  # noqa: PLR2004
        raise HttpRefusal(Code.TOKEN_REFUSED)
    return float(value)


def _text(path: ClaimPath, claims: Mapping[str, Any], claim: str) -> str | None:
    """Return a text, also from a list of one, which issuers make of an attribute; an empty one counts as missing."""
    value = path.find(claims)
    if isinstance(value, list) and len(value) <= 1:
        value = value[0] if value else None
    if value is not None and not isinstance(value, str):
        raise HttpRefusal(Code.CLAIMS_REFUSED, claim=claim)
    return value or None


def _client(claims: Mapping[str, Any]) -> str | None:
    """Return the application that the token was issued to [OIDC Core 2: azp; RFC 9068: client_id]."""
    found = claims.get("azp") or claims.get("client_id")
    return found if isinstance(found, str) and len(found) <= LONGEST_SUB else None


def _code(path: ClaimPath, claims: Mapping[str, Any], claim: str) -> str | None:
    text = _text(path, claims, claim)
    if text is not None and not REFERENCE_FORM.fullmatch(text):
        raise HttpRefusal(Code.CLAIMS_REFUSED, claim=claim)
    return text


def _subject(path: ClaimPath, claims: Mapping[str, Any]) -> UUID | None:
    text = _text(path, claims, "subject")
    try:
        return None if text is None else UUID(text)
    except ValueError:
        raise HttpRefusal(Code.CLAIMS_REFUSED, claim="subject") from None
