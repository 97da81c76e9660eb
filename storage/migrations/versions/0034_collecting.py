"""What entries say since this revision, and whom those that wait are about.

Each table whose rows have entries in `consent` gets the columns that say by which way an act came in, and, where an act
can seal text, the keyed digests of what it sealed. They are null in the rows that are there, whose entries stay what
they were; the previous release leaves them null as well. `subject_events` has what happens to a subject's record
besides steps and consent, `system_entries` what the log `system` says, and
`guard_refusals` how often the guard refused whom.

The log `consent` orders its entries by subject as well, so each of its rows in `pending_entries` names the subject of
each entry. Rows from before revision 33 get them from the tables that the entries commit to; a row stays without where
one of its entries has no row any more. The tags stay as they are: they are of type 1 and do not cover the subjects.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from consent.disclosures.pending_groups import joined_sources, split_sources
from storage.database.column_types import Id, Instant

revision = "0034"
down_revision = "0033"

SOURCES = {
    "consent_events": "event_id",
    "delegation_events": "event_id",
    "case_steps": "step_id",
    "application_steps": "step_id",
    "hearing_steps": "step_id",
    "issued_notices": "notice_id",
    "focused_checks": "check_id",
    "consultation_lines": "line_id",
    "clock_recounts": "recount_id",
    "file_attachments": "attachment_id",
    "registrations": "registration_id",
}
"""The tables whose rows have entries in `consent`, each with the id that the entry waits under."""
SEALING = ("application_steps", "case_steps", "focused_checks", "hearing_steps", "registrations")
"""Those whose acts seal text."""
AT_ONCE = 500
_OWNERS = sa.table("entry_owners", sa.column("source", Id), sa.column("owner", Id))
# A row has no key: it is found by its place, and by its bytes, because a place that became free can be taken again.
_WAITING = {
    "sqlite": "SELECT rowid, sources FROM pending_entries WHERE log = 'consent' AND owners IS NULL",
    "postgresql": "SELECT ctid::text, sources FROM pending_entries WHERE log = 'consent' AND owners IS NULL",
}
_FILL = {
    "sqlite": "UPDATE pending_entries SET owners = :owners WHERE rowid = :place AND sources = :sources",
    "postgresql": "UPDATE pending_entries SET owners = :owners WHERE ctid = CAST(CAST(:place AS text) AS tid) "
    "AND sources = :sources",
}


def upgrade() -> None:
    """Add the columns; fill in the subjects."""
    for table in SOURCES:
        # Without a batch: on SQLite that would make the table anew, without its triggers.
        op.add_column(table, sa.Column("request_channel", sa.String(16)))
        op.add_column(table, sa.Column("known_by", sa.String(16)))
        op.add_column(table, sa.Column("request_id", Id))
    for table in SEALING:
        op.add_column(table, sa.Column("content", sa.JSON(none_as_null=True)))
    _add_tables()
    _name_subjects(op.get_bind())


def downgrade() -> None:
    """Drop the columns, and with them what entries of version 2 say; leave the subjects, as the last release does."""
    op.drop_table("system_entries")
    op.drop_table("guard_refusals")
    op.drop_table("subject_events")
    for table in SEALING:
        op.drop_column(table, "content")
    for table in SOURCES:
        for name in ("request_id", "known_by", "request_channel"):
            op.drop_column(table, name)


def _add_tables() -> None:
    op.create_table(
        "subject_events",
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("event", sa.String(24), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor_ref", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("department_code", sa.String(32)),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.Column("request_channel", sa.String(16)),
        sa.Column("known_by", sa.String(16)),
        sa.Column("request_id", Id),
        sa.Column("content", sa.JSON(none_as_null=True)),
        sa.PrimaryKeyConstraint("subject_id", "event_id", name=op.f("pk_subject_events")),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.subject_id"], name=op.f("fk_subject_events_subject_id_subjects")
        ),
    )
    op.create_index("ix_subject_events_subject", "subject_events", ["subject_id", "at"])
    _refuse_changes("subject_events")
    op.create_table(
        "guard_refusals",
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("hour", Instant, nullable=False),
        sa.Column("caller", sa.String(32), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_guard_refusals")),
    )
    op.create_index("ix_guard_refusals_hour", "guard_refusals", ["hour"])
    _refuse_changes("guard_refusals")
    op.create_table(
        "system_entries",
        sa.Column("entry_id", Id, nullable=False),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("about", sa.String(100), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("entry", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_system_entries")),
    )
    op.create_index("ix_system_entries_about", "system_entries", ["type", "about", "at"])
    _refuse_changes("system_entries")


def _refuse_changes(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {table}_appended_only BEFORE UPDATE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is appended only'); END"
        )
        return
    op.execute(  # the function is of revision 0001
        f"CREATE TRIGGER {table}_appended_only BEFORE UPDATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _name_subjects(connection: sa.Connection) -> None:
    waiting = connection.execute(sa.text(_WAITING[connection.dialect.name])).all()
    if not waiting:
        return
    op.create_table(_OWNERS.name, sa.Column("source", Id, primary_key=True), sa.Column("owner", Id))
    for table, key in SOURCES.items():
        _collect(connection, table, key)
    for at in range(0, len(waiting), AT_ONCE):
        _fill(connection, [(place, bytes(sources)) for place, sources in waiting[at : at + AT_ONCE]])
    op.drop_table(_OWNERS.name)


def _collect(connection: sa.Connection, table: str, key: str) -> None:
    """Copy the subject of each row of a source, a thousand at a time."""
    columns = sa.column(key, sa.Uuid), sa.column("subject_id", sa.Uuid)
    rows = connection.execute(sa.select(*columns).select_from(sa.table(table, *columns)))
    for some in rows.partitions(1_000):
        connection.execute(sa.insert(_OWNERS), [{"source": source, "owner": owner} for source, owner in some])


def _fill(connection: sa.Connection, waiting: Sequence[tuple[object, bytes]]) -> None:
    """Write the subjects of these rows, where all are known."""
    ids = {source for _, sources in waiting for source in split_sources(sources)}
    found = connection.execute(sa.select(_OWNERS.c.source, _OWNERS.c.owner).where(_OWNERS.c.source.in_(ids)))
    owner_of = {source: owner for source, owner in found}  # noqa: C416 - a row of the database is no pair
    for place, sources in waiting:
        named = split_sources(sources)
        if all(each in owner_of for each in named):
            owners = joined_sources([owner_of[each] for each in named])
            values = {"place": place, "sources": sources, "owners": owners}
            connection.execute(sa.text(_FILL[connection.dialect.name]), values)
