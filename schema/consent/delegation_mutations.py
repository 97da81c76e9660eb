"""Records who may act for a subject, ends it, contests a guardianship and decides on that [5.1.6]."""

from datetime import date
from typing import Annotated, Any

import strawberry

from consent import delegation
from consent.delegation import DelegationKind, GuardianshipFinding, Power
from consent.delegation_actions import contest_guardianship, decide_guardianship, end_delegation, record_delegation
from consent.delegation_rules import Terms
from consent.rules import Letter
from consent.vocabulary import FieldGroup
from queryplan.entities import Entity
from schema.consent.types import Delegation
from schema.core.context import Info
from schema.core.enums import Group, PowerName
from schema.core.fields import read_back
from schema.core.global_ids import record_ids_of, subject_id_of
from schema.core.inputs import LETTER, POSTED, VERSION, KeyedInput, mutation_input
from schema.core.mutations.mutation import MutationResult, record_result, run_mutation, step_mutation
from schema.core.mutations.refusals import (
    BadEvidence,
    Collision,
    NotAdmitted,
    NotDelegable,
    NotFound,
    NotNow,
    NotWellFormed,
)


@strawberry.type(description="It is done. The delegation is read back like any query.")
class DelegationChanged:
    delegation: Delegation | None = read_back(
        Entity.DELEGATION, "The delegation as it now stands. Null for a delegate that has given it up."
    )


DELEGATION_CHANGED: MutationResult[delegation.Delegation] = record_result(
    DelegationChanged, "delegation", subject_id="subject_id", delegation_id="delegation_id"
)


@mutation_input(description="Records an authority to act for a subject, with its evidence, scope and end [5.1.6].")
class RecordDelegationInput(KeyedInput):
    subject: strawberry.ID = strawberry.field(description="For whom: oneself, or at the window an applicant.")
    kind: DelegationKind = strawberry.field(
        description="On which ground. A subject itself records an agent or an officer; the window each of them."
    )
    delegate: str = strawberry.field(description="The account reference of the delegate; no identity number.")
    scope: list[Group] = strawberry.field(description="Which groups of fields the delegate sees; IDENTITY always.")
    powers: list[PowerName] = strawberry.field(
        default_factory=list, description="What the delegate may do; default: nothing, it reads only."
    )
    evidence: list[str] = strawberry.field(
        description="The references of the papers, or of their uploaded files: a power of attorney, a court's "
        "decision, the register; of a close relative the proof of death and that of kinship. No name and no number "
        "of anybody in them."
    )
    starts_on: date | None = strawberry.field(
        default=None, description="The first day; default: today. Only of a guardianship it may be in the past."
    )
    expires_on: date = strawberry.field(
        description="The last day. The longest term is a setting; the guardian of a minor acts until it is of age."
    )


@mutation_input(
    description="Ends a delegation at once. Subject and delegate give no reason; a guardianship they contest."
)
class EndDelegationInput(KeyedInput):
    delegation: strawberry.ID = strawberry.field(description="Which delegation.")
    evidence: list[str] = strawberry.field(
        default_factory=list,
        description="The references of the papers, or of their uploaded files, on which the office that recorded it "
        "ends it.",
    )
    expected_version: int | None = strawberry.field(default=None, description=VERSION)


@mutation_input(
    description="Contests a recorded guardianship, by its subject or its guardian. No reason is asked [5.1.6]."
)
class ContestGuardianshipInput(KeyedInput):
    delegation: strawberry.ID = strawberry.field(description="Which guardianship.")
    expected_version: int | None = strawberry.field(default=None, description=VERSION)


@mutation_input(description="登记对监护登记的书面异议：enters a contest that came by post or was handed in [5.1.6].")
class EnterGuardianshipContestInput(ContestGuardianshipInput):
    on: date = strawberry.field(description=POSTED)
    evidence: str = strawberry.field(description=LETTER)


@mutation_input(description="Decides the contest of a guardianship [5.1.6].")
class DecideGuardianshipInput(KeyedInput):
    delegation: strawberry.ID = strawberry.field(description="Which contested guardianship.")
    finding: GuardianshipFinding = strawberry.field(description="异议处理结果：whether it holds.")
    evidence: list[str] = strawberry.field(
        description="The references of the papers, or of their uploaded files, that show it."
    )
    expected_version: int | None = strawberry.field(default=None, description=VERSION)


RecordDelegationResult = Annotated[
    DelegationChanged | NotDelegable | NotAdmitted | NotWellFormed | NotFound | Collision,
    strawberry.union("RecordDelegationResult", description="The result of recording an authority to act."),
]


