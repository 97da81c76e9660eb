"""Whom the entries that wait are about.

The log `consent` orders its entries by subject as well, so each of its rows in `pending_entries` names the subject of
each entry. Rows from before revision 33 get them from the tables that the entries commit to; a row stays without where
one of its entries has no row any more. The tags stay as they are: they are of type 1 and do not cover the subjects.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from consent.disclosures.pending_groups import joined_sources, split_sources
from storage.database.column_types import Id

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
    """Fill in the subjects."""
    connection = op.get_bind()
    waiting = connection.execute(sa.text(_WAITING[connection.dialect.name])).all()
    if not waiting:
        return
    op.create_table(_OWNERS.name, sa.Column("source", Id, primary_key=True), sa.Column("owner", Id))
    for table, key in SOURCES.items():
        _collect(connection, table, key)
    for at in range(0, len(waiting), AT_ONCE):
        _fill(connection, [(place, bytes(sources)) for place, sources in waiting[at : at + AT_ONCE]])
    op.drop_table(_OWNERS.name)


def downgrade() -> None:
    """Leave the subjects: the previous release has the column too."""


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
