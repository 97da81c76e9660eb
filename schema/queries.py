"""The roots: what one may ask for."""

from datetime import date, datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from consent.vocabulary import Purpose
from credit.applications.application import Outcome
from credit.cases.status import Circumstance
from credit.subjects.subject import IdentifierKind
from queryplan.plan import Entity, Order
from schema.applications.types import Application
from schema.cases.types import RestraintCase
from schema.consent.templates import AuthorisationTemplate, templates
from schema.consent.types import AccessEntry, Authorisation
from schema.consultations.types import ConsultationQuery
from schema.core.access_explanation import AccessExplanation
from schema.core.connections import Connection
from schema.core.context import RequestContext
from schema.core.fields import FilterColumn, ManySource, RootLookup, RootSource, planned
from schema.corrections.types import CorrectionQuery
from schema.credit_checks.types import CreditCheckQuery
from schema.focused_checks.target_changes import TargetChangeQuery
from schema.focused_checks.types import FocusedCheckQuery
from schema.incentives.mutations import IncentiveQuery
from schema.notices.check_code import NoticeCheckQuery
from schema.notifications.types import NotificationQuery
from schema.objections.types import ObjectionQuery
from schema.outbox.types import OutboxQuery
from schema.policy_texts.measures import MeasureQuery
from schema.policy_texts.types import PolicyText, policy_texts
from schema.policy_texts.working_days import WorkingDays, working_days
from schema.promises.commitment_types import CommitmentQuery
from schema.promises.deferral_types import DeferralQuery
from schema.reference.types import Area, Department, Matter, Node, Sector
from schema.statistics.types import FigureQuery
from schema.subjects.types import Subject
from schema.subjects.viewer import Viewer, viewer
from schema.worklist.types import WorklistQuery

After = Annotated[str | None, strawberry.argument(description="The `endCursor` of the page before.")]
First = Annotated[int, strawberry.argument(description="How many, at most.")]

# Not by the day of collection, which many who may ask for the list do not see: a cursor would tell it.
_CHANGED = (Order("changed_at", "desc"), Order("case_id"))
_PUBLISHED = (Order("published_on", "desc"), Order("case_id"))
_OF_SUBJECT = {"subject": FilterColumn("subject_id", "=", "NaturalPerson.id")}
_OF_CASE = {
    "circumstance": FilterColumn("circumstance", "=", "RestraintCase.circumstance"),
    "sector": FilterColumn("sector_code", "=", "RestraintCase.sector"),
    "area": FilterColumn("area_code", "prefix", "RestraintCase.area"),
    "since": FilterColumn("published_on", ">=", "RestraintCase.publishedOn"),
}


