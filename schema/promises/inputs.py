"""Inputs of the steps of a promise [4.2.2] [4.2.3]. References and terms are stored in clear: no name, no number."""

from datetime import date

import strawberry

from credit.promises.commitment import VerificationOutcome
from schema.core.inputs import EVIDENCE, RECEIVED, ApplicationStepInput, PaperInput, mutation_input

VERSION = "How many changes of the promise were seen, from 1: refused where there were more. Default: as it stands."
VERSION_OF_APPLICATION = "How many changes of the application were seen. Default: as it stands."
ON = (
    "The day on which it happened, in Asia/Shanghai; default: today. An act of the department that is recorded later "
    "counts from the day of its record, an act of the applicant from its own [5.1.4]."
)
COMMITMENT = "书面承诺：the file reference of the written promise."


@mutation_input()
class PromiseInput(ApplicationStepInput):
    """The input of a step of a promise, which counts its own changes."""

    expected_version: int | None = strawberry.field(default=None, description=VERSION)


@mutation_input(description="容缺受理：lets an application go ahead on a written promise of what is missing [4.2.2].")
class DeferDocumentsInput(ApplicationStepInput):
    missing: list[str] = strawberry.field(
        description="所缺材料：every missing document, each once, by its term in the matter's list."
    )
    due_on: date = strawberry.field(description="承诺补交日期：the day by which everything is promised.")
    commitment: str = strawberry.field(description=COMMITMENT)
    expected_version: int | None = strawberry.field(default=None, description=VERSION_OF_APPLICATION)


@mutation_input(description="补交材料：takes in one missing document [4.2.2].")
class HandInDocumentInput(PromiseInput):
    document: str = strawberry.field(description="材料名称：which one, by its term in the list of what is missing.")
    receipt: str = strawberry.field(description="收件凭证：the file reference of its receipt.")
    on: date | None = strawberry.field(default=None, description=ON)


@mutation_input(description="催告：demands the missing documents formally, once the promised date has passed [5.1.2c].")
class RemindDocumentsInput(PromiseInput):
    paper: str = strawberry.field(description="催告书：the file reference of the demand.")


@mutation_input(description="催告送达：records that the demand reached the applicant [5.1.2c].")
class ServeReminderInput(PromiseInput):
    proof: str = strawberry.field(description="送达回证：the file reference of the proof of service.")
    on: date | None = strawberry.field(default=None, description=RECEIVED)


@mutation_input(description="撤回：the applicant withdraws from the promise today [4.2.2].")
class WithdrawDeferralInput(PromiseInput):
    pass


@mutation_input(description="登记书面撤回容缺承诺：enters a withdrawal that came by post or was handed in [4.2.2].")
class EnterDeferralWithdrawalInput(PaperInput):
    expected_version: int | None = strawberry.field(default=None, description=VERSION)


@mutation_input(description="告知承诺：takes a written commitment in place of proof [4.2.3].")
class MakeCommitmentInput(ApplicationStepInput):
    commitment: str = strawberry.field(description=COMMITMENT)
    expected_version: int | None = strawberry.field(default=None, description=VERSION_OF_APPLICATION)


@mutation_input(description="办结：records that the department completed the matter, on the spot or later [4.2.3].")
class CompleteCommitmentInput(PromiseInput):
    evidence: list[str] = strawberry.field(default_factory=list, description=EVIDENCE)
    on: date | None = strawberry.field(default=None, description=ON)


@mutation_input(description="核验：records what the department found when it verified a commitment [4.2.3] [5.1.2d].")
class VerifyCommitmentInput(PromiseInput):
    outcome: VerificationOutcome = strawberry.field(description="核验结果：met, or not.")
    facts: str = strawberry.field(
        default="", description="核验情况：what was found; needed where it is not met. Sealed as it comes in."
    )
    evidence: list[str] = strawberry.field(default_factory=list, description=EVIDENCE)
    on: date | None = strawberry.field(default=None, description=ON)


@mutation_input(description="撤回：the applicant withdraws before the matter is completed [4.2.3].")
class WithdrawCommitmentInput(PromiseInput):
    pass


@mutation_input(description="登记书面撤回告知承诺：enters a withdrawal that came by post or was handed in [4.2.3].")
class EnterCommitmentWithdrawalInput(PaperInput):
    expected_version: int | None = strawberry.field(default=None, description=VERSION)
