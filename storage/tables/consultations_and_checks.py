"""What follows from a restraint: consultations and focused checks [5.2.2] [5.2.3]."""

from sqlalchemy import JSON, Column, Date, Index, Integer, String, Text, Uuid

from storage.database.column_types import Instant
from storage.tables.base import content, one_of, operational_table, provenance, salt, sealed, subject_table, version

consultations = operational_table(
    # A request before a rating, an award or a selection [5.2.3]. Its subjects are in consultation_lines only.
    "consultations",
    Column("consultation_id", Uuid, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("recipient_kind", String(16), nullable=False),
    Column("recipient_code", String(32), nullable=False),
    Column("occasion", String(100), nullable=False),  # a reference: which rating, award or selection
    Column("statute", Text),
    Column("by_ref", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("names", Integer, nullable=False),  # how many names it had
    Index("ix_consultations_recipient", "recipient_code", "at", "consultation_id"),
)

consultation_lines = subject_table(
    # The entries of a consultation in the logs of its subjects [5.1.6] [5.2.3]. Append-only.
    "consultation_lines",
    Column("line_id", Uuid, primary_key=True),
    Column("consultation_id", Uuid, nullable=False),
    Column("line", Integer, nullable=False),  # its position among the names of the consultation
    Column("kind", String(16), nullable=False),
    Column("recipient_code", String(32), nullable=False),
    Column("at", Instant, nullable=False),
    Column("ground", String(16)),
    Column("citation", Text),
    Column("authorisation_id", Uuid),
    Column("reply", String(24), nullable=False),
    salt(),
    *provenance(),
    Index("ix_consultation_lines_subject", "subject_id", "at", "line_id"),
    Index("ix_consultation_lines_consultation", "consultation_id", "line"),
    one_of("reply", "RESTRAINED", "NOT_RESTRAINED", "NO_AUTHORISATION"),
)

focused_checks = subject_table(
    # What a supervising department found at a target [5.2.2]. Append-only.
    "focused_checks",
    Column("check_id", Uuid, primary_key=True),
    Column("department_code", String(32)),  # of the supervisor, where its account names one
    Column("sector_code", String(32), nullable=False),
    Column("area_code", String(12), nullable=False),
    Column("checked_on", Date, nullable=False),
    Column("by_ref", String(64), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("evidence", JSON, nullable=False),  # references to papers
    Column("recorded_at", Instant, nullable=False),
    Column("case_id", Uuid),  # the case of a new breach
    version(),
    *sealed("facts"),
    salt(),
    *provenance(),
    content(),
    Index("ix_focused_checks_sector", "sector_code", "recorded_at", "check_id"),
    Index("ix_focused_checks_checked", "sector_code", "checked_on", "check_id"),
    Index("ix_focused_checks_subject_checked", "subject_id", "checked_on", "check_id"),
    Index("ix_focused_checks_subject", "subject_id", "recorded_at", "check_id"),
    one_of("outcome", "NOTHING_FOUND", "RECTIFIED", "NEW_BREACH"),
)

target_visits = operational_table(
    # The last visit of a supervisor to its targets, and its subscription to changes [5.2.2].
    "target_visits",
    Column("actor_ref", String(64), primary_key=True),
    Column("sector_code", String(32), primary_key=True),
    Column("area_code", String(12), primary_key=True),
    Column("seen_at", Instant),
    Column("seen_on", Date),
    Column("subscribed_at", Instant),
    Column("told_at", Instant),  # the instant up to which it was notified
    Column("told_on", Date),
)
