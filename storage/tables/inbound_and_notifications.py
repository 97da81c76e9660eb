"""Messages from other platforms, the quarantine of those not imported, and in-app notifications [5.1.3] [6.2]."""

from sqlalchemy import Column, Index, LargeBinary, String, Text, Uuid

from storage.database.column_types import Instant
from storage.tables.base import one_of, operational_table, sealed, subject_table, version, where

inbound_messages = operational_table(
    # The messages of other platforms that were processed: a repeated message does nothing.
    "inbound_messages",
    Column("source", String(32), primary_key=True),
    Column("message_key", String(128), primary_key=True),
    Column("body_hash", LargeBinary(32), nullable=False),  # a keyed hash: the content could be guessed
    Column("received_at", Instant, nullable=False),
    Column("outcome", String(16), nullable=False),  # ACCEPTED, QUARANTINED
    Column("case_id", Uuid),  # the case that was created from it
    Column("item_id", Uuid),  # or its item in quarantine
)

quarantine = operational_table(
    # Items that could not be imported, sealed under a key of their own until a person settles them.
    "quarantine",
    Column("item_id", Uuid, primary_key=True),
    Column("source", String(32), nullable=False),
    Column("message_key", String(128), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("department_code", String(32)),
    Column("reasons", Text, nullable=False),  # codes, never values
    Column("wrapped", LargeBinary, nullable=False),
    Column("kek", String(64), nullable=False),
    version(),
    *sealed("body"),
    Column("settled_at", Instant),
    Column("settled_by", String(64)),
    Column("settled_as", String(16)),  # TAKEN_IN, DISCARDED
    Index("ix_quarantine_open", "settled_at", "received_at"),
)

notifications = subject_table(
    # The in-app notifications of a subject or a department, each written with its message of the outbox.
    # References only; the words are in the code. A row changes once, when it is marked as seen.
    "notifications",
    Column("notification_id", Uuid, primary_key=True),  # the message of the outbox
    Column("audience", String(16), nullable=False),  # SUBJECT, DEPARTMENT
    Column("topic", String(32), nullable=False),
    Column("at", Instant, nullable=False),
    Column("department_code", String(32)),  # the recipient, or the department that acted
    Column("case_id", Uuid),
    Column("application_id", Uuid),
    Column("authorisation_id", Uuid),
    Column("objection_id", Uuid),
    Column("issued_notice_id", Uuid),
    Column("delegation_id", Uuid),
    Column("seen_at", Instant),
    Column("seen_by", String(64)),
    Column("seen_as", String(16)),  # the role of the reader
    Index("ix_notifications_subject", "subject_id", "audience", "at", "notification_id"),
    Index("ix_notifications_department", "department_code", "audience", "at", "notification_id"),
    Index(
        "ix_notifications_unseen", "department_code", "audience", "at", "notification_id", **where("seen_at IS NULL")
    ),
    one_of("audience", "SUBJECT", "DEPARTMENT"),
)
