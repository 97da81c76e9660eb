"""The refusals that a mutation's result union names: one type for each branch of the errors of consent and credit."""

from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import date
from typing import Any, ClassVar, Final, Self, TypeVar, dataclass_transform

import strawberry

from consent import errors
from credit.applications import refusals
from credit.cases import refusals as cases_refusals
from credit.core import errors as core_errors
from credit.incentives import refusals as incentives_refusals
from credit.promises import refusals as promises_refusals
from credit.subjects import refusals as subjects_refusals
from schema.core.words.refusal_codes import CODES

CLAUSE = "The clause of the governing document that says so."
REMEDY = "可以怎么办。What can be done instead, in Chinese."
REMEDY_EN = "The same in English."

_SENTENCES: Final = {"message": "message_zh", "message_en": "message", "remedy": "remedy_zh", "remedy_en": "remedy"}
"""The attributes of an error for these fields: a client reads Chinese first, a log reads English."""


Refused = TypeVar("Refused", bound="Refusal")


@strawberry.interface(description="Why the change was refused. Nothing was changed.")
class Refusal:
    shows: ClassVar[tuple[type[Exception], ...]] = ()
    """The branches of errors that this type shows. Their attributes have the names of its further fields."""

    code: str = strawberry.field(description="A stable code, for programs.")
    message: str = strawberry.field(description="给用户看的说明。A sentence in Chinese, for users.")
    message_en: str = strawberry.field(description="The same in English.")

    @classmethod
    def of(cls, error: Any) -> Self:  # noqa: ANN401 - an error of one of the branches in `shows`
        """Return *error* as this type shows it."""
        shown = [one.name for one in fields(cls) if one.init]
        return cls(**{name: getattr(error, _SENTENCES.get(name, name)) for name in shown})


@strawberry.interface(name="RefusalWithWayOut", description="A refusal that also says what can be done instead.")
class RefusalWithRemedy(Refusal):
    remedy: str = strawberry.field(name="wayOut", description=REMEDY)
    remedy_en: str = strawberry.field(name="wayOutEn", description=REMEDY_EN)


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def refusal_type(*, description: str) -> Callable[[type[Refused]], type[Refused]]:
    """Decorate a type of refusals: as `strawberry.type`, with its code as one of an enum of its own.

    The field has the name of its type (`notYetCode`): two types of a union may not have one field of two enums.
    """

    def decorate(cls: type[Refused]) -> type[Refused]:
        name = cls.__name__
        codes = CODES[name]

        def own_code(self: Any) -> Any:  # noqa: ANN401 - its enum is known at run time
            return codes[self.code]

        own_code.__annotations__ = {"return": codes}
        field = strawberry.field(
            own_code, name=f"{name[0].lower()}{name[1:]}Code", description="`code`, as one of those of this type."
        )
        cls.own_code = field  # type: ignore[attr-defined]  # a field of each type
        return strawberry.type(cls, description=description)

    return decorate


def to_graphql(error: core_errors.CreditError | errors.ConsentError) -> Refusal:
    """Return *error* as the schema shows it, by its branch; an error without a type is a bug, and is raised again."""
    types = {branch: shown for shown in _below(Refusal) for branch in shown.shows}
    for branch in type(error).__mro__:
        if branch in types:
            return types[branch].of(error)
    raise error


def _below(shown: type[Refusal]) -> Iterator[type[Refusal]]:
    for one in shown.__subclasses__():
        yield one
        yield from _below(one)


@refusal_type(description="It asks for more than the purpose's template allows: scope, days or uses [5.1.6].")
class OutOfBounds(Refusal):
    shows = (errors.OutOfBounds,)


@refusal_type(
    description="The same request was made before and not granted; this does not say whether it was refused. "
    "A new application of the subject is a new occasion [5.1.6]."
)
class AskedBefore(Refusal):
    shows = (errors.AskedBefore,)

    until: date = strawberry.field(description="You may ask again from the day after this date.")


@refusal_type(description="The state of the authorisation does not allow this: it is answered, ended or lapsed.")
class NotNow(Refusal):
    shows = (errors.NotNow,)


