"""The results of the mutations of authorisations, with the refusals that each may name [4.1] [5.1.6]."""

from datetime import date
from typing import Annotated

import strawberry

from consent import authorisation
from queryplan.entities import Entity
from schema.consent.types import Authorisation
from schema.core.fields import read_back
from schema.core.mutations.mutation import MutationResult, record_result
from schema.core.mutations.refusals import (
    AskedBefore,
    BadEvidence,
    Collision,
    NotAdmitted,
    NotFound,
    NotNarrower,
    NotNow,
    NotWellFormed,
    OutOfBounds,
)


@strawberry.type(description="It is done. The authorisation is read back like any query.")
class AuthorisationChanged:
    authorisation: Authorisation | None = read_back(Entity.AUTHORISATION, "The authorisation as it now stands.")


@strawberry.type(
    description="It is entered, and its subject is notified. Nothing of the request is read back: to whoever entered "
    "it too, it looks like one that nobody has answered [5.1.6]."
)
class RefusalEntered:
    on: date = strawberry.field(description="The day of the paper.")


REFUSAL_ENTERED: MutationResult[authorisation.Authorisation] = MutationResult(
    lambda refused: {"subject_id": str(refused.subject_id), "on": str(refused.refused_on)},
    lambda stored: RefusalEntered(on=date.fromisoformat(stored["on"])),
)


AUTHORISATION_CHANGED: MutationResult[authorisation.Authorisation] = record_result(
    AuthorisationChanged, "authorisation", subject_id="subject_id", authorisation_id="authorisation_id"
)


RequestAuthorisationResult = Annotated[
    AuthorisationChanged | OutOfBounds | AskedBefore | NotAdmitted | NotFound | Collision,
    strawberry.union("RequestAuthorisationResult", description="The result of a request for an authorisation."),
]


RecordPaperAuthorisationResult = Annotated[
    AuthorisationChanged | OutOfBounds | BadEvidence | NotAdmitted | NotWellFormed | NotFound | Collision,
    strawberry.union(
        "RecordPaperAuthorisationResult", description="The result of recording an authorisation from paper."
    ),
]


OfferAuthorisationResult = Annotated[
    AuthorisationChanged | OutOfBounds | NotAdmitted | NotFound | Collision,
    strawberry.union("OfferAuthorisationResult", description="The result of offering an authorisation."),
]


ConfirmPaperAuthorisationResult = Annotated[
    AuthorisationChanged | NotNow | NotAdmitted | NotFound | Collision,
    strawberry.union("ConfirmPaperAuthorisationResult", description="The result of confirming a paper."),
]


DecideContestResult = Annotated[
    AuthorisationChanged | NotNow | BadEvidence | NotAdmitted | NotWellFormed | NotFound | Collision,
    strawberry.union("DecideContestResult", description="The result of deciding on a contest."),
]


GrantAuthorisationResult = Annotated[
    AuthorisationChanged | OutOfBounds | NotNow | NotNarrower | NotAdmitted | NotFound | Collision,
    strawberry.union("GrantAuthorisationResult", description="The result of saying yes."),
]


NarrowAuthorisationResult = Annotated[
    AuthorisationChanged | OutOfBounds | NotNow | NotNarrower | NotAdmitted | NotFound | Collision,
    strawberry.union("NarrowAuthorisationResult", description="The result of narrowing."),
]


RefuseAuthorisationResult = Annotated[
    AuthorisationChanged | NotNow | NotAdmitted | NotFound | Collision,
    strawberry.union("RefuseAuthorisationResult", description="The result of saying no."),
]


EnterAuthorisationWithdrawalResult = Annotated[
    AuthorisationChanged | NotNow | BadEvidence | NotAdmitted | NotWellFormed | NotFound | Collision,
    strawberry.union("EnterAuthorisationWithdrawalResult", description="The result of entering a withdrawal."),
]


EnterAuthorisationNarrowingResult = Annotated[
    AuthorisationChanged
    | OutOfBounds
    | NotNow
    | NotNarrower
    | BadEvidence
    | NotAdmitted
    | NotWellFormed
    | NotFound
    | Collision,
    strawberry.union("EnterAuthorisationNarrowingResult", description="The result of entering a narrowing."),
]


EnterAuthorisationRefusalResult = Annotated[
    RefusalEntered | NotNow | BadEvidence | NotAdmitted | NotWellFormed | NotFound | Collision,
    strawberry.union("EnterAuthorisationRefusalResult", description="The result of entering a refusal."),
]


EnterAuthorisationContestResult = Annotated[
    AuthorisationChanged | NotNow | BadEvidence | NotAdmitted | NotWellFormed | NotFound | Collision,
    strawberry.union("EnterAuthorisationContestResult", description="The result of entering a contest."),
]


WithdrawAuthorisationResult = Annotated[
    AuthorisationChanged | NotNow | NotAdmitted | NotFound | Collision,
    strawberry.union("WithdrawAuthorisationResult", description="The result of withdrawing."),
]


ContestAuthorisationResult = Annotated[
    AuthorisationChanged | NotNow | BadEvidence | NotAdmitted | NotWellFormed | NotFound | Collision,
    strawberry.union("ContestAuthorisationResult", description="The result of contesting."),
]
