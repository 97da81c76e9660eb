"""Basic information [5.1.3] as departments keep it, one case a row, under Chinese headers.

`parse_row` takes a row in and reports everything that is wrong with it at once; `format_row` writes the same form, and
what it wrote comes back the same. Nothing here quotes a value when it refuses one.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar

from credit import headers as h
from credit.cells import clean, guarded, parse_date, squashed
from credit.choices import CHANNELS, CIRCUMSTANCES, KINDS, Reference, area_in, choose, find_code, name_of
from credit.complaints import Complaints
from credit.errors import InvalidIdNumber, InvalidItem, Problem, RowRefused
from credit.flaws import Flaw
from credit.headers import HEADERS
from credit.identifiers import IdNumber
from credit.registration import Registration, parse_address, parse_name, parse_number, parse_phone
from credit.restraint import Circumstance, CollectionChannel
from credit.subjects import KIND_ZH, SubjectKind
from credit.validity import Period, parse_validity, period

__all__ = ["HEADERS", "Intake", "Problem", "Reference", "RowRefused", "format_row", "parse_row"]

_NONE: Final = "无"
_NONE_WORDS: Final = frozenset({"无", "/", "-", "—", "——"})
_REFERENCE_LENGTH: Final = 40
_LINE_LENGTH: Final = 500
_FACTS_LENGTH: Final = 4000
_REDACTED: Final = re.compile(r"[\[［]已隐去[\]］]")
_ID_NUMBER: Final = re.compile(r"(?<![0-9])[0-9]{17}[0-9X](?![0-9])")
# Kept in clear beside the sealed particulars, and shown on the public list.
_IN_CLEAR: Final = (h.BASIS, h.PERIOD_BASIS, h.LEGAL_DOCUMENT, h.CASE_NUMBER, h.APPLICATION_NUMBER)
# Only the authority's own numbering: 18 digits in a row are as likely a place, a day and a count as a person.
_NUMBERING: Final = frozenset({h.CASE_NUMBER, h.APPLICATION_NUMBER})
_ORDER: Final = {header: place for place, header in enumerate(HEADERS)}

Parsed = TypeVar("Parsed")


@dataclass(frozen=True, slots=True)
class Intake:
    """One case of basic information [5.1.3], known to be well formed. Its repr shows nothing of the person."""

    subject: Registration
    number: str
    """The authority's own case number."""
    department_code: str
    circumstance: Circumstance
    channel: CollectionChannel
    facts: str = field(repr=False)
    basis: str
    determined_on: date
    legal_document: str | None = None
    published_on: date | None = None
    ends_on: date | None = None
    """The last day in force, where it is known: given, or counted from the publication."""
    months: int | None = None
    """The length of the period, where it cannot be counted yet: what is not published has no end."""
    period_basis: str | None = None
    """The law by which the period is longer than six months [5.1.5]."""
    application_number: str | None = None