@refusal_type(description="An authorisation can only be narrowed; more needs a new request [5.1.6].")
class NotNarrower(Refusal):
    shows = (errors.NotNarrower,)


@refusal_type(description="Consent on paper is valid only with its evidence [5.1.6].")
class BadEvidence(Refusal):
    shows = (errors.BadEvidence,)


@refusal_type(
    description="An authority to act cannot be recorded like this: its kind, evidence, scope or term [5.1.6]."
)
class NotDelegable(Refusal):
    shows = (errors.NotDelegable,)


@refusal_type(
    description="On the day of the breach the person had no full capacity to act, and is not restrained [3.2]."
)
class WithoutFullCapacity(RefusalWithRemedy):
    shows = (subjects_refusals.WithoutFullCapacity,)

    clause: str = strawberry.field(description=CLAUSE)


@refusal_type(description="Only the subject, or a delegate with a recorded authority, may decide this [5.1.6].")
class NotAdmitted(Refusal):
    shows = (errors.NotAdmitted,)


@refusal_type(description="This caller sees no such record, whether or not it exists.")
class NotFound(Refusal):
    shows = (errors.NotFound, core_errors.UnknownCase)


@refusal_type(
    description="记录与账本不一致。What the decision rests on differs from its entries in the ledger. "
    "The operator is alarmed, and nothing was decided [5.1.6]."
)
class RecordContradictsLedger(RefusalWithRemedy):
    shows = (core_errors.RecordContradictsLedger,)


@refusal_type(description="Another request changed it first, or the idempotency key was used for another request.")
class Collision(Refusal):
    shows = (errors.Collision, core_errors.CaseChangedMeanwhile)


@strawberry.type(description="One error in one argument. The value is not quoted.")
class Problem:
    field: str = strawberry.field(description="The argument.")
    code: str = strawberry.field(description="A stable code.")
    message: str = strawberry.field(description="A sentence in Chinese.")
    message_en: str = strawberry.field(description="The same in English.")
    remedy: str = strawberry.field(name="wayOut", description=REMEDY)
    remedy_en: str = strawberry.field(name="wayOutEn", description=REMEDY_EN)

    @classmethod
    def of(cls, problem: core_errors.Problem) -> Self:
        """Return *problem* as this type shows it."""
        return cls(
            field=problem.field,
            code=problem.code,
            message=problem.message_zh,
            message_en=problem.message,
            remedy=problem.remedy_zh,
            remedy_en=problem.remedy,
        )


@refusal_type(description="The particulars are not well formed; every problem is named at once [5.1.3].")
class NotWellFormed(Refusal):
    shows = (core_errors.SeveralProblems, core_errors.InconsistentFacts)

    problems: list[Problem] = strawberry.field(description="What is wrong, argument by argument.")

    @classmethod
    def of(cls, error: core_errors.SeveralProblems | core_errors.InconsistentFacts) -> Self:
        """Return *error* with each of its problems; dates that contradict one another belong to no argument."""
        problems = error.problems if isinstance(error, core_errors.SeveralProblems) else ()
        return cls(
            code=error.code,
            message=error.message_zh,
            message_en=error.message,
            problems=[Problem.of(problem) for problem in problems],
        )


@refusal_type(description="Another step of the procedure has to come first [5.1.4].")
class NotYet(Refusal):
    shows = (cases_refusals.NotYet,)

    clause: str = strawberry.field(description=CLAUSE)
    until: date | None = strawberry.field(
        description="Where time has to pass: the last day of that time. It is possible from the day after."
    )
    provisional: bool = strawberry.field(
        description="Whether that day is counted through a year whose working days are not published yet."
    )


@refusal_type(description="It is too late for this step: it is taken already, ended, or waived by silence [5.1.4].")
class TooLate(Refusal):
    shows = (cases_refusals.TooLate,)

    clause: str = strawberry.field(description=CLAUSE)
    since: date | None = strawberry.field(description="The day that ended it.")


@refusal_type(description="Another person has to do it: the collector, the authority, another reviewer [5.1.4].")
class NotTheirs(Refusal):
    shows = (cases_refusals.NotTheirs,)

    clause: str = strawberry.field(description=CLAUSE)


