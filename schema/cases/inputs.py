"""Inputs of the steps of a restraint case [5.1.4]. References are stored in clear: no name and no number in them."""

from datetime import date
from typing import Any

import strawberry

from credit.cases.case import ReviewOutcome, ServiceMeans, Severity
from credit.cases.rules.grounds import CommitmentCheck, DeferredDocuments, Grounds, Impersonation
from schema.core.context import RequestContext
from schema.core.errors import BadArgument
from schema.core.global_ids import subject_id_of
from schema.core.inputs import EVIDENCE, ON, RECEIVED, CaseInput, mutation_input
from schema.core.ports import CommittingWork
from schema.execution.named_person import require_known

TEXT = "陈述申辩内容：its own words, 10,000 characters at most; stored sealed."
SELF_SUPPORT = (
    "自食其力证明：the file references that show that a subject of 16 or 17 lives on its own work; without them a "
    "minor is not restrained [3.2]."
)
SEVERITY = (
    "Whether the breach is still short of an administrative penalty [5.1.2]; of circumstance OTHER, whether it is "
    "short of any disciplinary measure [5.1.2e]."
)


@strawberry.input(description="容缺材料：documents promised for a day, and what came of it [5.1.2c].")
class DeferredDocumentsInput:
    promised_for: date = strawberry.field(description="The day that was promised.")
    reminded_on: date | None = strawberry.field(default=None, description="The day the reminder was received.")
    supplied_on: date | None = strawberry.field(default=None, description="The day they came, if they did.")


@strawberry.input(description="承诺：a written commitment and its verification [5.1.2d] [4.2.3].")
class CommitmentCheckInput:
    committed_on: date = strawberry.field(description="The day of the commitment.")
    verified_on: date | None = strawberry.field(default=None, description="The day on which it was verified.")
    met: bool | None = strawberry.field(default=None, description="Whether it was found to be met.")


@strawberry.input(description="冒用：whose identity was used by another, who is the one in breach [5.1.2a].")
class ImpersonationInput:
    victim: strawberry.ID | None = strawberry.field(
        default=None,
        description="The one whose identity was used, by global id, where it has something open at the department.",
    )


@mutation_input(description="核实：completes the verification of a case by who collected it [5.1.4(1)].")
class VerifyCaseInput(CaseInput):
    evidence: list[str] = strawberry.field(description=EVIDENCE)
    severity: Severity = strawberry.field(description=SEVERITY)
    documents: DeferredDocumentsInput | None = strawberry.field(
        default=None, description="What verification found of the documents, where the circumstance is [5.1.2c]."
    )
    commitment: CommitmentCheckInput | None = strawberry.field(
        default=None, description="What it found of the commitment, where the circumstance is [5.1.2d]."
    )
    impersonation: ImpersonationInput | None = strawberry.field(
        default=None, description="What it found of whose identity was used, where the circumstance is [5.1.2a]."
    )
    self_support: list[str] = strawberry.field(default_factory=list, description=SELF_SUPPORT)
    on: date | None = strawberry.field(default=None, description=ON)


@mutation_input(description="书面告知：records that the written notice was handed over or posted [5.1.4(2)] [A].")
class NoticeCaseInput(CaseInput):
    evidence: list[str] = strawberry.field(default_factory=list, description=EVIDENCE)
    on: date | None = strawberry.field(default=None, description=ON)


@mutation_input(description="送达：records the receipt of the notice, with its proof [5.1.4(2)].")
class ServeCaseInput(CaseInput):
    means: ServiceMeans = strawberry.field(description="On the spot, or by post.")
    evidence: list[str] = strawberry.field(description=EVIDENCE)
    on: date | None = strawberry.field(default=None, description=RECEIVED)


@mutation_input(description="陈述申辩：states and defends today, by the subject or its delegate [5.1.4(3)] [A].")
class StateDefenceInput(CaseInput):
    text: str | None = strawberry.field(default=None, description=TEXT)
    evidence: list[str] = strawberry.field(
        default_factory=list, description="The file references of the written statement and its papers."
    )


