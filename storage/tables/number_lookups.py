"""Lookups by number, and the counters of limits: neither refers to a person [5.1.6]."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Uuid

from storage.database.column_types import Instant
from storage.tables.base import one_of, operational_table, salt

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

rate_limits = operational_table(
    # One counter for each limit and caller in its current window; shared by replicas. Keys hold keyed hashes only.
    "rate_limits",
    Column("key", String(160), primary_key=True),
    Column("hits", Integer, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Index("ix_rate_limits_ends_at", "ends_at"),
)
