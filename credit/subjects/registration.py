"""Registration of a subject: its particulars, and the rules that accept them [3.2] [5.1.3].

Each rule parses one item; `register` applies them all and reports all problems at once.
"""

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from credit.core.errors import InvalidIdNumber, InvalidItem, RegistrationRefused
from credit.core.flaws import Flaw
from credit.core.problems import Complaints
from credit.core.values.addresses import parse_address
from credit.core.values.characters import clean, squashed
from credit.core.values.identifiers import Identifier, IdNumber, SocialCreditCode, parse_identifier
from credit.core.values.names import parse_organisation_name, parse_person_name
from credit.core.values.telephones import parse_phone
from credit.subjects.subject import Capacity, SubjectKind, identifier_kind

_NO_CAPACITY: Final = Capacity(0)


@dataclass(frozen=True, slots=True)
class Registration:
    """A subject's particulars, well formed and consistent. Its repr shows none of them."""

    kind: SubjectKind
    name: str = field(repr=False)
    identifier: Identifier = field(repr=False)
    area_code: str = field(repr=False)
    phone: str | None = field(default=None, repr=False)
    """A mobile number as 11 digits, a landline number as 0533-7000000."""
    address: str | None = field(default=None, repr=False)
    capacities: Capacity = _NO_CAPACITY


def register(
    *,
    kind: SubjectKind | str,
    name: str,
    number: str,
    area_code: str,
    areas: Container[str],
    today: date,
    phone: str | None = None,
    address: str | None = None,
    capacities: Capacity = _NO_CAPACITY,
    name_confirmed: bool = False,
) -> Registration:
    """Accept a subject's particulars, or raise RegistrationRefused with every problem, by argument.

    *areas* are the known codes. The identifier's kind follows from the subject's. Phone and address may be missing.
    *name_confirmed*: the document shows this name, although it is a word for nothing, such as Null.
    """
    complaints = Complaints()
    stated = complaints.take("kind", parse_kind, kind)
    known_name = complaints.take("name", lambda raw: parse_name(stated, raw, confirmed=name_confirmed), name)
    # Without a kind the form of the number is unknown; the problem is recorded for the kind.
    identifier = complaints.take("number", lambda raw: parse_number(stated, raw, today), number) if stated else None
    known_area = complaints.take("area_code", lambda raw: parse_area(raw, areas), area_code)
    known_phone = complaints.take_if_given("phone", parse_phone, phone)
    known_address = complaints.take_if_given("address", parse_address, address)
    if stated is None or known_name is None or identifier is None or known_area is None or complaints.problems:
        raise RegistrationRefused(tuple(complaints.problems))
    return Registration(stated, known_name, identifier, known_area, known_phone, known_address, capacities)


def parse_kind(raw: str) -> SubjectKind:
    """Read the wire name of a kind. Raises InvalidItem."""
    try:
        return SubjectKind(raw)
    except ValueError:
        raise InvalidItem(Flaw.UNKNOWN_KIND) from None  # the cause would quote the value


def parse_name(kind: SubjectKind | None, raw: str, *, confirmed: bool = False) -> str:
    """Read the name of a subject of this *kind*, if that is known. Raises InvalidItem."""
    parse = parse_person_name if kind is SubjectKind.NATURAL_PERSON else parse_organisation_name
    return parse(raw, confirmed=confirmed)


def parse_number(kind: SubjectKind, raw: str, today: date) -> Identifier:
    """Read the identifier that a subject of this kind has.

    Raises InvalidIdNumber, InvalidSocialCreditCode, or InvalidItem if the code is of another kind of subject: a sole
    trader's code counts as an identity number, so a wrong kind would expose it.
    """
    identifier = parse_identifier(identifier_kind(kind), raw)
    match identifier:
        case IdNumber():
            if not identifier.is_born(today):
                raise InvalidIdNumber(Flaw.NOT_BORN_YET)
        case SocialCreditCode():
            if identifier.is_sole_trader and kind is not SubjectKind.SOLE_TRADER:
                raise InvalidItem(Flaw.SOLE_TRADER_CODE)
            if kind is SubjectKind.SOLE_TRADER and not identifier.is_sole_trader:
                raise InvalidItem(Flaw.NOT_SOLE_TRADER_CODE)
    return identifier


def parse_area(raw: str, areas: Container[str]) -> str:
    """Read the code of a known area. Raises InvalidItem."""
    code = squashed(clean(raw))
    if not code:
        raise InvalidItem(Flaw.REQUIRED)
    if code not in areas:
        raise InvalidItem(Flaw.UNKNOWN_AREA)
    return code
