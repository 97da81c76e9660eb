"""The access record [5.1.6]: one row for each page that was shown, whatever the number of its subjects; and lookups.

`consent/disclosures/formats.py` says what is committed to. No table here has a foreign key: a page waits for its row.
"""

from sqlalchemy import JSON, Boolean, Column, Date, Index, Integer, LargeBinary, String, Table, Text, Uuid

from storage.database.column_types import Id, Ids, Instant
from storage.tables.base import OWNED, metadata, one_of, operational_table, reference_table, salt, shared_table, where

access_contexts = reference_table(
    # Who asks for what, by which document: one row for each combination, found by its digest.
    "access_contexts",
    Column("context_id", Integer, primary_key=True, autoincrement=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("department_code", String(32)),
    Column("purpose", String(32), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("known_by", String(16), nullable=False),
    Column("document_hash", String(64), nullable=False),
)

access_grounds = reference_table(
    # By which right which fields were shown: one row for each combination, found by its digest.
    "access_grounds",
    Column("ground_id", Integer, primary_key=True, autoincrement=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("basis", String(24), nullable=False),
    Column("citation", Text, nullable=False),
    Column("fields", JSON, nullable=False),  # [["RestraintCase.facts", "FACTS", "CLEAR"], ...]
)

disclosures = shared_table(
    # One row for each page. Append-only, but for an erasure. On PostgreSQL in partitions by the month of the id.
    "disclosures",
    Column("disclosure_id", Id, primary_key=True),  # UUID of version 7: it begins with the time
    Column("at", Instant, nullable=False),
    Column("request_id", Id, nullable=False),  # the same for every record of one request, and in the log of the server
    Column("context_id", Integer, nullable=False),  # of access_contexts
    Column("ground_id", Integer),  # of access_grounds, where all subjects have this one; else `parts` tells
    Column("actor_ref", String(64), nullable=False),
    Column("subjects", Ids, nullable=False),  # in the order of the page; an erased subject is the nil UUID
    Column("parts", LargeBinary),  # consent/disclosures/stored_parts.py
    Column("seed", LargeBinary(16)),  # of the salts; null after an erasure
    Column("opened", LargeBinary),  # after an erasure: the salts of the others
    Column("delay_id", Id),  # the lawful delay that covers it, and the day on which it opens unless that is extended
    Column("opens_on", Date),
    Index("ix_disclosures_subjects", "subjects", postgresql_using="gin", info={"only": "postgresql"}),
    Index("ix_disclosures_delay", "delay_id", **where("delay_id IS NOT NULL")),
    Index("ix_disclosures_at", "at", postgresql_using="brin", info={"only": "postgresql"}),
    postgresql_partition_by="RANGE (disclosure_id)",
    sqlite_with_rowid=False,
)

disclosed_subjects = Table(
    # The disclosures of a subject on SQLite. On PostgreSQL it stays empty: an index over the arrays finds them.
    "disclosed_subjects",
    metadata,
    Column("subject_id", Id, primary_key=True),
    Column("disclosure_id", Id, primary_key=True),
    info=OWNED,
    sqlite_with_rowid=False,
)

unindexed_disclosures = operational_table(
    # The disclosures that are not in `disclosed_subjects` yet: `storage.access_log.subject_index` enters them there.
    "unindexed_disclosures",
    Column("disclosure_id", Id, primary_key=True),
    sqlite_with_rowid=False,
)

guard_refusals = operational_table(
    # How often the guard refused a caller with a code within an hour [5.1.6]. Append-only. What was asked is not kept.
    "guard_refusals",
    Column("entry_id", Uuid, primary_key=True),
    Column("hour", Instant, nullable=False),  # when it began
    Column("caller", String(32), nullable=False),  # keyed hash of the actor's reference, as in number_lookups
    Column("role", String(16), nullable=False),
    Column("code", String(64), nullable=False),
    Column("count", Integer, nullable=False),
    salt(),
    Index("ix_guard_refusals_hour", "hour"),
)

number_lookups = operational_table(
    # Who tried a number, when, for what, and whether it was answered [5.1.6]. Append-only. The number is kept nowhere.
    "number_lookups",
    Column("entry_id", Uuid, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("caller", String(32), nullable=False),  # keyed hash of the actor's reference
    Column("role", String(16), nullable=False),
    Column("department_code", String(32)),
    Column("purpose", String(32), nullable=False),
    Column("entrance", String(16), nullable=False),  # SEARCH, CONSULTATION, REGISTRATION, CORRECTION, IMPORT, PUSH
    Column("outcome", String(8), nullable=False),
    Column("neighbourhood", String(32), nullable=False),  # keyed hash of the number without its last four characters
    Column("is_repeated", Boolean, nullable=False),  # the caller had just tried the same number
    salt(),
    Index("ix_number_lookups_at", "at"),
    one_of("outcome", "HIT", "MISS"),
)
