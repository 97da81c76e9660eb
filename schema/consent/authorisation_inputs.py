"""The inputs of the mutations of authorisations [4.1] [5.1.6]."""

from datetime import date

import strawberry

from consent.authorisation import ContestFinding
from consent.vocabulary import Purpose
from schema.core.enums import Group
from schema.core.inputs import LETTER, POSTED, KeyedInput, mutation_input

VERSION = "How many changes of it were seen: refused where there were others. Default: as it stands."


@mutation_input(description="Asks a subject for an authorisation towards the caller's own department [4.1] [5.2.3].")
class RequestAuthorisationInput(KeyedInput):
    subject: strawberry.ID = strawberry.field(description="Whom to ask.")
    purpose: Purpose = strawberry.field(description="For which purpose; it must be one that rests on consent.")
    scope: list[Group] | None = strawberry.field(default=None, description="Which groups of fields; default: template.")
    expires_on: date | None = strawberry.field(default=None, description="The last day; default: the template's.")
    uses: int | None = strawberry.field(default=None, description="How often; default: the template's.")
    application: strawberry.ID | None = strawberry.field(default=None, description="The application it is for.")


@mutation_input(description="Records consent that was given on paper at the window, with its evidence [5.1.6].")
class RecordPaperAuthorisationInput(KeyedInput):
    subject: strawberry.ID = strawberry.field(description="Who gave it.")
    purpose: Purpose = strawberry.field(description="For which purpose.")
    evidence: str = strawberry.field(
        description="The signed paper: the reference of its file, or its file number; no identity number in it."
    )
    signed_on: date = strawberry.field(
        description="签署日期：the day of the paper, at most 30 days ago; the longest period counts from it."
    )
    scope: list[Group] | None = strawberry.field(default=None, description="Which groups of fields; default: template.")
    expires_on: date | None = strawberry.field(default=None, description="The last day; default: the template's.")
    uses: int | None = strawberry.field(default=None, description="How often; default: the template's.")
    application: strawberry.ID | None = strawberry.field(default=None, description="The application it is for.")


@mutation_input(
    description="Names an authorisation: to refuse, withdraw, contest, confirm. No reason is asked [5.1.6]."
)
class AuthorisationInput(KeyedInput):
    authorisation: strawberry.ID = strawberry.field(description="Which authorisation.")
    expected_version: int | None = strawberry.field(default=None, description=VERSION)


@mutation_input(description="登记书面撤回授权：enters a withdrawal that came by post or was handed in [5.1.6].")
class EnterAuthorisationWithdrawalInput(AuthorisationInput):
    authorisation: strawberry.ID = strawberry.field(description="Which authorisation.")
    on: date = strawberry.field(description=POSTED)
    evidence: str = strawberry.field(description=LETTER)


@mutation_input(description="登记对纸质授权的书面异议：enters a contest that came by post or was handed in [5.1.6].")
class EnterAuthorisationContestInput(AuthorisationInput):
    authorisation: strawberry.ID = strawberry.field(description="Which recorded paper.")
    on: date = strawberry.field(description=POSTED)
    evidence: str = strawberry.field(description=LETTER)


@mutation_input(
    description="登记书面拒绝授权：enters a refusal that came by post or was handed in. There is no version to give: "
    "it would count the refusals of the subject [5.1.6]."
)
class EnterAuthorisationRefusalInput(KeyedInput):
    authorisation: strawberry.ID = strawberry.field(description="Which request.")
    on: date = strawberry.field(description=POSTED)
    evidence: str = strawberry.field(description=LETTER)


@mutation_input(description="Offers an authorisation for one's own undecided application, unasked [5.1.6].")
class OfferAuthorisationInput(KeyedInput):
    application: strawberry.ID = strawberry.field(description="The application; its department may then look up.")
    purpose: Purpose = strawberry.field(default=Purpose.CREDIT_CHECK, description="For which purpose.")
    scope: list[Group] | None = strawberry.field(default=None, description="Which groups of fields; default: template.")
    expires_on: date | None = strawberry.field(default=None, description="The last day; default: the template's.")
    uses: int | None = strawberry.field(default=None, description="How often; default: the template's.")


@mutation_input(description="Decides on a contest [5.1.6].")
class DecideContestInput(AuthorisationInput):
    authorisation: strawberry.ID = strawberry.field(description="Which contested paper.")
    finding: ContestFinding = strawberry.field(description="异议处理结果：whether the subject had given it.")
    evidence: str = strawberry.field(description="The reference of the reasons, or of their uploaded file.")


@mutation_input(description="Says yes to a request: to all of it, or to less [5.1.6].")
class GrantAuthorisationInput(AuthorisationInput):
    authorisation: strawberry.ID = strawberry.field(description="Which request.")
    notice: str | None = strawberry.field(
        default=None,
        description="告知书摘要：the digest of the notice that the subject was shown, as `Authorisation.notice` gives "
        "it. Refused if another one is in force: then read the request again. A production demands it.",
    )
    scope: list[Group] | None = strawberry.field(default=None, description="Fewer groups; default: as asked.")
    expires_on: date | None = strawberry.field(default=None, description="An earlier last day; default: as asked.")
    uses: int | None = strawberry.field(default=None, description="Fewer uses; default: as asked.")


@mutation_input(description="Leaves less of a live authorisation, from this moment on [5.1.6].")
class NarrowAuthorisationInput(AuthorisationInput):
    scope: list[Group] | None = strawberry.field(default=None, description="Fewer groups; default: as they are.")
    expires_on: date | None = strawberry.field(default=None, description="An earlier last day; default: as it is.")
    uses: int | None = strawberry.field(default=None, description="Fewer uses; default: as they are.")


@mutation_input(description="登记书面缩小授权：enters a narrowing that came by post or was handed in [5.1.6].")
class EnterAuthorisationNarrowingInput(NarrowAuthorisationInput):
    on: date = strawberry.field(description=POSTED)
    evidence: str = strawberry.field(description=LETTER)
