"""Focused checks: what a supervising department found at a target, and changes of its list of targets [5.2.2]."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from credit.cases.breach import Breach
from credit.cases.status import Circumstance, CollectionChannel
from credit.core.labels import Labelled
from credit.core.refusals import FINDING_UNSUPPORTED, STEP_MISDATED
from credit.core.values.free_text import parse_text
from credit.core.values.references import parse_reference
from credit.focused_checks.refusals import NO_NEW_BREACH, NOT_A_TARGET, FocusedCheckRefused


class CheckOutcome(Labelled):
    """What a focused check found."""

    NOTHING_FOUND = "NOTHING_FOUND", "未发现问题", "5.2.2"
    RECTIFIED = "RECTIFIED", "原失信行为已整改", "5.2.2"
    NEW_BREACH = "NEW_BREACH", "发现新的失信行为", "5.2.2"


@dataclass(frozen=True, slots=True)
class Restraint:
    """One restraint in force, with the facts that a supervisor follows."""

    case_id: UUID
    circumstance: Circumstance
    ends_on: date
    is_overdue: bool = False
    """In force beyond its period, because the breach is not rectified [5.1.5]."""


@dataclass(frozen=True, slots=True)
class Target:
    """A subject with at least one restraint in force on a day, and these restraints."""

    subject_id: UUID
    restraints: frozenset[Restraint]


@dataclass(frozen=True, slots=True)
class FocusedCheck:
    """The record of one check. *RECTIFIED* is what was seen; the determining authority confirms it [5.1.5]."""

    check_id: UUID
    subject_id: UUID
    department_code: str | None
    sector_code: str
    checked_on: date
    by: str
    outcome: CheckOutcome
    facts_zh: str = field(default="", repr=False)
    evidence: tuple[str, ...] = field(default=(), repr=False)


def record(
    outcome: CheckOutcome,
    target: Target | None,
    *,
    check_id: UUID,
    department_code: str | None,
    sector_code: str,
    checked_on: date,
    by: str,
    today: date,
    facts_zh: str = "",
    evidence: Sequence[str] = (),
) -> FocusedCheck:
    """Record what a visit found. *target* is the subject with its restraints on *checked_on*, None if it was no target.

    It may be recorded later, when the target has left the list. Raises NOT_A_TARGET, STEP_MISDATED for a future day,
    FINDING_UNSUPPORTED for a new breach without facts or evidence [5.1.1], InvalidItem.
    """
    if checked_on > today:
        raise FocusedCheckRefused(STEP_MISDATED, earliest=date.min, latest=today)
    if target is None or not target.restraints:
        raise FocusedCheckRefused(NOT_A_TARGET, on=checked_on)
    papers = tuple(parse_reference(reference) for reference in evidence)
    facts = parse_text(facts_zh)
    if outcome is CheckOutcome.NEW_BREACH and not (facts and papers):
        raise FocusedCheckRefused(FINDING_UNSUPPORTED)
    return FocusedCheck(
        check_id, target.subject_id, department_code, sector_code, checked_on, by, outcome, facts, papers
    )


def new_case_of(check: FocusedCheck, circumstance: Circumstance, authority_code: str) -> Breach:
    """Return the breach for a new case, pushed by supervision to *authority_code*, which determines [5.1.1] [5.1.3].

    The supervising department finds; the authority verifies whether it is a breach in a government service.
    Raises NO_NEW_BREACH.
    """
    if check.outcome is not CheckOutcome.NEW_BREACH:
        raise FocusedCheckRefused(NO_NEW_BREACH, outcome=check.outcome)
    return Breach(
        check.subject_id,
        None,
        authority_code,
        circumstance,
        CollectionChannel.SUPERVISION_PUSH,
        check.checked_on,
        check.facts_zh,
        check.evidence,
    )


class ChangeKind(Labelled):
    """How a target changed since the last visit."""

    ADDED = "ADDED", "新增", "5.2.2"
    CHANGED = "CHANGED", "变更", "5.2.2"
    LEFT = "LEFT", "移出", "5.1.5"
