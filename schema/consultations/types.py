"""Consultations: for the department or association that asked, without names; for a subject, in its log [5.2.3]."""

from datetime import datetime
from typing import Annotated

import strawberry

from credit.consultations.consultation import ConsultationGround, ConsultationKind, RecipientKind, Reply
from queryplan.entities import Entity
from queryplan.plan import newest
from schema.core.connections import OF_SUBJECT, Connection
from schema.core.fields import FilterColumn, ManySource, column, filled_column, global_id, one, planned
from schema.reference.types import Department, Node, SubjectLink

AskedSince = Annotated[
    datetime | None, strawberry.argument(description="Only those at this instant or later; with a zone.")
]
AskedUntil = Annotated[datetime | None, strawberry.argument(description="Only those before this instant; with a zone.")]


@strawberry.type(
    description="征求意见：a request before a rating, an award or a selection. Its subjects are in their own logs "
    "only [5.2.3]."
)
class Consultation(Node):
    id: strawberry.ID = global_id(Entity.CONSULTATION, "The global id.")
    kind: ConsultationKind | None = filled_column("kind", "What the answer is for: a rating, an award or a selection.")
    recipient_kind: RecipientKind | None = filled_column("recipient_kind", "A department, or an association outside.")
    recipient: Department | None = one("recipient", Entity.DEPARTMENT, "The department or association that asked.")
    occasion: str | None = filled_column("occasion", "事由：which rating, award or selection, by its reference.")
    statute: str | None = column("statute", "法定依据：the statute that a department cited; null where it had none.")
    asked_by: str | None = filled_column("by_ref", "The staff or account reference of the person who asked.")
    at: datetime | None = filled_column("at", "When (UTC).")
    names: int | None = filled_column("names", "How many names it had.")


@strawberry.type(
    description="征求意见记录：the entry of a consultation in the log of a subject that it was about, even if the "
    "reply disclosed nothing [5.1.6] [5.2.3]."
)
class ConsultationLine(Node):
    id: strawberry.ID = global_id(Entity.CONSULTATION_LINE, "The global id.")
    subject: SubjectLink | None = one("subject", Entity.SUBJECT, "Whom it was about.")
    kind: ConsultationKind | None = filled_column("kind", "What the answer is for: a rating, an award or a selection.")
    recipient: Department | None = one("recipient", Entity.DEPARTMENT, "The department or association that asked.")
    consultation: Consultation | None = one("consultation", Entity.CONSULTATION, "The whole request.")
    at: datetime | None = filled_column("at", "When (UTC).")
    ground: ConsultationGround | None = column("ground", "The ground of the answer; null where there was none.")
    citation: str | None = column("citation", "The statute, where it was answered on one.")
    reply: Reply | None = filled_column("reply", "答复：the reply.")


@strawberry.type(description="The roots about consultations [5.2.3].")
class ConsultationQuery:
    """The roots about consultations."""

    @planned(
        ManySource(
            Entity.CONSULTATION,
            newest("at", "consultation_id"),
            None,
            {
                "kind": FilterColumn("kind", "=", "Consultation.kind"),
                "askedSince": FilterColumn("at", ">=", "Consultation.at"),
                "askedUntil": FilterColumn("at", "<", "Consultation.at"),
            },
        ),
        "已征求的意见：the consultations of the caller's own department or association, newest first: when, for what, "
        "how many names, and none of them [5.2.3].",
    )
    def consultations(
        self,
        kind: Annotated[
            ConsultationKind | None, strawberry.argument(description="Only those for an answer of this kind.")
        ] = None,
        asked_since: AskedSince = None,
        asked_until: AskedUntil = None,
    ) -> Connection[Consultation]: ...

    @planned(
        ManySource(
            Entity.CONSULTATION_LINE,
            newest("at", "line_id"),
            None,
            {
                **OF_SUBJECT,
                "recipient": FilterColumn("recipient_code", "=", "ConsultationLine.recipient"),
                "reply": FilterColumn("reply", "=", "ConsultationLine.reply"),
                "askedSince": FilterColumn("at", ">=", "ConsultationLine.at"),
                "askedUntil": FilterColumn("at", "<", "ConsultationLine.at"),
            },
        ),
        "向他人答复过我什么：every consultation about the caller: who asked, for what, on which ground, "
        "and what was replied [5.1.6] [5.2.3].",
    )
    def my_consultations(
        self,
        subject: strawberry.ID | None = None,
        recipient: strawberry.ID | None = None,
        reply: Annotated[Reply | None, strawberry.argument(description="Only those with this reply.")] = None,
        asked_since: AskedSince = None,
        asked_until: AskedUntil = None,
    ) -> Connection[ConsultationLine]: ...
