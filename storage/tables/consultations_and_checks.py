"""What follows from a restraint: consultations and focused checks [5.2.2] [5.2.3]."""

from sqlalchemy import JSON, CheckConstraint, Column, Date, Index, Integer, LargeBinary, String, Table, Text, Uuid

from storage.database.column_types import Instant
from storage.tables.base import OPERATIONAL, OWNED, metadata, subject

consultations = Table(
    # A request before a rating, an award or a selection [5.2.3]. Its subjects are in consultation_lines only.
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
    Column("names", Integer, nullable=False),  # how many names it had
    Index("ix_consultations_recipient", "recipient_code", "at"),
    info=OPERATIONAL,
)

consultation_lines = Table(
    # The entries of a consultation in the logs of its subjects [5.1.6] [5.2.3]. Append-only.
    "consultation_lines",
    metadata,
    subject(),
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
    Column("salt", LargeBinary(16), nullable=False),  # of the ledger's commitment to this row
    Index("ix_consultation_lines_consultation", "consultation_id", "line"),
    CheckConstraint("reply IN ('RESTRAINED','NOT_RESTRAINED','NO_AUTHORISATION')", name="reply"),
    info=OWNED,
)

focused_checks = Table(
    # What a supervising department found at a target [5.2.2]. Append-only.
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
    Column("case_id", Uuid),  # the case of a new breach
    Column("version", Integer, nullable=False, server_default="1"),
    Column("facts_sealed", LargeBinary),
    Column("facts_mask", Text),
    Column("salt", LargeBinary(16), nullable=False),  # of the ledger's commitment to this row
    Index("ix_focused_checks_sector", "sector_code", "recorded_at"),
    CheckConstraint("outcome IN ('NOTHING_FOUND','RECTIFIED','NEW_BREACH')", name="outcome"),
    info=OWNED,
)

target_visits = Table(
    # The last visit of a supervisor to its targets, and its subscription to changes [5.2.2].
    "target_visits",
    metadata,
    Column("actor_ref", String(64), primary_key=True),
    Column("sector_code", String(32), primary_key=True),
    Column("area_code", String(12), primary_key=True),
    Column("seen_at", Instant),
    Column("seen_on", Date),
    Column("subscribed_at", Instant),
    Column("told_at", Instant),  # the instant up to which it was notified
    Column("told_on", Date),
    info=OPERATIONAL,
)
