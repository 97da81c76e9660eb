"""The refusals that also say what can be done instead: of incentives, promises and applications [4] [5.2.1]."""

from datetime import date

import strawberry

from credit.applications.refusals import ApplicationRefused
from credit.core.errors import CreditError
from credit.incentives import refusals
from schema.core.refusals import Refusal, case_refusal_of

WAY_OUT = "可以怎么办。What can be done instead, in Chinese."
WAY_OUT_EN = "The same in English."


@strawberry.interface(description="A refusal that also says what can be done instead.")
class RefusalWithWayOut(Refusal):
    way_out: str = strawberry.field(description=WAY_OUT)
    way_out_en: str = strawberry.field(description=WAY_OUT_EN)


@strawberry.type(description="The application is not ready for this: over already, or not accepted yet [4.2].")
class ApplicationNotReady(RefusalWithWayOut):
    pass


@strawberry.type(description="It is too early: time is left that has to pass first [4.2.2] [5.1.2c].")
class NotDue(RefusalWithWayOut):
    until: date | None = strawberry.field(
        description="The last day of that time: possible from the next. Null where something else has to come first."
    )
    provisional: bool = strawberry.field(
        description="Whether that day is counted through a year whose working days are not published yet."
    )


@strawberry.type(description="The day lies outside what is possible [4.2.2].")
class DateOutOfBounds(RefusalWithWayOut):
    earliest: date = strawberry.field(description="The first day that is possible.")
    latest: date = strawberry.field(description="The last day that is possible.")


@strawberry.type(description="The facts of the promise do not allow it, by the code that says why [4.2.2] [4.2.3].")
class PromiseRefused(RefusalWithWayOut):
    since: date | None = strawberry.field(description="The day that decided it, where it is a matter of time.")


def way_out_of(error: CreditError) -> Refusal:
    """Return a refusal as the schema names it, with its way out; other rules' as `case_refusal_of` does."""
    if not isinstance(error, refusals.WithWayOut):
        return case_refusal_of(error)
    said = {
        "code": error.code,
        "message": error.message_zh,
        "message_en": error.message,
        "way_out": error.way_out_zh,
        "way_out_en": error.way_out,
    }
    match error:
        case ApplicationRefused():
            return ApplicationNotReady(**said)
    return _of_promise(error, said)


def _of_promise(error: refusals.WithWayOut, said: dict[str, str]) -> Refusal:
    match error:
        case refusals.NotDueYet():
            return NotDue(**said, until=error.until, provisional=False)
        case refusals.NoDefault():
            return NotDue(**said, until=error.until, provisional=error.provisional)
        case refusals.DueOutOfBounds() | refusals.StepMisdated():
            return DateOutOfBounds(**said, earliest=error.earliest, latest=error.latest)
        case refusals.PromiseRefused() | refusals.FindingUnsupported():
            return PromiseRefused(**said, since=getattr(error, "served_on", None))
    raise error
