"""Restraint cases, their steps, and the read model of those that are published [5.1]."""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from credit.subjects.areas import TOWNSHIP_DIGITS
from storage.database.column_types import Instant
from storage.tables.base import (
    derived_table,
    flag,
    number_key,
    one_of,
    sealed,
    step_columns,
    subject_table,
    version,
    where,
)

_ENDS = "ends_on IS NOT NULL"
_PUBLISHED = "published_on IS NOT NULL"
_CLOCK, _WAITS = "clock IS NOT NULL", "waits_for IS NOT NULL"
_REVIEW = "clock = 'REVIEW'"
_TO_ASSIGN = f"{_REVIEW} AND reviewer_ref IS NULL"
_TO_RECTIFY = (
    "ends_on IS NOT NULL AND rectified_on IS NULL AND removed_on IS NULL AND dropped_on IS NULL AND referred_on IS NULL"
)
# Neither published nor over. It names the end and not the publication: SQLite would take an index on the publication
# for the narrower one.
_RUNNING = "ends_on IS NULL AND removed_on IS NULL AND dropped_on IS NULL AND referred_on IS NULL"
_TO_CONFIRM = f"{_RUNNING} AND taken_over_on IS NOT NULL AND determined_on IS NULL"

_OF_PUBLISHED, _OF_COLLECTED = ("published_on", "case_id"), ("collected_at", "case_id")
_OF_CHANGED = ("changed_at", "case_id")
_REVIEWED = "reviewer_ref IS NOT NULL"
_BY_CLOCK = ("clock_due_on", "clock_started_on", "case_id")


def _tasks(name: str, *columns: str, rows: str) -> list[Index]:
    """Return the indexes of the open tasks of one kind, among the cases that have one, however many have none.

    That of the district is read without its cases where tasks are counted by handler: it has the officers, and no case
    that no worklist shows. The others find every case whose days are counted again with the calendar.
    """
    shown = f"{rows} AND {{}} AND counted_version = step_version"
    return [
        Index(
            f"ix_restraint_cases_{name}",
            *(*columns, "case_id", "department_code", "handler_ref"),
            sqlite_where=text(shown.format("confidential IS 0")),
            postgresql_where=text(shown.format("confidential IS FALSE")),
        ),
        *(
            Index(f"ix_restraint_cases_{prefix}_{name}", column, *columns, "case_id", **where(rows))
            for prefix, column in (("department", "department_code"), ("handler", "handler_ref"))
        ),
    ]


