"""The credit check at the service window: one call, two sources; without an authorisation it leaves no trace [4.1].

The city is asked between two transactions: no connection of the database waits for somebody else's module. What is
sent to it is in the access log before it is sent, with the authorisation that allows it [5.1.6].
"""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import strawberry

from consent.vocabulary import Purpose
from credit.core.context import ActionContext
from credit.core.record_refs import ApplicationRef
from credit.corrections.correction import Route
from credit.corrections.deliveries import record_restraint_disclosed
from credit.credit_checks import credit_check
from credit.credit_checks.actions import CheckInProgress, look, save_check
from credit.joint_measures.source_answer import Finding, SourceAnswer, Unanswered
from queryplan.entities import Entity
from schema.core.context import Info, RequestContext
from schema.core.fields import read_back
from schema.core.inputs import APPLICATION, KeyedInput, application_ref, mutation_input
from schema.core.mutations.mutation import MutationResult, or_refusal, request_key, run_once, stored_before
from schema.core.mutations.refusals import (
    ApplicationNotReady,
    Collision,
    NotFound,
    RecordContradictsLedger,
    RefusalWithRemedy,
    refusal_type,
)
from schema.core.ports import CommittingWork
from schema.core.words.refusal_codes import ORDINARY_CHANNEL
from schema.credit_checks.types import CreditCheck
from schema.execution.module_questions import RecordedQuestion, ask_module, record_question
from schema.execution.refusal_entries import disclosed, restrained


@mutation_input(description="事前信用核查：asks both sources about the applicant, on its authorisation [4.1].")
class CheckCreditInput(KeyedInput):
    application: strawberry.ID = strawberry.field(description=APPLICATION)


@strawberry.type(description="Both sources were asked. The check, stored with its application, read back.")
class CreditChecked:
    check: CreditCheck | None = read_back(Entity.CREDIT_CHECK, "The check, and what each source answered [4.1].")


@refusal_type(
    description="There is no authorisation for a credit check. The application goes through the ordinary channel, "
    "nobody was asked anything, and nothing was stored: it is no mark against anybody. The way out is to ask it, "
    "the same whether or not it was asked before [4.1] [5.1.6]."
)
class OrdinaryChannel(RefusalWithRemedy):
    pass


CheckCreditResult = Annotated[
    CreditChecked | OrdinaryChannel | RecordContradictsLedger | ApplicationNotReady | NotFound | Collision,
    strawberry.union("CheckCreditResult", description="The result of a credit check."),
]


@dataclass(frozen=True, slots=True)
class _Asking:
    """What the first transaction found: what our own list says, and the question to the city, on record."""

    looked: CheckInProgress
    question: RecordedQuestion


@strawberry.type(description="Credit checks [4.1].")
class CreditCheckMutation:
    @strawberry.mutation(
        description="事前信用核查：the check at the service window. Asks the restraint list and the city's joint "
        "module about the applicant, on a live authorisation towards the clerk's own department, which is used once; "
        "the answers are stored with the application. Without one: the ordinary channel, and no trace [4.1] [5.1.6]."
    )
    async def check_credit(self, info: Info, input: CheckCreditInput) -> CheckCreditResult:
        return await or_refusal(info, input, _check(info, input))


async def _check(info: Info, given: CheckCreditInput) -> object:
    """Check in two transactions: one before the city is asked, and one to store the answers."""
    context, which, key = info.context, application_ref(given), request_key(info, given)
    checked = _checked(which)
    before = await stored_before(context, key)
    if before is not None:
        return checked.payload(before)
    asking = await _look(context, which)
    if asking is None:
        return _ordinary()
    authorisation_id = asking.looked.used.authorisation_id
    joint = await ask_module(context, asking.question, authorisation_id, Unanswered.NOT_AUTHORISED)
    try:
        return await run_once(context, given, key, lambda work, by: _save(work, by, which, asking, joint), checked)
    except _WithdrawnMeanwhile:  # nothing of this transaction is stored
        return _ordinary()


class _WithdrawnMeanwhile(Exception):
    """The subject withdrew its authorisation while the city was asked."""


async def _look(context: RequestContext, which: ApplicationRef) -> _Asking | None:
    """Use the authorisation, look into our own list, and record what will be disclosed; durable before it is sent."""
    async with context.begin() as work:
        looked = await look(work, context.action, which)
        if looked is None:
            return None
        kind, used = await work.checking.kind(which.subject_id), looked.used
        question = await record_question(
            context,
            work,
            which.subject_id,
            Purpose.CREDIT_CHECK,
            lambda shown: disclosed(context, which.subject_id, shown, "4.1", authorisation_id=used.authorisation_id),
            shown=[] if kind is None else restrained(kind),
            with_number=used.with_identity,
        )
        return _Asking(looked, question)


async def _save(
    work: CommittingWork, by: ActionContext, which: ApplicationRef, asking: _Asking, joint: SourceAnswer
) -> credit_check.CreditCheck:
    """Store the check with its application; raises _WithdrawnMeanwhile."""
    check = await save_check(work, by, which, asking.looked, joint)
    if check is None:
        raise _WithdrawnMeanwhile
    if asking.looked.own.finding is Finding.ADVERSE:
        # Should the restraint turn out wrong, the department that learned of it is notified [5.1.4(6)].
        await record_restraint_disclosed(work, by, check.subject_id, check.department_code, Route.CREDIT_CHECK)
    return check


def _checked(which: ApplicationRef) -> MutationResult[credit_check.CreditCheck]:
    """Return the result of a check: what is stored is its id, for the input names the application."""
    return MutationResult(
        lambda check: {"check_id": str(check.check_id)},
        lambda ids: CreditChecked(check=(which.subject_id, UUID(ids["check_id"]))),  # type: ignore[arg-type]  # its keys, until it is read back
    )


def _ordinary() -> OrdinaryChannel:
    return OrdinaryChannel(
        code=ORDINARY_CHANNEL.code,
        message=ORDINARY_CHANNEL.chinese,
        message_en=ORDINARY_CHANNEL.english,
        remedy=ORDINARY_CHANNEL.remedy_chinese,
        remedy_en=ORDINARY_CHANNEL.remedy_english,
    )
