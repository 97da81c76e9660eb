"""What consent still lacked: the findings about a read that its subject does not recognise [5.1.6].

The previous release knows no finding: it answers no such question, and does not show one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0033"

RECORDS = ("REJECTED", "CORRECT", "REMOVE")
FINDINGS = ("JUSTIFIED", "MISTAKEN", "UNJUSTIFIED")


def upgrade() -> None:
    """Let an objection be answered with a finding."""
    _let_answer(*RECORDS, *FINDINGS)


def downgrade() -> None:
    """Take the findings back: such a question counts as rejected, or as granted by a correction."""
    answered = sa.table("objections", sa.column("answer", sa.String))
    for finding, answer in zip(FINDINGS, ("REJECTED", "CORRECT", "CORRECT"), strict=True):
        op.execute(sa.update(answered).where(answered.c.answer == finding).values(answer=answer))
    _let_answer(*RECORDS)


def _let_answer(*answers: str) -> None:
    name, listed = op.f("ck_objections_answer"), ",".join(f"'{answer}'" for answer in answers)
    with op.batch_alter_table("objections") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, f"answer IN ({listed})")
