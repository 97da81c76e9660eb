"""The house: messages, the ledger's queue, and what was already carried out. Nobody's data."""

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Index, Integer, LargeBinary, String, Table, Uuid

from storage.database.column_types import Instant
from storage.tables.base import HOUSE, metadata

idempotency_keys = Table(
    # The answer to a mutation that was already carried out, so that trying again does nothing twice.
    "idempotency_keys",
    metadata,
    Column("actor_ref", String(64), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("request_hash", String(64), nullable=False),
    Column("result", JSON, nullable=False),  # entity ids, no personal data
    Column("at", Instant, nullable=False),
    info=HOUSE,
)

pending_entries = Table(
    # Leaf hashes that wait for the sequencer. Nothing here points back at a person.
    "pending_entries",
    metadata,
    # In the order of arrival, so that appending touches the end of one index only.
    Column("place", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("log", String(16), nullable=False),  # 'consent' or 'access'
    Column("entry_id", Uuid, nullable=False),
    Column("leaf_hash", LargeBinary(32), nullable=False),
    Column("appended_at", Instant, nullable=False),
    CheckConstraint("log IN ('consent','access')", name="log"),
    info=HOUSE,
)

outbox = Table(
    # What is to be told to others, written with the fact itself; opened and filled in only when it is sent.
    "outbox",
    metadata,
    Column("message_id", Uuid, primary_key=True),
    Column("topic", String(64), nullable=False),
    Column("about", JSON, nullable=False),  # entity references, never particulars
    Column("created_at", Instant, nullable=False),
    Column("route", String(16)),  # whose it is to carry: 'platform', 'supervisors', 'subject'; none: nobody's yet
    # Messages of one lane and route arrive in the order of their places; a lane is one case.
    Column("lane", Uuid),
    Column("place", BigInteger, nullable=False, server_default="0"),
    Column("sent_at", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", Instant),  # not to be tried before
    Column("dead_at", Instant),  # given up, until a person sends it again
    Column("failure", String(32)),  # the code of the last attempt's failure; IN_FLIGHT while one is under way
    Index("ix_outbox_unsent", "sent_at", "created_at"),
    Index("ix_outbox_lane", "lane", "place"),
    info=HOUSE,
)

taken_numbers = Table(
    # Which numbers a department has given: of applications, of cases, of each kind of notice. A table of the subjects'
    # can hold a number unique for one subject only, on whose shard it lies; this one holds it for the department.
    "taken_numbers",
    metadata,
    Column("department_code", String(32), primary_key=True),
    Column("series", String(24), primary_key=True),
    Column("number", String(128), primary_key=True),
    info=HOUSE,
)

imports = Table(
    # Which row of which file has been taken in: running an import again does nothing twice.
    "imports",
    metadata,
    Column("file_hash", String(64), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("outcome", String(24), nullable=False),
    info=HOUSE,
)
