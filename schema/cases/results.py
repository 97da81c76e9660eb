"""The results of the steps of a restraint case: the changed case, or a refusal by name [5.1.4]."""

from typing import Annotated

import strawberry

from schema.cases.types import CaseChanged
from schema.core.mutations.refusals import (
    GovernedByMemorandum,
    Lacking,
    MemorandumUnknown,
    NoGround,
    NotTheirs,
    NotYet,
    OutOfTurn,
    PenaltyReached,
    RecordContradictsLedger,
    StepRefused,
    TooLate,
    WithoutFullCapacity,
)

VerifyCaseResult = Annotated[
    CaseChanged | OutOfTurn | Lacking | NoGround | PenaltyReached | WithoutFullCapacity | StepRefused,
    strawberry.union("VerifyCaseResult", description="The result of a verification."),
]
NoticeCaseResult = Annotated[
    CaseChanged | OutOfTurn | StepRefused, strawberry.union("NoticeCaseResult", description="The result of a notice.")
]
ServeCaseResult = Annotated[
    CaseChanged | OutOfTurn | Lacking | StepRefused,
    strawberry.union("ServeCaseResult", description="The result of a service."),
]
StateDefenceResult = Annotated[
    CaseChanged | NotYet | TooLate | Lacking | StepRefused,
    strawberry.union("StateDefenceResult", description="The result of a statement."),
]
AssignReviewerResult = Annotated[
    CaseChanged | OutOfTurn | StepRefused,
    strawberry.union("AssignReviewerResult", description="The result of choosing a reviewer."),
]
ReviewCaseResult = Annotated[
    CaseChanged | OutOfTurn | Lacking | StepRefused,
    strawberry.union("ReviewCaseResult", description="The result of a review."),
]
DetermineCaseResult = Annotated[
    CaseChanged
    | OutOfTurn
    | Lacking
    | NoGround
    | PenaltyReached
    | RecordContradictsLedger
    | GovernedByMemorandum
    | MemorandumUnknown
    | WithoutFullCapacity
    | StepRefused,
    strawberry.union("DetermineCaseResult", description="The result of a determination."),
]
PublishCaseResult = Annotated[
    CaseChanged | OutOfTurn | Lacking | RecordContradictsLedger | StepRefused,
    strawberry.union("PublishCaseResult", description="The result of a publication."),
]
ConfirmRectificationResult = Annotated[
    CaseChanged | OutOfTurn | Lacking | StepRefused,
    strawberry.union("ConfirmRectificationResult", description="The result of confirming a rectification."),
]
ReferCaseResult = Annotated[
    CaseChanged | TooLate | NotTheirs | Lacking | StepRefused,
    strawberry.union("ReferCaseResult", description="The result of a referral."),
]
DropCaseResult = Annotated[
    CaseChanged | TooLate | NotTheirs | StepRefused,
    strawberry.union("DropCaseResult", description="The result of dropping a case."),
]