@strawberry.type(description="What one may ask. Every field that shows personal data needs a stated purpose [5.1.6].")
class Query(
    MeasureQuery,
    NoticeCheckQuery,
    WorklistQuery,
    ConsultationQuery,
    DeferralQuery,
    CommitmentQuery,
    FigureQuery,
    FocusedCheckQuery,
    IncentiveQuery,
    CreditCheckQuery,
    CorrectionQuery,
    ObjectionQuery,
    TargetChangeQuery,
    OutboxQuery,
    NotificationQuery,
):
    @strawberry.field(description="Who is asking: the role of this request, and the purposes open to it.")
    def viewer(self, info: Info[RequestContext, None]) -> Viewer:
        return viewer(info.context)

    @planned(
        RootSource(RootLookup.NODE), "One thing by its global id; null where there is none that this caller may see."
    )
    def node(self, id: strawberry.ID) -> Node | None: ...  # noqa: A002 - Relay's name

    @planned(
        RootSource(RootLookup.NODES), "Several things by their global ids, in the order asked; null for each missing."
    )
    def nodes(self, ids: list[strawberry.ID]) -> list[Node | None]: ...

    @planned(RootSource(RootLookup.ID, Entity.SUBJECT), "One subject by its global id.")
    def subject(self, id: strawberry.ID) -> Subject | None: ...  # noqa: A002 - as above

    @planned(
        RootSource(RootLookup.IDENTIFIER, Entity.SUBJECT),
        "One subject by its exact identifier: the call at the counter [4.1]. The number is normalised (spaces, "
        "full-width digits, 15 digits) and never quoted back. Give it as a variable, not in the document.",
    )
    def subject_by_identifier(self, kind: IdentifierKind, number: str) -> Subject | None: ...

    @planned(
        RootSource(RootLookup.OWN, Entity.SUBJECT),
        "The subject that the caller is, or acts for by a recorded authority; `id` chooses among several.",
    )
    def my_subject(self, id: strawberry.ID | None = None) -> Subject | None: ...  # noqa: A002 - as above

    @planned(
        ManySource(Entity.AUTHORISATION, (Order("requested_at", "desc"), Order("authorisation_id")), None, _OF_SUBJECT),
        "The caller's authorisations and requests for them: a subject's own, a department's towards itself [5.1.6].",
    )
    def my_authorisations(
        self, subject: strawberry.ID | None = None, first: First = 20, after: After = None
    ) -> Connection[Authorisation]: ...

    @planned(
        ManySource(
            Entity.ACCESS_ENTRY,
            (Order("entry_id", "desc"),),
            None,
            {
                "subject": FilterColumn("subject_id", "=", "NaturalPerson.id"),
                "purpose": FilterColumn("purpose", "=", "AccessEntry.purpose"),
                "since": FilterColumn("at", ">=", "AccessEntry.at"),
                "until": FilterColumn("at", "<", "AccessEntry.at"),
            },
        ),
        "Who read the caller's data: when, from which department, for which purpose, by what right, which fields, "
        "clear or masked [5.1.6]. Auditors see every subject's.",
    )
    def my_access_log(
        self,
        subject: strawberry.ID | None = None,
        purpose: Purpose | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[AccessEntry]: ...

    @planned(
        ManySource(
            Entity.APPLICATION,
            (Order("filed_at", "desc"), Order("application_id")),
            None,
            {
                **_OF_SUBJECT,
                "number": FilterColumn("number", "=", "Application.number"),
                "matter": FilterColumn("matter_code", "=", "Application.matter"),
                "isOpen": FilterColumn("is_open", "=", "Application.isOpen"),
                "outcome": FilterColumn("outcome", "=", "Application.outcome"),
                "filedSince": FilterColumn("filed_at", ">=", "Application.filedAt"),
            },
        ),
        "Applications that this caller may see, newest first: at a window those of its own department [4.2].",
    )
    def applications(
        self,
        subject: strawberry.ID | None = None,
        number: str | None = None,
        matter: strawberry.ID | None = None,
        is_open: bool | None = None,  # noqa: FBT001 - an argument of the schema, always by name
        outcome: Outcome | None = None,
        filed_since: datetime | None = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[Application]: ...

    @planned(
        ManySource(
            Entity.RESTRAINT_CASE,
            _CHANGED,
            None,
            {
                **_OF_CASE,
                **_OF_SUBJECT,
                "number": FilterColumn("number", "=", "RestraintCase.number"),
                "handler": FilterColumn("handler_ref", "=", "RestraintCase.handler"),
                "inForce": FilterColumn("in_force", "=", "RestraintCase.inForce"),
                "changedSince": FilterColumn("changed_at", ">=", "RestraintCase.changedAt"),
            },
        ),
        "Restraint cases that this caller may see, in every state, last changed first [5.1].",
    )
    def restraint_cases(
        self,
        subject: strawberry.ID | None = None,
        number: str | None = None,
        handler: str | None = None,
        in_force: bool | None = None,  # noqa: FBT001 - an argument of the schema, always by name
        circumstance: Circumstance | None = None,
        sector: strawberry.ID | None = None,
        area: strawberry.ID | None = None,
        since: date | None = None,
        changed_since: datetime | None = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[RestraintCase]: ...

    @planned(
        ManySource(
            Entity.RESTRAINT_CASE,
            _PUBLISHED,
            None,
            {**_OF_CASE, "changedSince": FilterColumn("changed_at", ">=", "RestraintCase.changedAt")},
            always="in_force",
        ),
        "重点核查对象：restraints in force today in the supervisor's own sector and area, newest first [5.2.2].",
    )
    def focused_check_targets(
        self,
        sector: strawberry.ID | None = None,
        area: strawberry.ID | None = None,
        circumstance: Circumstance | None = None,
        since: date | None = None,
        changed_since: datetime | None = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[RestraintCase]: ...

    @planned(
        ManySource(Entity.RESTRAINT_CASE, _PUBLISHED, None, _OF_CASE, always="in_force"),
        "失信制约名单：the public list of restraints in force today. Companies by name, persons by family name, "
        "without a digit of any number. For everybody, without token, under @purpose(is: PUBLICITY) [5.1.5].",
    )
    def public_restraint_list(
        self,
        sector: strawberry.ID | None = None,
        area: strawberry.ID | None = None,
        circumstance: Circumstance | None = None,
        since: date | None = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[RestraintCase]: ...

    @planned(ManySource(Entity.DEPARTMENT, (Order("code"),)), "The departments.")
    def departments(self, first: First = 50, after: After = None) -> Connection[Department]: ...

    @planned(
        ManySource(
            Entity.MATTER,
            (Order("code"),),
            None,
            {"department": FilterColumn("department_code", "=", "Matter.department")},
        ),
        "The government-service items.",
    )
    def matters(
        self, department: strawberry.ID | None = None, first: First = 50, after: After = None
    ) -> Connection[Matter]: ...

    @planned(ManySource(Entity.SECTOR, (Order("code"),)), "The sectors.")
    def sectors(self, first: First = 50, after: After = None) -> Connection[Sector]: ...

    @planned(ManySource(Entity.AREA, (Order("code"),)), "The administrative divisions of the district.")
    def areas(self, first: First = 50, after: After = None) -> Connection[Area]: ...

    @strawberry.field(description="What can be asked of a subject, for each purpose that rests on consent [5.1.6].")
    def authorisation_templates(self, info: Info[RequestContext, None]) -> list[AuthorisationTemplate]:
        return templates(info.context)

    @strawberry.field(
        description="政策文本：the published texts in force on a day, in Chinese and English: the circumstances, the "
        "measures, the rights, and how to repair. For everybody, without a purpose [6.3]."
    )
    def policy_texts(self, info: Info[RequestContext, None], on: date | None = None) -> list[PolicyText]:
        return policy_texts(info.context, on)

    @strawberry.field(
        description="工作日：the official days off and moved working days by which the clocks of a year count. A year "
        "whose notice is not out says so, and nothing is guessed of it [5.1.4]."
    )
    def working_days(self, info: Info[RequestContext, None], year: int) -> WorkingDays:
        return working_days(info.context, year)

    @strawberry.field(
        description="What the guard would decide for each field of *document*, for this caller, without running it: "
        "what is clear, masked or withheld, by which right, and what would unlock it."
    )
    def explain_access(
        self,
        info: Info[RequestContext, None],
        document: str,
        purpose: Purpose | None = None,
        operation_name: str | None = None,
    ) -> AccessExplanation:
        return info.context.explain(document, purpose, operation_name)