restraint_cases = subject_table(
    # One case from collection to repair [5.1]. Each step is a dated fact; the status is read off them.
    "restraint_cases",
    Column("case_id", Uuid, primary_key=True),
    Column("number", String(40), nullable=False),  # the authority's own case number, free of personal data
    number_key(),
    Column("marked_number", String(40)),  # its number on paper while it is marked confidential [5.1.6]
    Column("application_id", Uuid),
    Column("agents_case_id", Uuid),  # the case against the agent, where this one is against its principal [3.2]
    Column("occurred_on", Date),  # the day of the breach, where that is known
    Column("department_code", ForeignKey("departments.code"), nullable=False),  # determining authority
    Column("sector_code", ForeignKey("sectors.code"), nullable=False),
    Column("area_code", ForeignKey("areas.code"), nullable=False),  # of the subject, when collected
    # The township or subdistrict of its subject today, by which its supervisor finds the case [5.2.2].
    Column("township_code", String(TOWNSHIP_DIGITS)),
    Column("circumstance", String(32), nullable=False),  # [5.1.2]
    Column("channel", String(32), nullable=False),  # [5.1.3]
    Column("basis", Text, nullable=False),  # legal basis [5.1.3]
    Column("legal_document", Text),  # document number
    Column("handler_ref", String(64), nullable=False),
    Column("reviewer_ref", String(64)),
    version(),
    *sealed("facts"),
    *sealed("evidence"),  # references to evidence, a JSON list of text
    *sealed("notes"),
    Column("collected_at", Instant, nullable=False),
    Column("verified_at", Instant),
    Column("noticed_on", Date),
    Column("served_on", Date),
    Column("service_means", String(16)),  # ON_THE_SPOT or BY_POST [5.1.4(2)]
    Column("stated_on", Date),
    Column("reviewed_on", Date),
    Column("review_outcome", String(16)),  # UPHELD, AMENDED or DROPPED [5.1.4(4)]
    Column("determined_on", Date),
    Column("published_on", Date),
    Column("ends_on", Date),  # the last day in force [5.1.5]
    flag("unlisted"),  # announced to its subject, and not on the public list [5.1.5]
    Column("listed_until", Date),  # the last day on the public list, where it leaves that before it ends
    # The last pause: a review after the determination, or the days between the end and the return [5.1.4(3)] [5.1.5].
    Column("paused_on", Date),
    Column("resumed_on", Date),  # the first day after it
    # The last pause for a review: its clock, and that of the publication, outlast a return [5.1.4(4)] [5.1.4(5)].
    Column("reopened_on", Date),
    Column("reopened_until", Date),  # the day on which its review closed
    Column("period_basis", Text),  # the law, where the period is not six months
    # A record taken over from before the cut-over date: what it says counts once the head has confirmed it [5.1.4].
    Column("taken_over_on", Date),
    Column("former_determined_on", Date),
    Column("former_published_on", Date),
    Column("former_ends_on", Date),
    Column("claimed_on", Date),  # the subject's last claim that the breach is rectified [5.1.5]
    Column("claim_answered_on", Date),
    Column("timely_claim_on", Date),  # the last claim made by the last day of the period [5.1.5]
    Column("timely_claim_answered_on", Date),
    Column("rectified_on", Date),
    Column("removal", String(16)),  # WRONG or CHANGED [5.1.4(6)]
    Column("removed_on", Date),  # taken off the list by correction or early repair
    Column("dropped_on", Date),
    Column("referred_on", Date),  # an administrative penalty: another procedure
    Column(
        "late_entries", JSON(none_as_null=True)
    ),  # the steps that were recorded late, each with both its days [5.1.4]
    flag("confidential"),
    # The open tasks by the facts above, written with them and recounted with the calendar [5.1.4]: the one whose clock
    # runs, and the one that has none; see `credit.cases.rules.next_steps.due_days`.
    Column("clock", String(16)),  # NOTICE, STATEMENT, REVIEW, PUBLICATION, RECTIFICATION
    Column("clock_started_on", Date),
    Column("clock_due_on", Date),
    Column("waits_for", String(24)),  # CONFIRM_TAKEN_OVER, VERIFY, PROVE_SERVICE, DETERMINE
    Column("waits_since_on", Date),
    Column("waits_sorts_on", Date),
    Column("counted_version", Integer),  # the `step_version` that they were counted from
    Column("changed_at", Instant, nullable=False),
    # Counts every change. `version` is bound into the sealed values, so a step that seals nothing may not touch it.
    version("step_version"),
    UniqueConstraint("subject_id", "number"),
    Index("uq_restraint_cases_number_key", "subject_id", "number_key", unique=True),
    Index("ix_restraint_cases_number_key", "department_code", "number_key"),
    Index("ix_restraint_cases_list", "sector_code", "published_on", "case_id", **where(_PUBLISHED)),
    Index(
        "ix_restraint_cases_township", "sector_code", "township_code", "published_on", "case_id", **where(_PUBLISHED)
    ),
    Index("ix_restraint_cases_published", "published_on", "case_id", **where(_PUBLISHED)),
    Index("ix_restraint_cases_changed", "sector_code", "changed_at"),
    # In the order of the lists, the last changed first.
    Index("ix_restraint_cases_last_changed", "changed_at", "case_id"),
    Index("ix_restraint_cases_department", "department_code", "changed_at", "case_id"),
    Index("ix_restraint_cases_handler", "handler_ref", "changed_at", "case_id"),
    Index("ix_restraint_cases_reviewer", "reviewer_ref", "changed_at", "case_id", **where(_REVIEWED)),
    # In their other orders: by publication, and by collection.
    Index("ix_restraint_cases_department_published", "department_code", *_OF_PUBLISHED, **where(_PUBLISHED)),
    Index("ix_restraint_cases_handler_published", "handler_ref", *_OF_PUBLISHED, **where(_PUBLISHED)),
    Index(
        "ix_restraint_cases_reviewer_published",
        "reviewer_ref",
        *_OF_PUBLISHED,
        **where(f"{_REVIEWED} AND {_PUBLISHED}"),
    ),
    Index("ix_restraint_cases_collected", *_OF_COLLECTED),
    Index("ix_restraint_cases_department_collected", "department_code", *_OF_COLLECTED),
    Index("ix_restraint_cases_handler_collected", "handler_ref", *_OF_COLLECTED),
    Index("ix_restraint_cases_reviewer_collected", "reviewer_ref", *_OF_COLLECTED, **where(_REVIEWED)),
    # Those that are neither published nor over, of which the statuses before the publication are [5.1.4].
    Index("ix_restraint_cases_running", *_OF_CHANGED, **where(_RUNNING)),
    Index("ix_restraint_cases_department_running", "department_code", *_OF_CHANGED, **where(_RUNNING)),
    Index("ix_restraint_cases_handler_running", "handler_ref", *_OF_CHANGED, **where(_RUNNING)),
    # Whether a record belongs to a confidential case is asked of each row of a list [5.1.6]. PostgreSQL answers it from
    # the set of those cases, and would read every case to find them.
    Index("ix_restraint_cases_confidential", "subject_id", "case_id", **where("confidential IS TRUE")),
    # Cases that left the list by date [5.2.2]. Only those with an end: SQLite would scan it to find those without.
    Index("ix_restraint_cases_ends", "sector_code", "ends_on", **where(_ENDS)),
    Index("ix_restraint_cases_to_confirm", "department_code", **where(_TO_CONFIRM)),
    # The open tasks in the order of the worklists: of the district, of a department, of an officer.
    *_tasks("clock", "clock", "clock_due_on", "clock_started_on", rows=_CLOCK),
    *_tasks("waits", "waits_for", "waits_sorts_on", "waits_since_on", rows=_WAITS),
    Index("ix_restraint_cases_reviews", "reviewer_ref", *_BY_CLOCK, **where(_REVIEW)),
    Index("ix_restraint_cases_unassigned", *_BY_CLOCK, **where(_TO_ASSIGN)),
    Index("ix_restraint_cases_department_unassigned", "department_code", *_BY_CLOCK, **where(_TO_ASSIGN)),
    Index("ix_restraint_cases_to_rectify", "ends_on", "published_on", "case_id", **where(_TO_RECTIFY)),
    Index(
        "ix_restraint_cases_uncounted",
        "subject_id",
        **where("counted_version IS NULL OR counted_version <> step_version OR township_code IS NULL"),
    ),
    one_of("circumstance", "IMPERSONATION", "FALSE_MATERIAL", "DOCUMENTS_NOT_SUPPLIED", "COMMITMENT_NOT_MET", "OTHER"),
    one_of("channel", "FACT_FINDING", "PLATFORM_QUERY", "SUPERVISION_PUSH", "PUBLIC_REPORT", "OTHER"),
    CheckConstraint("published_on IS NULL OR determined_on IS NOT NULL", name="published_after_determined"),
    CheckConstraint("published_on IS NULL OR ends_on IS NOT NULL", name="published_ends"),
)

