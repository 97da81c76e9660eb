"""One access record for each page that was shown, in place of a row for each of its subjects [5.1.6].

A page of twenty subjects took twenty rows in two tables. The new tables take one. `access_entries` stays with what it
holds, and gets no new row.

On PostgreSQL `disclosures` is partitioned by the month of its ids, so that old months can be vacuumed, backed up and
one day archived by themselves. Here it gets the partition for whatever has no month of its own; the process that serves
makes the months ahead.
"""

import sqlalchemy as sa
from alembic import op

from storage.database.column_types import Id, Ids

revision = "0025"
down_revision = "0024"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    _interned()
    _disclosures()


def downgrade() -> None:
    """Drop the tables; refuse while they hold a record, which the release before cannot read."""
    connection = op.get_bind()
    if connection.execute(sa.text("SELECT 1 FROM disclosures LIMIT 1")).first() is not None:
        raise RuntimeError("disclosures has records of access, which the release before cannot show")
    for table in ("disclosed_subjects", "disclosures", "access_grounds", "access_contexts"):
        op.drop_table(table)


def _interned() -> None:
    op.create_table(
        "access_contexts",
        sa.Column("context_id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("department_code", sa.String(32)),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("known_by", sa.String(16), nullable=False),
        sa.Column("document_hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("context_id", name="pk_access_contexts"),
        sa.UniqueConstraint("digest", name="uq_access_contexts_digest"),
    )
    op.create_table(
        "access_grounds",
        sa.Column("ground_id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("basis", sa.String(24), nullable=False),
        sa.Column("citation", sa.Text, nullable=False),
        sa.Column("fields", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("ground_id", name="pk_access_grounds"),
        sa.UniqueConstraint("digest", name="uq_access_grounds_digest"),
    )


def _disclosures() -> None:
    op.create_table(
        "disclosures",
        sa.Column("disclosure_id", Id, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("request_id", Id, nullable=False),
        sa.Column("context_id", sa.Integer, nullable=False),
        sa.Column("ground_id", sa.Integer),
        sa.Column("actor_ref", sa.String(64), nullable=False),
        sa.Column("subjects", Ids, nullable=False),
        sa.Column("parts", sa.LargeBinary),
        sa.Column("seed", sa.LargeBinary(16)),
        sa.Column("opened", sa.LargeBinary),
        sa.Column("delay_id", Id),
        sa.Column("opens_on", sa.Date),
        sa.PrimaryKeyConstraint("disclosure_id", name="pk_disclosures"),
        postgresql_partition_by="RANGE (disclosure_id)",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "disclosed_subjects",
        sa.Column("subject_id", Id, nullable=False),
        sa.Column("disclosure_id", Id, nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "disclosure_id", name="pk_disclosed_subjects"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE INDEX ix_disclosures_subjects ON disclosures USING gin (subjects)")
        op.execute("CREATE INDEX ix_disclosures_at ON disclosures USING brin (at)")
        op.execute("CREATE TABLE disclosures_other PARTITION OF disclosures DEFAULT")
