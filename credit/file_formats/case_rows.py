"""Rows of basic information [5.1.3] as departments record it, one case a row, under Chinese headers.

A row without a date of determination is a case that was collected. A row with one is a completed record, which is taken
over if it is from before the cut-over date (`credit.cases.rules.taking_over`).

`parse_row` reads a row and reports all its problems at once; `format_row` writes the same form, and a row that is
written and read again stays the same. No refusal here quotes a value.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from credit.cases.status import Circumstance, CollectionChannel
from credit.core.errors import InvalidItem, Problem
from credit.core.flaws import Flaw
from credit.core.problems import Complaints
from credit.core.values.characters import clean, guarded
from credit.core.values.dates import parse_date
from credit.core.values.document_numbers import LONGEST_CITED, number_key, parse_document_number
from credit.core.values.free_text import parse_line, parse_text
from credit.core.values.names import needs_confirmation
from credit.file_formats import case_columns as h
from credit.file_formats.case_columns import HEADERS
from credit.file_formats.choices import (
    CHANNELS,
    CIRCUMSTANCES,
    NO,
    YES,
    ReferenceLists,
    choose,
    find_code,
    is_yes,
    name_of,
)
from credit.file_formats.row_reader import NONE_WORDS, RowCells, read_subject, refuse_personal_data
from credit.file_formats.validity import Period, parse_validity, period
from credit.subjects.registration import Registration
from credit.subjects.subject import KIND_ZH

_NONE: Final = "无"
_LINE_LENGTH: Final = 500
_FACTS_LENGTH: Final = 4000
# Stored in clear beside the sealed particulars, and shown on the public list.
_IN_CLEAR: Final = (h.BASIS, h.PERIOD_BASIS, h.LEGAL_DOCUMENT, h.CASE_NUMBER, h.APPLICATION_NUMBER)


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
    determined_on: date | None = None
    """None for a case that is only collected."""
    legal_document: str | None = None
    published_on: date | None = None
    ends_on: date | None = None
    """The last day in force, if it is known: given, or counted from the publication."""
    months: int | None = None
    """The length of the period, if it cannot be counted yet: an unpublished case has no end."""
    period_basis: str | None = None
    """The law by which the period is longer than six months [5.1.5]."""
    application_number: str | None = None
    taken_over: bool = False
    """Whether the record says that it was taken over from before the cut-over date."""
    warnings: tuple[Problem, ...] = field(default=(), compare=False)
    """What the row gives and the record leaves out."""

    @property
    def contents(self) -> tuple[object, ...]:
        """All values of the row, for comparing it with another row."""
        return (
            self.department_code,
            self.subject.area_code,
            self.circumstance,
            self.channel,
            self.facts,
            self.basis,
            self.determined_on,
            self.legal_document and number_key(self.legal_document),
            self.published_on,
            self.ends_on,
            self.months,
            self.period_basis,
            self.application_number and number_key(self.application_number),
        )


def parse_row(row: Mapping[str, object], reference: ReferenceLists, *, today: date) -> Intake:
    """Read a row under any of the accepted headers, or raise RowRefused with all its problems."""
    complaints = Complaints()
    cells = RowCells(h.BASIC.cells_of(row, complaints), complaints)
    subject = read_subject(cells, h.BASIC.stated_kind(row), reference, today)
    number = cells.required(h.CASE_NUMBER, parse_document_number)
    department = cells.required(
        h.DEPARTMENT, lambda raw: find_code(raw, reference.departments, Flaw.UNKNOWN_DEPARTMENT)
    )
    circumstance = cells.required(h.CIRCUMSTANCE, lambda raw: choose(raw, CIRCUMSTANCES, Flaw.UNKNOWN_CIRCUMSTANCE))
    channel = cells.required(h.CHANNEL, lambda raw: choose(raw, CHANNELS, Flaw.UNKNOWN_CHANNEL))
    facts = cells.required(h.FACTS, lambda raw: parse_text(raw, _FACTS_LENGTH))
    basis = cells.required(h.BASIS, lambda raw: parse_line(raw, _LINE_LENGTH))
    is_completed = h.DETERMINED_ON in cells.texts
    legal_document = (cells.required if is_completed else cells.optional)(h.LEGAL_DOCUMENT, _legal_document)
    period_basis = cells.optional(h.PERIOD_BASIS, lambda raw: parse_line(raw, _LINE_LENGTH))
    application_number = cells.optional(h.APPLICATION_NUMBER, parse_document_number)
    taken_over = cells.optional(h.TAKEN_OVER, is_yes)
    days = _dates(cells, today, by_law=period_basis is not None) if is_completed else _no_dates(cells)
    if subject is not None:
        refuse_personal_data(cells, subject, _IN_CLEAR)
    if (
        complaints.problems
        or subject is None
        or number is None
        or department is None
        or circumstance is None
        or channel is None
        or facts is None
        or basis is None
        or days is None
    ):
        raise h.BASIC.refused(complaints)
    return Intake(
        subject=subject,
        number=number,
        department_code=department,
        circumstance=circumstance,
        channel=channel,
        facts=facts,
        basis=basis,
        determined_on=days.determined_on,
        legal_document=None if legal_document in NONE_WORDS else legal_document,
        published_on=days.published_on,
        ends_on=days.span.ends_on,
        months=days.span.months,
        period_basis=period_basis,
        application_number=application_number,
        taken_over=taken_over or False,
        warnings=tuple(complaints.warnings),
    )


def format_row(intake: Intake, reference: ReferenceLists) -> dict[str, str]:
    """Write *intake* under the canonical headers, in their order, safe to open in a spreadsheet.

    `parse_row` returns the same, except the mark of a number that once had 15 digits: the form has no column for it.
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
        h.DETERMINED_ON: _day(intake.determined_on),
        h.VALIDITY: f"{intake.months}个月" if intake.months is not None else _day(intake.ends_on),
        h.PERIOD_BASIS: intake.period_basis,
        h.LEGAL_DOCUMENT: None if intake.determined_on is None else intake.legal_document or _NONE,
        h.CASE_NUMBER: intake.number,
        h.CHANNEL: intake.channel.zh,
        h.PUBLISHED_ON: _day(intake.published_on),
        h.APPLICATION_NUMBER: intake.application_number,
        h.TAKEN_OVER: YES if intake.taken_over else None,
        h.NAME_CONFIRMED: YES if needs_confirmation(subject.name) else None,
    }
    return {header: guarded(texts[header] or "") for header in HEADERS}


