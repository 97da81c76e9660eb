"""The steps of a restraint case, by whom they belong to [5.1.4]. One input and one result union for each.

The actions of `credit.cases.actions` decide who may do a step and what the procedure allows on a day.
"""

import strawberry

from credit.cases.actions import procedure, statements
from credit.cases.actions.procedure import DetermineCase, ReviewCase, VerifyCase
from credit.cases.case import Case
from credit.cases.rules.term import Term
from credit.cases.status import MONTHS
from credit.core.context import ActionContext
from credit.core.record_refs import CaseRef
from schema.cases import inputs, results
from schema.cases.determination import determine_case
from schema.cases.inputs import grounds_of, require_victim
from schema.cases.types import change_case
from schema.core.context import Info
from schema.core.inputs import case_ref, details_of_today, step_details, term_of
from schema.core.mutations.mutation import step_mutation
from schema.core.ports import CommittingWork


@strawberry.type(description="The steps of a restraint case [5.1.4].")
class CaseMutation:
    @step_mutation("核实：completes the verification; who collected verifies [5.1.4(1)].")
    async def verify_case(self, info: Info, input: inputs.VerifyCaseInput) -> results.VerifyCaseResult:
        async def verify(work: CommittingWork, by: ActionContext, which: CaseRef) -> Case:
            await require_victim(info.context, work, input)
            details, grounds = step_details(input), grounds_of(input)
            command = VerifyCase(which, details, input.severity, grounds, tuple(input.self_support))
            return await procedure.verify(work, by, command)

        return await change_case(info, input, verify)

    @step_mutation(
        "书面告知：records the written notice, due within 3 working days of verification; the "
        "subject is notified [5.1.4(2)]."
    )
    async def notice_case(self, info: Info, input: inputs.NoticeCaseInput) -> results.NoticeCaseResult:
        return await change_case(info, input, procedure.notice, step_details(input))

    @step_mutation(
        "送达：records the receipt of the notice; the 3 working days of the statement begin [5.1.4(2)] [5.1.4(3)]."
    )
    async def serve_case(self, info: Info, input: inputs.ServeCaseInput) -> results.ServeCaseResult:
        return await change_case(info, input, procedure.serve, step_details(input), input.means)

    @step_mutation(
        "陈述申辩：states and defends, within 3 working days of receipt; silence is a waiver [5.1.4(3)] [A]."
    )
    async def state_defence(self, info: Info, input: inputs.StateDefenceInput) -> results.StateDefenceResult:
        return await change_case(info, input, statements.state, details_of_today(input), input.text)

    @step_mutation(
        "指定复核人员：the head of the authority gives the review to somebody who did not handle the case [5.1.4(4)]."
    )
    async def assign_reviewer(self, info: Info, input: inputs.AssignReviewerInput) -> results.AssignReviewerResult:
        return await change_case(info, input, procedure.assign_reviewer, input.reviewer)

    @step_mutation(
        "复核：closes the review, due within 15 working days of the statement: upholds, amends facts or basis, or "
        "drops; the subject is notified [5.1.4(4)]."
    )
    async def review_case(self, info: Info, input: inputs.ReviewCaseInput) -> results.ReviewCaseResult:
        return await change_case(
            info,
            input,
            lambda work, by, which: procedure.review(
                work, by, ReviewCase(which, step_details(input), input.outcome, input.basis, input.facts)
            ),
        )

    @step_mutation(
        "认定：determines the restraint: verified, served, and the statement period over or "
        "the review closed. The joint module is asked first: not while a national penalty memorandum governs, or while "
        "that is unknown [3.3]. The city platform is notified [5.1.4] [5.1.4(5)]."
    )
    async def determine_case(self, info: Info, input: inputs.DetermineCaseInput) -> results.DetermineCaseResult:
        term = term_of(input) or Term(MONTHS)
        command = DetermineCase(
            case_ref(input), step_details(input), input.severity, input.legal_document, term, tuple(input.self_support)
        )
        return await determine_case(info, input, command)  # type: ignore[return-value]  # a member of the union

    @step_mutation(
        "公布：publishes a determination; older periods that it prolongs run anew; the city "
        "platform is notified [5.1.5]."
    )
    async def publish_case(self, info: Info, input: inputs.PublishCaseInput) -> results.PublishCaseResult:
        return await change_case(info, input, procedure.publish)

    @step_mutation(
        "确认整改：confirms the rectification; the restraint ends with its period, or at once "
        "where that is over [5.1.5]."
    )
    async def confirm_rectification(
        self, info: Info, input: inputs.ConfirmRectificationInput
    ) -> results.ConfirmRectificationResult:
        return await change_case(info, input, procedure.confirm_rectification, input.evidence)

    @step_mutation("移送：refers a case that reaches a penalty or another measure; it leaves this procedure [5.1.2].")
    async def refer_case(self, info: Info, input: inputs.ReferCaseInput) -> results.ReferCaseResult:
        return await change_case(info, input, procedure.refer, input.evidence)

    @step_mutation(
        "撤销：leaves it at that, before any determination; afterwards a case is corrected "
        "or removed [5.1.4] [5.1.4(6)]."
    )
    async def drop_case(self, info: Info, input: inputs.DropCaseInput) -> results.DropCaseResult:
        return await change_case(info, input, procedure.drop, step_details(input))
