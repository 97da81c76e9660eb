"""Issued documents [A]."""

from datetime import date, datetime

import strawberry

from credit.notices.facts import NoticeKind
from queryplan.entities import Entity
from schema.core.fields import column, global_id, one, sealed
from schema.reference.types import ApplicationLink, CaseLink, Department, Node


@strawberry.type(
    description="书面文书：a document as it was issued [A]. Only its subject and delegates, and the handler and the "
    "reviewer of the case, can read it."
)
class IssuedNotice(Node):
    id: strawberry.ID = global_id(Entity.ISSUED_NOTICE, "The global id; `GET /notices/{id}` gives the PDF itself.")
    kind: NoticeKind | None = column("kind", "文书种类：which of the documents.")
    number: str | None = column("number", "文号：the number of the document, free of personal data.")
    case: CaseLink | None = one("case", Entity.RESTRAINT_CASE, "The case that it belongs to [5.1].")
    application: ApplicationLink | None = one(
        "application", Entity.APPLICATION, "The application that it belongs to: of a reminder [5.1.2c]."
    )
    department: Department | None = one("department", Entity.DEPARTMENT, "制作单位：who issued it [5.1.1].")
    issued_on: date | None = column("issued_on", "The day that it bears, in Asia/Shanghai.")
    issued_at: datetime | None = column("issued_at", "When it was made (UTC).")
    is_signed: bool | None = column("is_signed", "是否有电子签名：whether the PDF carries a PAdES signature.")
    pdf: str | None = sealed(
        "issued_notices", "pdf", "The document itself: PDF/A in base64, byte for byte as it was issued."
    )
