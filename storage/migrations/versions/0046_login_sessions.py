"""Logins of browsers: those on their way to the identity provider, and the sessions that came of them.

The release before has no login and leaves both tables alone.
"""

import sqlalchemy as sa
from alembic import op

from storage.database.column_types import Instant

revision = "0046"
down_revision = "0044"

ATTEMPTS, SESSIONS = "login_attempts", "login_sessions"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        ATTEMPTS,
        sa.Column("attempt_id", sa.Uuid, primary_key=True),
        sa.Column("state_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("secrets_sealed", sa.LargeBinary, nullable=False),
        sa.Column("ends_at", Instant, nullable=False),
        sa.UniqueConstraint("state_hash", name="uq_login_attempts_state_hash"),
    )
    op.create_index("ix_login_attempts_ends_at", ATTEMPTS, ["ends_at"])
    op.create_table(
        SESSIONS,
        sa.Column("session_id", sa.Uuid, primary_key=True),
        sa.Column("cookie_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("account_ref", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16)),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.Column("tokens_sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("used_at", Instant, nullable=False),
        sa.Column("renewed_at", Instant, nullable=False),
        sa.Column("ends_at", Instant, nullable=False),
        sa.UniqueConstraint("cookie_hash", name="uq_login_sessions_cookie_hash"),
    )
    op.create_index("ix_login_sessions_account_ref", SESSIONS, ["account_ref"])
    op.create_index("ix_login_sessions_ends_at", SESSIONS, ["ends_at"])


def downgrade() -> None:
    """Drop them: everybody logs in again."""
    op.drop_table(SESSIONS)
    op.drop_table(ATTEMPTS)
