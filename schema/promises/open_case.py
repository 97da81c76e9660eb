"""From a broken promise to a restraint case, by a handler of the department [5.1.2c] [5.1.2d] [5.1.3]."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from credit.cases.case import Case
from credit.core.context import ActionContext
from credit.core.record_refs import ApplicationRef
from credit.core.unit_of_work import UnitOfWork
from credit.promises import open_case
from credit.promises.open_case import PromiseCaseDetails
from schema.cases.types import CASE_CHANGED, CaseChanged
from schema.core.context import RequestContext
from schema.core.inputs import application_ref, mutation_input
from schema.core.mutation import run_mutation
from schema.core.refusals import (
    Collision,
    DayOutOfOrder,
    Lacking,
    NoGround,
    NotDue,
    NotFound,
    NotWellFormed,
    NotYet,
    NumberTaken,
    PromiseRefused,
)
from schema.promises.inputs import PromiseInput

NUMBER = "案号：the authority's own number, 40 characters at most; about nobody."
BASIS = "认定依据：the legal basis; default: the clause that lists the circumstance [5.1.3]."
NOTES = "Working notes of the authority; stored sealed."


@mutation_input(description="采集逾期未补交信息：begins the case of documents that stayed missing [5.1.2c].")
class CollectDefaultInput(PromiseInput):
    number: str = strawberry.field(description=NUMBER)
    basis: str | None = strawberry.field(default=None, description=BASIS)
    internal_notes: str | None = strawberry.field(default=None, description=NOTES)


@mutation_input(description="采集未达承诺信息：begins the case of a commitment that was found not met [5.1.2d].")
class CollectUnmetCommitmentInput(PromiseInput):
    number: str = strawberry.field(description=NUMBER)
    basis: str | None = strawberry.field(default=None, description=BASIS)
    internal_notes: str | None = strawberry.field(default=None, description=NOTES)


CollectDefaultResult = Annotated[
    CaseChanged
    | NotDue
    | PromiseRefused
    | NumberTaken
    | NotYet
    | Lacking
    | NoGround
    | DayOutOfOrder
    | NotWellFormed
    | NotFound
    | Collision,
    strawberry.union("CollectDefaultResult", description="The result of collecting a default."),
]
CollectUnmetCommitmentResult = Annotated[
    CaseChanged
    | NotDue
    | PromiseRefused
    | NumberTaken
    | NotYet
    | Lacking
    | NoGround
    | DayOutOfOrder
    | NotWellFormed
    | NotFound
    | Collision,
    strawberry.union("CollectUnmetCommitmentResult", description="The result of collecting an unmet commitment."),
]

Collect = Callable[[UnitOfWork, ActionContext, ApplicationRef, PromiseCaseDetails], Awaitable[Case]]


@strawberry.type(description="From a broken promise to a restraint case [5.1.3].")
class CollectPromiseMutation:
    @strawberry.mutation(
        description="采集逾期未补交信息：begins the restraint case of documents still missing 3 working days after the "
        "reminder, with facts, papers and grounds from the record [5.1.2c]."
    )
    async def collect_default(
        self, info: Info[RequestContext, None], input: CollectDefaultInput
    ) -> CollectDefaultResult:
        return await _collect(info.context, "collect-default", input, open_case.collect_default)

    @strawberry.mutation(
        description="采集未达承诺信息：begins the restraint case of a commitment that verification found not met; what "
        "was found is carried over sealed [5.1.2d]."
    )
    async def collect_unmet_commitment(
        self, info: Info[RequestContext, None], input: CollectUnmetCommitmentInput
    ) -> CollectUnmetCommitmentResult:
        return await _collect(info.context, "collect-unmet-commitment", input, open_case.collect_unmet)


async def _collect(context: RequestContext, action: str, given: Any, collect: Collect) -> Any:  # noqa: ANN401 - as everywhere
    details = PromiseCaseDetails(given.number, given.basis, given.internal_notes)
    return await run_mutation(
        context, action, given, lambda work, by: collect(work, by, application_ref(given), details), CASE_CHANGED
    )
