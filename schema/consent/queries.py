"""The roots of authorisations and of the access log [5.1.6]."""

from datetime import datetime

import strawberry

from consent.authorisation import Status
from consent.vocabulary import Purpose
from queryplan.entities import Entity
from queryplan.plan import Order, newest
from schema.consent.access_types import AccessEntry, EntryDelay
from schema.consent.types import Authorisation
from schema.core.connections import OF_SUBJECT, Connection
from schema.core.fields import FilterColumn, ManySource, planned


@strawberry.type(description="Authorisations, and who read what [5.1.6].")
class AuthorisationQuery:
    @planned(
        ManySource(
            Entity.AUTHORISATION,
            newest("requested_at", "authorisation_id"),
            None,
            {
                **OF_SUBJECT,
                "status": FilterColumn(
                    "status",
                    "is",
                    "Authorisation.status",
                    guarded={"Authorisation.refusedAt": "status_without_refusals"},
                ),
                "recipient": FilterColumn("recipient_code", "=", "Authorisation.recipient"),
                "purpose": FilterColumn("purpose", "=", "Authorisation.purpose"),
                "requestedSince": FilterColumn("requested_at", ">=", "Authorisation.requestedAt"),
                "requestedUntil": FilterColumn("requested_at", "<", "Authorisation.requestedAt"),
            },
        ),
        "The caller's authorisations and requests for them: a subject's own, a department's towards itself [5.1.6].",
    )
    def my_authorisations(
        self,
        subject: strawberry.ID | None = None,
        status: list[Status] | None = None,
        recipient: strawberry.ID | None = None,
        purpose: Purpose | None = None,
        requested_since: datetime | None = None,
        requested_until: datetime | None = None,
    ) -> Connection[Authorisation]: ...

    @planned(
        ManySource(
            Entity.ENTRY_DELAY,
            newest("ordered_at", "delay_id"),
            None,
            {
                **OF_SUBJECT,
                "department": FilterColumn("department_code", "=", "EntryDelay.department"),
                "orderedSince": FilterColumn("ordered_at", ">=", "EntryDelay.orderedAt"),
                "orderedUntil": FilterColumn("ordered_at", "<", "EntryDelay.orderedAt"),
            },
        ),
        "延期公开：the delays of entries of the caller's log that have opened: by whom, by which law, until when. "
        "Auditors see every delay at once [5.1.6].",
    )
    def entry_delays(
        self,
        subject: strawberry.ID | None = None,
        department: strawberry.ID | None = None,
        ordered_since: datetime | None = None,
        ordered_until: datetime | None = None,
    ) -> Connection[EntryDelay]: ...

    @planned(
        ManySource(
            Entity.ACCESS_ENTRY,
            # The subjects of one page have entries with the same id.
            (Order("entry_id", "desc"), Order("subject_id", "desc")),
            None,
            {
                **OF_SUBJECT,
                "byOthers": FilterColumn("by_others", "=", "AccessEntry.role"),
                "department": FilterColumn("department_code", "=", "AccessEntry.department"),
                "purpose": FilterColumn("purpose", "=", "AccessEntry.purpose"),
                "since": FilterColumn("at", ">=", "AccessEntry.at"),
                "until": FilterColumn("at", "<", "AccessEntry.at"),
            },
        ),
        "Who read the caller's data: when, from which department, for which purpose, by what right, which fields, "
        "clear or masked [5.1.6]. `byOthers` folds the subject's own reads away, and keeps those of its delegates. "
        "Auditors see every subject's.",
    )
    def my_access_log(
        self,
        subject: strawberry.ID | None = None,
        by_others: bool | None = None,  # noqa: FBT001 - an argument of the schema, always by name
        department: strawberry.ID | None = None,
        purpose: Purpose | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Connection[AccessEntry]: ...
