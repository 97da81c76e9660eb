"""Records taken over from before a cut-over date, and access entries that open later [5.1.4] [5.1.6].

A completed case that was imported counted at once. From now on its days stand in columns of their own until the head of
the determining authority has confirmed them. Cases that were imported before stay as they are: they have been in force.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0008"

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


def downgrade() -> None:
    """Drop them. A record that was not confirmed becomes a collected case."""
    op.drop_index("ix_restraint_cases_to_confirm", "restraint_cases")
    for name in _FORMER:
        op.drop_column("restraint_cases", name)
