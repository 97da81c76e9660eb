"""Reads the cells of a row of any form: its subject, and the texts that are stored in clear.

No refusal here quotes a value.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Final, TypeVar

from credit.core.errors import InvalidItem
from credit.core.flaws import Flaw
from credit.core.problems import Complaints
from credit.core.values.addresses import parse_address
from credit.core.values.blanks import is_blank
from credit.core.values.characters import clean
from credit.core.values.names_in_text import names_in_clear
from credit.core.values.references import bare, holds_number
from credit.core.values.telephones import parse_phone
from credit.file_formats import case_columns as h
from credit.file_formats.choices import ReferenceLists, area_in, find_code, is_yes
from credit.file_formats.kinds import parse_kind_word
from credit.subjects.registration import Registration, parse_name, parse_number
from credit.subjects.subject import PERSONS, SubjectKind

NONE_WORDS: Final = frozenset({"无", "/", "-", "—", "——"})
"""The answers by which a legal document is said not to exist."""
DOCUMENT_NUMBERS: Final = frozenset({h.CASE_NUMBER, h.APPLICATION_NUMBER, h.LEGAL_DOCUMENT})
"""Numbers that an authority gives. Their parser refuses those of persons."""

Parsed = TypeVar("Parsed")


class RowCells:
    """The filled cells of a row, read one by one; each problem is recorded under its header."""

    def __init__(self, texts: Mapping[str, str], complaints: Complaints) -> None:
        # A word for nothing is a blank; only for the legal document is "none" an answer [5.1.3], and only a name can be
        # such a word.
        self.texts = {header: text for header, text in texts.items() if _is_given(header, text)}
        self.complaints = complaints

    def required(self, header: str, parse: Callable[[str], Parsed]) -> Parsed | None:
        if header not in self.texts:
            self.complaints.note(header, Flaw.REQUIRED)
            return None
        return self.complaints.take(header, parse, self.texts[header])

    def optional(self, header: str, parse: Callable[[str], Parsed]) -> Parsed | None:
        return self.complaints.take_if_given(header, parse, self.texts.get(header))


def read_subject(
    cells: RowCells,
    stated: SubjectKind | None,
    reference: ReferenceLists,
    today: date,
    *,
    without_address: bool = False,
) -> Registration | None:
    """Read the subject of the row [3.2] [5.1.3]. A column for the kind overrides the kind that another header states.

    *without_address*: a registration needs no address, the basic information of a case does.
    """
    kind = stated
    if h.KIND in cells.texts:
        kind = cells.required(h.KIND, parse_kind_word)
    elif kind is None:
        cells.complaints.note(h.KIND, Flaw.KIND_NOT_STATED)
    confirmed = cells.optional(h.NAME_CONFIRMED, is_yes) or False
    name = cells.required(h.NAME, lambda raw: parse_name(kind, raw, confirmed=confirmed))
    # Without a kind the form of the number is unknown; it is only required.
    identifier = cells.required(h.NUMBER, lambda raw: None if kind is None else parse_number(kind, clean(raw), today))
    address = (cells.optional if without_address else cells.required)(h.ADDRESS, parse_address)
    # A telephone is for convenience: a whole case is not refused for it, and whoever sent the file is told.
    phone = cells.complaints.keep_if_read(h.PHONE, parse_phone, cells.texts.get(h.PHONE))
    area = _area(cells, reference, address)
    if kind is None or name is None or identifier is None or area is None or (address is None and not without_address):
        return None
    return Registration(kind, name, identifier, area, phone, address)


def _is_given(header: str, text: str) -> bool:
    return header == h.NAME or not is_blank(text) or (header == h.LEGAL_DOCUMENT and clean(text) in NONE_WORDS)


def _area(cells: RowCells, reference: ReferenceLists, address: str | None) -> str | None:
    """Read the area from its own column, or else from an address that names exactly one."""
    if h.AREA in cells.texts:
        return cells.required(h.AREA, lambda raw: _area_code(raw, reference.areas))
    area = area_in(address, reference.areas) if address is not None else None
    if area is None:
        cells.complaints.note(h.AREA, Flaw.AREA_NOT_STATED)
    return area


def _area_code(raw: str, areas: Mapping[str, str]) -> str:
    """Return the area with *raw* as its code or name; the name may be preceded by those of larger areas around it."""
    try:
        return find_code(raw, areas, Flaw.UNKNOWN_AREA)
    except InvalidItem:
        area = area_in(clean(raw), areas)
        if area is None:
            raise
        return area


def refuse_personal_data(cells: RowCells, subject: Registration, in_clear: Collection[str]) -> None:
    """Record a problem for every item in clear that reveals the person whose other particulars are sealed [5.1.6].

    The rule is that of every mutation. Only an organisation may be named by its own code, which is published.
    """
    own, is_person = _own_numbers(subject), subject.kind in PERSONS
    published = "" if is_person else subject.identifier.text
    for header in in_clear:
        given = clean(cells.texts.get(header, ""))
        if is_person and names_in_clear(subject.name, given):
            cells.complaints.replace(header, Flaw.HOLDS_PERSONAL_DATA)
        elif any(number in bare(given) for number in own) or (
            header not in DOCUMENT_NUMBERS and holds_number(given.replace(published, ""))
        ):
            cells.complaints.replace(header, Flaw.HOLDS_NUMBER)


def _own_numbers(subject: Registration) -> frozenset[str]:
    """Return the number that identifies a person, also in its form with 15 digits. Companies have none."""
    number = subject.identifier.text
    match subject.kind:
        case SubjectKind.NATURAL_PERSON:
            return frozenset({number, number[:6] + number[8:17]})
        case SubjectKind.SOLE_TRADER:
            return frozenset({number})
        case _:
            return frozenset()
