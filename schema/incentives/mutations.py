"""Incentives: what there are, for everybody to read, and granting one at this moment [4.2] [5.2.1]."""

from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from credit.applications.application import Facilitation
from credit.core.record_refs import ApplicationRef
from credit.incentives.actions import grant_by_name
from credit.incentives.incentive import Granted
from queryplan.entities import Entity
from schema.applications.types import Application
from schema.core.context import Info
from schema.core.fields import read_back
from schema.core.inputs import ApplicationStepInput, application_ref, mutation_input
from schema.core.mutations.mutation import MutationResult, run_mutation
from schema.core.mutations.refusals import (
    ApplicationNotReady,
    Collision,
    NotFound,
    NotWellFormed,
    RecordContradictsLedger,
)
from schema.credit_checks.types import IncentiveGrant
from schema.incentives.types import NoIncentive


@mutation_input(description="给予激励：grants an incentive, decided at this very moment [4.2] [5.2.1].")
class GrantIncentiveInput(ApplicationStepInput):
    incentive: str = strawberry.field(description="Its code, as the root `incentives` lists it.")
    helper: str | None = strawberry.field(
        default=None, description="专人帮办：the named helper's staff reference, with a green channel [4.2.1]."
    )
    commitment: str | None = strawberry.field(
        default=None, description="The file reference of the applicant's written commitment [4.2.2] [4.2.3]."
    )


@strawberry.type(description="守信激励：one incentive for subjects without adverse record [4.2].")
class Incentive:
    code: str = strawberry.field(description="Its code.")
    name: str = strawberry.field(description="名称。Its name in Chinese.")
    name_en: str = strawberry.field(description="Its name in English.")
    offers: str = strawberry.field(description="内容。What it offers, in Chinese.")
    offers_en: str = strawberry.field(description="What it offers, in English.")
    clause: str = strawberry.field(description="The clause of the governing document.")
    citation: str = strawberry.field(description="依据：the document or the law that provides it [4.2.4].")
    channel: Facilitation | None = strawberry.field(
        description="The channel that an application with it goes through; null where it stays in its own."
    )
    needs: list[str] = strawberry.field(
        description="What has to be there: HELPER, WRITTEN_COMMITMENT, MATTER_DOCUMENT."
    )
    starts_on: date = strawberry.field(description="Its first day in force.")
    ends_on: date | None = strawberry.field(description="Its last day in force; null where it has none.")


@strawberry.type(description="Incentives.")
class IncentiveQuery:
    @strawberry.field(
        description="守信激励：the incentives in force on a day, today by default. Further ones by law are data "
        "[4.2.4]. For everybody, without a purpose."
    )
    def incentives(self, info: Info, on: date | None = None) -> list[Incentive]:
        day = on or info.context.today
        return [
            Incentive(
                code=one.code,
                name=one.name_zh,
                name_en=one.name_en,
                offers=one.offers_zh,
                offers_en=one.offers_en,
                clause=one.clause,
                citation=one.citation,
                channel=one.channel,
                needs=sorted(one.needs),
                starts_on=one.starts_on,
                ends_on=one.ends_on,
            )
            for one in info.context.granting.incentives.values()
            if one.is_in_force(day)
        ]


@strawberry.type(description="The incentive is granted. All of it is read back like any query.")
class IncentiveGranted:
    application: Application | None = read_back(Entity.APPLICATION, "The application, in the channel it now goes.")
    grant: IncentiveGrant | None = read_back(Entity.INCENTIVE_GRANT, "What was granted, on which check.")


GrantIncentiveResult = Annotated[
    IncentiveGranted
    | NoIncentive
    | RecordContradictsLedger
    | ApplicationNotReady
    | NotWellFormed
    | NotFound
    | Collision,
    strawberry.union("GrantIncentiveResult", description="The result of granting; each refusal says the way out."),
]


@strawberry.type(description="Granting incentives [4.2].")
class IncentiveMutation:
    @strawberry.mutation(
        description="给予激励：grants an incentive to an application, decided at this moment: the matter allows it, "
        "both sources of a fresh check are clean, and the subject is not restrained now; it is notified [4.2] [5.2.1]."
    )
    async def grant_incentive(self, info: Info, input: GrantIncentiveInput) -> GrantIncentiveResult:
        which = application_ref(input)
        return await run_mutation(
            info,
            input,
            _granted(which),
            grant_by_name,
            which,
            input.incentive,
            helper_ref=input.helper,
            commitment_ref=input.commitment,
        )


def _granted(which: ApplicationRef) -> MutationResult[Granted]:
    """Return the result of granting: what is stored is the grant's id and whose it is."""
    return MutationResult(
        lambda grant: {"subject_id": str(which.subject_id), "grant_id": str(grant.grant_id)},
        lambda ids: IncentiveGranted(
            application=(which.subject_id, which.id),  # type: ignore[arg-type]  # its keys, until it is read back
            grant=(which.subject_id, UUID(ids["grant_id"])),  # type: ignore[arg-type]  # as above
        ),
    )