EndDelegationResult = Annotated[
    DelegationChanged | NotNow | NotDelegable | NotAdmitted | NotWellFormed | NotFound | Collision,
    strawberry.union("EndDelegationResult", description="The result of ending an authority to act."),
]


ContestGuardianshipResult = Annotated[
    DelegationChanged | NotNow | NotAdmitted | NotFound | Collision,
    strawberry.union("ContestGuardianshipResult", description="The result of contesting a guardianship."),
]


EnterGuardianshipContestResult = Annotated[
    DelegationChanged | NotNow | BadEvidence | NotDelegable | NotAdmitted | NotWellFormed | NotFound | Collision,
    strawberry.union(
        "EnterGuardianshipContestResult", description="The result of entering a contest of a guardianship."
    ),
]


DecideGuardianshipResult = Annotated[
    DelegationChanged | NotNow | NotDelegable | NotAdmitted | NotWellFormed | NotFound | Collision,
    strawberry.union("DecideGuardianshipResult", description="The result of deciding a contest of a guardianship."),
]


@strawberry.type(description="Delegations, from their recording to their end [5.1.6].")
class DelegationMutation:
    @strawberry.mutation(
        description="登记代理：records who may act for a subject: by the subject itself, or by a clerk on paper; the "
        "subject is notified. A delegate cannot delegate. What an adult gave by itself since the first day of a "
        "guardianship ends when that is recorded [5.1.6]."
    )
    async def record_delegation(self, info: Info, input: RecordDelegationInput) -> RecordDelegationResult:
        return await run_mutation(
            info,
            input,
            DELEGATION_CHANGED,
            record_delegation,
            info.context.delegation_longest_days,
            Terms(
                subject_id=subject_id_of(input.subject),
                kind=input.kind,
                delegate_ref=input.delegate,
                groups=FieldGroup(sum(FieldGroup[one.name] for one in set(input.scope))),
                powers=Power(sum(Power[one.name] for one in set(input.powers))),
                evidence=tuple(input.evidence),
                expires_on=input.expires_on,
                starts_on=input.starts_on,
            ),
        )

    @strawberry.mutation(
        description="终止代理：ends an authority to act, from this moment on: by the subject in one press, by the "
        "delegate that gives it up, or by the office that recorded it, on evidence. A guardianship only by that office "
        "[5.1.6]."
    )
    async def end_delegation(self, info: Info, input: EndDelegationInput) -> EndDelegationResult:
        evidence = tuple(input.evidence)
        return await run_mutation(
            info, input, DELEGATION_CHANGED, end_delegation, evidence=evidence, **_delegation(input)
        )

    @strawberry.mutation(
        description="对监护登记提出异议：contests a recorded guardianship. From this moment on the guardian reads and "
        "does nothing, until somebody else than who recorded it has decided; the protection of the subject stays "
        "[5.1.6]."
    )
    async def contest_guardianship(self, info: Info, input: ContestGuardianshipInput) -> ContestGuardianshipResult:
        return await run_mutation(info, input, DELEGATION_CHANGED, contest_guardianship, **_delegation(input))

    @strawberry.mutation(
        description="登记对监护登记的书面异议：a clerk of the office that recorded a guardianship enters that its ward "
        "or its guardian contests it on paper, as `contestGuardianship`; never who recorded it, as it is contested "
        "once; who enters it does not decide on it [5.1.6]."
    )
    async def enter_guardianship_contest(
        self, info: Info, input: EnterGuardianshipContestInput
    ) -> EnterGuardianshipContestResult:
        letter = Letter(input.evidence, input.on)
        return await run_mutation(info, input, DELEGATION_CHANGED, contest_guardianship, letter, **_delegation(input))

    @step_mutation(
        "处理对监护登记的异议：decides whether a contested guardianship holds, so that its guardian acts again, or is "
        "over. The head of the department that recorded it or the district office decides, never who recorded it "
        "[5.1.6]."
    )
    async def decide_guardianship(self, info: Info, input: DecideGuardianshipInput) -> DecideGuardianshipResult:
        return await run_mutation(
            info,
            input,
            DELEGATION_CHANGED,
            decide_guardianship,
            finding=input.finding,
            evidence=tuple(input.evidence),
            **_delegation(input),
        )


def _delegation(given: Any) -> dict[str, Any]:  # noqa: ANN401 - any of the inputs that name a delegation
    subject_id, delegation_id = record_ids_of(given.delegation, Entity.DELEGATION)
    return {"subject_id": subject_id, "delegation_id": delegation_id, "expected_version": given.expected_version}
