"""What a recipient has to delete, or to stop using, and that it acknowledged it [5.1.6] [PIPL 47].

Each authorisation that was used gets its duty. Of one that had ended before, the clock starts today: nobody was asked
until now. The due days are counted after the migration (see revision 27). The previous release makes no duty: one that
it uses for the first time while both run gets it when its subject ends or narrows it, and the audit names the rest.
"""

from datetime import date

import sqlalchemy as sa
from alembic import op

from storage.database.column_types import Instant
from storage.database.sql_dates import civil_day, days_after

revision = "0040"
down_revision = "0039"

INSTANT = sa.DateTime(timezone=True)
OPEN = sa.text("acknowledged_on IS NULL")
DUE = ["due_on", "counts_from_on", "duty_id"]


def upgrade() -> None:
    """Create the table, and the duties of what was used."""
    op.create_table(
        "deletion_duties",
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("duty_id", sa.Uuid, nullable=False),
        sa.Column("authorisation_id", sa.Uuid, nullable=False),
        sa.Column("recipient_code", sa.String(32), nullable=False),
        sa.Column("cause", sa.String(16), nullable=False),
        sa.Column("groups", sa.SmallInteger),
        sa.Column("since_on", sa.Date, nullable=False),
        sa.Column("counts_from_on", sa.Date, nullable=False),
        sa.Column("due_on", sa.Date),
        sa.Column("chased_at", INSTANT),
        sa.Column("acknowledged_at", INSTANT),
        sa.Column("acknowledged_on", sa.Date),
        sa.Column("acknowledged_by", sa.String(64)),
        sa.Column("outcome", sa.String(16)),
        sa.Column("reference", sa.Text),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.CheckConstraint(
            "cause IN ('EXPIRED','WITHDRAWN','CONTESTED','NARROWED','ERASED')", name=op.f("ck_deletion_duties_cause")
        ),
        sa.CheckConstraint("outcome IN ('DELETED','USE_ENDED')", name=op.f("ck_deletion_duties_outcome")),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.subject_id"], name=op.f("fk_deletion_duties_subject_id_subjects")
        ),
        sa.ForeignKeyConstraint(
            ["recipient_code"], ["departments.code"], name=op.f("fk_deletion_duties_recipient_code_departments")
        ),
        sa.PrimaryKeyConstraint("subject_id", "duty_id", name=op.f("pk_deletion_duties")),
    )
    op.create_index("ix_deletion_duties_authorisation", "deletion_duties", ["authorisation_id"])
    newest = ["since_on", "duty_id"]
    op.create_index("ix_deletion_duties_recipient", "deletion_duties", ["recipient_code", *newest])
    op.create_index("ix_deletion_duties_since", "deletion_duties", newest)
    op.create_index("ix_deletion_duties_subject", "deletion_duties", ["subject_id", *newest])
    for name, columns in (("ix_deletion_duties_open", ["recipient_code", *DUE]), ("ix_deletion_duties_due", DUE)):
        op.create_index(name, "deletion_duties", columns, sqlite_where=OPEN, postgresql_where=OPEN)

    unchased = sa.text("acknowledged_on IS NULL AND chased_at IS NULL")
    op.create_index(
        "ix_deletion_duties_to_chase", "deletion_duties", ["due_on"], sqlite_where=unchased, postgresql_where=unchased
    )
    op.execute(_duties_of_what_was_used())


def _duties_of_what_was_used() -> sa.Insert:
    """Return the statement that makes them: from the first of withdrawal, contest and the day after the last day."""
    names = ("subject_id", "duty_id", "authorisation_id", "recipient_code", "cause", "since_on", "counts_from_on")
    duties = sa.table("deletion_duties", *(sa.column(name) for name in names))
    dates = ("expires_on", "withdrawn_on", "contested_on")
    given = sa.table(
        "authorisations",
        *(sa.column(name) for name in ("subject_id", "authorisation_id", "recipient_code", "uses_made")),
        *(sa.column(name, sa.Date) for name in dates),
        *(sa.column(name, Instant) for name in ("withdrawn_at", "contested_at")),
    )
    never = sa.literal(date.max, sa.Date)
    expired = days_after(given.c.expires_on, 1)
    withdrawn, contested = (
        sa.func.coalesce(given.c[f"{act}_on"], civil_day(given.c[f"{act}_at"]), never)
        for act in ("withdrawn", "contested")
    )
    first = sa.and_(contested <= expired, contested <= withdrawn), expired <= withdrawn
    since_on = sa.case((first[0], contested), (first[1], expired), else_=withdrawn)
    cause = sa.case((first[0], "CONTESTED"), (first[1], "EXPIRED"), else_="WITHDRAWN")
    today = civil_day(sa.func.now())
    counts_from_on = sa.case((since_on < today, today), else_=since_on)
    row = (given.c.subject_id, given.c.authorisation_id, given.c.authorisation_id, given.c.recipient_code)
    used = sa.select(*row, cause, since_on, counts_from_on).where(given.c.uses_made > 0)
    return sa.insert(duties).from_select(names, used)


def downgrade() -> None:
    """Drop it: who acknowledged what stays in the events of the authorisations."""
    op.drop_table("deletion_duties")
