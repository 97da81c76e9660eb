"""Rows of applications as service windows list them: who applied for what, when, and with what outcome [4.2].

`parse_application_row` reports all problems of a row at once and never quotes a value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Final

from credit.applications.application import Facilitation, Outcome
from credit.calendar.deadlines import civil_date
from credit.core.errors import InvalidItem, Problem
from credit.core.flaws import Flaw
from credit.core.problems import Complaints
from credit.core.values.dates import SHANGHAI, parse_day_or_time
from credit.core.values.document_numbers import parse_document_number
from credit.file_formats import case_columns as h
from credit.file_formats.case_columns import HEADERS, STATES_KIND
from credit.file_formats.choices import ReferenceLists, choose, find_code
from credit.file_formats.form import RecordForm
from credit.file_formats.row_reader import RowCells, read_subject, refuse_personal_data
from credit.file_formats.subject_rows import OF_SUBJECT
from credit.subjects.registration import Registration

MATTER: Final = "事项"
MATTER_CODE: Final = "事项编码"
DEPARTMENT: Final = "办理部门"
FILED: Final = "申请时间"
ACCEPTED: Final = "受理时间"
DECIDED: Final = "办结时间"
OUTCOME: Final = "办理结果"
CHANNEL: Final = "办理方式"

APPLICATIONS: Final = RecordForm(
    {
        h.APPLICATION_NUMBER: HEADERS[h.APPLICATION_NUMBER],
        **{header: HEADERS[header] for header in OF_SUBJECT},
        MATTER: ("事项名称", "政务服务事项", "申请事项"),
        MATTER_CODE: ("事项代码", "实施编码"),
        DEPARTMENT: ("办理单位", "受理部门", "受理单位"),
        FILED: ("申请日期", "收件日期", "收件时间"),
        ACCEPTED: ("受理日期",),
        DECIDED: ("办结日期", "办理日期"),
        OUTCOME: ("办结结果", "结果"),
        CHANNEL: ("办理渠道", "办理形式"),
    },
    frozenset({*OF_SUBJECT, MATTER, MATTER_CODE, DEPARTMENT, ACCEPTED, DECIDED, OUTCOME, CHANNEL} - {h.NAME, h.NUMBER}),
    STATES_KIND,
    days=frozenset({FILED, ACCEPTED, DECIDED}),
)
_OUTCOMES: Final[Mapping[str, Outcome]] = {
    **{word: outcome for outcome in Outcome for word in (outcome.zh, outcome.value)},
    "准予许可": Outcome.APPROVED,
    "通过": Outcome.APPROVED,
    "不予许可": Outcome.REFUSED,
    "不通过": Outcome.REFUSED,
    "撤回申请": Outcome.WITHDRAWN,
}
_CHANNELS: Final[Mapping[str, Facilitation]] = {
    **{word: channel for channel in Facilitation for word in (channel.zh, channel.value)},
    "普通": Facilitation.ORDINARY,
    "容缺办理": Facilitation.DEFERRED_DOCUMENTS,
    "承诺即入": Facilitation.COMMITMENT,
}


@dataclass(frozen=True, slots=True)
class When:
    """A day, or a second of it, as a cell gives it; *at* is in UTC, the first second of a day in Shanghai."""

    at: datetime
    is_day: bool

    def agrees(self, recorded: datetime | None) -> bool:
        """Return whether the recorded instant is this one, to the precision of the cell."""
        if recorded is None:
            return False
        if self.is_day:
            return civil_date(recorded) == civil_date(self.at)
        return recorded.replace(microsecond=0) == self.at


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """One application, known to be well formed. Its repr shows nothing of the person."""

    subject: Registration
    number: str
    matter_code: str
    filed: When
    accepted: When | None = None
    decided: When | None = None
    outcome: Outcome | None = None
    channel: Facilitation | None = None
    warnings: tuple[Problem, ...] = field(default=(), compare=False)
    """What the row gives and the record leaves out."""

    @property
    def contents(self) -> tuple[object, ...]:
        """All values of the row, for comparing it with another row."""
        return self.matter_code, self.filed, self.accepted, self.decided, self.outcome, self.channel


@dataclass(frozen=True, slots=True)
class Window:
    """The service window that imports a file: its department and its matters, each as code → Chinese name."""

    department: str
    matters: Mapping[str, str]


def parse_application_row(
    row: Mapping[str, object], reference: ReferenceLists, window: Window, *, now: datetime
) -> ApplicationRow:
    """Read a row under any of the accepted headers, or raise RowRefused with all its problems."""
    complaints = Complaints()
    cells = RowCells(APPLICATIONS.cells_of(row, complaints), complaints)
    subject = read_subject(cells, APPLICATIONS.stated_kind(row), reference, civil_date(now), without_address=True)
    number = cells.required(h.APPLICATION_NUMBER, parse_document_number)
    matter = _matter(cells, reference, window)
    filed = cells.required(FILED, _past(now))
    accepted = cells.optional(ACCEPTED, _past(now))
    decided = cells.optional(DECIDED, _past(now))
    outcome = cells.optional(OUTCOME, lambda raw: choose(raw, _OUTCOMES, Flaw.UNKNOWN_OUTCOME))
    channel = cells.optional(CHANNEL, lambda raw: choose(raw, _CHANNELS, Flaw.UNKNOWN_FACILITATION))
    _check_course(cells, filed, accepted, decided, outcome)
    if channel not in {None, Facilitation.ORDINARY} and DECIDED not in cells.texts:
        complaints.note(CHANNEL, Flaw.NOT_GRANTED_HERE)
    if subject is not None:
        refuse_personal_data(cells, subject, (h.APPLICATION_NUMBER,))
    if complaints.problems or subject is None or number is None or matter is None or filed is None:
        raise APPLICATIONS.refused(complaints)
    return ApplicationRow(
        subject, number, matter, filed, accepted, decided, outcome, channel, tuple(complaints.warnings)
    )


def _matter(cells: RowCells, reference: ReferenceLists, window: Window) -> str | None:
    """Read the matter, by code or name; matter and department must be the window's own."""
    department = cells.optional(DEPARTMENT, lambda raw: find_code(raw, reference.departments, Flaw.UNKNOWN_DEPARTMENT))
    if department not in {None, window.department}:
        cells.complaints.note(DEPARTMENT, Flaw.NOT_THIS_WINDOW)
    code = cells.optional(MATTER_CODE, lambda raw: find_code(raw, window.matters, Flaw.UNKNOWN_MATTER))
    if MATTER_CODE in cells.texts:
        return code
    return cells.required(MATTER, lambda raw: find_code(raw, window.matters, Flaw.UNKNOWN_MATTER))


