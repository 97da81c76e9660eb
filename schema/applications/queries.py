"""The root of applications [4.2]."""

from datetime import datetime

import strawberry

from credit.applications.application import ApplicationStatus, Facilitation, Outcome
from credit.core.values.document_numbers import number_key
from queryplan.entities import Entity
from queryplan.plan import newest
from schema.applications.types import Application
from schema.core.connections import OF_SUBJECT, Connection
from schema.core.fields import FilterColumn, ManySource, RootLookup, RootSource, planned


@strawberry.type(description="Applications [4.2].")
class ApplicationQuery:
    @planned(
        RootSource(
            RootLookup.COLUMNS,
            Entity.APPLICATION,
            {
                "number": FilterColumn("number_key", "=", "Application.number", normalise=number_key),
                "department": FilterColumn("department_code", "=", "Application.department"),
            },
        ),
        "办件编号：one application by its number at a department's window; null where the caller sees none [4.2].",
    )
    def application(self, number: str, department: strawberry.ID) -> Application | None: ...

    @planned(
        ManySource(
            Entity.APPLICATION,
            newest("filed_at", "application_id"),
            None,
            {
                **OF_SUBJECT,
                "number": FilterColumn("number_key", "=", "Application.number", normalise=number_key),
                "department": FilterColumn("department_code", "=", "Application.department"),
                "matter": FilterColumn("matter_code", "=", "Application.matter"),
                "status": FilterColumn("status", "is", "Application.status"),
                "facilitation": FilterColumn("channel", "=", "Application.facilitation"),
                "isOpen": FilterColumn("is_open", "is", "Application.isOpen"),
                "outcome": FilterColumn("outcome", "=", "Application.outcome"),
                "filedSince": FilterColumn("filed_at", ">=", "Application.filedAt"),
                "filedUntil": FilterColumn("filed_at", "<", "Application.filedAt"),
            },
        ),
        "Applications that this caller may see, newest first: at a window those of its own department [4.2].",
    )
    def applications(
        self,
        subject: strawberry.ID | None = None,
        number: str | None = None,
        department: strawberry.ID | None = None,
        matter: strawberry.ID | None = None,
        status: list[ApplicationStatus] | None = None,
        facilitation: Facilitation | None = None,
        is_open: bool | None = None,  # noqa: FBT001 - an argument of the schema, always by name
        outcome: Outcome | None = None,
        filed_since: datetime | None = None,
        filed_until: datetime | None = None,
    ) -> Connection[Application]: ...
