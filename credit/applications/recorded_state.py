"""What the steps of an application say of its row: the audit compares the two [4].

A step of an import has the day that the file states, and not its instant; so of what it decides only the day is known.
A column that the steps leave open is left out: steps from before a fact was kept do not have it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from credit.applications.application import ApplicationStep, Outcome
from credit.calendar.deadlines import civil_date
from credit.core.late_entries import PaperWithdrawal, read_withdrawal, written_withdrawal
from credit.core.recorded_step import RecordedStep

Columns = Mapping[str, Any]
"""Values of columns by their names, as the database has them; of an instant also its day, `…_at` as `…_at_day`."""

_OF_THE_APPLICANT: Final = frozenset({"subject", "agent"})
_IMPORTED: Final = "import:"
_INSTANTS: Final = ("filed_at", "accepted_at", "decided_at")
_RANK: Final = {name: rank for rank, name in enumerate(ApplicationStep)}
_FROM_THE_BEGINNING: Final = ("matter_code", "number", "channel")


def application_columns(steps: Iterable[RecordedStep], attested: Columns | None = None) -> Columns:
    """Return what the *steps* of one application say of its row; nothing without its filing.

    Of a row that was *attested* they are the later steps, which change what it was then.
    Raises ValueError, TypeError or LookupError for facts that no step has.
    """
    taken = sorted(
        (step for step in steps if step.step in _RANK),  # the others are of its promises
        key=lambda step: (step.at, _RANK[ApplicationStep(step.step)], step.step_id),
    )
    if not attested and not any(step.step == ApplicationStep.FILED for step in taken):
        return {}
    found: dict[str, Any] = dict(attested or {}) or {
        **dict.fromkeys(("accepted_at", "decided_at", "accepted_at_day", "decided_at_day", "outcome")),
        "paper_withdrawal": None,
    }
    for step in taken:
        found |= _changes(step, found)
        if step.step == ApplicationStep.GRANTED and "channel" not in step.facts:
            found.pop("channel", None)
    return found


def application_row(row: Columns) -> Columns:
    """Return a row of `applications` with the days of its instants, as `application_columns` has them."""
    return {**row, **{f"{name}_day": _day(row[name]) for name in _INSTANTS}}


def _changes(step: RecordedStep, so_far: Columns) -> Columns:  # noqa: PLR0911 - one return for each kind of step
    facts, is_withdrawn = step.facts, so_far["outcome"] == Outcome.WITHDRAWN
    match step.step:
        case ApplicationStep.FILED:
            known = {name: facts[name] for name in _FROM_THE_BEGINNING if name in facts}
            return {"department_code": step.department_code, **known, **_done("filed_at", step)}
        case ApplicationStep.ACCEPTED:
            return _done("accepted_at", step)
        case ApplicationStep.DECIDED:
            return {"outcome": facts["outcome"], **_done("decided_at", step)}
        case ApplicationStep.GRANTED if "channel" in facts:
            return {"channel": facts["channel"]}
        case ApplicationStep.WITHDRAWN:
            paper = None if step.role in _OF_THE_APPLICANT else _paper(step)
            kept = {} if paper is None else {"paper_withdrawal": written_withdrawal(paper)}
            return {"outcome": Outcome.WITHDRAWN.value, **_done("decided_at", step), **kept}
        case ApplicationStep.WITHDRAWAL_CONTESTED if is_withdrawn and so_far["paper_withdrawal"] is not None:
            contested = {**so_far["paper_withdrawal"], "contested_on": step.on.isoformat()}
            open_again = dict.fromkeys(("decided_at", "decided_at_day", "outcome"))
            return {**open_again, "paper_withdrawal": written_withdrawal(read_withdrawal(contested))}
    return {}


def _paper(step: RecordedStep) -> PaperWithdrawal:
    return PaperWithdrawal(step.on, civil_date(step.at), step.actor_ref)


def _done(column: str, step: RecordedStep) -> Columns:
    """Return the instant of a step and its day; of an import the day alone."""
    if any(each.startswith(_IMPORTED) for each in step.evidence):
        return {f"{column}_day": step.on}
    return {column: step.at, f"{column}_day": civil_date(step.at)}


def _day(at: datetime | None) -> object:
    return None if at is None else civil_date(at)
