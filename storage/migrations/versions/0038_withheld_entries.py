"""Entries of acts that their subject may not know of yet: they count for nobody, and later once, by a second entry.

The previous release knows neither table: what it appends counts at once, as before, and it opens nothing. What it left
closed is opened by the next act about the subject. Entries that are there stay what they are.
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "withheld_entries",
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("source", sa.Uuid, nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("commitment", sa.LargeBinary(32), nullable=False),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "source", name=op.f("pk_withheld_entries")),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.subject_id"], name=op.f("fk_withheld_entries_subject_id_subjects")
        ),
    )
    op.create_table(
        "entry_openings",
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("opening_id", sa.Uuid, nullable=False),
        sa.Column("source", sa.Uuid, nullable=False),
        sa.Column("withheld", sa.LargeBinary(32), nullable=False),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "opening_id", name=op.f("pk_entry_openings")),
        sa.UniqueConstraint("subject_id", "source", name=op.f("uq_entry_openings_subject_id")),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.subject_id"], name=op.f("fk_entry_openings_subject_id_subjects")
        ),
    )
    for table in ("withheld_entries", "entry_openings"):
        _refuse_changes(table)


def downgrade() -> None:
    """Drop the tables: what counts for nobody so far never counts."""
    op.drop_table("entry_openings")
    op.drop_table("withheld_entries")


def _refuse_changes(table: str) -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    refusal = f"BEGIN SELECT RAISE(ABORT, '{table} is appended only'); END"
    each = refusal if is_sqlite else "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    op.execute(f"CREATE TRIGGER {table}_appended_only BEFORE UPDATE ON {table} {each}")
