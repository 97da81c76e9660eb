"""Who put a subject on record: shown to the subject, and what an officer may still see of it rests on it [5.1.6]."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the table. What was registered before is known by `subjects.registered_by` only."""
    op.create_table(
        "registrations",
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("registration_id", sa.Uuid, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_ref", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("department_code", sa.String(32)),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("case_id", sa.Uuid),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "registration_id", name="pk_registrations"),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.subject_id"], name="fk_registrations_subject_id_subjects"),
        sa.CheckConstraint(
            "channel IN ('WINDOW','APPLICATION','CASE','IMPORT','PLATFORM')", name="ck_registrations_channel"
        ),
    )


def downgrade() -> None:
    """Drop it, with what it holds."""
    op.drop_table("registrations")
