"""The refusals of incentives and of steps of an application [4] [5.2.1]."""

from datetime import date

import strawberry

import schema.core.enums  # noqa: F401 - gives the enums below their names before a type uses them
from credit.incentives import refusals
from credit.joint_measures.source_answer import Source
from schema.core.mutations.refusals import GovernedByMemorandum, RefusalWithRemedy, refusal_type


@refusal_type(description="The incentive is not in force, or the matter's own document does not allow it [4.2.3].")
class NotEligible(RefusalWithRemedy):
    shows = (refusals.NotEligible,)


@refusal_type(
    description="The application has no credit check whose authorisation is still in force. The reason is not "
    "disclosed [4.1] [5.1.6]."
)
class CheckMissing(RefusalWithRemedy):
    shows = (refusals.CheckMissing,)


@refusal_type(description="The credit check is not recent enough for granting [5.2.1].")
class CheckStale(RefusalWithRemedy):
    shows = (refusals.CheckStale,)

    checked_on: date = strawberry.field(description="The day of the check.")
    valid_until: date = strawberry.field(description="The last day on which it could be relied on.")


@refusal_type(description="No incentive of any kind while restrained [5.2.1].")
class Restrained(RefusalWithRemedy):
    shows = (refusals.Restrained,)

    until: date | None = strawberry.field(
        description="The last day of the restraint; null where rectification has to be confirmed first [5.1.5]."
    )


@refusal_type(description="A source of the check has an adverse record [4.1].")
class AdverseRecord(RefusalWithRemedy):
    shows = (refusals.AdverseRecord,)

    source: Source = strawberry.field(description="Which.")


@refusal_type(description="A source of the check gave no answer; unknown is never clean [4.1].")
class SourceUnknown(RefusalWithRemedy):
    shows = (refusals.SourceUnknown,)

    source: Source = strawberry.field(description="Which.")


@refusal_type(description="The green channel has a named helper [4.2.1].")
class HelperMissing(RefusalWithRemedy):
    shows = (refusals.HelperMissing,)


@refusal_type(description="The incentive needs a written commitment, and no paper is given [4.2.2] [4.2.3].")
class CommitmentNotWritten(RefusalWithRemedy):
    shows = (refusals.CommitmentNotWritten,)


@refusal_type(description="The application has the incentive already.")
class AlreadyGranted(RefusalWithRemedy):
    shows = (refusals.AlreadyGranted,)


NoIncentive = (
    NotEligible
    | CheckMissing
    | CheckStale
    | GovernedByMemorandum
    | Restrained
    | AdverseRecord
    | SourceUnknown
    | HelperMissing
    | CommitmentNotWritten
    | AlreadyGranted
)
"""The refusals of every mutation that grants an incentive, alone or with a promise [4.1] [5.2.1]."""