def _check_course(
    cells: RowCells, filed: When | None, accepted: When | None, decided: When | None, outcome: Outcome | None
) -> None:
    """Record dates in an impossible order, and an end without its outcome [4.2]."""
    note = cells.complaints.note
    if filed is not None and accepted is not None and _before(accepted, filed):
        note(ACCEPTED, Flaw.BEFORE_FILED)
    if decided is not None and any(each is not None and _before(decided, each) for each in (filed, accepted)):
        note(DECIDED, Flaw.BEFORE_FILED)
    if (DECIDED in cells.texts) != (OUTCOME in cells.texts):
        note(OUTCOME if DECIDED in cells.texts else DECIDED, Flaw.REQUIRED)
    if outcome is Outcome.APPROVED and ACCEPTED not in cells.texts:
        note(ACCEPTED, Flaw.REQUIRED)


def _before(one: When, other: When) -> bool:
    if one.is_day or other.is_day:
        return civil_date(one.at) < civil_date(other.at)
    return one.at < other.at


def _past(now: datetime) -> Callable[[str], When]:
    """Return a parser of a day, or of a day and a time in Shanghai."""

    def parse(raw: str) -> When:
        read = parse_day_or_time(raw)
        if isinstance(read, datetime):
            found = When(read, is_day=False)
        else:
            found = When(datetime.combine(read, time(), SHANGHAI).astimezone(UTC), is_day=True)
        if found.at > now:
            raise InvalidItem(Flaw.IN_FUTURE)
        return found

    return parse
