"""Lists of everything begin at an index in their order, and consultations at those of their recipient [5.2.3] [6.1].

Over 200,000 authorisations the auditor's first page was sorted from all of them, and a department without any
consultation read all its other requests to find none.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"

ORDERS = (
    ("ix_authorisations_requested", "authorisations", ("requested_at", "authorisation_id")),
    ("ix_objections_raised", "objections", ("raised_on", "objection_id")),
    ("ix_corrections_discovered", "corrections", ("discovered_on", "correction_id")),
)
CONSULTATIONS = "ix_authorisations_consultations"


def upgrade() -> None:
    """Add the indexes."""
    for name, table, columns in ORDERS:
        op.create_index(name, table, list(columns))
    only: Any = sa.text("purpose = 'CONSULTATION'")
    of_recipient = ["recipient_code", "requested_at", "authorisation_id"]
    op.create_index(CONSULTATIONS, "authorisations", of_recipient, sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    """Drop them."""
    op.drop_index(CONSULTATIONS, "authorisations")
    for name, table, _ in ORDERS:
        op.drop_index(name, table)
