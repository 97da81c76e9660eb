"""How a case begins: a handler collects it against a subject on record [5.1.3]."""

from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from credit.cases.actions import collect
from credit.cases.actions.collect import Collected
from credit.cases.case import Case
from credit.cases.status import Circumstance, CollectionChannel
from credit.core.context import ActionContext
from credit.core.record_refs import CaseRef
from credit.subjects.registration_record import RegistrationChannel
from queryplan.entities import Entity
from schema.cases.inputs import (
    CommitmentCheckInput,
    DeferredDocumentsInput,
    ImpersonationInput,
    grounds_of,
    require_victim,
)
from schema.cases.types import CASE_CHANGED, CaseChanged
from schema.core.context import Info
from schema.core.global_ids import record_ids_of
from schema.core.inputs import EVIDENCE, AboutSomebodyInput, application_ref, mutation_input
from schema.core.mutations.refusals import Lacking, NameConflict, NoGround, NotTheirs, NotYet, NumberTaken, StepRefused
from schema.core.ports import CommittingWork
from schema.execution.named_person import run_about_somebody


@mutation_input(
    description="采集：begins a case of one's own department, with the basic information of [5.1.3] and nothing more. "
    "Name, number and address are the subject's own record; determination, validity and document come later."
)
class CollectCaseInput(AboutSomebodyInput):
    """Against whom: an agent's breach is collected against the agent [3.2]."""

    number: str = strawberry.field(description="案号：the authority's own number, 40 characters at most; about nobody.")
    circumstance: Circumstance = strawberry.field(description="认定情形：which of the five [5.1.2].")
    channel: CollectionChannel = strawberry.field(description="采集途径：how it came to light [5.1.3].")
    basis: str = strawberry.field(description="认定依据：the legal basis [5.1.3].")
    facts: str = strawberry.field(description="失信事实：what happened; stored sealed [5.1.3].")
    evidence: list[str] = strawberry.field(default_factory=list, description=EVIDENCE)
    internal_notes: str | None = strawberry.field(
        default=None, description="Working notes of the authority; stored sealed."
    )
    occurred_on: date | None = strawberry.field(
        default=None, description="The day of the breach in Asia/Shanghai, where it is known."
    )
    application: strawberry.ID | None = strawberry.field(
        default=None, description="The subject's application in whose course it happened [3.1]."
    )
    documents: DeferredDocumentsInput | None = strawberry.field(
        default=None, description="The missing documents, where the circumstance is [5.1.2c]."
    )
    commitment: CommitmentCheckInput | None = strawberry.field(
        default=None, description="The commitment that is not met, where it is [5.1.2d]."
    )
    impersonation: ImpersonationInput | None = strawberry.field(
        default=None, description="Whose identity was used, where it is [5.1.2a]."
    )
    agents_case: strawberry.ID | None = strawberry.field(
        default=None,
        description="The department's case against the agent, where this one is against its principal: it needs "
        "evidence of its own, and is never there by default [3.2].",
    )


CollectCaseResult = Annotated[
    CaseChanged | NameConflict | NumberTaken | NotYet | NotTheirs | Lacking | NoGround | StepRefused,
    strawberry.union("CollectCaseResult", description="The result of collecting a case."),
]


@strawberry.type(description="How a case begins [5.1.3].")
class CollectMutation:
    @strawberry.mutation(
        description="采集：begins a case, for the handler who collects it, against somebody by the full number, by an "
        "application of the department, or with a case open there; an agent's breach, against the agent. "
        "Nobody else is notified before it is verified and notified [3.2] [5.1.3] [5.1.4(2)]."
    )
    async def collect_case(self, info: Info, input: CollectCaseInput) -> CollectCaseResult:
        application = None if input.application is None else application_ref(input)

        async def begin(work: CommittingWork, by: ActionContext, subject_id: UUID) -> Case:
            await require_victim(info.context, work, input)
            return await collect.collect(work, by, _collected(input, subject_id))

        return await run_about_somebody(info, input, CASE_CHANGED, RegistrationChannel.CASE, begin, application)


def _collected(given: CollectCaseInput, subject_id: UUID) -> Collected:
    application, agents_case = given.application, given.agents_case
    return Collected(
        subject_id=subject_id,
        number=given.number,
        circumstance=given.circumstance,
        channel=given.channel,
        basis=given.basis,
        facts=given.facts,
        evidence=tuple(given.evidence),
        notes=given.internal_notes,
        occurred_on=given.occurred_on,
        application_id=None if application is None else record_ids_of(application, Entity.APPLICATION)[1],
        grounds=grounds_of(given),
        agents_case=None if agents_case is None else CaseRef(*record_ids_of(agents_case, Entity.RESTRAINT_CASE)),
    )
