"""Rows from before their acts were kept, as they stood when an operator took them over, once, after an upgrade.

The audit, and the comparisons before a decision, fold what such a row is from here on. Both releases can run meanwhile.

And what stays of a read whose subject was erased gets an entry of its own, so that a row that somebody puts there hides
no read. A row from before has none.
"""

import sqlalchemy as sa
from alembic import op

from storage.database.column_types import Id, Instant

revision = "0041"
down_revision = "0039"

TABLE = "attested_rows"
STUBS = "erased_access_entries"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        TABLE,
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("attestation_id", sa.Uuid, nullable=False),
        sa.Column("record", sa.String(32), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor_ref", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("acts", sa.JSON, nullable=False),
        sa.Column("state", sa.JSON, nullable=False),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.Column("request_channel", sa.String(16)),
        sa.Column("known_by", sa.String(16)),
        sa.Column("request_id", Id),
        sa.PrimaryKeyConstraint("subject_id", "attestation_id", name=op.f("pk_attested_rows")),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.subject_id"], name=op.f("fk_attested_rows_subject_id_subjects")
        ),
        sa.UniqueConstraint("subject_id", "record", "record_id", name=op.f("uq_attested_rows_subject_id")),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {TABLE}_appended_only BEFORE UPDATE ON {TABLE} "
            f"BEGIN SELECT RAISE(ABORT, '{TABLE} is appended only'); END"
        )
    else:
        op.execute(  # the function is of revision 0001
            f"CREATE TRIGGER {TABLE}_appended_only BEFORE UPDATE ON {TABLE} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )

    # Without a batch: on SQLite that would make the table anew.
    op.add_column(STUBS, sa.Column("stub_id", Id))
    op.add_column(STUBS, sa.Column("salt", sa.LargeBinary(16)))
    op.create_index(op.f("uq_erased_access_entries_stub_id"), STUBS, ["stub_id"], unique=True)


def downgrade() -> None:
    """Drop them: what was taken over is named by the audit again."""
    op.drop_index(op.f("uq_erased_access_entries_stub_id"), table_name=STUBS)
    op.drop_column(STUBS, "salt")
    op.drop_column(STUBS, "stub_id")
    op.drop_table(TABLE)
