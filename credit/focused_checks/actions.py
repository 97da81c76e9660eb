"""The actions on focused checks: record what a supervising department found, and notify the authorities [5.2.2].

A regulator acts in its own sector and area. It can report only on a subject that was a target there on the day of the
visit; all others are refused as no target, whether or not they are recorded. If it saw a breach rectified, the
determining authority is notified and confirms it. A new breach becomes a case of that authority, with the handler of
the restraint at which it was found.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Protocol
from uuid import UUID

from credit.cases.actions.collect import collect_breach
from credit.cases.actions.take_step import references, text_of
from credit.cases.case import Case
from credit.cases.status import Circumstance, UnrectifiedPolicy
from credit.core.context import ActionContext, Caller
from credit.core.errors import StepNotWellFormed, UnknownCase
from credit.core.evidence_files import AttachedTo, FileRecord, attach_files
from credit.core.flaws import Flaw
from credit.core.late_entries import days_of
from credit.core.recorded_step import SALT_BYTES
from credit.core.unit_of_work import UnitOfWork
from credit.focused_checks import focused_check
from credit.focused_checks.focused_check import CheckOutcome, FocusedCheck, Restraint, Target, new_case_of
from credit.focused_checks.refusals import NO_NEW_BREACH, FocusedCheckRefused
from credit.subjects.subject import Place, SealedText

REGULATOR: Final = "regulator"
AREA_END: Final = "\U0010ffff"
"""The last character of all: every code with an area as prefix sorts below the area followed by it."""
VISITED: Final = "VISITED"
"""The act of a visit, by which `credit.core.late_entries` decides from which day it counts."""
REPORTED: Final = "focused-check.rectified"
"""The topic that notifies a determining authority of a reported rectification; only the authority confirms it
[5.1.5]."""


@dataclass(frozen=True, slots=True)
class SupervisionArea:
    """Where a regulator supervises: its sector, and its area with all areas below."""

    sector: str
    area: str


@dataclass(frozen=True, slots=True)
class ActiveRestraint:
    """A restraint that makes a subject a target, with its authority and handler."""

    restraint: Restraint
    department_code: str
    handler_ref: str


@dataclass(frozen=True, slots=True)
class NewBreach:
    """The details of a new case beside the check: the restraint at which the breach was found, and its circumstance."""

    restraint: UUID
    circumstance: Circumstance
    basis: str


@dataclass(frozen=True, slots=True)
class FocusedCheckReport:
    """The report of a regulator on a visit."""

    subject_id: UUID
    checked_on: date
    outcome: CheckOutcome
    facts: str | None = field(default=None, repr=False)
    evidence: tuple[str, ...] = ()
    new_breach: NewBreach | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded check. *case_id* is the case that a new breach became."""

    check: FocusedCheck
    area_code: str
    facts: SealedText | None
    case_id: UUID | None
    recorded_at: datetime
    salt: bytes = field(repr=False)


class FocusedCheckStore(Protocol):
    """Focused checks, and the targets of a day."""

    async def restraints_on(
        self, subject_id: UUID, area_of_supervision: SupervisionArea, on: date, unrectified: UnrectifiedPolicy
    ) -> Sequence[ActiveRestraint]:
        """Return the subject's restraints in force on that day in that sector, if the subject is in that area."""
        ...

    async def append(self, recorded: Recorded) -> None:
        """Append the check and its pending leaf. There is no other operation: checks are never changed."""
        ...


async def record(
    work: UnitOfWork, context: ActionContext, area_of_supervision: SupervisionArea | None, visit: FocusedCheckReport
) -> Recorded:
    """Record a visit; a new breach may become a case at once, in the same transaction [5.1.3] [5.2.2].

    Raises what `credit.focused_checks.focused_check.record` and `credit.cases.actions.collect.collect_breach` refuse,
    StepNotWellFormed, and UnknownCase for a caller that is no supervisor.
    """
    area_of_supervision = require_supervisor(context.actor, area_of_supervision)
    if visit.new_breach is not None and visit.outcome is not CheckOutcome.NEW_BREACH:
        raise FocusedCheckRefused(NO_NEW_BREACH, outcome=visit.outcome)
    if visit.new_breach is not None and not visit.new_breach.basis.strip():
        raise StepNotWellFormed.of("newCase.basis", Flaw.REQUIRED)
    restraints = await work.focused_checks.restraints_on(
        visit.subject_id, area_of_supervision, visit.checked_on, context.unrectified
    )
    target = Target(visit.subject_id, frozenset(one.restraint for one in restraints))
    check = focused_check.record(
        visit.outcome,
        target if restraints else None,
        check_id=context.new_id(),
        department_code=context.actor.department,
        sector_code=area_of_supervision.sector,
        checked_on=visit.checked_on,
        by=context.actor.ref,
        today=context.today,
        facts_zh=text_of("facts", visit.facts) or "",
        evidence=references(visit.evidence),
    )
    # The case of a new breach carries them over, so they are attached before it.
    await attach_files(work, context, check.subject_id, FileRecord.FOCUSED_CHECK, check.check_id, check.evidence)
    case = None if visit.new_breach is None else await _push(work, context, check, visit.new_breach, restraints)
    facts = None
    if check.facts_zh:
        place = Place("focused_checks", "facts", check.subject_id, check.check_id, 1)
        facts = await work.seal(place, check.facts_zh)
    case_id = None if case is None else case.case_id
    recorded = Recorded(check, area_of_supervision.area, facts, case_id, context.now, context.random(SALT_BYTES))
    await work.focused_checks.append(recorded)
    if check.outcome is CheckOutcome.RECTIFIED:
        await _report(work, context, check, restraints)
    return recorded


def require_supervisor(actor: Caller, area_of_supervision: SupervisionArea | None) -> SupervisionArea:
    """Return where the caller supervises; raises UnknownCase for a caller that is no supervisor."""
    if actor.role != REGULATOR or area_of_supervision is None:
        raise UnknownCase
    return area_of_supervision


async def _push(
    work: UnitOfWork,
    context: ActionContext,
    check: FocusedCheck,
    found: NewBreach,
    restraints: Sequence[ActiveRestraint],
) -> Case:
    """Begin the case of a new breach at the authority of the restraint at which it was found [5.1.3].

    **Reading**: what a visit found came to light with its record, so that no period is prolonged by a visit that is
    dated back [5.1.4] [5.1.5].
    """
    at = next((one for one in restraints if one.restraint.case_id == found.restraint), None)
    if at is None:
        raise UnknownCase
    return await collect_breach(
        work,
        context,
        new_case_of(check, found.circumstance, at.department_code),
        number=f"重点核查-{check.checked_on:%Y%m%d}-{check.check_id.hex[:8]}",
        basis=found.basis,
        handler_ref=at.handler_ref,
        source=AttachedTo(FileRecord.FOCUSED_CHECK, check.check_id),
        occurred_on=days_of(VISITED, check.checked_on, context.today).counts_on,
    )


async def _report(
    work: UnitOfWork, context: ActionContext, check: FocusedCheck, restraints: Sequence[ActiveRestraint]
) -> None:
    """Notify each determining authority that a supervisor saw the breach rectified: references only."""
    for one in restraints:
        about = {
            "to": "department",
            "subject_id": str(check.subject_id),
            "case_id": str(one.restraint.case_id),
            "check_id": str(check.check_id),
            "department_code": one.department_code,
        }
        await work.outbox(REPORTED, about, context.new_id(), context.now)
