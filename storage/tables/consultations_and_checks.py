"""What follows from a restraint: consultations and focused checks [5.2.2] [5.2.3]."""

from sqlalchemy import JSON, CheckConstraint, Column, Date, Index, Integer, LargeBinary, String, Table, Text, Uuid

from storage.database.column_types import Instant
from storage.tables.base import HOUSE, OWNED, metadata, subject

consultations = Table(
    # A request before a rating, an award or a selection [5.2.3]. Whom it was about stands in their own lines only.
    "consultations",
    metadata,
    Column("consultation_id", Uuid, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("recipient_kind", String(16), nullable=False),
    Column("recipient_code", String(32), nullable=False),
    Column("occasion", String(100), nullable=False),  # a reference: which rating, award or selection
    Column("statute", Text),
    Column("by_ref", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("names", Integer, nullable=False),  # how many were asked about
    Index("ix_consultations_recipient", "recipient_code", "at"),
    info=HOUSE,
)

consultation_lines = Table(
    # What each subject's own log gets of a consultation [5.1.6] [5.2.3]. Appended only.
    "consultation_lines",
    metadata,
    subject(),
    Column("line_id", Uuid, primary_key=True),
    Column("consultation_id", Uuid, nullable=False),
    Column("line", Integer, nullable=False),  # its place among the names that were asked about
    Column("kind", String(16), nullable=False),
    Column("recipient_code", String(32), nullable=False),
    Column("at", Instant, nullable=False),
    Column("ground", String(16)),
    Column("citation", Text),
    Column("authorisation_id", Uuid),
    Column("reply", String(24), nullable=False),
    Column("salt", LargeBinary(16), nullable=False),  # of the ledger's commitment to this row
    Index("ix_consultation_lines_consultation", "consultation_id", "line"),
    CheckConstraint("reply IN ('RESTRAINED','NOT_RESTRAINED','NO_AUTHORISATION')", name="reply"),
    info=OWNED,
)

focused_checks = Table(
    # What a supervising department found at a target [5.2.2]. Appended only.
    "focused_checks",
    metadata,
    subject(),
    Column("check_id", Uuid, primary_key=True),
    Column("department_code", String(32)),  # of the supervisor, where its account names one
    Column("sector_code", String(32), nullable=False),
    Column("area_code", String(12), nullable=False),
    Column("checked_on", Date, nullable=False),
    Column("by_ref", String(64), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("evidence", JSON, nullable=False),  # references to papers
    Column("recorded_at", Instant, nullable=False),
    Column("case_id", Uuid),  # the case that a new breach became
    Column("version", Integer, nullable=False, server_default="1"),
    Column("facts_sealed", LargeBinary),
    Column("facts_mask", Text),
    Column("salt", LargeBinary(16), nullable=False),  # of the ledger's commitment to this row
    Index("ix_focused_checks_sector", "sector_code", "recorded_at"),
    CheckConstraint("outcome IN ('NOTHING_FOUND','RECTIFIED','NEW_BREACH')", name="outcome"),
    info=OWNED,
)

target_visits = Table(
    # When a supervisor last looked at its targets, and whether it wants to be told of changes [5.2.2].
    "target_visits",
    metadata,
    Column("actor_ref", String(64), primary_key=True),
    Column("sector_code", String(32), primary_key=True),
    Column("area_code", String(12), primary_key=True),
    Column("seen_at", Instant),
    Column("seen_on", Date),
    Column("subscribed_at", Instant),
    Column("told_at", Instant),  # how far it has been told
    Column("told_on", Date),
    info=HOUSE,
)
