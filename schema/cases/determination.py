"""The determination of a case: in two transactions, with the question to the joint module between them [5.1.4] [3.3].

The first transaction refuses what the procedure refuses, so that the city is not asked about a subject in vain, and
records that its number is sent. The second takes the step with the answer. No transaction waits for the city.
"""

from consent.vocabulary import Basis, Purpose
from credit.cases.actions import procedure
from credit.cases.actions.procedure import DetermineCase
from credit.joint_measures.source_answer import DatedAnswer, Unanswered
from schema.cases.inputs import DetermineCaseInput
from schema.cases.types import CASE_CHANGED
from schema.core.context import Info
from schema.core.mutations.mutation import or_refusal, request_key, run_once, stored_before
from schema.execution.module_questions import ask_module, record_question
from schema.execution.refusal_entries import disclosed

CITATION = "3.3 5.1.4"


async def determine_case(info: Info, given: DetermineCaseInput, command: DetermineCase) -> object:
    """Determine the case once; return the changed case, or the refusal."""
    return await or_refusal(info, given, _determine(info, given, command))


async def _determine(info: Info, given: DetermineCaseInput, command: DetermineCase) -> object:
    context, key = info.context, request_key(info, given)
    before = await stored_before(context, key)
    if before is not None:
        return CASE_CHANGED.payload(before)
    subject_id = command.case.subject_id
    async with context.begin() as work:
        await procedure.require_determinable(work, context.action, command)
        question = await record_question(
            context,
            work,
            subject_id,
            Purpose.DETERMINATION,
            lambda shown: disclosed(context, subject_id, shown, CITATION, Purpose.DETERMINATION, Basis.STATUTE),
        )
    answer = await ask_module(context, question, None, Unanswered.NO_NUMBER)
    answered = DatedAnswer(answer, context.runtime.now())
    return await run_once(
        context, given, key, lambda work, by: procedure.determine(work, by, command, answered), CASE_CHANGED
    )
