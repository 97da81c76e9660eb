"""Uploaded files and their attachments; the day, the contest and the second person of a paper [5.1.1] [5.1.6]."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

INSTANT = sa.DateTime(timezone=True)
SUPERVISED = sa.text("contested_at IS NOT NULL OR held_at IS NOT NULL")
PAPER = (
    ("signed_on", sa.Date),
    ("contest_decided_at", INSTANT),
    ("contest_decided_by", sa.String(64)),
    ("contest_finding", sa.String(16)),
    ("contest_evidence", sa.Text),
    ("held_at", INSTANT),
    ("confirmed_at", INSTANT),
    ("confirmed_by", sa.String(64)),
)


def upgrade() -> None:
    """Create them."""
    for name, kind in PAPER:
        op.add_column("authorisations", sa.Column(name, kind))
    op.create_index(
        "ix_authorisations_supervised",
        "authorisations",
        ["recipient_code"],
        sqlite_where=SUPERVISED,
        postgresql_where=SUPERVISED,
    )
    op.create_table(
        "uploads",
        sa.Column("upload_id", sa.Uuid, nullable=False),
        *_facts(),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("kek", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("upload_id", name="pk_uploads"),
        sa.UniqueConstraint("reference", name="uq_uploads_reference"),
    )
    op.create_index("ix_uploads_uploader", "uploads", ["uploaded_by"])
    op.create_index("ix_uploads_expiry", "uploads", ["expires_at"])
    op.create_table(
        "files",
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("file_id", sa.Uuid, nullable=False),
        *_facts(),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.subject_id"], name="fk_files_subject_id_subjects"),
        sa.PrimaryKeyConstraint("subject_id", "file_id", name="pk_files"),
        sa.UniqueConstraint("subject_id", "reference", name="uq_files_subject_id"),
    )
    op.create_index("ix_files_reference", "files", ["reference"])
    op.create_table(
        "file_attachments",
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("attachment_id", sa.Uuid, nullable=False),
        sa.Column("file_id", sa.Uuid, nullable=False),
        sa.Column("record", sa.String(24), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("attached_at", INSTANT, nullable=False),
        sa.Column("attached_by", sa.String(64), nullable=False),
        sa.Column("attached_as", sa.String(16), nullable=False),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.subject_id"], name="fk_file_attachments_subject_id_subjects"
        ),
        sa.PrimaryKeyConstraint("subject_id", "attachment_id", name="pk_file_attachments"),
        sa.UniqueConstraint("subject_id", "file_id", "record", "record_id", name="uq_file_attachments_subject_id"),
    )
    _refuse_changes("file_attachments")


def downgrade() -> None:
    """Drop them, with what they hold."""
    op.drop_table("file_attachments")
    op.drop_index("ix_files_reference", table_name="files")
    op.drop_table("files")
    op.drop_index("ix_uploads_expiry", table_name="uploads")
    op.drop_index("ix_uploads_uploader", table_name="uploads")
    op.drop_table("uploads")
    op.drop_index("ix_authorisations_supervised", table_name="authorisations")
    for name, _ in reversed(PAPER):
        op.drop_column("authorisations", name)


def _facts() -> list[sa.Column[object]]:
    return [
        sa.Column("reference", sa.String(48), nullable=False),
        sa.Column("media_type", sa.String(32), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("scan", sa.String(16), nullable=False),
        sa.Column("uploaded_at", INSTANT, nullable=False),
        sa.Column("uploaded_by", sa.String(64), nullable=False),
        sa.Column("uploaded_as", sa.String(16), nullable=False),
        sa.Column("department_code", sa.String(32)),
        sa.Column("version", sa.Integer, server_default="1", nullable=False),
        sa.Column("content_sealed", sa.LargeBinary),
        sa.Column("content_mask", sa.Text),
    ]


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
