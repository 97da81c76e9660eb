"""From a broken promise to a restraint case: a default, a commitment that is not met [5.1.2c] [5.1.2d] [5.1.3].

A handler of the department collects; the case is that handler's from then on. It is collected information like any
other: neither verified nor notified, and the applicant is not told of it before the notice [5.1.4(2)].
"""

from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from credit.applications.actions import WhichApplication
from credit.cases.actions.collect import collect_breach
from credit.cases.actions.procedure import Rules
from credit.cases.actions.take_step import HANDLER
from credit.cases.case import Case
from credit.core.ports import By, Moment
from credit.incentives.refusals import AlreadyCollected
from credit.promises.commitment import unmet
from credit.promises.deferral import default_of
from credit.promises.ports import PromiseWork
from credit.promises.take_step import its_application, seen

BASIS: Final = "临政管办发〔2022〕3号五（一）2"
"""The clause that lists both circumstances; another basis can be named."""


@dataclass(frozen=True, slots=True)
class PromiseCaseDetails:
    """What a handler adds when a broken promise becomes a case: its number, its basis, and working notes."""

    number: str
    basis: str | None = None
    notes: str | None = field(default=None, repr=False)


async def collect_default(
    work: PromiseWork, by: By, moment: Moment, rules: Rules, which: WhichApplication, opening: PromiseCaseDetails
) -> Case:
    """Collect the case of documents that are missing after the reminder and its three working days [5.1.2c].

    Raises NoDefault(until) while there is none, AlreadyCollected, and what `collect_breach` raises.
    """
    await its_application(work, by, which, HANDLER)
    deferral = seen(await work.deferrals.load(which.subject_id, which.application_id), which)
    await _must_be_the_first(work, which.subject_id, deferral.case_id)
    breach = default_of(deferral, moment.today, rules.calendar)
    case = await collect_breach(
        work,
        by,
        moment,
        rules,
        breach,
        number=opening.number,
        basis=opening.basis or BASIS,
        handler_ref=by.ref,
        notes=opening.notes,
    )
    await work.deferrals.collected(deferral, case.case_id)
    return case


async def collect_unmet(
    work: PromiseWork, by: By, moment: Moment, rules: Rules, which: WhichApplication, opening: PromiseCaseDetails
) -> Case:
    """Collect the case of a commitment that verification found not met; its facts are carried over sealed [5.1.2d].

    Raises NotVerifiedAsUnmet, AlreadyCollected, and what `collect_breach` raises.
    """
    await its_application(work, by, which, HANDLER)
    commitment = seen(await work.commitments.load(which.subject_id, which.application_id), which)
    await _must_be_the_first(work, which.subject_id, commitment.case_id)
    breach = unmet(commitment)
    case = await collect_breach(
        work,
        by,
        moment,
        rules,
        breach,
        number=opening.number,
        basis=opening.basis or BASIS,
        handler_ref=by.ref,
        notes=opening.notes,
        facts=await work.commitments.finding(which.subject_id, which.application_id),
    )
    await work.commitments.collected(commitment, case.case_id)
    return case


async def _must_be_the_first(work: PromiseWork, subject_id: UUID, case_id: UUID | None) -> None:
    """Refuse a second case of one breach, unless the first one was dropped or taken off the list again."""
    if case_id is None:
        return
    before = await work.procedure.load(subject_id, case_id)
    if before is not None and before.dropped is None and before.removed is None:
        raise AlreadyCollected