@dataclass(frozen=True, slots=True)
class _Days:
    """When a case was determined and published, and for how long it is valid; nothing of a collected one."""

    determined_on: date | None
    published_on: date | None
    span: Period


def _legal_document(raw: str) -> str:
    """Read the number of the legal document; here "none" is an answer [5.1.3]."""
    text = clean(raw)
    return text if text in NONE_WORDS else parse_document_number(raw, LONGEST_CITED)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _no_dates(cells: RowCells) -> _Days | None:
    """Refuse, for a case that is only collected, what comes with a determination."""
    stated = [
        header
        for header in (*h.OF_DETERMINATION, h.TAKEN_OVER)
        if clean(cells.texts.get(header, "")) not in {"", NO, *NONE_WORDS}
    ]
    for header in stated:
        cells.complaints.note(header, Flaw.NOT_DETERMINED)
    return None if stated else _Days(None, None, Period(None, None))


def _dates(cells: RowCells, today: date, *, by_law: bool) -> _Days | None:
    """Read when the case was determined and published, and for how long it is valid [5.1.5]."""

    def past(raw: str) -> date:
        day = parse_date(raw)
        if day > today:
            raise InvalidItem(Flaw.IN_FUTURE)
        return day

    determined_on = cells.required(h.DETERMINED_ON, past)
    published_on = cells.optional(h.PUBLISHED_ON, past)
    validity = cells.required(h.VALIDITY, parse_validity)
    if determined_on is None or validity is None:
        return None
    if published_on is not None and published_on < determined_on:
        cells.complaints.note(h.PUBLISHED_ON, Flaw.BEFORE_DETERMINED)
        return None
    span = cells.required(h.VALIDITY, lambda _: period(determined_on, published_on, validity, by_law=by_law))
    return None if span is None else _Days(determined_on, published_on, span)
