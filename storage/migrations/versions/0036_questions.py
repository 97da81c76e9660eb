"""What consent still lacked: the findings about a read that its subject does not recognise [5.1.6].

The previous release knows no finding: it answers no such question, and does not show one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0034"

RECORDS = ("REJECTED", "CORRECT", "REMOVE")
NAMED = "ck_objections_answer"
DOUBLED = "ck_objections_ck_objections_answer"
"""The name by which revision 0003 made the constraint."""
FINDINGS = ("JUSTIFIED", "MISTAKEN", "UNJUSTIFIED")


def upgrade() -> None:
    """Let an objection be answered with a finding."""
    _let_answer(*RECORDS, *FINDINGS, before=DOUBLED, after=NAMED)


def downgrade() -> None:
    """Take the findings back: such a question counts as rejected, or as granted by a correction."""
    answered = sa.table("objections", sa.column("answer", sa.String))
    for finding, answer in zip(FINDINGS, ("REJECTED", "CORRECT", "CORRECT"), strict=True):
        op.execute(sa.update(answered).where(answered.c.answer == finding).values(answer=answer))
    _let_answer(*RECORDS, before=NAMED, after=DOUBLED)


def _let_answer(*answers: str, before: str, after: str) -> None:
    listed = ",".join(f"'{answer}'" for answer in answers)
    with op.batch_alter_table("objections") as table:
        table.drop_constraint(op.f(before), type_="check")
        table.create_check_constraint(op.f(after), f"answer IN ({listed})")
