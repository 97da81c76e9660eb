"""Files that are attached to records as evidence [5.1.1] [5.1.6]."""

from datetime import datetime
from typing import Annotated

import strawberry

from queryplan.entities import Entity
from queryplan.plan import newest
from schema.core.connections import OF_SUBJECT, Connection
from schema.core.enums import RoleName
from schema.core.fields import (
    FilterColumn,
    ManySource,
    acting_role,
    filled_column,
    global_id,
    one,
    planned,
    role_text,
    sealed,
)
from schema.reference.types import Department, Node, SubjectLink

NEWEST = newest("uploaded_at", "file_id")
UPLOADED_AS = "In which role it was uploaded."


@strawberry.type(
    description="证据文件：an uploaded file that is attached to a record as its evidence. Who may read the evidence "
    "of that record can read it; the subject reads what it gave itself, and what belongs to its authorisations and "
    "applications [5.1.1] [5.1.6]. Its name is not kept: a name may be personal data."
)
class EvidenceFile(Node):
    id: strawberry.ID = global_id(Entity.EVIDENCE_FILE, "The global id.")
    subject: SubjectLink | None = one("subject", Entity.SUBJECT, "Whose record it is attached to.")
    reference: str | None = filled_column(
        "reference",
        "文件编号：the reference that evidence names it by; `GET /files/{reference}` gives the file itself.",
    )
    media_type: str | None = filled_column("media_type", "The type, known by the content.")
    size: int | None = filled_column("size", "The number of bytes.")
    scan: str | None = filled_column("scan", "`CLEAN`, or `UNSCANNED` where no malware scanner was configured.")
    uploaded_at: datetime | None = filled_column("uploaded_at", "When it was uploaded (UTC).")
    uploaded_in_role: RoleName | None = acting_role("uploaded_as", UPLOADED_AS)
    uploaded_as: str | None = role_text(filled_column, "uploaded_as", UPLOADED_AS, "uploadedInRole")
    department: Department | None = one("department", Entity.DEPARTMENT, "The department of an officer who did.")
    content: str | None = sealed("files", "content", "The file itself in base64, byte for byte as it was uploaded.")


@strawberry.type(description="The queries for files.")
class FileQuery:
    @planned(
        ManySource(
            Entity.EVIDENCE_FILE,
            NEWEST,
            None,
            {
                **OF_SUBJECT,
                "reference": FilterColumn("reference", "=", "EvidenceFile.reference"),
                "department": FilterColumn("department_code", "=", "EvidenceFile.department"),
                "uploadedSince": FilterColumn("uploaded_at", ">=", "EvidenceFile.uploadedAt"),
                "uploadedUntil": FilterColumn("uploaded_at", "<", "EvidenceFile.uploadedAt"),
            },
        ),
        "证据文件：the files that this caller may read for its purpose, newest first [5.1.1].",
    )
    def evidence_files(
        self,
        subject: strawberry.ID | None = None,
        reference: Annotated[str | None, strawberry.argument(description="Only the file of this reference.")] = None,
        department: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Only what officers of this department uploaded, by its global id."),
        ] = None,
        uploaded_since: datetime | None = None,
        uploaded_until: datetime | None = None,
    ) -> Connection[EvidenceFile]: ...
