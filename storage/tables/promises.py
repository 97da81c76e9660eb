"""The records of an application: steps, credit checks, incentives, deferred documents, commitments [4]."""

from sqlalchemy import JSON, Column, Date, Index, Integer, String, Text, UniqueConstraint, Uuid

from storage.database.column_types import Instant
from storage.tables.base import one_of, paper_withdrawal, sealed, step_columns, subject_table, version, where

_BY_WAITING = ("waits_sorts_on", "waits_since_on", "application_id")
_OWED = "supplied_on IS NULL AND ended_on IS NULL AND case_id IS NULL"
_MISSING = "supplied_on IS NULL AND ended_on IS NULL"
_OPEN = "ended_on IS NULL AND (completed_on IS NULL OR verified_on IS NULL)"
_SERVED, _UNSERVED = "served_on IS NOT NULL", "served_on IS NULL"
_GIVEN = "case_id IS NULL AND (verified_on IS NULL AND ended_on IS NULL OR outcome = 'NOT_MET')"
_UNFINISHED = "ended_on IS NULL AND (completed_on IS NULL OR verified_on IS NULL OR outcome = 'NOT_MET')"

application_steps = subject_table(
    # Who took which step of an application, when, and on what evidence [4]. Append-only.
    "application_steps",
    *step_columns(Column("application_id", Uuid, nullable=False)),  # FILED, ACCEPTED, CHECKED, GRANTED, ...
    Index("ix_application_steps_application", "subject_id", "application_id", "at"),
)

credit_checks = subject_table(
    # Who checked, when, for what, and on which authorisation [4.1]. No check exists without one [5.1.6].
    "credit_checks",
    Column("check_id", Uuid, primary_key=True),
    Column("application_id", Uuid, nullable=False),
    Column("department_code", String(32), nullable=False),
    Column("by_ref", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("purpose", String(32), nullable=False),
    Column("authorisation_id", Uuid, nullable=False),
    Column("finding", String(16), nullable=False),  # the result of both sources
    Column("answers", JSON, nullable=False),  # each source: finding, memorandum [3.3], why it is unknown [4.1]
    Index("ix_credit_checks_application", "application_id", "at"),
    Index("ix_credit_checks_department", "department_code", "at", "check_id"),
    Index("ix_credit_checks_subject", "subject_id", "at", "check_id"),
    one_of("finding", "CLEAN", "ADVERSE", "UNKNOWN", "GOVERNED"),
)

incentive_grants = subject_table(
    # An incentive granted to one application, on the check that allowed it [4.2] [5.2.1].
    "incentive_grants",
    Column("grant_id", Uuid, primary_key=True),
    Column("application_id", Uuid, nullable=False),
    Column("incentive", String(32), nullable=False),
    Column("department_code", String(32), nullable=False),
    Column("at", Instant, nullable=False),
    Column("by_ref", String(64), nullable=False),
    Column("check_id", Uuid, nullable=False),
    Column("helper_ref", String(64)),
    Column("commitment_ref", String(64)),
    UniqueConstraint("subject_id", "application_id", "incentive"),
    Index("ix_incentive_grants_application", "application_id"),
    Index("ix_incentive_grants_department", "department_code", "at"),
)

deferrals = subject_table(
    # Documents that an application still owes [4.2.2]. The documents and the demands are short lists that are read
    # and written with the deferral only; the days that decide its status have columns of their own.
    "deferrals",
    Column("application_id", Uuid, primary_key=True),
    Column("department_code", String(32), nullable=False),
    Column("documents", JSON, nullable=False),  # each missing document, and its receipt
    Column("reminders", JSON, nullable=False),  # the formal demands [5.1.2c]
    Column("commitment_ref", String(64), nullable=False),
    Column("committed_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("served_on", Date),  # a reminder reached the applicant [5.1.2c]
    Column("supplied_on", Date),  # the last missing document
    Column("ended_on", Date),
    Column("case_id", Uuid),  # the restraint case of its default
    # The applicant's last day, and the task of the window after it; see `credit.promises.due_days`.
    Column("last_on", Date),
    Column("waits_since_on", Date),
    Column("waits_sorts_on", Date),
    paper_withdrawal(),
    version("step_version"),
    Index("ix_deferrals_department", "department_code", "due_on", "application_id"),
    Index("ix_deferrals_subject", "subject_id", "due_on", "application_id"),
    Index("ix_deferrals_missing", "department_code", "due_on", "application_id", **where(_MISSING)),
    Index("ix_deferrals_open", "department_code", *_BY_WAITING, **where(_OWED)),
    Index("ix_deferrals_waits", *_BY_WAITING, **where(_OWED)),
    Index("ix_deferrals_promised", "last_on", "committed_on", "application_id", **where(f"{_OWED} AND {_UNSERVED}")),
    Index("ix_deferrals_reminded", "last_on", "served_on", "application_id", **where(f"{_OWED} AND {_SERVED}")),
)

commitments = subject_table(
    # A written commitment in place of proof, and the result of its verification [4.2.3] [5.1.2d].
    "commitments",
    Column("application_id", Uuid, primary_key=True),
    Column("department_code", String(32), nullable=False),
    Column("document", Text, nullable=False),  # the document of the matter that allows it
    Column("commitment_ref", String(64), nullable=False),
    Column("committed_on", Date, nullable=False),
    Column("limit_days", Integer, nullable=False),
    Column("verify_days", Integer, nullable=False),
    Column("completed_on", Date),
    Column("ended_on", Date),
    Column("verified_on", Date),
    Column("verified_by", String(64)),
    Column("outcome", String(16)),
    Column("evidence", JSON),
    version(),
    *sealed("facts"),
    Column("case_id", Uuid),  # the restraint case of its breach
    Column("waits_since_on", Date),  # its open task: since when, and until when, or by which day it is sorted
    Column("waits_sorts_on", Date),
    paper_withdrawal(),
    Column(
        "late_entries", JSON(none_as_null=True)
    ),  # completion and verification, if recorded late, with both their days [5.1.4]
    version("step_version"),
    Index("ix_commitments_department", "department_code", "committed_on", "application_id"),
    Index("ix_commitments_subject", "subject_id", "committed_on", "application_id"),
    Index("ix_commitments_open", "department_code", *_BY_WAITING, **where(_GIVEN)),
    Index("ix_commitments_waits", *_BY_WAITING, **where(_GIVEN)),
    Index("ix_commitments_given", "department_code", "committed_on", "application_id", **where(_OPEN)),
    # By which a list of what belongs to open applications finds them.
    Index("ix_commitments_unfinished", "department_code", **where(_UNFINISHED)),
    one_of("outcome", "MET", "NOT_MET"),
)
