"""Records taken over from before a cut-over date, and access entries that open later [5.1.4] [5.1.6].

A completed case that was imported counted at once. From now on its days stand in columns of their own until the head of
the determining authority has confirmed them. Cases that were imported before stay as they are: they have been in force.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_FORMER = ("taken_over_on", "former_determined_on", "former_published_on", "former_ends_on")
_TO_CONFIRM = (
    "ends_on IS NULL AND removed_on IS NULL AND dropped_on IS NULL AND referred_on IS NULL"
    " AND taken_over_on IS NOT NULL AND determined_on IS NULL"
)


def upgrade() -> None:
    """Add the columns and the index."""
    for name in _FORMER:
        op.add_column("restraint_cases", sa.Column(name, sa.Date))
    op.create_index(
        "ix_restraint_cases_to_confirm",
        "restraint_cases",
        ["department_code"],
        sqlite_where=sa.text(_TO_CONFIRM),
        postgresql_where=sa.text(_TO_CONFIRM),
    )
    op.add_column("access_entries", sa.Column("delay_id", sa.Uuid))
    op.add_column("access_entries", sa.Column("opens_on", sa.Date))
    op.create_table(
        "entry_delays",
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("delay_id", sa.Uuid, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("department_code", sa.String(32), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opens_on", sa.Date, nullable=False),
        sa.Column("acts", sa.JSON, nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.subject_id"], name="fk_entry_delays_subject_id_subjects"),
        sa.PrimaryKeyConstraint("subject_id", "delay_id", name="pk_entry_delays"),
    )
    op.create_index("ix_entry_delays_case", "entry_delays", ["subject_id", "case_id"])


def downgrade() -> None:
    """Drop them. A record that was not confirmed becomes a collected case, and delayed entries open."""
    op.drop_table("entry_delays")
    op.drop_column("access_entries", "opens_on")
    op.drop_column("access_entries", "delay_id")
    op.drop_index("ix_restraint_cases_to_confirm", "restraint_cases")
    for name in _FORMER:
        op.drop_column("restraint_cases", name)
