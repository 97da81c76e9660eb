"""Applications, and what they are granted [4]."""

from sqlalchemy import Column, ForeignKey, Index, String, Uuid

from storage.database.column_types import Instant
from storage.tables.base import flag, number_key, one_of, paper_withdrawal, subject_table, version, where

applications = subject_table(
    "applications",
    Column("application_id", Uuid, primary_key=True),
    Column("matter_code", ForeignKey("matters.code"), nullable=False),
    Column("department_code", ForeignKey("departments.code"), nullable=False),
    Column("number", String(40)),  # 办件编号, the window's own, free of personal data
    number_key(),
    Column("channel", String(24), nullable=False, server_default="ORDINARY"),
    Column("clerk_ref", String(64)),
    Column("filed_at", Instant, nullable=False),
    Column("accepted_at", Instant),
    Column("decided_at", Instant),
    Column("outcome", String(24)),  # APPROVED, REFUSED, WITHDRAWN
    Column("changed_at", Instant),
    paper_withdrawal(),
    version("step_version"),
    flag("confidential"),
    Index("ix_applications_department", "department_code", "filed_at", "application_id"),
    Index("ix_applications_open", "department_code", "filed_at", "application_id", **where("decided_at IS NULL")),
    Index("ix_applications_subject", "subject_id", "filed_at", "application_id"),
    Index("ix_applications_number_key", "department_code", "number_key"),
    one_of("channel", "ORDINARY", "GREEN_CHANNEL", "DEFERRED_DOCUMENTS", "COMMITMENT"),
    one_of("outcome", "APPROVED", "REFUSED", "WITHDRAWN"),
)
