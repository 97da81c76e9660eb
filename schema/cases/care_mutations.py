"""What happens to a case besides its steps towards a listing: letters, hand-overs, claims of rectification, secrecy."""

from datetime import date
from typing import Annotated

import strawberry

from credit.cases.actions import confidentiality, entry_delays, procedure, rectification, statements
from credit.cases.actions.entry_delays import DelayEntries
from credit.core.late_entries import Means
from credit.core.record_refs import CaseRef
from schema.cases.inputs import TEXT
from schema.cases.types import CASE_CHANGED, CaseChanged, change_case
from schema.core.context import Info
from schema.core.inputs import (
    EVIDENCE,
    ON,
    PAPER,
    POSTED,
    CaseInput,
    KeyedInput,
    details_of_today,
    mutation_input,
    step_details,
)
from schema.core.mutations.mutation import run_mutation, step_mutation
from schema.core.mutations.refusals import (
    Lacking,
    NotTheirs,
    NotYet,
    NumberTaken,
    OutOfTurn,
    RecordContradictsLedger,
    StepRefused,
    TooLate,
    WithoutFullCapacity,
)


@mutation_input(description="登记书面陈述申辩：enters a statement that came by post or was handed in [5.1.4(3)].")
class EnterStatementInput(CaseInput):
    on: date = strawberry.field(description=POSTED)
    evidence: list[str] = strawberry.field(description=PAPER)
    text: str | None = strawberry.field(default=None, description=TEXT)


@mutation_input(description="移交经办人：gives a case to another handler of the department [5.1.4(1)].")
class HandOverCaseInput(CaseInput):
    handler: str = strawberry.field(description="The staff reference of who has it from now on.")
    evidence: list[str] = strawberry.field(default_factory=list, description=EVIDENCE)


@mutation_input(description="确认历史数据：confirms a record taken over from before the cut-over date [5.1.4].")
class ConfirmTakenOverInput(CaseInput):
    evidence: list[str] = strawberry.field(description="The file references of the former record's papers.")
    rectified_on: date | None = strawberry.field(
        default=None,
        description="When the breach was rectified, by these papers: at the latest on the day on which the record was "
        "taken over. Without it a record whose period is over is overdue for rectification, and in force.",
    )


@mutation_input(description="申请确认整改：says today, with evidence, that the breach is rectified [5.1.5].")
class ClaimRectificationInput(CaseInput):
    evidence: list[str] = strawberry.field(description=EVIDENCE)


@mutation_input(
    description="登记书面整改申请：enters a claim of rectification that came by post or was handed in [5.1.5]."
)
class EnterRectificationClaimInput(CaseInput):
    on: date = strawberry.field(description=POSTED)
    evidence: list[str] = strawberry.field(description=PAPER)


@mutation_input(
    description="未予确认整改：answers the open claim: not rectified, for the reasons in the papers [5.1.5]."
)
class RefuseRectificationInput(CaseInput):
    evidence: list[str] = strawberry.field(description=EVIDENCE)
    on: date | None = strawberry.field(default=None, description=ON)


@mutation_input(description="延期公开访问记录：delays the access entries of an open investigation [5.1.6].")
class DelayEntriesInput(CaseInput):
    ground: str = strawberry.field(description="法律依据：the law that provides the delay, with its article.")
    until: date = strawberry.field(
        description="公开日期：the day on which the entries open; at most 30 days from today."
    )
    evidence: list[str] = strawberry.field(description=EVIDENCE)


@mutation_input(description="延长访问记录公开期限：extends the running delay, from today [5.1.6].")
class ExtendEntryDelayInput(DelayEntriesInput):
    pass


@mutation_input(description="标注涉密：marks a record that touches state secrets; they stay out [5.1.6].")
class MarkConfidentialInput(CaseInput):
    evidence: list[str] = strawberry.field(default_factory=list, description=EVIDENCE)


@mutation_input(description="解除涉密标注：takes the mark off a case of one's own department, by its number [5.1.6].")
class UnmarkConfidentialInput(KeyedInput):
    number: str = strawberry.field(description="案号：the case's number, as the department has it on paper.")
    evidence: list[str] = strawberry.field(description="The file references of who may lift the mark, and did.")
    new_number: str | None = strawberry.field(
        default=None, description="新案号：where another case has taken its number meanwhile."
    )