@refusal_type(description="The step needs a supporting document: evidence, proof of service, a citation [5.1.1].")
class Lacking(Refusal):
    shows = (cases_refusals.Lacking,)

    clause: str = strawberry.field(description=CLAUSE)


@refusal_type(description="The facts do not meet the circumstance of [5.1.2].")
class NoGround(Refusal):
    shows = (cases_refusals.NoGround,)

    clause: str = strawberry.field(description=CLAUSE)
    since: date | None = strawberry.field(description="The day that decided it, where time decided.")


@refusal_type(
    description="The breach reaches an administrative penalty, or another disciplinary measure [5.1.2e]: refer the "
    "case instead [5.1.2]."
)
class PenaltyReached(Refusal):
    shows = (cases_refusals.PenaltyReached,)

    clause: str = strawberry.field(description=CLAUSE)
    remedy: str = strawberry.field(name="wayOut", description="The mutation that does it.")


@refusal_type(
    description="A national penalty memorandum governs: local measures neither add to it nor soften it, and no case is "
    "determined [3.3]."
)
class GovernedByMemorandum(RefusalWithRemedy):
    shows = (incentives_refusals.GovernedByMemorandum, cases_refusals.UnderMemorandum)

    memorandum: str = strawberry.field(description="The memorandum.")


@refusal_type(
    description="The joint module did not say whether a national memorandum governs the subject: unknown is not "
    "*none*, and the determination waits [3.3]."
)
class MemorandumUnknown(RefusalWithRemedy):
    shows = (cases_refusals.MemorandumUnknown,)


@refusal_type(
    description="The department has a case with that number already: look it up, or choose another number [5.1.3]."
)
class NumberTaken(Refusal):
    shows = (cases_refusals.NumberTaken,)

    clause: str = strawberry.field(description=CLAUSE)


@refusal_type(description="The day is before that of an earlier step, or in the future.")
class DayOutOfOrder(Refusal):
    shows = (cases_refusals.DayOutOfOrder,)

    nearest: date = strawberry.field(description="The nearest allowed day.")


OutOfTurn = NotYet | TooLate | NotTheirs
"""A step of a case that is not due: another step, another day or another person comes first, or it is over [5.1.4]."""

StepRefused = DayOutOfOrder | NotWellFormed | NotFound | Collision
"""What refuses any step that is recorded with its day: the day, the particulars, the record, or its version."""


@refusal_type(
    description="The right number belongs to another subject on record; both records have to be examined [5.1.3]."
)
class NumberOfAnother(Refusal):
    shows = (cases_refusals.NumberOfAnother,)

    clause: str = strawberry.field(description=CLAUSE)


@refusal_type(
    description="The number is on record under another name, or as another kind of subject. Nothing was stored; the "
    "comparison is in the log of the one on record. A person decides which name is right [5.1.3] [5.1.6]."
)
class NameConflict(RefusalWithRemedy):
    shows = (subjects_refusals.NameConflict,)


@refusal_type(description="The application does not allow this: it is over, or not accepted yet [4.2].")
class ApplicationNotReady(RefusalWithRemedy):
    shows = (refusals.ApplicationRefused,)


@refusal_type(description="It is too early: a period has to end first [4.2.2] [5.1.2c].")
class NotDue(RefusalWithRemedy):
    shows = (promises_refusals.NotDue,)

    until: date | None = strawberry.field(
        description="The last day of that period: it is possible from the day after. "
        "Null where another step has to come first."
    )
    provisional: bool = strawberry.field(
        description="Whether that day is counted through a year whose working days are not published yet."
    )


@refusal_type(description="The day is outside the allowed range [4.2.2].")
class DateOutOfBounds(RefusalWithRemedy):
    shows = (promises_refusals.DateOutOfBounds,)

    earliest: date = strawberry.field(description="The first allowed day.")
    latest: date = strawberry.field(description="The last allowed day.")


@refusal_type(description="The facts of the promise do not allow it, by the code that says why [4.2.2] [4.2.3].")
class PromiseRefused(RefusalWithRemedy):
    shows = (promises_refusals.PromiseRefused,)

    since: date | None = strawberry.field(description="The day that decided it, where time decided.")
