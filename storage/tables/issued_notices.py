"""Issued documents [A]: their facts, and their bytes."""

from sqlalchemy import Column, Date, Index, LargeBinary, String, UniqueConstraint, Uuid

from storage.database.column_types import Instant
from storage.tables.base import flag, provenance, salt, sealed, subject_table, version

issued_notices = subject_table(
    "issued_notices",
    Column("notice_id", Uuid, primary_key=True),
    Column("kind", String(24), nullable=False),
    Column("number", String(128), nullable=False),  # the document's own number
    Column("case_id", Uuid),
    Column("application_id", Uuid),
    Column("department_code", String(32), nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("issued_by", String(64), nullable=False),
    Column("issued_as", String(16), nullable=False),  # the role: handler, reviewer, or the subject itself
    Column("code_hash", LargeBinary(32), nullable=False),  # hash of the code at its foot, by which it is checked
    Column("template", String(64), nullable=False),  # hash of the template that made it
    Column("digest", LargeBinary(32), nullable=False),  # SHA-256 of the PDF, which cannot be guessed: its code is keyed
    flag("is_signed"),
    salt(),
    *provenance(),
    version(),
    *sealed("pdf"),
    UniqueConstraint("subject_id", "kind", "number"),
    Index("ix_issued_notices_case", "case_id"),
    Index("ix_issued_notices_code", "code_hash"),
)
