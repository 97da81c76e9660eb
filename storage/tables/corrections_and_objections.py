"""Statements about a case, versions of its facts, objections to records, corrections of errors [5.1.4(3)-(6)]."""

from sqlalchemy import JSON, CheckConstraint, Column, Date, Index, Integer, String, Text, UniqueConstraint, Uuid

from storage.database.column_types import Instant
from storage.tables.base import one_of, provenance, salt, sealed, step_columns, subject_table, version, where

_UNCORRECTED = "completed_on IS NULL"
_UNANSWERED = "answered_on IS NULL"
_UNASSIGNED = f"{_UNANSWERED} AND assigned_ref IS NULL"

case_statements = subject_table(
    # The text of a statement and defence [5.1.4(3)]; a step of the case records that it was made.
    "case_statements",
    Column("statement_id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("stated_on", Date, nullable=False),  # handed in or posted, in Asia/Shanghai
    Column("entered_at", Instant, nullable=False),
    Column("entered_by", String(64), nullable=False),
    Column("entered_as", String(16), nullable=False),  # subject, agent, or the handler who opened the letter
    version(),
    *sealed("text"),
    Index("ix_case_statements_case", "subject_id", "case_id"),
    Index("ix_case_statements_of", "case_id"),  # by which a page of cases finds its statements
)

facts_versions = subject_table(
    # The facts and the basis of a case as one step left them [5.1.3] [5.1.4(4)] [5.1.4(6)]; of a case whose facts
    # were never changed there is none. Append-only: the leaf of the step commits to the box.
    "facts_versions",
    Column("version_id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),  # from 1, as collected
    Column("step", String(24), nullable=False),  # COLLECTED, RECOLLECTED, REVIEWED or CORRECTED
    Column("on", Date, nullable=False),  # the day of the step
    Column("at", Instant, nullable=False),  # when it was recorded
    Column("by_ref", String(64), nullable=False),
    Column("basis", Text, nullable=False),
    version(),
    *sealed("facts"),
    UniqueConstraint("subject_id", "case_id", "number"),
    Index("ix_facts_versions_of", "case_id"),  # by which a page of cases finds its versions
)

corrections = subject_table(
    # An error that was discovered in a case, and its correction [5.1.4(6)].
    "corrections",
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
    Column("due_on", Date),  # the last day in time, recounted with the calendar [5.1.4(6)]
    Column(
        "late_entries", JSON(none_as_null=True)
    ),  # the discovery, if it was recorded late, with both its days [5.1.4]
    version("step_version"),
    Index("ix_corrections_case", "case_id"),
    Index("ix_corrections_department", "department_code", "discovered_on", "correction_id"),
    Index("ix_corrections_discovered", "discovered_on", "correction_id"),
    Index("ix_corrections_subject", "subject_id", "discovered_on", "correction_id"),
    # Those that are open in the order of the list, and by their last day, as worklists have them.
    Index(
        "ix_corrections_department_found", "department_code", "discovered_on", "correction_id", **where(_UNCORRECTED)
    ),
    Index("ix_corrections_found", "discovered_on", "correction_id", **where(_UNCORRECTED)),
    Index("ix_corrections_open", "department_code", "due_on", "discovered_on", "correction_id", **where(_UNCORRECTED)),
    Index("ix_corrections_due", "due_on", "discovered_on", "correction_id", **where(_UNCORRECTED)),
    one_of("remedy", "CORRECT", "REMOVE"),
    one_of("cause", "WRONG", "CHANGED"),
    CheckConstraint("completed_on IS NULL OR done_on IS NOT NULL", name="completed_after_done"),
)

correction_told = subject_table(
    # The recipients to notify of a correction, by which route, and the day each was notified. Once each [5.1.4(6)].
    "correction_told",
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
)

deliveries = subject_table(
    # Information about a case that a recipient has: items, route, since when [5.1.4(6)]. Append-only.
    "deliveries",
    Column("delivery_id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("recipient", String(64), nullable=False),
    Column("route", String(24), nullable=False),
    Column("items", JSON, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("message_id", Uuid),  # the message of the outbox that carried it
    Index("ix_deliveries_case", "subject_id", "case_id"),
)

objections = subject_table(
    # A subject contests a record about itself, at any time.
    "objections",
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
    version(),
    *sealed("text"),  # the objection in the subject's words
    Column("assigned_ref", String(64)),  # the officer who answers it
    Column("answered_on", Date),
    Column("answered_at", Instant),
    Column("answered_by", String(64)),
    Column("answer", String(16)),
    Column("answer_evidence", Text),
    *sealed("reasons"),
    Column("due_on", Date),  # the last day in time to answer it, recounted with the calendar
    Column("late_entries", JSON(none_as_null=True)),  # the answer, if it was recorded late, with both its days [5.1.4]
    version("step_version"),
    Index("ix_objections_record", "subject_id", "record", "record_id"),
    Index("ix_objections_department", "department_code", "raised_on", "objection_id"),
    Index("ix_objections_raised", "raised_on", "objection_id"),
    Index("ix_objections_subject", "subject_id", "raised_on", "objection_id"),
    Index("ix_objections_assigned", "assigned_ref", "raised_on", "objection_id", **where("assigned_ref IS NOT NULL")),
    # As for corrections.
    Index("ix_objections_department_unanswered", "department_code", "raised_on", "objection_id", **where(_UNANSWERED)),
    Index(
        "ix_objections_assigned_unanswered",
        "assigned_ref",
        "raised_on",
        "objection_id",
        **where(f"assigned_ref IS NOT NULL AND {_UNANSWERED}"),
    ),
    Index("ix_objections_unanswered", "raised_on", "objection_id", **where(_UNANSWERED)),
    Index("ix_objections_open", "department_code", "due_on", "raised_on", "objection_id", **where(_UNANSWERED)),
    Index("ix_objections_due", "due_on", "raised_on", "objection_id", **where(_UNANSWERED)),
    Index("ix_objections_unassigned", "due_on", "raised_on", "objection_id", **where(_UNASSIGNED)),
    Index("ix_objections_case", "case_id"),
    one_of("answer", "REJECTED", "CORRECT", "REMOVE", "JUSTIFIED", "MISTAKEN", "UNJUSTIFIED"),
)

hearing_steps = subject_table(
    # The steps of objections and corrections that are about no case; the others are steps of the case.
    # Append-only, each with a leaf in the access log.
    "hearing_steps",
    *step_columns(
        Column("about", Uuid, nullable=False),  # the objection or correction
        Column("record", String(24), nullable=False),
        Column("record_id", Uuid, nullable=False),
    ),
    Index("ix_hearing_steps_about", "subject_id", "about", "at"),
)

clock_recounts = subject_table(
    # Recounts of provisional clocks, made when the working days of the year arrive. Append-only.
    "clock_recounts",
    Column("recount_id", Uuid, primary_key=True),
    Column("about", Uuid, nullable=False),  # the case, correction or objection
    Column("clock", String(24), nullable=False),
    Column("started_on", Date, nullable=False),
    Column("due_before", Date, nullable=False),
    Column("due_after", Date, nullable=False),
    Column("year", Integer, nullable=False),  # the year whose working days arrived
    Column("at", Instant, nullable=False),
    salt(),
    *provenance(),
    Index("ix_clock_recounts_about", "subject_id", "about"),
)
