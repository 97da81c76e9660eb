"""The roots of restraint cases: for their officers, for supervisors, and for the public [5.1] [5.2.2]."""

from datetime import date, datetime

import strawberry

from credit.cases.status import CaseStatus, Circumstance
from credit.core.values.document_numbers import number_key
from queryplan.entities import Entity
from queryplan.plan import ListOrdering, newest
from schema.cases.types import RestraintCase
from schema.core.connections import CASES_BY_CHANGE, CASES_MOVE, OF_SUBJECT, Connection
from schema.core.enums import FocusedCheckTargetOrder, RestraintCaseOrder
from schema.core.fields import FilterColumn, ManySource, RootLookup, RootSource, planned, two_ways

_PUBLISHED = newest("published_on", "case_id")
_BY_CHANGE = ListOrdering(CASES_BY_CHANGE, CASES_MOVE)
_BY_PUBLICATION = ListOrdering(_PUBLISHED)
_BY_COLLECTION = ListOrdering(newest("collected_at", "case_id"))
_OF_DEPARTMENT = {"department": FilterColumn("department_code", "=", "RestraintCase.department")}
_OF_CASE = {
    "circumstance": FilterColumn("circumstance", "=", "RestraintCase.circumstance"),
    "sector": FilterColumn("sector_code", "=", "RestraintCase.sector"),
    "area": FilterColumn("area_code", "prefix", "RestraintCase.area"),
    "since": FilterColumn("published_on", ">=", "RestraintCase.publishedOn"),
    "until": FilterColumn("published_on", "<=", "RestraintCase.publishedOn"),
}
_OF_LISTED = {name: one for name, one in _OF_CASE.items() if name != "area"}
"""To look for the area of a person is to read it, and the public list does not show it [5.1.5]."""


@strawberry.type(description="Restraint cases [5.1].")
class RestraintCaseQuery:
    @planned(
        RootSource(
            RootLookup.COLUMNS,
            Entity.RESTRAINT_CASE,
            {
                "number": FilterColumn("number_key", "=", "RestraintCase.number", normalise=number_key),
                "department": FilterColumn("department_code", "=", "RestraintCase.department"),
            },
        ),
        "One restraint case by its number, which is unique within its determining authority; null where the caller "
        "sees none [5.1.3].",
    )
    def case(self, number: str, department: strawberry.ID) -> RestraintCase | None: ...

    @planned(
        ManySource(
            Entity.RESTRAINT_CASE,
            CASES_BY_CHANGE,
            None,
            {
                **_OF_CASE,
                **OF_SUBJECT,
                "number": FilterColumn("number_key", "=", "RestraintCase.number", normalise=number_key),
                **_OF_DEPARTMENT,
                "handler": FilterColumn("handler_ref", "=", "RestraintCase.handler"),
                "reviewer": FilterColumn("reviewer_ref", "=", "RestraintCase.reviewer"),
                "status": FilterColumn("status", "is", "RestraintCase.status"),
                "inForce": FilterColumn("in_force", "=", "RestraintCase.inForce"),
                "changedSince": FilterColumn("changed_at", ">=", "RestraintCase.changedAt"),
                "changedUntil": FilterColumn("changed_at", "<", "RestraintCase.changedAt"),
            },
            moving=CASES_MOVE,
            orders={
                **two_ways(RestraintCaseOrder.CHANGED_AT_DESC, RestraintCaseOrder.CHANGED_AT_ASC, _BY_CHANGE),
                **two_ways(
                    RestraintCaseOrder.COLLECTED_AT_DESC,
                    RestraintCaseOrder.COLLECTED_AT_ASC,
                    _BY_COLLECTION,
                    "RestraintCase.collectedOn",
                ),
                **two_ways(
                    RestraintCaseOrder.PUBLISHED_ON_DESC,
                    RestraintCaseOrder.PUBLISHED_ON_ASC,
                    _BY_PUBLICATION,
                    "RestraintCase.publishedOn",
                ),
            },
        ),
        "Restraint cases that this caller may see, in every state, last changed first [5.1].",
    )
    def restraint_cases(
        self,
        subject: strawberry.ID | None = None,
        number: str | None = None,
        department: strawberry.ID | None = None,
        handler: str | None = None,
        reviewer: str | None = None,
        status: list[CaseStatus] | None = None,
        in_force: bool | None = None,  # noqa: FBT001 - an argument of the schema, always by name
        circumstance: Circumstance | None = None,
        sector: strawberry.ID | None = None,
        area: strawberry.ID | None = None,
        since: date | None = None,
        until: date | None = None,
        changed_since: datetime | None = None,
        changed_until: datetime | None = None,
    ) -> Connection[RestraintCase]: ...

    @planned(
        ManySource(
            Entity.RESTRAINT_CASE,
            _PUBLISHED,
            None,
            {
                **_OF_CASE,
                **_OF_DEPARTMENT,
                "changedSince": FilterColumn("changed_at", ">=", "RestraintCase.changedAt"),
                "changedUntil": FilterColumn("changed_at", "<", "RestraintCase.changedAt"),
            },
            always="in_force",
            orders={
                **two_ways(
                    FocusedCheckTargetOrder.PUBLISHED_ON_DESC, FocusedCheckTargetOrder.PUBLISHED_ON_ASC, _BY_PUBLICATION
                ),
                **two_ways(FocusedCheckTargetOrder.CHANGED_AT_DESC, FocusedCheckTargetOrder.CHANGED_AT_ASC, _BY_CHANGE),
            },
        ),
        "重点核查对象：restraints in force today in the supervisor's own sector and area, newest first [5.2.2].",
    )
    def focused_check_targets(
        self,
        department: strawberry.ID | None = None,
        sector: strawberry.ID | None = None,
        area: strawberry.ID | None = None,
        circumstance: Circumstance | None = None,
        since: date | None = None,
        until: date | None = None,
        changed_since: datetime | None = None,
        changed_until: datetime | None = None,
    ) -> Connection[RestraintCase]: ...

    @planned(
        ManySource(Entity.RESTRAINT_CASE, _PUBLISHED, None, {**_OF_LISTED, **_OF_DEPARTMENT}, always="in_force"),
        "失信制约名单：the public list of restraints in force today. Companies by name, persons by family name, "
        "without a digit of any number. For everybody, without token, under @purpose(is: PUBLICITY) [5.1.5].",
    )
    def public_restraint_list(
        self,
        department: strawberry.ID | None = None,
        sector: strawberry.ID | None = None,
        circumstance: Circumstance | None = None,
        since: date | None = None,
        until: date | None = None,
    ) -> Connection[RestraintCase]: ...
