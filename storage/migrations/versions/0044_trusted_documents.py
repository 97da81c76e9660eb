"""The GraphQL documents that an operator has checked and loaded: clients name them by their hash.

The release before knows no such table, and answers by their texts.
"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0042"

TABLE = "trusted_documents"


def upgrade() -> None:
    """Add the table, with no documents."""
    op.create_table(
        TABLE,
        sa.Column("document_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("purpose", sa.String(32)),
        sa.Column("roles", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_trusted_documents")),
    )


def downgrade() -> None:
    """Drop it; its documents can be loaded again."""
    op.drop_table(TABLE)
