"""Begins the restraint case of a broken promise: a default, or an unmet commitment [5.1.2c] [5.1.2d] [5.1.3].

A handler of the department collects the case and is its handler from then on. Like all collected information it is not
verified yet, and the applicant learns of it only by the notice [5.1.4(2)].
"""

from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from credit.cases.actions.collect import collect_breach
from credit.cases.actions.take_step import HANDLER
from credit.cases.case import Case
from credit.core.context import ActionContext
from credit.core.record_refs import ApplicationRef
from credit.core.unit_of_work import UnitOfWork
from credit.promises.commitment import unmet
from credit.promises.deferral import default_of
from credit.promises.refusals import ALREADY_COLLECTED, PromiseRefused
from credit.promises.take_step import require_application, require_version

BASIS: Final = "临政管办发〔2022〕3号五（一）2"
"""The clause that lists both circumstances; the caller can name another basis."""


@dataclass(frozen=True, slots=True)
class PromiseCaseDetails:
    """The details that a handler adds when a broken promise becomes a case: number, basis, and working notes."""

    number: str
    basis: str | None = None
    notes: str | None = field(default=None, repr=False)


async def collect_default(
    work: UnitOfWork, context: ActionContext, which: ApplicationRef, opening: PromiseCaseDetails
) -> Case:
    """Collect the case of documents that are missing after the reminder and its three working days [5.1.2c].

    Raises NO_DEFAULT while there is none, ALREADY_COLLECTED, and what `collect_breach` raises.
    """
    await require_application(work, context.actor, which, HANDLER)
    deferral = require_version(await work.deferrals.load(which.subject_id, which.id), which)
    await _must_be_the_first(work, which.subject_id, deferral.case_id)
    breach = default_of(deferral, context.today, context.calendar)
    case = await collect_breach(
        work,
        context,
        breach,
        number=opening.number,
        basis=opening.basis or BASIS,
        handler_ref=context.actor.ref,
        notes=opening.notes,
    )
    await work.deferrals.collected(deferral, case.case_id)
    return case


async def collect_unmet(
    work: UnitOfWork, context: ActionContext, which: ApplicationRef, opening: PromiseCaseDetails
) -> Case:
    """Collect the case of a commitment that verification found not met; its facts are carried over sealed [5.1.2d].

    Raises NOT_VERIFIED_AS_UNMET, ALREADY_COLLECTED, and what `collect_breach` raises.
    """
    await require_application(work, context.actor, which, HANDLER)
    commitment = require_version(await work.commitments.load(which.subject_id, which.id), which)
    await _must_be_the_first(work, which.subject_id, commitment.case_id)
    breach = unmet(commitment)
    case = await collect_breach(
        work,
        context,
        breach,
        number=opening.number,
        basis=opening.basis or BASIS,
        handler_ref=context.actor.ref,
        notes=opening.notes,
        facts=await work.commitments.finding(which.subject_id, which.id),
    )
    await work.commitments.collected(commitment, case.case_id)
    return case


async def _must_be_the_first(work: UnitOfWork, subject_id: UUID, case_id: UUID | None) -> None:
    """Refuse a second case of one breach, unless the first one was dropped or removed."""
    if case_id is None:
        return
    before = await work.cases.load(subject_id, case_id)
    if before is not None and before.dropped is None and before.removed is None:
        raise PromiseRefused(ALREADY_COLLECTED)
