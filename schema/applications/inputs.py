"""What the steps of an application are told [4]. References stand in clear: no name and no number in them."""

import strawberry

import schema.core.enums  # noqa: F401 - gives the enums below their names before a type uses them
from credit.applications.application import Outcome
from schema.core.idempotency import KEY

APPLICATION = "Which application, by its global id."
VERSION = "How many changes of it were seen, from 1: refused where there were more. Default: as it stands."


@strawberry.input(description="申请：files an application at the clerk's own window [4.2].")
class FileApplicationInput:
    subject: strawberry.ID = strawberry.field(description="Who applies, by its global id.")
    matter: strawberry.ID = strawberry.field(description="What is applied for; the clerk's department handles it.")
    number: str | None = strawberry.field(
        default=None,
        description="办件编号：the window's own number, 40 characters at most, free of personal data; default: one is "
        "made.",
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Names an application to accept or to withdraw [4.2].")
class ApplicationInput:
    application: strawberry.ID = strawberry.field(description=APPLICATION)
    expected_version: int | None = strawberry.field(default=None, description=VERSION)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="办结：ends an application with an outcome [4.2].")
class DecideApplicationInput:
    application: strawberry.ID = strawberry.field(description=APPLICATION)
    outcome: Outcome = strawberry.field(description="Approved or refused; withdrawn is the applicant's own word.")
    expected_version: int | None = strawberry.field(default=None, description=VERSION)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="事前信用核查：asks both sources about the applicant, on its authorisation [4.1].")
class CheckCreditInput:
    application: strawberry.ID = strawberry.field(description=APPLICATION)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="给予激励：grants an incentive, decided at this very moment [4.2] [5.2.1].")
class GrantIncentiveInput:
    application: strawberry.ID = strawberry.field(description=APPLICATION)
    incentive: str = strawberry.field(description="Its code, as the root `incentives` lists it.")
    helper: str | None = strawberry.field(
        default=None, description="专人帮办：the named helper's staff reference, with a green channel [4.2.1]."
    )
    commitment: str | None = strawberry.field(
        default=None, description="The file reference of the applicant's written commitment [4.2.2] [4.2.3]."
    )
    expected_version: int | None = strawberry.field(default=None, description=VERSION)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)
