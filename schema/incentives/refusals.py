"""Why an incentive is not granted at this moment, or an application does not take a step: each by name [4] [5.2.1]."""

from datetime import date

import strawberry

import schema.core.enums  # noqa: F401 - gives the enums below their names before a type uses them
from credit.applications import refusals
from credit.core import errors
from credit.credit_checks.credit_check import Source
from credit.incentives import refusals as incentive_refusals
from schema.core.refusals import Refusal
from schema.core.remedies import RefusalWithWayOut, way_out_of


@strawberry.type(description="The incentive is not in force, or the matter's own document does not allow it [4.2.3].")
class NotEligible(RefusalWithWayOut):
    pass


@strawberry.type(
    description="No credit check of this application that its subject still stands by. Why there is none is nobody's "
    "business [4.1] [5.1.6]."
)
class CheckMissing(RefusalWithWayOut):
    pass


@strawberry.type(description="The credit check is not of the moment of granting [5.2.1].")
class CheckStale(RefusalWithWayOut):
    checked_on: date = strawberry.field(description="The day of the check.")
    valid_until: date = strawberry.field(description="The last day on which it could be relied on.")


@strawberry.type(description="A national memorandum governs: local measures neither add to it nor soften it [3.3].")
class GovernedByMemorandum(RefusalWithWayOut):
    memorandum: str = strawberry.field(description="The memorandum.")


@strawberry.type(description="No incentive of any kind while restrained [5.2.1].")
class Restrained(RefusalWithWayOut):
    until: date | None = strawberry.field(
        description="The last day so; null where rectification has to be confirmed first [5.1.5]."
    )


@strawberry.type(description="A source of the check knows an adverse record [4.1].")
class AdverseRecord(RefusalWithWayOut):
    source: Source = strawberry.field(description="Which.")


@strawberry.type(description="A source of the check gave no answer; unknown is never clean [4.1].")
class SourceUnknown(RefusalWithWayOut):
    source: Source = strawberry.field(description="Which.")


@strawberry.type(description="The green channel has a named helper [4.2.1].")
class HelperMissing(RefusalWithWayOut):
    pass


@strawberry.type(description="The incentive rests on a written commitment, and no paper is named [4.2.2] [4.2.3].")
class CommitmentNotWritten(RefusalWithWayOut):
    pass


@strawberry.type(description="The application has the incentive already.")
class AlreadyGranted(RefusalWithWayOut):
    pass


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
"""Whatever grants an incentive, by itself or with the promise it rests on, refuses it by these names [4.1] [5.2.1]."""

_PLAIN: tuple[tuple[type[incentive_refusals.NoIncentive], type[RefusalWithWayOut]], ...] = (
    (incentive_refusals.NotEligible, NotEligible),
    (incentive_refusals.CheckMissing, CheckMissing),
    (incentive_refusals.HelperMissing, HelperMissing),
    (incentive_refusals.CommitmentNotWritten, CommitmentNotWritten),
    (refusals.AlreadyGranted, AlreadyGranted),
)


def incentive_refusal_of(error: errors.CreditError) -> Refusal:
    """Return the refusal as the schema names it; what has no name here is left to those of cases, or is a bug."""
    return _with_way_out(error) if isinstance(error, incentive_refusals.NoIncentive) else way_out_of(error)


def _with_way_out(error: incentive_refusals.NoIncentive) -> Refusal:
    said = {
        "code": error.code,
        "message": error.message_zh,
        "message_en": error.message,
        "way_out": error.way_out_zh,
        "way_out_en": error.way_out,
    }
    match error:
        case incentive_refusals.CheckStale():
            return CheckStale(**said, checked_on=error.checked_on, valid_until=error.valid_until)
        case incentive_refusals.GovernedByMemorandum():
            return GovernedByMemorandum(**said, memorandum=error.memorandum)
        case incentive_refusals.Restrained():
            return Restrained(**said, until=error.until)
        case incentive_refusals.AdverseRecord(source=Source() as source):
            return AdverseRecord(**said, source=source)
        case incentive_refusals.SourceUnknown(source=Source() as source):
            return SourceUnknown(**said, source=source)
    return _plain(error, said)


def _plain(error: incentive_refusals.NoIncentive, said: dict[str, str]) -> Refusal:
    for branch, shown in _PLAIN:
        if isinstance(error, branch):
            return shown(**said)
    raise error
