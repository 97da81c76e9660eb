"""The refusals that a mutation's result union names: the branches of consent's and credit's errors."""

import strawberry

from consent import errors as consent
from credit.errors import RegistrationRefused


@strawberry.interface(description="Why something was not done. Nothing was changed.")
class Refusal:
    code: str = strawberry.field(description="A stable code, for programs.")
    message: str = strawberry.field(description="给用户看的说明。A sentence in Chinese, for users.")
    message_en: str = strawberry.field(description="The same in English.")


@strawberry.type(description="It asks for more than the purpose's template allows: scope, days or uses [5.1.6].")
class OutOfBounds(Refusal):
    pass


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


_BRANCHES: tuple[tuple[type[consent.ConsentError], type[Refusal]], ...] = (
    (consent.OutOfBounds, OutOfBounds),
    (consent.NotNow, NotNow),
    (consent.NotNarrower, NotNarrower),
    (consent.BadEvidence, BadEvidence),
    (consent.NotAdmitted, NotAdmitted),
    (consent.NotFound, NotFound),
    (consent.Collision, Collision),
)


def refusal_of(error: consent.ConsentError) -> Refusal:
    """Return the refusal as the schema names it; what has no name here is a bug, and is raised again."""
    for branch, shown in _BRANCHES:
        if isinstance(error, branch):
            return shown(code=error.code, message=error.message_zh, message_en=error.message)
    raise error


def problems_of(error: RegistrationRefused) -> NotWellFormed:
    """Return everything that is wrong with a registration."""
    return NotWellFormed(
        code=error.code,
        message=error.message_zh,
        message_en=error.message,
        problems=[
            Problem(field=one.field, code=one.code, message=one.message_zh, message_en=one.message)
            for one in error.problems
        ],
    )