def parse_row(row: Mapping[str, object], reference: Reference, *, today: date) -> Intake:
    """Read a row under any of the accepted headers, or raise RowRefused with all its problems."""
    complaints = Complaints()
    cells = _Cells(h.cells_of(row, complaints), complaints)
    subject = _subject(cells, h.stated_kind(row), reference, today)
    number = cells.required(h.CASE_NUMBER, _line(_REFERENCE_LENGTH))
    department = cells.required(
        h.DEPARTMENT, lambda raw: find_code(raw, reference.departments, Flaw.UNKNOWN_DEPARTMENT)
    )
    circumstance = cells.required(h.CIRCUMSTANCE, lambda raw: choose(raw, CIRCUMSTANCES, Flaw.UNKNOWN_CIRCUMSTANCE))
    channel = cells.required(h.CHANNEL, lambda raw: choose(raw, CHANNELS, Flaw.UNKNOWN_CHANNEL))
    facts = cells.required(h.FACTS, _line(_FACTS_LENGTH, lines=True))
    basis = cells.required(h.BASIS, _line(_LINE_LENGTH))
    legal_document = cells.required(h.LEGAL_DOCUMENT, _line(_LINE_LENGTH))
    period_basis = cells.optional(h.PERIOD_BASIS, _line(_LINE_LENGTH))
    application_number = cells.optional(h.APPLICATION_NUMBER, _line(_REFERENCE_LENGTH))
    determined_on, published_on, span = _dates(cells, today, by_law=period_basis is not None)
    if subject is not None:
        _refuse_personal_data(cells, subject)
    if (
        complaints.problems
        or subject is None
        or number is None
        or department is None
        or circumstance is None
        or channel is None
        or facts is None
        or basis is None
        or determined_on is None
        or span is None
    ):
        raise RowRefused(tuple(sorted(complaints.problems, key=lambda problem: _ORDER[problem.header])))
    return Intake(
        subject=subject,
        number=number,
        department_code=department,
        circumstance=circumstance,
        channel=channel,
        facts=facts,
        basis=basis,
        determined_on=determined_on,
        legal_document=None if legal_document in _NONE_WORDS else legal_document,
        published_on=published_on,
        ends_on=span.ends_on,
        months=span.months,
        period_basis=period_basis,
        application_number=application_number,
    )


def format_row(intake: Intake, reference: Reference) -> dict[str, str]:
    """Write *intake* under the canonical headers, in their order, safe to open in a spreadsheet.

    `parse_row` gives the same back, but for the mark that a number was once of 15 digits, for which the form has no
    column.
    """
    subject = intake.subject
    texts = {
        h.NAME: subject.name,
        h.KIND: KIND_ZH[subject.kind],
        h.NUMBER: subject.identifier.text,
        h.ADDRESS: subject.address,
        h.PHONE: subject.phone,
        h.AREA: name_of(subject.area_code, reference.areas),
        h.CIRCUMSTANCE: intake.circumstance.zh,
        h.FACTS: intake.facts,
        h.DEPARTMENT: name_of(intake.department_code, reference.departments),
        h.BASIS: intake.basis,
        h.DETERMINED_ON: intake.determined_on.isoformat(),
        h.VALIDITY: f"{intake.months}个月" if intake.ends_on is None else intake.ends_on.isoformat(),
        h.PERIOD_BASIS: intake.period_basis,
        h.LEGAL_DOCUMENT: intake.legal_document or _NONE,
        h.CASE_NUMBER: intake.number,
        h.CHANNEL: intake.channel.zh,
        h.PUBLISHED_ON: None if intake.published_on is None else intake.published_on.isoformat(),
        h.APPLICATION_NUMBER: intake.application_number,
    }
    return {header: guarded(texts[header] or "") for header in HEADERS}


class _Cells:
    """The filled cells of a row, read one by one; what is wrong is noted under its header."""

    def __init__(self, texts: Mapping[str, str], complaints: Complaints) -> None:
        # A stroke for "nothing" is a blank; only that there is no legal document is an answer [5.1.3].
        self.texts = {
            header: text
            for header, text in texts.items()
            if header == h.LEGAL_DOCUMENT or clean(text) not in _NONE_WORDS
        }
        self.complaints = complaints

    def required(self, header: str, parse: Callable[[str], Parsed]) -> Parsed | None:
        if header not in self.texts:
            self.complaints.note(header, Flaw.REQUIRED)
            return None
        return self.complaints.take(header, parse, self.texts[header])

    def optional(self, header: str, parse: Callable[[str], Parsed]) -> Parsed | None:
        return self.complaints.take_if_given(header, parse, self.texts.get(header))


