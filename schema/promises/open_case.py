"""From a broken promise to a restraint case, by a handler of the department [5.1.2c] [5.1.2d] [5.1.3]."""

from typing import Annotated

import strawberry

from credit.promises import open_case
from credit.promises.open_case import PromiseCaseDetails
from schema.cases.types import CASE_CHANGED, CaseChanged
from schema.core.context import Info
from schema.core.inputs import application_ref, mutation_input
from schema.core.mutations.mutation import RecordMutation
from schema.core.mutations.refusals import Lacking, NoGround, NotDue, NotYet, NumberTaken, PromiseRefused, StepRefused
from schema.promises.inputs import PromiseInput


@mutation_input()
class PromiseCaseInput(PromiseInput):
    """The input of a step that begins the case of a promise."""

    number: str = strawberry.field(description="案号：the authority's own number, 40 characters at most; about nobody.")
    basis: str | None = strawberry.field(
        default=None, description="认定依据：the legal basis; default: the clause that lists the circumstance [5.1.3]."
    )
    internal_notes: str | None = strawberry.field(
        default=None, description="Working notes of the authority; stored sealed."
    )


@mutation_input(description="采集逾期未补交信息：begins the case of documents that stayed missing [5.1.2c].")
class CollectDefaultInput(PromiseCaseInput):
    pass


@mutation_input(description="采集未达承诺信息：begins the case of a commitment that was found not met [5.1.2d].")
class CollectUnmetCommitmentInput(PromiseCaseInput):
    pass


CaseCollected = CaseChanged | NotDue | PromiseRefused | NumberTaken | NotYet | Lacking | NoGround | StepRefused
CollectDefaultResult = Annotated[
    CaseCollected, strawberry.union("CollectDefaultResult", description="The result of collecting a default.")
]
CollectUnmetCommitmentResult = Annotated[
    CaseCollected,
    strawberry.union("CollectUnmetCommitmentResult", description="The result of collecting an unmet commitment."),
]

collect_case = RecordMutation(application_ref, CASE_CHANGED)


@strawberry.type(description="From a broken promise to a restraint case [5.1.3].")
class CollectPromiseMutation:
    @strawberry.mutation(
        description="采集逾期未补交信息：begins the restraint case of documents still missing 3 working days after the "
        "reminder, with facts, papers and grounds from the record [5.1.2c]."
    )
    async def collect_default(self, info: Info, input: CollectDefaultInput) -> CollectDefaultResult:
        return await collect_case(info, input, open_case.collect_default, _details(input))

    @strawberry.mutation(
        description="采集未达承诺信息：begins the restraint case of a commitment that verification found not met; what "
        "was found is carried over sealed [5.1.2d]."
    )
    async def collect_unmet_commitment(
        self, info: Info, input: CollectUnmetCommitmentInput
    ) -> CollectUnmetCommitmentResult:
        return await collect_case(info, input, open_case.collect_unmet, _details(input))


def _details(given: PromiseCaseInput) -> PromiseCaseDetails:
    return PromiseCaseDetails(given.number, given.basis, given.internal_notes)