@mutation_input(description="指定复核人员：gives the review to somebody who did not handle the case [5.1.4(4)].")
class AssignReviewerInput(CaseInput):
    reviewer: str = strawberry.field(description="The reviewer's staff reference.")


@mutation_input(description="复核：closes the review of a statement [5.1.4(4)].")
class ReviewCaseInput(CaseInput):
    outcome: ReviewOutcome = strawberry.field(description="Upheld, amended or dropped.")
    facts: str | None = strawberry.field(
        default=None,
        description="变更后的失信事实：the amended facts, 10,000 characters at most, stored sealed; with AMENDED only. "
        "The earlier ones stay on record as a version.",
    )
    basis: str | None = strawberry.field(
        default=None,
        description="变更后的认定依据：the amended legal basis; with AMENDED only, which needs one of the two.",
    )
    evidence: list[str] = strawberry.field(default_factory=list, description=EVIDENCE)
    on: date | None = strawberry.field(default=None, description=ON)


@mutation_input(description="认定：determines the restraint, and says how long it will last once published [5.1.3].")
class DetermineCaseInput(CaseInput):
    severity: Severity = strawberry.field(description=SEVERITY)
    legal_document: str = strawberry.field(description="法律文书：the number of the legal document [5.1.3].")
    months: int | None = strawberry.field(default=None, description="How many months; default: six [5.1.5].")
    until: date | None = strawberry.field(default=None, description="Or the last day, where a law names one [5.1.5].")
    citation: str | None = strawberry.field(
        default=None, description="The law that says so, where the period is longer than six months [5.1.5]."
    )
    self_support: list[str] = strawberry.field(default_factory=list, description=SELF_SUPPORT)
    evidence: list[str] = strawberry.field(default_factory=list, description=EVIDENCE)
    on: date | None = strawberry.field(default=None, description=ON)


@mutation_input(description="公布：publishes a determination today; its period begins [5.1.5].")
class PublishCaseInput(CaseInput):
    pass


@mutation_input(description="确认整改：confirms today, on evidence, that the breach is rectified [5.1.5].")
class ConfirmRectificationInput(CaseInput):
    evidence: list[str] = strawberry.field(description=EVIDENCE)


@mutation_input(description="移送：refers today a case that reaches a penalty, or another measure [5.1.2].")
class ReferCaseInput(CaseInput):
    evidence: list[str] = strawberry.field(description=EVIDENCE)


@mutation_input(description="撤销：leaves it at that, before any determination [5.1.4].")
class DropCaseInput(CaseInput):
    evidence: list[str] = strawberry.field(default_factory=list, description=EVIDENCE)
    on: date | None = strawberry.field(default=None, description=ON)


async def require_victim(
    context: RequestContext,
    work: CommittingWork,
    given: Any,  # noqa: ANN401 - any of the inputs with grounds
) -> None:
    """Return nothing if no victim is named, or one that the caller may know; raises UnknownCase [5.1.2a]."""
    victim = given.impersonation and given.impersonation.victim
    if victim is not None:
        await require_known(context, work, subject_id_of(victim))


def grounds_of(given: Any) -> Grounds | None:  # noqa: ANN401 - any of the inputs with grounds
    """Return what the circumstance rests on; raises BadArgument where two circumstances are argued at once."""
    named = [name for name in ("documents", "commitment", "impersonation") if getattr(given, name) is not None]
    if len(named) > 1:
        raise BadArgument(argument=named[1])
    if given.documents is not None:
        found = given.documents
        return DeferredDocuments(found.promised_for, found.reminded_on, found.supplied_on)
    if given.commitment is not None:
        return CommitmentCheck(given.commitment.committed_on, given.commitment.verified_on, given.commitment.met)
    if given.impersonation is not None:
        victim = given.impersonation.victim
        return Impersonation(None if victim is None else subject_id_of(victim))
    return None
