"""What consent still lacked: findings about a read that its subject does not recognise, and notices as shown [5.1.6].

The previous release knows no finding: it answers no such question, and does not show one. What it grants is bound to no
notice.
"""

import sqlalchemy as sa
from alembic import op

from storage.database.column_types import Instant

revision = "0036"
down_revision = "0035"

RECORDS = ("REJECTED", "CORRECT", "REMOVE")
NAMED = "ck_objections_answer"
DOUBLED = "ck_objections_ck_objections_answer"
"""The name by which revision 0003 made the constraint."""
FINDINGS = ("JUSTIFIED", "MISTAKEN", "UNJUSTIFIED")


def upgrade() -> None:
    """Let an objection be answered with a finding, and a grant name its notice."""
    _let_answer(*RECORDS, *FINDINGS, before=DOUBLED, after=NAMED)
    op.create_table(
        "authorisation_notices",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("granted_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_authorisation_notices")),
    )
    op.add_column("authorisations", sa.Column("notice_digest", sa.String(64)))


def downgrade() -> None:
    """Drop the notices; and take the findings back: such a question counts as rejected, or granted by a correction."""
    op.drop_column("authorisations", "notice_digest")
    op.drop_table("authorisation_notices")
    answered = sa.table("objections", sa.column("answer", sa.String))
    for finding, answer in zip(FINDINGS, ("REJECTED", "CORRECT", "CORRECT"), strict=True):
        op.execute(sa.update(answered).where(answered.c.answer == finding).values(answer=answer))
    _let_answer(*RECORDS, before=NAMED, after=DOUBLED)


def _let_answer(*answers: str, before: str, after: str) -> None:
    listed = ",".join(f"'{answer}'" for answer in answers)
    with op.batch_alter_table("objections") as table:
        table.drop_constraint(op.f(before), type_="check")
        table.create_check_constraint(op.f(after), f"answer IN ({listed})")
