"""The credit check, in two transactions, with the call to the city's module between them [4.1] [5.1.6].

    look ──> (the joint module is asked) ──> save_check

Without a live authorisation `look` returns None and writes nothing, and the city's module is not called.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from credit.applications.actions import CLERK, load_application, save_step
from credit.applications.application import Application, ApplicationStep, still_open
from credit.applications.ports import Used
from credit.cases.active_restraint import restrained_now
from credit.core.context import ActionContext
from credit.core.record_refs import ApplicationRef
from credit.core.unit_of_work import UnitOfWork
from credit.credit_checks.credit_check import PURPOSE, CreditCheck
from credit.joint_measures.source_answer import Finding, Source, SourceAnswer


@dataclass(frozen=True, slots=True)
class CheckInProgress:
    """The result of the first transaction: the application, the authorisation used, and the answer of our own list."""

    application: Application
    used: Used
    own: SourceAnswer


async def look(work: UnitOfWork, context: ActionContext, which: ApplicationRef) -> CheckInProgress | None:
    """Use an authorisation once and search our own list; without one None: the ordinary channel [4.1].

    Raises RecordContradictsLedger for an authorisation, or a case, that is not what the ledger says.
    """
    application = still_open(await load_application(work, context.actor, which, CLERK))
    used = await work.checking.use(
        application.subject_id, application.application_id, application.department_code, context.today
    )
    if used is None:
        return None
    await work.ledger.require_authorisation(application.subject_id, used.authorisation_id)
    restrained = await restrained_now(work, context, application.subject_id)
    found = Finding.CLEAN if restrained is None else Finding.ADVERSE
    return CheckInProgress(application, used, SourceAnswer(Source.RESTRAINT_LIST, found))


async def save_check(
    work: UnitOfWork, context: ActionContext, which: ApplicationRef, looked: CheckInProgress, joint: SourceAnswer
) -> CreditCheck | None:
    """Save the answers of both sources with the application; None if the subject withdrew meanwhile [4.1].

    LAW: without a live authorisation, the stored data is the same as if no authorisation had ever been requested
    [5.1.6].
    """
    application = still_open(await load_application(work, context.actor, which, CLERK))
    authorisation_id = looked.used.authorisation_id
    if not await work.checking.is_valid(application.subject_id, authorisation_id, context.today):
        return None
    check = CreditCheck(
        check_id=context.new_id(),
        application_id=application.application_id,
        subject_id=application.subject_id,
        by=context.actor.ref,
        department_code=application.department_code,
        at=context.now,
        purpose=PURPOSE,
        authorisation_id=authorisation_id,
        answers=(looked.own, joint),
    )
    await work.credit_checks.append(check)
    await save_step(work, context, ApplicationStep.CHECKED, application, facts=_facts(check))
    return check


def _facts(check: CreditCheck) -> Mapping[str, Any]:
    return {
        "check_id": str(check.check_id),
        "authorisation_id": str(check.authorisation_id),
        "answers": [
            [
                answer.source.value,
                answer.finding.value,
                answer.memorandum,
                answer.reason and answer.reason.value,
                answer.kind and answer.kind.value,
            ]
            for answer in check.answers
        ],
    }