case_steps = subject_table(
    # Who took which step of a case, when, and on what evidence [5.1.1] [5.1.4]. Append-only.
    "case_steps",
    *step_columns(Column("case_id", Uuid, nullable=False)),  # VERIFIED, NOTICED, SERVED, STATED, ...
    Index("ix_case_steps_case", "subject_id", "case_id", "at"),
    Index("ix_case_steps_of", "case_id", "at"),  # by which a page of cases finds its steps
)

published_cases = derived_table(
    # The read model of published cases: what their lists show of a case and of its subject, in one row [5.1.5] [5.2.2].
    # Triggers copy it from the case, the subject, its number and its key in the transaction that changes one of these;
    # no code writes it. The view `published_case_rows` says what its rows are.
    "published_cases",
    # In the order of the lists: on SQLite the rows themselves lie in the order of their key.
    Column("sector_code", String, primary_key=True),
    Column("published_on", Date, primary_key=True),
    Column("case_id", Uuid, primary_key=True),
    # Of the case.
    Column("subject_id", Uuid, nullable=False),
    Column("number", String(40), nullable=False),
    Column("department_code", String, nullable=False),
    Column("area_code", String, nullable=False),
    Column("township_code", String(TOWNSHIP_DIGITS)),
    Column("circumstance", String(32), nullable=False),
    Column("basis", Text, nullable=False),
    Column("legal_document", Text),
    Column("version", Integer, nullable=False),
    *sealed("facts"),
    Column("collected_at", Instant, nullable=False),
    Column("determined_on", Date),
    Column("ends_on", Date),
    Column("unlisted", Boolean, nullable=False),
    Column("listed_until", Date),
    Column("paused_on", Date),
    Column("resumed_on", Date),
    Column("period_basis", Text),
    Column("taken_over_on", Date),
    Column("timely_claim_on", Date),
    Column("timely_claim_answered_on", Date),
    Column("rectified_on", Date),
    Column("removal", String(16)),
    Column("removed_on", Date),
    Column("dropped_on", Date),
    Column("referred_on", Date),
    Column("changed_at", Instant, nullable=False),
    # Of its subject, and of the subject's number and key.
    Column("subject_kind", String(24), nullable=False),
    Column("subject_area_code", String, nullable=False),
    Column("subject_version", Integer, nullable=False),
    *sealed("name", "address"),
    Column("identifier_id", Uuid),
    Column("number_version", Integer),
    *sealed("number"),
    Column("wrapped", LargeBinary),
    Index("ix_published_cases_case", "subject_id", "case_id"),
    Index("ix_published_cases_published", "published_on", "case_id"),
    Index("ix_published_cases_township", "sector_code", "township_code", "published_on", "case_id"),
    Index("ix_published_cases_changed", "sector_code", "changed_at", "case_id"),
    Index("ix_published_cases_township_changed", "sector_code", "township_code", "changed_at", "case_id"),
    Index("ix_published_cases_department", "department_code", "published_on", "case_id"),
    Index("ix_published_cases_sector_department", "sector_code", "department_code", "published_on", "case_id"),
    sqlite_with_rowid=False,
)
