"""Versions of the facts and the basis of a case, and its answers about national memoranda [5.1.4(4)] [3.3]."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the table. A case whose facts were never changed has no row."""
    op.create_table(
        "facts_versions",
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("version_id", sa.Uuid, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("step", sa.String(24), nullable=False),
        sa.Column("on", sa.Date, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by_ref", sa.String(64), nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, server_default="1", nullable=False),
        sa.Column("facts_sealed", sa.LargeBinary),
        sa.Column("facts_mask", sa.Text),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.subject_id"], name="fk_facts_versions_subject_id_subjects"),
        sa.PrimaryKeyConstraint("subject_id", "version_id", name="pk_facts_versions"),
        sa.UniqueConstraint("subject_id", "case_id", "number", name="uq_facts_versions_subject_id"),
    )
    op.create_index("ix_facts_versions_of", "facts_versions", ["case_id"])
    _refuse_changes("facts_versions")


def downgrade() -> None:
    """Drop it, with what it holds."""
    op.drop_index("ix_facts_versions_of", table_name="facts_versions")
    op.drop_table("facts_versions")


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
