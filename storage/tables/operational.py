"""Operational tables: outbox, stored responses, leases, limits, used numbers, logins. They hold no personal data."""

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, String, Uuid

from storage.database.column_types import Instant
from storage.tables.base import operational_table, version

idempotency_keys = operational_table(
    # The response to a mutation that was carried out, so that a repeated request does nothing.
    "idempotency_keys",
    Column("actor_ref", String(64), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("request_hash", String(64), nullable=False),
    Column("result", JSON, nullable=False),  # entity ids, no personal data
    Column("at", Instant, nullable=False),
)

outbox = operational_table(
    # Messages to others, written with the fact itself; filled in only when they are sent.
    "outbox",
    Column("message_id", Uuid, primary_key=True),
    Column("topic", String(64), nullable=False),
    Column("about", JSON, nullable=False),  # entity references, never particulars
    Column("created_at", Instant, nullable=False),
    Column("route", String(16)),  # 'platform', 'supervision', 'supervisors', 'subject'; null: no route delivers it yet
    # Messages of one lane and route are sent in the order of their places; a lane is one case.
    Column("lane", Uuid),
    Column("place", BigInteger, nullable=False, server_default="0"),
    Column("sent_at", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", Instant),  # the earliest next attempt
    Column("dead_at", Instant),  # given up, until a person sends it again
    Column("failure", String(32)),  # the code of the last attempt's failure; IN_FLIGHT while one is under way
    Index("ix_outbox_unsent", "sent_at", "created_at"),
    Index("ix_outbox_lane", "lane", "place"),
)

leases = operational_table(
    # Which process does a job that only one may do. A lease that is not renewed ends.
    "leases",
    Column("name", String(32), primary_key=True),
    Column("holder", Uuid, nullable=False),  # a process, by an id of its own
    Column("expires_at", Instant, nullable=False),  # by the database's clock
)

write_checks = operational_table(
    # What each process writes every few seconds, to learn whether it can.
    "write_checks",
    Column("place", SmallInteger, primary_key=True, autoincrement=False),
    Column("written_at", Instant, nullable=False),
)

taken_numbers = operational_table(
    # The numbers that a department has used: of applications, of cases, of each kind of notice. A subject-owned table
    # can keep a number unique only within a subject, on its shard; this table keeps it unique in the department.
    "taken_numbers",
    Column("department_code", String(32), primary_key=True),
    Column("series", String(24), primary_key=True),
    Column("number", String(128), primary_key=True),  # its key, the same for every habit of typing it
)

imports = operational_table(
    # The imported rows of each file: running an import again imports no row twice.
    "imports",
    Column("file_hash", String(64), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("outcome", String(24), nullable=False),
)

rate_limits = operational_table(
    # One counter for each limit and caller in its current window; shared by replicas. Keys hold keyed hashes only.
    "rate_limits",
    Column("key", String(160), primary_key=True),
    Column("hits", Integer, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Index("ix_rate_limits_ends_at", "ends_at"),
)

login_attempts = operational_table(
    # A login that was sent to the identity provider and has not come back. It is used once, and lasts some minutes.
    "login_attempts",
    Column("attempt_id", Uuid, primary_key=True),
    Column("state_hash", LargeBinary(32), nullable=False, unique=True),  # SHA-256 of 256 random bits
    Column("browser_hash", LargeBinary(32), nullable=False),  # the same, of the cookie of the browser that began it
    Column("wrapped", LargeBinary, nullable=False),
    Column("secrets_sealed", LargeBinary, nullable=False),  # nonce, code verifier, and where the browser goes on
    Column("ends_at", Instant, nullable=False),
    Index("ix_login_attempts_ends_at", "ends_at"),
)

login_sessions = operational_table(
    # Who is logged in with a browser, in which role. The browser has a random id and nothing else.
    "login_sessions",
    Column("session_id", Uuid, primary_key=True),  # names the session to its account and to operators; opens nothing
    Column("cookie_hash", LargeBinary(32), nullable=False, unique=True),  # SHA-256 of the 256 random bits of the cookie
    Column("account_ref", String(64), nullable=False),
    Column("role", String(16)),  # null until one of several is chosen
    Column("wrapped", LargeBinary, nullable=False),
    version(),
    Column("tokens_sealed", LargeBinary, nullable=False),  # access, refresh and ID token
    Column("created_at", Instant, nullable=False),  # of the login; a change of the role keeps it
    Column("used_at", Instant, nullable=False),  # to the minute
    Column("renewed_at", Instant, nullable=False),  # when new tokens were last asked for
    Column("ends_at", Instant, nullable=False),  # the end of the access token, or of the longest session
    Index("ix_login_sessions_account_ref", "account_ref"),
    Index("ix_login_sessions_ends_at", "ends_at"),
)
