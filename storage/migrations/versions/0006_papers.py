"""The documents that a person is handed, as they were issued [A]."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "issued_notices",
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("notice_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("number", sa.String(128), nullable=False),
        sa.Column("case_id", sa.Uuid),
        sa.Column("application_id", sa.Uuid),
        sa.Column("department_code", sa.String(32), nullable=False),
        sa.Column("issued_on", sa.Date, nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("issued_by", sa.String(64), nullable=False),
        sa.Column("issued_as", sa.String(16), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("template", sa.String(64), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("is_signed", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.Column("version", sa.Integer, server_default="1", nullable=False),
        sa.Column("pdf_sealed", sa.LargeBinary),
        sa.Column("pdf_mask", sa.Text),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.subject_id"], name="fk_issued_notices_subject_id_subjects"),
        sa.PrimaryKeyConstraint("subject_id", "notice_id", name="pk_issued_notices"),
        sa.UniqueConstraint("subject_id", "kind", "number", name="uq_issued_notices_subject_id"),
    )
    op.create_index("ix_issued_notices_case", "issued_notices", ["case_id"])
    op.create_index("ix_issued_notices_code", "issued_notices", ["code_hash"])


def downgrade() -> None:
    """Drop them, with what they hold."""
    op.drop_index("ix_issued_notices_code", table_name="issued_notices")
    op.drop_index("ix_issued_notices_case", table_name="issued_notices")
    op.drop_table("issued_notices")
