"""The ledger: its entries in order, its trees, and what the sequencer refuses.

Entries that wait keep their bytes. They get their subjects beside them, as a column of the row; rows from before this
revision have none, and the sequencer asks their tables. The previous release writes rows without it.
"""

from collections.abc import Iterator
from itertools import groupby

import sqlalchemy as sa
from alembic import op

from consent.disclosures.pending_groups import joined_leaves, joined_sources
from storage.database.column_types import Id, Instant

revision = "0033"
down_revision = "0032"

LOGS = ("consent", "access", "system")
GROUP = 1_024
COMMITMENT = "ix_ledger_entries_commitment"


def upgrade() -> None:
    """Add the tables, and the third log."""
    with op.batch_alter_table("pending_entries") as table:
        table.add_column(sa.Column("owners", sa.LargeBinary))
        table.drop_constraint(op.f("ck_pending_entries_log"), type_="check")
        table.create_check_constraint(op.f("ck_pending_entries_log"), "log IN ('consent','access','system')")
    op.create_table(
        "held_groups",
        sa.Column("held_id", Id, nullable=False),
        sa.Column("held_at", Instant, nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("recorder", Id),
        sa.Column("number", sa.BigInteger),
        sa.Column("log", sa.String(16), nullable=False),
        sa.Column("sources", sa.LargeBinary, nullable=False),
        sa.Column("owners", sa.LargeBinary),
        sa.Column("leaves", sa.LargeBinary, nullable=False),
        sa.Column("tag", sa.LargeBinary(32)),
        sa.PrimaryKeyConstraint("held_id", name=op.f("pk_held_groups")),
    )
    op.create_table(
        "ledger_trees",
        sa.Column("log", sa.SmallInteger, autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("edge", sa.LargeBinary, nullable=False),
        sa.Column("integrated_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("log", name=op.f("pk_ledger_trees")),
    )
    op.create_table(
        "ledger_entries",
        sa.Column("log", sa.SmallInteger, autoincrement=False, nullable=False),
        sa.Column("leaf_index", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("source", Id, nullable=False),
        sa.Column("owner", Id),
        sa.Column("leaf", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("log", "leaf_index", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("source", name=op.f("uq_ledger_entries_source")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_restores",
        sa.Column("log", sa.SmallInteger, autoincrement=False, nullable=False),
        sa.Column("first_index", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("end_index", sa.BigInteger, nullable=False),
        sa.Column("subjects", sa.Integer, nullable=False),
        sa.Column("found_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("log", "first_index", name=op.f("pk_ledger_restores")),
    )
    if op.get_bind().dialect.name == "postgresql":
        end = sa.text("substring(leaf FROM octet_length(leaf) - 31)")
        op.create_index(COMMITMENT, "ledger_entries", [end], postgresql_using="hash")
    else:
        op.create_index(f"{COMMITMENT}_start", "ledger_entries", [sa.text("substr(leaf, length(leaf) - 31, 8)")])


def downgrade() -> None:
    """Let all entries wait again, in their order; drop the tables. Readable entries of `system` are dropped."""
    connection = op.get_bind()
    waiting = sa.table("pending_entries", sa.column("log"), sa.column("sources"), sa.column("leaves"))
    for row in _rows(connection):
        connection.execute(sa.insert(waiting), row)
    connection.execute(sa.delete(waiting).where(waiting.c.log == "system"))
    for name in ("ledger_restores", "ledger_entries", "ledger_trees", "held_groups"):
        op.drop_table(name)
    with op.batch_alter_table("pending_entries") as table:
        table.drop_column("owners")
        table.drop_constraint(op.f("ck_pending_entries_log"), type_="check")
        table.create_check_constraint(op.f("ck_pending_entries_log"), "log IN ('consent','access')")


def _rows(connection: sa.Connection) -> Iterator[dict[str, object]]:
    """Yield rows of `pending_entries` with the entries of the logs, in order."""
    kinds = {"log": sa.SmallInteger, "leaf_index": sa.BigInteger, "source": Id, "leaf": sa.LargeBinary}
    entries = sa.table("ledger_entries", *(sa.column(name, kind) for name, kind in kinds.items()))
    found = connection.execute(sa.select(entries).order_by(entries.c.log, entries.c.leaf_index)).all()
    for (log, _), some in groupby(found, lambda each: (each.log, each.leaf_index // GROUP)):
        group = list(some)
        yield {
            "log": LOGS[log],
            "sources": joined_sources([each.source for each in group]),
            "leaves": joined_leaves([bytes(each.leaf) for each in group]),
        }
