"""What is said about a case, and what became wrong in it: statements, objections, corrections [5.1.4(3)] [5.1.4(6)]."""

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
    # The words of a statement and defence [5.1.4(3)]; that there was one is a step of the case.
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
    # A discovered error in a case, and how it was mended [5.1.4(6)].
    "corrections",
    metadata,
    subject(),
    Column("correction_id", Uuid, primary_key=True),
    Column("case_id", Uuid),  # none where it is in who the subject is, and no case brought it to light
    Column("objection_id", Uuid),  # the objection that brought it to light
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
    Column("completed_on", Date),  # mended, and the last recipient told
    Column("step_version", Integer, nullable=False, server_default="1"),
    Index("ix_corrections_case", "case_id"),
    Index("ix_corrections_open", "department_code", "completed_on"),
    CheckConstraint("remedy IN ('CORRECT','REMOVE')", name="remedy"),
    CheckConstraint("cause IN ('WRONG','CHANGED')", name="cause"),
    CheckConstraint("completed_on IS NULL OR done_on IS NOT NULL", name="completed_after_done"),
    info=OWNED,
)

correction_told = Table(
    # Who has to be told of a correction and through which route, and since when each has been. Once each [5.1.4(6)].
    "correction_told",
    metadata,
    subject(),
    Column("telling_id", Uuid, primary_key=True),
    Column("correction_id", Uuid, nullable=False),
    Column("case_id", Uuid),  # of the correction
    Column("department_code", String(32), nullable=False),
    Column("recipient", String(64), nullable=False),
    Column("route", String(24), nullable=False),
    Column("items", JSON, nullable=False),  # which of the items that it was given are wrong: names, never values
    Column("left_at", Instant, nullable=False),  # since when it has to be told
    Column("message_id", Uuid, nullable=False),  # the message of the outbox that carries it
    Column("told_on", Date),
    Column("told_at", Instant),
    Column("told_by", String(64)),
    UniqueConstraint("subject_id", "correction_id", "recipient", "route"),
    Index("ix_correction_told_correction", "correction_id"),
    info=OWNED,
)

deliveries = Table(
    # Information about a case that somebody has: which items, by which route, since when [5.1.4(6)]. Appended only.
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
    Column("case_id", Uuid),  # the same, where the record is a case
    Column("department_code", String(32), nullable=False),  # which has to answer
    Column("raised_on", Date, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("raised_by", String(64), nullable=False),
    Column("raised_as", String(16), nullable=False),
    Column("evidence", Text),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("text_sealed", LargeBinary),  # what is contested, in the subject's words
    Column("text_mask", Text),
    Column("assigned_ref", String(64)),  # who answers it
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
    # Who took which step of an objection or correction that is about no case; those about one are steps of the case.
    # Appended only, each with a leaf in the access log.
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
    # A clock that was counted provisionally, counted anew when the table of working days arrived. Appended only.
    "clock_recounts",
    metadata,
    subject(),
    Column("recount_id", Uuid, primary_key=True),
    Column("about", Uuid, nullable=False),  # the case, correction or objection
    Column("clock", String(24), nullable=False),
    Column("started_on", Date, nullable=False),
    Column("due_before", Date, nullable=False),
    Column("due_after", Date, nullable=False),
    Column("year", Integer, nullable=False),  # whose table arrived
    Column("at", Instant, nullable=False),
    Column("salt", LargeBinary(16), nullable=False),  # of the ledger's commitment to this row
    Index("ix_clock_recounts_about", "subject_id", "about"),
    info=OWNED,
)
