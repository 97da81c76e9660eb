"""Reads who the holder of a verified token is, where the settings say that its issuer states it.

    a person           OIDC_NAME_CLAIM and OIDC_NUMBER_CLAIM
    an organisation    OIDC_ORGANISATION_NAME_CLAIM and OIDC_ORGANISATION_CODE_CLAIM; a token that has the code is the
                       organisation's, whoever signed in for it

Both are read when the account is linked, and kept nowhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from credit.core.errors import CreditError
from credit.core.values.identifiers import SocialCreditCode
from credit.subjects.subject import SubjectKind
from gateway.auth.claim_paths import ClaimPath
from gateway.http.errors import Code, HttpRefusal
from gateway.settings.settings import Settings


@dataclass(frozen=True, slots=True)
class Identity:
    """Who holds the account, in the issuer's words. Its repr shows none of them.

    *kind* is what a new subject is registered as; the code tells only whether an organisation is a sole trader.
    """

    kind: SubjectKind
    name: str = field(repr=False)
    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Assurance:
    """What a token must state, so that the issuer has verified the identity: *path* holds one of *values*."""

    path: ClaimPath
    values: frozenset[str]

    def is_met(self, claims: Mapping[str, Any]) -> bool:
        """Return whether *claims* state one of the values; a level may be a number."""
        found = _only(self.path.find(claims))
        return found is not None and str(found) in self.values


@dataclass(frozen=True, slots=True)
class IdentityClaims:
    """Where tokens state identities. None: the issuer states none of that kind."""

    person: tuple[ClaimPath, ClaimPath] | None
    organisation: tuple[ClaimPath, ClaimPath] | None
    assurance: Assurance | None

    @classmethod
    def chosen(cls, settings: Settings) -> Self | None:
        """Return the claims that the settings name; None where they name none, and no account is linked."""
        person = _pair(settings.oidc_name_claim, settings.oidc_number_claim)
        organisation = _pair(settings.oidc_organisation_name_claim, settings.oidc_organisation_code_claim)
        if person is None and organisation is None:
            return None
        stated = settings.oidc_assurance
        return cls(person, organisation, None if stated is None else Assurance(*stated))

    def read(self, claims: Mapping[str, Any]) -> Identity:
        """Return the identity in verified *claims*. Raises HttpRefusal, which quotes no value."""
        if self.assurance and not self.assurance.is_met(claims):
            raise HttpRefusal(Code.ASSURANCE_TOO_LOW)
        organisation = _stated(self.organisation, claims)
        if organisation is not None:
            return Identity(_kind_of(organisation[1]), *organisation)
        person = _stated(self.person, claims)
        if person is None:
            raise HttpRefusal(Code.IDENTITY_NOT_STATED)
        return Identity(SubjectKind.NATURAL_PERSON, *person)


def _pair(name: ClaimPath | None, number: ClaimPath | None) -> tuple[ClaimPath, ClaimPath] | None:
    return None if name is None or number is None else (name, number)


def _stated(where: tuple[ClaimPath, ClaimPath] | None, claims: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return name and number; None where the token has no such number."""
    if where is None:
        return None
    name, number = (_only(path.find(claims)) for path in where)
    if number is None or number == "":
        return None
    if not isinstance(name, str) or not isinstance(number, str):
        raise HttpRefusal(Code.IDENTITY_NOT_STATED)
    return name, number


def _only(value: Any) -> Any:  # noqa: ANN401 - the issuer chose its type
    """Return the value of a claim, also from a list of one, which some issuers make of an attribute."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _kind_of(code: str) -> SubjectKind:
    try:
        is_sole_trader = SocialCreditCode.parse(code).is_sole_trader
    except CreditError:
        is_sole_trader = False  # the registration says what is wrong with the code
    return SubjectKind.SOLE_TRADER if is_sole_trader else SubjectKind.LEGAL_PERSON
