"""The results of the steps of a restraint case: the changed case, or a refusal by name [5.1.4]."""

from typing import Annotated

import strawberry

from schema.cases.types import CaseChanged
from schema.core.refusals import (
    Collision,
    DayOutOfOrder,
    Lacking,
    NoGround,
    NotFound,
    NotTheirs,
    NotWellFormed,
    NotYet,
    PenaltyReached,
    TooLate,
)

VerifyCaseResult = Annotated[
    CaseChanged
    | NotYet
    | TooLate
    | NotTheirs
    | Lacking
    | NoGround
    | PenaltyReached
    | DayOutOfOrder
    | NotWellFormed
    | NotFound
    | Collision,
    strawberry.union("VerifyCaseResult", description="The result of a verification."),
]
NoticeCaseResult = Annotated[
    CaseChanged | NotYet | TooLate | NotTheirs | DayOutOfOrder | NotWellFormed | NotFound | Collision,
    strawberry.union("NoticeCaseResult", description="The result of a notice."),
]
ServeCaseResult = Annotated[
    CaseChanged | NotYet | TooLate | NotTheirs | Lacking | DayOutOfOrder | NotWellFormed | NotFound | Collision,
    strawberry.union("ServeCaseResult", description="The result of a service."),
]
StateDefenceResult = Annotated[
    CaseChanged | NotYet | TooLate | Lacking | DayOutOfOrder | NotWellFormed | NotFound | Collision,
    strawberry.union("StateDefenceResult", description="The result of a statement."),
]
AssignReviewerResult = Annotated[
    CaseChanged | NotYet | TooLate | NotTheirs | DayOutOfOrder | NotWellFormed | NotFound | Collision,
    strawberry.union("AssignReviewerResult", description="The result of choosing a reviewer."),
]
ReviewCaseResult = Annotated[
    CaseChanged | NotYet | TooLate | NotTheirs | DayOutOfOrder | NotWellFormed | NotFound | Collision,
    strawberry.union("ReviewCaseResult", description="The result of a review."),
]
DetermineCaseResult = Annotated[
    CaseChanged
    | NotYet
    | TooLate
    | NotTheirs
    | Lacking
    | NoGround
    | PenaltyReached
    | DayOutOfOrder
    | NotWellFormed
    | NotFound
    | Collision,
    strawberry.union("DetermineCaseResult", description="The result of a determination."),
]
PublishCaseResult = Annotated[
    CaseChanged | NotYet | TooLate | NotTheirs | Lacking | DayOutOfOrder | NotWellFormed | NotFound | Collision,
    strawberry.union("PublishCaseResult", description="The result of a publication."),
]
ConfirmRectificationResult = Annotated[
    CaseChanged | NotYet | TooLate | NotTheirs | Lacking | DayOutOfOrder | NotWellFormed | NotFound | Collision,
    strawberry.union("ConfirmRectificationResult", description="The result of confirming a rectification."),
]
ReferCaseResult = Annotated[
    CaseChanged | TooLate | NotTheirs | Lacking | DayOutOfOrder | NotWellFormed | NotFound | Collision,
    strawberry.union("ReferCaseResult", description="The result of a referral."),
]
DropCaseResult = Annotated[
    CaseChanged | TooLate | NotTheirs | DayOutOfOrder | NotWellFormed | NotFound | Collision,
    strawberry.union("DropCaseResult", description="The result of dropping a case."),
]
