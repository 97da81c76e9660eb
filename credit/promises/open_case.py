"""Begins the restraint case of a broken promise: a default, or an unmet commitment [5.1.2c] [5.1.2d] [5.1.3].

A handler of the department collects the case and is its handler from then on. Like all collected information it is not
verified yet, and the applicant learns of it only by the notice [5.1.4(2)].
"""

from dataclasses import dataclass, field
from typing import Final

from credit.cases.actions.collect import collect_breach
from credit.cases.actions.take_step import HANDLER
from credit.cases.breach import Breach
from credit.cases.case import Case
from credit.core.context import ActionContext
from credit.core.evidence_files import AttachedTo, FileRecord
from credit.core.record_refs import ApplicationRef
from credit.core.unit_of_work import UnitOfWork
from credit.promises.commitment import unmet
from credit.promises.deferral import default_of
from credit.promises.ports import P, PromiseStore
from credit.promises.refusals import ALREADY_COLLECTED, PromiseRefused
from credit.promises.take_step import load_promise
from credit.subjects.subject import CarriedText

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
    deferral = await _uncollected(work, work.deferrals, context, which)
    case = await _collect(work, context, default_of(deferral, context.today, context.calendar), opening)
    await work.deferrals.collected(deferral, case.case_id)
    return case


async def collect_unmet(
    work: UnitOfWork, context: ActionContext, which: ApplicationRef, opening: PromiseCaseDetails
) -> Case:
    """Collect the case of a commitment that verification found not met; its facts are carried over sealed [5.1.2d].

    Raises NOT_VERIFIED_AS_UNMET, ALREADY_COLLECTED, and what `collect_breach` raises.
    """
    commitment = await _uncollected(work, work.commitments, context, which)
    breach = unmet(commitment)
    facts = await work.commitments.finding(which.subject_id, which.id)
    case = await _collect(work, context, breach, opening, facts)
    await work.commitments.collected(commitment, case.case_id)
    return case


async def _uncollected(work: UnitOfWork, store: PromiseStore[P], context: ActionContext, which: ApplicationRef) -> P:
    """Return the promise; refuse a second case of one breach, unless the first one was dropped or removed."""
    promise = await load_promise(work, store, context.actor, which, HANDLER)
    if promise.case_id is not None:
        before = await work.cases.load(which.subject_id, promise.case_id)
        if before is not None and before.dropped is None and before.removed is None:
            raise PromiseRefused(ALREADY_COLLECTED)
    return promise


async def _collect(
    work: UnitOfWork,
    context: ActionContext,
    breach: Breach,
    opening: PromiseCaseDetails,
    facts: CarriedText | None = None,
) -> Case:
    return await collect_breach(
        work,
        context,
        breach,
        number=opening.number,
        basis=opening.basis or BASIS,
        handler_ref=context.actor.ref,
        notes=opening.notes,
        source=None if breach.application_id is None else AttachedTo(FileRecord.APPLICATION, breach.application_id),
        facts=facts,
    )