def _subject(cells: _Cells, stated: SubjectKind | None, reference: Reference, today: date) -> Registration | None:
    """Read whom the row is about [3.2] [5.1.3]. A column for the kind goes before what another column's name states."""
    kind = stated
    if h.KIND in cells.texts:
        kind = cells.required(h.KIND, lambda raw: choose(raw, KINDS, Flaw.UNKNOWN_KIND))
    elif kind is None:
        cells.complaints.note(h.KIND, Flaw.KIND_NOT_STATED)
    name = cells.required(h.NAME, lambda raw: parse_name(kind, raw))
    # Without a kind there is no telling what the number ought to be: only that there must be one.
    identifier = cells.required(h.NUMBER, lambda raw: None if kind is None else parse_number(kind, clean(raw), today))
    address = cells.required(h.ADDRESS, parse_address)
    phone = cells.optional(h.PHONE, parse_phone)
    area = _area(cells, reference, address)
    if kind is None or name is None or identifier is None or address is None or area is None:
        return None
    return Registration(kind, name, identifier, area, phone, address)


def _area(cells: _Cells, reference: Reference, address: str | None) -> str | None:
    """Read the area from its own column, or else from an address that names exactly one."""
    if h.AREA in cells.texts:
        return cells.required(h.AREA, lambda raw: _area_code(raw, reference.areas))
    area = area_in(address, reference.areas) if address is not None else None
    if area is None:
        cells.complaints.note(h.AREA, Flaw.AREA_NOT_STATED)
    return area


def _area_code(raw: str, areas: Mapping[str, str]) -> str:
    """Return the area of which *raw* is the code, the name, or the name with those of the areas around it."""
    try:
        return find_code(raw, areas, Flaw.UNKNOWN_AREA)
    except InvalidItem:
        area = area_in(clean(raw), areas)
        if area is None:
            raise
        return area


def _dates(cells: _Cells, today: date, *, by_law: bool) -> tuple[date | None, date | None, Period | None]:
    """Read when the case was determined and published, and for how long it holds [5.1.5]."""

    def past(raw: str) -> date:
        day = parse_date(clean(raw))
        if day > today:
            raise InvalidItem(Flaw.IN_FUTURE)
        return day

    determined_on = cells.required(h.DETERMINED_ON, past)
    published_on = cells.optional(h.PUBLISHED_ON, past)
    validity = cells.required(h.VALIDITY, parse_validity)
    if determined_on is None or validity is None:
        return determined_on, published_on, None
    if published_on is not None and published_on < determined_on:
        cells.complaints.note(h.PUBLISHED_ON, Flaw.BEFORE_DETERMINED)
        return determined_on, published_on, None
    span = cells.required(h.VALIDITY, lambda _: period(determined_on, published_on, validity, by_law=by_law))
    return determined_on, published_on, span


def _line(longest: int, *, lines: bool = False) -> Callable[[str], str]:
    """Return a reader of free text."""

    def read(raw: str) -> str:
        text = clean(raw, lines=lines)
        if len(text) > longest:
            raise InvalidItem(Flaw.TOO_LONG)
        if "\ufffd" in text:
            raise InvalidItem(Flaw.GARBLED)
        if _REDACTED.search(text):
            raise InvalidItem(Flaw.MASKED)
        return text

    return read


def _refuse_personal_data(cells: _Cells, subject: Registration) -> None:
    """Note every item kept in clear that gives away the person whose other particulars are sealed [5.1.6]."""
    own = _own_words(subject)
    for header in _IN_CLEAR:
        text = squashed(clean(cells.texts.get(header, "")))
        if any(word in text for word in own) or (
            header not in _NUMBERING and any(_is_id_number(found) for found in _ID_NUMBER.findall(text))
        ):
            cells.complaints.note(header, Flaw.HOLDS_PERSONAL_DATA)


def _own_words(subject: Registration) -> frozenset[str]:
    """Return what points at one person: name and number, as it is and as it was with 15 digits. Companies have none."""
    name, number = squashed(subject.name), subject.identifier.text
    own = {name} if len(name) > 1 else set()
    match subject.kind:
        case SubjectKind.NATURAL_PERSON:
            return frozenset(own | {number, number[:6] + number[8:17]})
        case SubjectKind.SOLE_TRADER:
            return frozenset(own | {number})
        case _:
            return frozenset()


def _is_id_number(text: str) -> bool:
    try:
        IdNumber.parse(text)
    except InvalidIdNumber:
        return False
    return True
