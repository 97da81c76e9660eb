"""On SQLite, the index over the subjects of disclosures is written apart from the record, which nobody has to wait for.

The table has the disclosures that wait for it. On PostgreSQL it stays empty, as the index itself does. The previous
release writes the index with the record, and does not look for what waits: it shows those last entries late, when they
have been indexed.
"""

import sqlalchemy as sa
from alembic import op

from storage.database.column_types import Id

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "unindexed_disclosures",
        sa.Column("disclosure_id", Id, nullable=False),
        sa.PrimaryKeyConstraint("disclosure_id", name=op.f("pk_unindexed_disclosures")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Index what waits, and drop the table."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(_INDEX)
    op.drop_table("unindexed_disclosures")


_INDEX = """
INSERT OR IGNORE INTO disclosed_subjects (subject_id, disclosure_id)
SELECT substr(d.subjects, place.key * 16 + 1, 16) AS subject_id, d.disclosure_id
FROM unindexed_disclosures AS u CROSS JOIN disclosures AS d ON d.disclosure_id = u.disclosure_id
CROSS JOIN json_each('[' || rtrim(replace(hex(zeroblob(length(d.subjects) / 16)), '00', '0,'), ',') || ']') AS place
WHERE substr(d.subjects, place.key * 16 + 1, 16) <> zeroblob(16)
ORDER BY 1, 2
"""
