"""The refusals that a mutation's result union names: the branches of consent's and credit's errors."""

from datetime import date

import strawberry

from consent import errors
from credit.cases import refusals
from credit.core import errors as credit_errors


@strawberry.interface(description="Why something was not done. Nothing was changed.")
class Refusal:
    code: str = strawberry.field(description="A stable code, for programs.")
    message: str = strawberry.field(description="给用户看的说明。A sentence in Chinese, for users.")
    message_en: str = strawberry.field(description="The same in English.")


@strawberry.type(description="It asks for more than the purpose's template allows: scope, days or uses [5.1.6].")
class OutOfBounds(Refusal):
    pass


@strawberry.type(
    description="The same was asked before and not granted; whether it was refused or never answered is not told. "
    "A new application of the subject is a new occasion [5.1.6]."
)
class AskedBefore(Refusal):
    until: date = strawberry.field(description="The last day on which it may not be asked: possible from the next.")


@strawberry.type(description="The authorisation is not in a state in which this can be done: answered, ended, lapsed.")
class NotNow(Refusal):
    pass


@strawberry.type(description="An authorisation can only become less; more is asked for anew [5.1.6].")
class NotNarrower(Refusal):
    pass


@strawberry.type(description="Paper consent stands and falls with its evidence [5.1.6].")
class BadEvidence(Refusal):
    pass


@strawberry.type(description="Only the subject, or a delegate with a recorded authority, may decide this [5.1.6].")
class NotAdmitted(Refusal):
    pass


@strawberry.type(description="There is no such thing for this caller, whether or not it exists.")
class NotFound(Refusal):
    pass


@strawberry.type(description="Somebody was faster, or the idempotency key was used for something else.")
class Collision(Refusal):
    pass


@strawberry.type(description="One thing that is wrong with one argument. The value is not quoted.")
class Problem:
    field: str = strawberry.field(description="The argument.")
    code: str = strawberry.field(description="A stable code.")
    message: str = strawberry.field(description="A sentence in Chinese.")
    message_en: str = strawberry.field(description="The same in English.")


@strawberry.type(description="The particulars are not well formed; every problem is named at once [5.1.3].")
class NotWellFormed(Refusal):
    problems: list[Problem] = strawberry.field(description="What is wrong, argument by argument.")


CLAUSE = "The clause of the governing document that says so."


@strawberry.type(description="Something has to come first in the procedure of a case [5.1.4].")
class NotYet(Refusal):
    clause: str = strawberry.field(description=CLAUSE)
    until: date | None = strawberry.field(
        description="The last day on which something else is open, where it is a matter of time: "
        "possible from the next."
    )
    provisional: bool = strawberry.field(
        description="Whether that day is counted through a year whose working days are not published yet."
    )


@strawberry.type(description="It cannot come any more: taken already, ended, or waived by silence [5.1.4].")
class TooLate(Refusal):
    clause: str = strawberry.field(description=CLAUSE)
    since: date | None = strawberry.field(description="The day that ended it.")


@strawberry.type(description="Somebody else has to do it: the collector, the authority, another reviewer [5.1.4].")
class NotTheirs(Refusal):
    clause: str = strawberry.field(description=CLAUSE)


@strawberry.type(description="Something has to go with the step: evidence, proof of service, a citation [5.1.1].")
class Lacking(Refusal):
    clause: str = strawberry.field(description=CLAUSE)


@strawberry.type(description="The circumstance of [5.1.2] is not there.")
class NoGround(Refusal):
    clause: str = strawberry.field(description=CLAUSE)
    since: date | None = strawberry.field(description="The day that decided it, where it is a matter of time.")


@strawberry.type(description="The breach reaches an administrative penalty: refer the case instead [5.1.2].")
class PenaltyReached(Refusal):
    clause: str = strawberry.field(description=CLAUSE)
    way_out: str = strawberry.field(description="The mutation that does it.")


@strawberry.type(
    description="The department has a case of that number already: look it up, or number this one anew [5.1.3]."
)
class NumberTaken(Refusal):
    clause: str = strawberry.field(description=CLAUSE)


@strawberry.type(description="The day lies before a step that it follows, or in the future.")
class DayOutOfOrder(Refusal):
    nearest: date = strawberry.field(description="The nearest day possible.")


@strawberry.type(
    description="The right number stands in another subject's record; the two have to be looked at together [5.1.3]."
)
class NumberOfAnother(Refusal):
    clause: str = strawberry.field(description=CLAUSE)


_BRANCHES: tuple[tuple[type[errors.ConsentError], type[Refusal]], ...] = (
    (errors.OutOfBounds, OutOfBounds),
    (errors.NotNow, NotNow),
    (errors.NotNarrower, NotNarrower),
    (errors.BadEvidence, BadEvidence),
    (errors.NotAdmitted, NotAdmitted),
    (errors.NotFound, NotFound),
    (errors.Collision, Collision),
)


def refusal_of(error: errors.ConsentError) -> Refusal:
    """Return the refusal as the schema names it; what has no name here is a bug, and is raised again."""
    if isinstance(error, errors.AskedBefore):
        return AskedBefore(code=error.code, message=error.message_zh, message_en=error.message, until=error.until)
    for branch, shown in _BRANCHES:
        if isinstance(error, branch):
            return shown(code=error.code, message=error.message_zh, message_en=error.message)
    raise error


_BY_CLAUSE: tuple[
    tuple[type[refusals.ProcedureRefused], type[NotTheirs | Lacking | NumberTaken | NumberOfAnother]], ...
]
_BY_CLAUSE = (
    (refusals.NotTheirs, NotTheirs),
    (refusals.Lacking, Lacking),
    (refusals.NumberTaken, NumberTaken),
    (refusals.NumberOfAnother, NumberOfAnother),
)


def case_refusal_of(error: credit_errors.CreditError) -> Refusal:
    """Return what the procedure of a case refuses, as the schema names it; a bug is raised again."""
    said = {"code": error.code, "message": error.message_zh, "message_en": error.message}
    match error:
        case refusals.NotYet():
            return NotYet(**said, clause=error.clause, until=error.on, provisional=error.provisional)
        case refusals.TooLate():
            return TooLate(**said, clause=error.clause, since=error.on)
        case refusals.DayOutOfOrder(on=date() as nearest):
            return DayOutOfOrder(**said, nearest=nearest)
        case refusals.NoGround():
            return NoGround(**said, clause=error.clause, since=error.on)
        case refusals.PenaltyReached():
            return PenaltyReached(**said, clause=error.clause, way_out="referCase")
    return _plain_refusal_of(error, said)


def _plain_refusal_of(error: credit_errors.CreditError, said: dict[str, str]) -> Refusal:
    for branch, shown in _BY_CLAUSE:
        if isinstance(error, branch):
            return shown(**said, clause=error.clause)
    match error:
        case credit_errors.UnknownCase():
            return NotFound(**said)
        case credit_errors.CaseChangedMeanwhile():
            return Collision(**said)
        case credit_errors.SeveralProblems():
            return problems_of(error)
        case credit_errors.InconsistentFacts():
            return NotWellFormed(**said, problems=[])
    raise error


def problems_of(error: credit_errors.SeveralProblems) -> NotWellFormed:
    """Return everything that is wrong with a registration, or with what is said about a step."""
    return NotWellFormed(
        code=error.code,
        message=error.message_zh,
        message_en=error.message,
        problems=[
            Problem(field=one.field, code=one.code, message=one.message_zh, message_en=one.message)
            for one in error.problems
        ],
    )
