"""Who took which step of a case, on what evidence [5.1.1] [5.1.4]; and a count of changes for whoever changes it.

The row of a case keeps the days of its steps, and no more. The authority answers for each of them, so each is kept
with actor, role and references to its evidence, and is never changed afterwards. `step_version` is new beside
`version`, which is bound into the sealed values: a step that seals nothing may not count it up.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the table and the column; rows that are there have been changed no time that counts."""
    op.add_column("restraint_cases", sa.Column("step_version", sa.Integer, nullable=False, server_default="1"))
    op.create_table(
        "case_steps",
        sa.Column("subject_id", sa.Uuid, sa.ForeignKey("subjects.subject_id"), primary_key=True),
        sa.Column("step_id", sa.Uuid, primary_key=True),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("step", sa.String(24), nullable=False),
        sa.Column("on", sa.Date, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_ref", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("department_code", sa.String(32)),
        sa.Column("evidence", sa.Text),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.Index("ix_case_steps_case", "subject_id", "case_id", "at"),
    )
    _refuse_changes("case_steps")


def downgrade() -> None:
    """Drop both, with what they hold."""
    op.drop_table("case_steps")
    op.drop_column("restraint_cases", "step_version")


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
