"""Statements about a case, objections to records, and corrections of errors [5.1.4(3)] [5.1.4(6)]."""

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from storage.database.column_types import Instant
from storage.tables.base import OWNED, metadata, step_columns, subject

case_statements = Table(
    # The text of a statement and defence [5.1.4(3)]; a step of the case records that it was made.
    "case_statements",
    metadata,
    subject(),
    Column("statement_id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("stated_on", Date, nullable=False),  # handed in or posted, in Asia/Shanghai
    Column("entered_at", Instant, nullable=False),
    Column("entered_by", String(64), nullable=False),
    Column("entered_as", String(16), nullable=False),  # subject, agent, or the handler who opened the letter
    Column("version", Integer, nullable=False, server_default="1"),
    Column("text_sealed", LargeBinary),
    Column("text_mask", Text),
    Index("ix_case_statements_case", "subject_id", "case_id"),
    Index("ix_case_statements_of", "case_id"),  # by which a page of cases finds its statements
    info=OWNED,
)

corrections = Table(
    # An error that was discovered in a case, and its correction [5.1.4(6)].
    "corrections",
    metadata,
    subject(),
    Column("correction_id", Uuid, primary_key=True),
    Column("case_id", Uuid),  # null where the error is in the identity of the subject, and no case revealed it
    Column("objection_id", Uuid),  # the objection that revealed it
    Column("department_code", String(32), nullable=False),
    Column("remedy", String(16), nullable=False),
    Column("cause", String(16), nullable=False),
    Column("items", JSON, nullable=False),  # which items of basic information: their names, never their values
    Column("discovered_on", Date, nullable=False),
    Column("discovered_at", Instant, nullable=False),
    Column("discovered_by", String(64), nullable=False),
    Column("discovered_evidence", Text),
    Column("done_on", Date),
    Column("done_at", Instant),
    Column("done_by", String(64)),
    Column("done_evidence", Text),
    Column("completed_on", Date),  # corrected, and the last recipient notified
    Column("step_version", Integer, nullable=False, server_default="1"),
    Index("ix_corrections_case", "case_id"),
    Index("ix_corrections_open", "department_code", "completed_on"),
    CheckConstraint("remedy IN ('CORRECT','REMOVE')", name="remedy"),
    CheckConstraint("cause IN ('WRONG','CHANGED')", name="cause"),
    CheckConstraint("completed_on IS NULL OR done_on IS NOT NULL", name="completed_after_done"),
    info=OWNED,
)

correction_told = Table(
    # The recipients to notify of a correction, by which route, and the day each was notified. Once each [5.1.4(6)].
    "correction_told",
    metadata,
    subject(),
    Column("telling_id", Uuid, primary_key=True),
    Column("correction_id", Uuid, nullable=False),
    Column("case_id", Uuid),  # of the correction
    Column("department_code", String(32), nullable=False),
    Column("recipient", String(64), nullable=False),
    Column("route", String(24), nullable=False),
    Column("items", JSON, nullable=False),  # the wrong items among those it received: names, never values
    Column("left_at", Instant, nullable=False),  # when the notification was enqueued
    Column("message_id", Uuid, nullable=False),  # the message of the outbox that carries it
    Column("told_on", Date),
    Column("told_at", Instant),
    Column("told_by", String(64)),
    UniqueConstraint("subject_id", "correction_id", "recipient", "route"),
    Index("ix_correction_told_correction", "correction_id"),
    info=OWNED,
)

deliveries = Table(
    # Information about a case that a recipient has: items, route, since when [5.1.4(6)]. Append-only.
    "deliveries",
    metadata,
    subject(),
    Column("delivery_id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("recipient", String(64), nullable=False),
    Column("route", String(24), nullable=False),
    Column("items", JSON, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("message_id", Uuid),  # the message of the outbox that carried it
    Index("ix_deliveries_case", "subject_id", "case_id"),
    info=OWNED,
)

objections = Table(
    # A subject contests a record about itself, at any time.
    "objections",
    metadata,
    subject(),
    Column("objection_id", Uuid, primary_key=True),
    Column("record", String(24), nullable=False),
    Column("record_id", Uuid, nullable=False),
    Column("case_id", Uuid),  # the same id, where the record is a case
    Column("department_code", String(32), nullable=False),  # the department that has to answer
    Column("raised_on", Date, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("raised_by", String(64), nullable=False),
    Column("raised_as", String(16), nullable=False),
    Column("evidence", Text),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("text_sealed", LargeBinary),  # the objection in the subject's words
    Column("text_mask", Text),
    Column("assigned_ref", String(64)),  # the officer who answers it
    Column("answered_on", Date),
    Column("answered_at", Instant),
    Column("answered_by", String(64)),
    Column("answer", String(16)),
    Column("answer_evidence", Text),
    Column("reasons_sealed", LargeBinary),
    Column("reasons_mask", Text),
    Column("step_version", Integer, nullable=False, server_default="1"),
    Index("ix_objections_record", "subject_id", "record", "record_id"),
    Index("ix_objections_open", "department_code", "answered_on"),
    Index("ix_objections_case", "case_id"),
    CheckConstraint("answer IN ('REJECTED','CORRECT','REMOVE')", name="answer"),
    info=OWNED,
)

hearing_steps = Table(
    # The steps of objections and corrections that are about no case; the others are steps of the case.
    # Append-only, each with a leaf in the access log.
    "hearing_steps",
    metadata,
    subject(),
    *step_columns(
        Column("about", Uuid, nullable=False),  # the objection or correction
        Column("record", String(24), nullable=False),
        Column("record_id", Uuid, nullable=False),
    ),
    Index("ix_hearing_steps_about", "subject_id", "about", "at"),
    info=OWNED,
)

clock_recounts = Table(
    # Recounts of provisional clocks, made when the working days of the year arrive. Append-only.
    "clock_recounts",
    metadata,
    subject(),
    Column("recount_id", Uuid, primary_key=True),
    Column("about", Uuid, nullable=False),  # the case, correction or objection
    Column("clock", String(24), nullable=False),
    Column("started_on", Date, nullable=False),
    Column("due_before", Date, nullable=False),
    Column("due_after", Date, nullable=False),
    Column("year", Integer, nullable=False),  # the year whose working days arrived
    Column("at", Instant, nullable=False),
    Column("salt", LargeBinary(16), nullable=False),  # of the ledger's commitment to this row
    Index("ix_clock_recounts_about", "subject_id", "about"),
    info=OWNED,
)
