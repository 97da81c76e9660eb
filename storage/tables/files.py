"""Uploaded files: those that wait to be attached, those of a subject, and the records that they are attached to."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, UniqueConstraint, Uuid

from storage.database.column_types import Instant
from storage.tables.base import operational_table, provenance, salt, sealed, subject_table, version


def _facts() -> list[Column[object]]:
    """Return what is known about a file. Its name is not: a name may be personal data."""
    return [
        Column("reference", String(48), nullable=False),  # a keyed hash
        Column("media_type", String(32), nullable=False),  # by its content
        Column("size", Integer, nullable=False),  # in bytes
        Column("digest", LargeBinary(32), nullable=False),  # SHA-256 of its bytes
        Column("scan", String(16), nullable=False),  # CLEAN, UNSCANNED
        Column("uploaded_at", Instant, nullable=False),
        Column("uploaded_by", String(64), nullable=False),
        Column("uploaded_as", String(16), nullable=False),  # the role
        Column("department_code", String(32)),  # of an officer; null for a subject
        version(),
        *sealed("content"),
    ]


uploads = operational_table(
    # Files that are attached to nothing yet, sealed under a key of their own. By date alone an upload is over.
    "uploads",
    Column("upload_id", Uuid, primary_key=True),
    *_facts(),
    Column("expires_at", Instant, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("kek", String(64), nullable=False),
    UniqueConstraint("reference"),
    Index("ix_uploads_uploader", "uploaded_by"),
    Index("ix_uploads_expiry", "expires_at"),
)

files = subject_table(
    # The files of a subject's records, sealed under the subject's key since they were first attached.
    "files",
    Column("file_id", Uuid, primary_key=True),
    *_facts(),
    UniqueConstraint("subject_id", "reference"),
    Index("ix_files_reference", "reference"),
    Index("ix_files_subject", "subject_id", "uploaded_at", "file_id"),
)

file_attachments = subject_table(
    # Which record a file is attached to. Append-only.
    "file_attachments",
    Column("attachment_id", Uuid, primary_key=True),
    Column("file_id", Uuid, nullable=False),
    Column("record", String(24), nullable=False),  # RESTRAINT_CASE, APPLICATION, AUTHORISATION, OBJECTION, ...
    Column("record_id", Uuid, nullable=False),
    Column("attached_at", Instant, nullable=False),
    Column("attached_by", String(64), nullable=False),
    Column("attached_as", String(16), nullable=False),
    salt(),
    *provenance(),
    UniqueConstraint("subject_id", "file_id", "record", "record_id"),
)