EnterStatementResult = Annotated[
    CaseChanged | OutOfTurn | Lacking | StepRefused,
    strawberry.union("EnterStatementResult", description="The result of entering a statement."),
]
HandOverCaseResult = Annotated[
    CaseChanged | TooLate | NotTheirs | StepRefused,
    strawberry.union("HandOverCaseResult", description="The result of handing a case over."),
]
ConfirmTakenOverResult = Annotated[
    CaseChanged | OutOfTurn | Lacking | WithoutFullCapacity | RecordContradictsLedger | StepRefused,
    strawberry.union("ConfirmTakenOverResult", description="The result of confirming a former record."),
]
ClaimRectificationResult = Annotated[
    CaseChanged | NotYet | TooLate | Lacking | StepRefused,
    strawberry.union("ClaimRectificationResult", description="The result of a claim of rectification."),
]
EnterRectificationClaimResult = Annotated[
    CaseChanged | OutOfTurn | Lacking | StepRefused,
    strawberry.union("EnterRectificationClaimResult", description="The result of entering a claim of rectification."),
]
RefuseRectificationResult = Annotated[
    CaseChanged | OutOfTurn | Lacking | StepRefused,
    strawberry.union("RefuseRectificationResult", description="The result of turning a claim down."),
]
DelayEntriesResult = Annotated[
    CaseChanged | OutOfTurn | Lacking | StepRefused,
    strawberry.union("DelayEntriesResult", description="The result of a delay."),
]
ExtendEntryDelayResult = Annotated[
    CaseChanged | OutOfTurn | Lacking | StepRefused,
    strawberry.union("ExtendEntryDelayResult", description="The result of an extension."),
]
MarkConfidentialResult = Annotated[
    CaseChanged | StepRefused,
    strawberry.union("MarkConfidentialResult", description="The result of the mark. Once done, its case is null."),
]
UnmarkConfidentialResult = Annotated[
    CaseChanged | NumberTaken | Lacking | StepRefused,
    strawberry.union("UnmarkConfidentialResult", description="The result of taking the mark off."),
]


@strawberry.type(description="What happens to a case besides its steps towards a listing [5.1.4] [5.1.5] [5.1.6].")
class CaseCareMutation:
    @step_mutation(
        "登记书面陈述申辩：the handler enters a statement that came on paper; its day is that of posting. "
        "The subject is notified [5.1.4(3)]."
    )
    async def enter_statement(self, info: Info, input: EnterStatementInput) -> EnterStatementResult:
        return await change_case(info, input, statements.state, step_details(input), input.text, Means.PAPER)

    @step_mutation(
        "移交经办人：the head of the authority gives a case to another handler, who from then on is who "
        "collected it; the former one never reviews it [5.1.4(1)] [5.1.4(4)]."
    )
    async def hand_over_case(self, info: Info, input: HandOverCaseInput) -> HandOverCaseResult:
        return await change_case(info, input, procedure.hand_over, details_of_today(input), input.handler)

    @step_mutation(
        "确认历史数据：the head of the authority confirms, with its papers, a record taken over from before the "
        "cut-over date. From then on it counts by its own days, and its subject is notified [5.1.4]."
    )
    async def confirm_taken_over(self, info: Info, input: ConfirmTakenOverInput) -> ConfirmTakenOverResult:
        return await change_case(info, input, procedure.confirm_taken_over, input.evidence, input.rectified_on)

    @step_mutation(
        "申请确认整改：the subject or its delegate says that the breach is rectified; the authority "
        "answers within 15 working days, a reading of [5.1.5]."
    )
    async def claim_rectification(self, info: Info, input: ClaimRectificationInput) -> ClaimRectificationResult:
        return await change_case(info, input, rectification.claim, details_of_today(input))

    @step_mutation(
        "登记书面整改申请：the handler enters a claim of rectification that came on paper. It counts from the day of "
        "posting: one posted by the last day of the period was made in time. The subject is notified [5.1.5]."
    )
    async def enter_rectification_claim(
        self, info: Info, input: EnterRectificationClaimInput
    ) -> EnterRectificationClaimResult:
        return await change_case(info, input, rectification.claim, step_details(input), Means.PAPER)

    @step_mutation(
        "未予确认整改：the handler turns the open claim down; the subject is notified, and may claim anew [5.1.5]."
    )
    async def refuse_rectification(self, info: Info, input: RefuseRectificationInput) -> RefuseRectificationResult:
        return await change_case(info, input, rectification.refuse, step_details(input))

    @step_mutation(
        "延期公开访问记录：the head of the authority delays, by a law, what the log of the subject says of an "
        "investigation that it has not been notified of. The entries of reads from now on open by themselves on that "
        "day, or with the notice; the delay itself is then shown too [5.1.6]."
    )
    async def delay_entries(self, info: Info, input: DelayEntriesInput) -> DelayEntriesResult:
        return await change_case(
            info, input, lambda work, by, which: entry_delays.delay(work, by, _delay(input, which))
        )

    @step_mutation(
        "延长访问记录公开期限：the head extends the running delay, by a new act, until a later day at most 30 days "
        "from today; the entries that it covers open later too [5.1.6]."
    )
    async def extend_entry_delay(self, info: Info, input: ExtendEntryDelayInput) -> ExtendEntryDelayResult:
        return await change_case(
            info, input, lambda work, by, which: entry_delays.extend(work, by, _delay(input, which))
        )

    @step_mutation(
        "标注涉密：the head of the authority marks a record that touches state secrets. From then on every "
        "interface refuses it, this answer included; nobody outside is notified [5.1.6]."
    )
    async def mark_confidential(self, info: Info, input: MarkConfidentialInput) -> MarkConfidentialResult:
        return await change_case(info, input, confidentiality.mark, input.evidence)

    @step_mutation(
        "解除涉密标注：the head takes the mark off a case of the own department, found by its number, "
        "on the evidence of who may do so [5.1.6]."
    )
    async def unmark_confidential(self, info: Info, input: UnmarkConfidentialInput) -> UnmarkConfidentialResult:
        return await run_mutation(
            info, input, CASE_CHANGED, confidentiality.unmark, input.number, input.evidence, input.new_number
        )


def _delay(given: DelayEntriesInput, which: CaseRef) -> DelayEntries:
    return DelayEntries(which, details_of_today(given), given.ground, given.until)
