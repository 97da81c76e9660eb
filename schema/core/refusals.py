"""The refusals that a mutation's result union names: one type for each branch of consent's and credit's errors."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from typing import Any, ClassVar, Final, Self

import strawberry

from consent import errors
from credit.applications import refusals
from credit.cases import refusals as cases_refusals
from credit.core import errors as core_errors
from credit.promises import refusals as promises_refusals

CLAUSE = "The clause of the governing document that says so."
REMEDY = "可以怎么办。What can be done instead, in Chinese."
REMEDY_EN = "The same in English."

_SENTENCES: Final = {"message": "message_zh", "message_en": "message", "remedy": "remedy_zh", "remedy_en": "remedy"}
"""Where an error has what these fields show: a client reads Chinese first, a log reads English."""


@strawberry.interface(description="Why something was not done. Nothing was changed.")
class Refusal:
    shows: ClassVar[tuple[type[Exception], ...]] = ()
    """The branches of errors that this type shows. They have the facts of its further fields, by the same names."""

    code: str = strawberry.field(description="A stable code, for programs.")
    message: str = strawberry.field(description="给用户看的说明。A sentence in Chinese, for users.")
    message_en: str = strawberry.field(description="The same in English.")

    @classmethod
    def of(cls, error: Any) -> Self:  # noqa: ANN401 - an error of one of the branches in `shows`
        """Return *error* as this type shows it."""
        return cls(**{one.name: getattr(error, _SENTENCES.get(one.name, one.name)) for one in fields(cls)})


@strawberry.interface(name="RefusalWithWayOut", description="A refusal that also says what can be done instead.")
class RefusalWithRemedy(Refusal):
    remedy: str = strawberry.field(name="wayOut", description=REMEDY)
    remedy_en: str = strawberry.field(name="wayOutEn", description=REMEDY_EN)


def to_graphql(error: core_errors.CreditError | errors.ConsentError) -> Refusal:
    """Return *error* as the schema shows it, by its branch; one that no type shows is a bug, and is raised again."""
    types = {branch: shown for shown in _below(Refusal) for branch in shown.shows}
    for branch in type(error).__mro__:
        if branch in types:
            return types[branch].of(error)
    raise error


def _below(shown: type[Refusal]) -> Iterator[type[Refusal]]:
    for one in shown.__subclasses__():
        yield one
        yield from _below(one)


@strawberry.type(description="It asks for more than the purpose's template allows: scope, days or uses [5.1.6].")
class OutOfBounds(Refusal):
    shows = (errors.OutOfBounds,)


@strawberry.type(
    description="The same was asked before and not granted; whether it was refused or never answered is not told. "
    "A new application of the subject is a new occasion [5.1.6]."
)
class AskedBefore(Refusal):
    shows = (errors.AskedBefore,)

    until: date = strawberry.field(description="The last day on which it may not be asked: possible from the next.")


@strawberry.type(description="The authorisation is not in a state in which this can be done: answered, ended, lapsed.")
class NotNow(Refusal):
    shows = (errors.NotNow,)


@strawberry.type(description="An authorisation can only become less; more is asked for anew [5.1.6].")
class NotNarrower(Refusal):
    shows = (errors.NotNarrower,)


@strawberry.type(description="Paper consent stands and falls with its evidence [5.1.6].")
class BadEvidence(Refusal):
    shows = (errors.BadEvidence,)


@strawberry.type(description="Only the subject, or a delegate with a recorded authority, may decide this [5.1.6].")
class NotAdmitted(Refusal):
    shows = (errors.NotAdmitted,)


@strawberry.type(description="There is no such thing for this caller, whether or not it exists.")
class NotFound(Refusal):
    shows = (errors.NotFound, core_errors.UnknownCase)


@strawberry.type(description="Somebody was faster, or the idempotency key was used for something else.")
class Collision(Refusal):
    shows = (errors.Collision, core_errors.CaseChangedMeanwhile)


@strawberry.type(description="One thing that is wrong with one argument. The value is not quoted.")
class Problem:
    field: str = strawberry.field(description="The argument.")
    code: str = strawberry.field(description="A stable code.")
    message: str = strawberry.field(description="A sentence in Chinese.")
    message_en: str = strawberry.field(description="The same in English.")

    @classmethod
    def of(cls, problem: core_errors.Problem) -> Self:
        """Return *problem* as this type shows it."""
        return cls(field=problem.field, code=problem.code, message=problem.message_zh, message_en=problem.message)


@strawberry.type(description="The particulars are not well formed; every problem is named at once [5.1.3].")
class NotWellFormed(Refusal):
    shows = (core_errors.SeveralProblems, core_errors.InconsistentFacts)

    problems: list[Problem] = strawberry.field(description="What is wrong, argument by argument.")

    @classmethod
    def of(cls, error: core_errors.SeveralProblems | core_errors.InconsistentFacts) -> Self:
        """Return *error* with each of its problems; dates that contradict one another are none of any argument."""
        problems = error.problems if isinstance(error, core_errors.SeveralProblems) else ()
        return cls(
            code=error.code,
            message=error.message_zh,
            message_en=error.message,
            problems=[Problem.of(problem) for problem in problems],
        )


@strawberry.type(description="Something has to come first in the procedure of a case [5.1.4].")
class NotYet(Refusal):
    shows = (cases_refusals.NotYet,)

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
    shows = (cases_refusals.TooLate,)

    clause: str = strawberry.field(description=CLAUSE)
    since: date | None = strawberry.field(description="The day that ended it.")


@strawberry.type(description="Somebody else has to do it: the collector, the authority, another reviewer [5.1.4].")
class NotTheirs(Refusal):
    shows = (cases_refusals.NotTheirs,)

    clause: str = strawberry.field(description=CLAUSE)


@strawberry.type(description="Something has to go with the step: evidence, proof of service, a citation [5.1.1].")
class Lacking(Refusal):
    shows = (cases_refusals.Lacking,)

    clause: str = strawberry.field(description=CLAUSE)


@strawberry.type(description="The circumstance of [5.1.2] is not there.")
class NoGround(Refusal):
    shows = (cases_refusals.NoGround,)

    clause: str = strawberry.field(description=CLAUSE)
    since: date | None = strawberry.field(description="The day that decided it, where it is a matter of time.")


@strawberry.type(description="The breach reaches an administrative penalty: refer the case instead [5.1.2].")
class PenaltyReached(Refusal):
    shows = (cases_refusals.PenaltyReached,)

    clause: str = strawberry.field(description=CLAUSE)
    remedy: str = strawberry.field(name="wayOut", description="The mutation that does it.")


@strawberry.type(
    description="The department has a case of that number already: look it up, or number this one anew [5.1.3]."
)
class NumberTaken(Refusal):
    shows = (cases_refusals.NumberTaken,)

    clause: str = strawberry.field(description=CLAUSE)


@strawberry.type(description="The day lies before a step that it follows, or in the future.")
class DayOutOfOrder(Refusal):
    shows = (cases_refusals.DayOutOfOrder,)

    nearest: date = strawberry.field(description="The nearest day possible.")


@strawberry.type(
    description="The right number stands in another subject's record; the two have to be looked at together [5.1.3]."
)
class NumberOfAnother(Refusal):
    shows = (cases_refusals.NumberOfAnother,)

    clause: str = strawberry.field(description=CLAUSE)


@strawberry.type(description="The application is not ready for this: over already, or not accepted yet [4.2].")
class ApplicationNotReady(RefusalWithRemedy):
    shows = (refusals.ApplicationRefused,)


@strawberry.type(description="It is too early: time is left that has to pass first [4.2.2] [5.1.2c].")
class NotDue(RefusalWithRemedy):
    shows = (promises_refusals.NotDue,)

    until: date | None = strawberry.field(
        description="The last day of that time: possible from the next. Null where something else has to come first."
    )
    provisional: bool = strawberry.field(
        description="Whether that day is counted through a year whose working days are not published yet."
    )


@strawberry.type(description="The day lies outside what is possible [4.2.2].")
class DateOutOfBounds(RefusalWithRemedy):
    shows = (promises_refusals.DateOutOfBounds,)

    earliest: date = strawberry.field(description="The first day that is possible.")
    latest: date = strawberry.field(description="The last day that is possible.")


@strawberry.type(description="The facts of the promise do not allow it, by the code that says why [4.2.2] [4.2.3].")
class PromiseRefused(RefusalWithRemedy):
    shows = (promises_refusals.PromiseRefused,)

    since: date | None = strawberry.field(description="The day that decided it, where it is a matter of time.")
