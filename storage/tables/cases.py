"""Restraint cases and their steps [5.1]."""

from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    text,
)

from storage.database.column_types import Instant
from storage.tables.base import OWNED, metadata, step_columns, subject

_RUNNING = "ends_on IS NULL AND removed_on IS NULL AND dropped_on IS NULL AND referred_on IS NULL"

_ENDS = "ends_on IS NOT NULL"
_CLAIMED = "claimed_on IS NOT NULL AND claim_answered_on IS NULL"


def _open(also: str) -> dict[str, Any]:
    """Limit an index to the cases that are neither published nor over.

    The condition uses the end and not the publication: SQLite would take an index on the publication for the narrower
    one.
    """
    return {f"{dialect}_where": text(_RUNNING + also) for dialect in ("sqlite", "postgresql")}


restraint_cases = Table(
    # One case from collection to repair [5.1]. Each step is a dated fact; the status is read off them.
    "restraint_cases",
    metadata,
    subject(),
    Column("case_id", Uuid, primary_key=True),
    Column("number", String(40), nullable=False),  # the authority's own case number, free of personal data
    Column("application_id", Uuid),
    Column("agents_case_id", Uuid),  # the case against the agent, where this one is against its principal [3.2]
    Column("occurred_on", Date),  # the day of the breach, where that is known
    Column("department_code", ForeignKey("departments.code"), nullable=False, index=True),  # determining authority
    Column("sector_code", ForeignKey("sectors.code"), nullable=False),
    Column("area_code", ForeignKey("areas.code"), nullable=False),  # of the subject, when collected
    Column("circumstance", String(32), nullable=False),  # [5.1.2]
    Column("channel", String(32), nullable=False),  # [5.1.3]
    Column("basis", Text, nullable=False),  # legal basis [5.1.3]
    Column("legal_document", Text),  # document number
    Column("handler_ref", String(64), nullable=False),
    Column("reviewer_ref", String(64)),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("facts_sealed", LargeBinary),
    Column("facts_mask", Text),
    Column("evidence_sealed", LargeBinary),  # references to evidence, a JSON list of text
    Column("evidence_mask", Text),
    Column("notes_sealed", LargeBinary),
    Column("notes_mask", Text),
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
    Column("period_basis", Text),  # the law, where the period is not six months
    Column("claimed_on", Date),  # the subject's last claim that the breach is rectified [5.1.5]
    Column("claim_answered_on", Date),
    Column("rectified_on", Date),
    Column("removal", String(16)),  # WRONG or CHANGED [5.1.4(6)]
    Column("removed_on", Date),  # taken off the list by correction or early repair
    Column("dropped_on", Date),
    Column("referred_on", Date),  # an administrative penalty: another procedure
    Column("confidential", Boolean, nullable=False, server_default=false()),
    Column("changed_at", Instant, nullable=False),
    # Counts every change. `version` is bound into the sealed values, so a step that seals nothing may not touch it.
    Column("step_version", Integer, nullable=False, server_default="1"),
    UniqueConstraint("subject_id", "number"),
    Index("ix_restraint_cases_list", "sector_code", "published_on", "case_id"),
    Index("ix_restraint_cases_published", "published_on", "case_id"),
    Index("ix_restraint_cases_changed", "sector_code", "changed_at"),
    Index("ix_restraint_cases_handler", "handler_ref"),
    # Cases that left the list by date [5.2.2]. Only those with an end: SQLite would scan it to find those without.
    Index("ix_restraint_cases_ends", "sector_code", "ends_on", sqlite_where=text(_ENDS), postgresql_where=text(_ENDS)),
    # Open tasks are found among the cases that have not ended, however many have.
    *(
        Index(f"ix_restraint_cases_open_{name}", f"{column}", **_open(also))
        for name, column, also in (
            ("handler", "handler_ref", ""),
            ("department", "department_code", ""),
            ("review", "reviewer_ref", " AND stated_on IS NOT NULL AND reviewed_on IS NULL"),
        )
    ),
    Index(
        "ix_restraint_cases_claimed", "department_code", sqlite_where=text(_CLAIMED), postgresql_where=text(_CLAIMED)
    ),
    CheckConstraint(
        "circumstance IN ('IMPERSONATION','FALSE_MATERIAL','DOCUMENTS_NOT_SUPPLIED','COMMITMENT_NOT_MET','OTHER')",
        name="circumstance",
    ),
    CheckConstraint(
        "channel IN ('FACT_FINDING','PLATFORM_QUERY','SUPERVISION_PUSH','PUBLIC_REPORT','OTHER')", name="channel"
    ),
    CheckConstraint("published_on IS NULL OR determined_on IS NOT NULL", name="published_after_determined"),
    CheckConstraint("published_on IS NULL OR ends_on IS NOT NULL", name="published_ends"),
    info=OWNED,
)

case_steps = Table(
    # Who took which step of a case, when, and on what evidence [5.1.1] [5.1.4]. Append-only.
    "case_steps",
    metadata,
    subject(),
    *step_columns(Column("case_id", Uuid, nullable=False)),  # VERIFIED, NOTICED, SERVED, STATED, ...
    Index("ix_case_steps_case", "subject_id", "case_id", "at"),
    Index("ix_case_steps_of", "case_id", "at"),  # by which a page of cases finds its steps
    info=OWNED,
)
