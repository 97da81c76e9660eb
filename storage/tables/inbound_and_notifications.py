"""What comes in from other platforms, what of it could not be taken in, and what is told in the house [5.1.3] [6.2]."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, String, Table, Text, Uuid

from storage.database.column_types import Instant
from storage.tables.base import HOUSE, OWNED, metadata, subject

inbound_messages = Table(
    # Which message of which platform has been taken in: sent again, it does nothing twice.
    "inbound_messages",
    metadata,
    Column("source", String(32), primary_key=True),
    Column("message_key", String(128), primary_key=True),
    Column("body_hash", LargeBinary(32), nullable=False),  # keyed: what came in can be guessed
    Column("received_at", Instant, nullable=False),
    Column("outcome", String(16), nullable=False),  # ACCEPTED, QUARANTINED
    Column("case_id", Uuid),  # the case that it became
    Column("item_id", Uuid),  # or where it lies in quarantine
    info=HOUSE,
)

quarantine = Table(
    # What came in and could not be taken in, sealed under a key of its own until a person has looked at it.
    "quarantine",
    metadata,
    Column("item_id", Uuid, primary_key=True),
    Column("source", String(32), nullable=False),
    Column("message_key", String(128), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("department_code", String(32)),
    Column("reasons", Text, nullable=False),  # codes, never values
    Column("wrapped", LargeBinary, nullable=False),
    Column("kek", String(64), nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("body_sealed", LargeBinary),
    Column("body_mask", Text),
    Column("settled_at", Instant),
    Column("settled_by", String(64)),
    Column("settled_as", String(16)),  # TAKEN_IN, DISCARDED
    Index("ix_quarantine_open", "settled_at", "received_at"),
    info=HOUSE,
)

notifications = Table(
    # What a subject or a department is told here, at once: written with the message of the outbox, which it delivers.
    # References only; the words stand in the code. Nothing of it changes but that it was seen, once.
    "notifications",
    metadata,
    subject(),
    Column("notification_id", Uuid, primary_key=True),  # the message of the outbox
    Column("audience", String(16), nullable=False),  # SUBJECT, DEPARTMENT
    Column("topic", String(32), nullable=False),
    Column("at", Instant, nullable=False),
    Column("department_code", String(32)),  # for whom it is, or whose doing it tells of
    Column("case_id", Uuid),
    Column("application_id", Uuid),
    Column("authorisation_id", Uuid),
    Column("objection_id", Uuid),
    Column("issued_notice_id", Uuid),
    Column("seen_at", Instant),
    Column("seen_by", String(64)),
    Column("seen_as", String(16)),  # in which role
    Index("ix_notifications_subject", "subject_id", "audience", "at"),
    Index("ix_notifications_department", "department_code", "audience", "at"),
    CheckConstraint("audience IN ('SUBJECT','DEPARTMENT')", name="audience"),
    info=OWNED,
)
