"""The trees of each subject in the ledger, its secret, the epochs that publish all of them, and erasures.

All of it follows from the entries of the logs: a fold after the migration begins with the first entry. Subjects of
before get their secrets from the process that serves, each with an entry of its own, because a secret is sealed under a
key that the migration does not have.

Rows of `disclosures` could not be changed at all. From here on an erasure may take a subject out of one: the trigger
lets through an update that keeps everything but the subject, its part and the salts.
"""

import sqlalchemy as sa
from alembic import op

from storage.database.column_types import Id, Instant

revision = "0035"
down_revision = "0034"

APPENDED_ONLY = "disclosures_appended_only"
KEPT = ("disclosure_id", "at", "request_id", "context_id", "actor_ref", "delay_id", "opens_on")
"""What an erasure never changes."""
OWNER = "ix_ledger_entries_owner"
DELAYED = "ix_disclosures_delay"


def upgrade() -> None:
    """Add the tables, indexes over owners and delays, and the trigger that lets erasures through."""
    _trees()
    _epochs()
    _erasures()
    _secrets()
    op.create_index(
        OWNER,
        "ledger_entries",
        ["owner", "leaf_index"],
        sqlite_where=sa.text("owner IS NOT NULL"),
        postgresql_where=sa.text("owner IS NOT NULL"),
    )
    delayed = sa.text("delay_id IS NOT NULL")
    op.create_index(DELAYED, "disclosures", ["delay_id"], sqlite_where=delayed, postgresql_where=delayed)
    op.execute(f"DROP TRIGGER {APPENDED_ONLY} ON disclosures" if _is_postgresql() else f"DROP TRIGGER {APPENDED_ONLY}")
    op.execute(_ERASING_POSTGRESQL if _is_postgresql() else _ERASING_SQLITE)
    if _is_postgresql():
        op.execute(
            f"CREATE TRIGGER {APPENDED_ONLY} BEFORE UPDATE ON disclosures "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change_but_erasure()"
        )


def downgrade() -> None:
    """Drop what `upgrade` added; refuse where a subject was erased, which nothing before could tell."""
    connection = op.get_bind()
    if connection.execute(sa.text("SELECT 1 FROM erasures LIMIT 1")).first() is not None:
        raise RuntimeError("erasures has records of subjects that are gone, which the release before cannot keep")
    if _is_postgresql():
        op.execute(f"DROP TRIGGER {APPENDED_ONLY} ON disclosures")
        op.execute("DROP FUNCTION refuse_change_but_erasure()")
        op.execute(
            f"CREATE TRIGGER {APPENDED_ONLY} BEFORE UPDATE ON disclosures FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    else:
        op.execute(f"DROP TRIGGER {APPENDED_ONLY}")
        op.execute(
            f"CREATE TRIGGER {APPENDED_ONLY} BEFORE UPDATE ON disclosures "
            "BEGIN SELECT RAISE(ABORT, 'disclosures is appended only'); END"
        )
    op.drop_index(DELAYED, "disclosures")
    op.drop_index(OWNER, "ledger_entries")
    for table in (
        "subject_secrets", "erased_access_entries", "erasures", "ledger_epochs", "disclosure_openings",
        "subject_blocks", "subject_heads", "ledger_folds",
    ):  # fmt: skip
        op.drop_table(table)


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _counts(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger, nullable=False) for name in names]


def _trees() -> None:
    op.create_table(
        "ledger_folds",
        sa.Column("log", sa.SmallInteger, autoincrement=False, nullable=False),
        *_counts("position", "stated", "erased", "lost", "unfound"),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("last_source", Id),
        sa.PrimaryKeyConstraint("log", name=op.f("pk_ledger_folds")),
    )
    op.create_table(
        "subject_heads",
        sa.Column("subject_id", Id, nullable=False),
        *(
            sa.Column(f"{log}_{what}", sa.LargeBinary if what == "edge" else sa.BigInteger, nullable=False)
            for log in ("consent", "access")
            for what in ("count", "edge", "size")
        ),
        sa.Column("block_first_ms", sa.BigInteger),
        sa.Column("last_ms", sa.BigInteger),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_subject_heads")),
        postgresql_with={"fillfactor": "70"},
        sqlite_with_rowid=False,
    )
    op.create_table(
        "subject_blocks",
        sa.Column("subject_id", Id, nullable=False),
        sa.Column("log", sa.SmallInteger, autoincrement=False, nullable=False),
        sa.Column("block", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("end_index", sa.BigInteger, nullable=False),
        sa.Column("first_ms", sa.BigInteger),
        sa.Column("last_ms", sa.BigInteger),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "log", "block", name=op.f("pk_subject_blocks")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "disclosure_openings",
        sa.Column("source", Id, nullable=False),
        sa.Column("disclosure_id", Id, nullable=False),
        sa.Column("first_index", sa.BigInteger, nullable=False),
        sa.Column("opened_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_disclosure_openings")),
        sa.UniqueConstraint("disclosure_id", name=op.f("uq_disclosure_openings_disclosure_id")),
    )


def _epochs() -> None:
    op.create_table(
        "ledger_epochs",
        sa.Column("epoch", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("source", Id, nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        *_counts("consent_size", "access_size", "heads"),
        sa.Column("root", sa.LargeBinary(48), nullable=False),
        sa.Column("folder", sa.String(48)),
        sa.PrimaryKeyConstraint("epoch", name=op.f("pk_ledger_epochs")),
    )


def _erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("subject_id", Id, nullable=False),
        sa.Column("erased_at", Instant, nullable=False),
        sa.Column("actor_ref", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(24), nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("label", sa.LargeBinary(32), nullable=False),
        *_counts("consent_count", "access_count"),
        sa.Column("looked_again_at", Instant),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_erasures")),
    )
    op.create_table(
        "erased_access_entries",
        sa.Column("entry_id", Id, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor_ref", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("department_code", sa.String(32)),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_erased_access_entries")),
    )


def _secrets() -> None:
    op.create_table(
        "subject_secrets",
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("secret_id", sa.Uuid, nullable=False),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_subject_secrets")),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.subject_id"], name=op.f("fk_subject_secrets_subject_id_subjects")
        ),
    )


_SAME_POSTGRESQL = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in KEPT)
_SAME_SQLITE = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in KEPT)
# An erasure makes salts of the seed once, and afterwards only takes out one more; it never adds a subject.
_ERASING_POSTGRESQL = f"""
CREATE OR REPLACE FUNCTION refuse_change_but_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {_SAME_POSTGRESQL}
        AND NEW.seed IS NULL AND NEW.opened IS NOT NULL AND NEW.ground_id IS NULL AND NEW.parts IS NOT NULL
        AND cardinality(NEW.subjects) = cardinality(OLD.subjects)
        AND NOT EXISTS (
            SELECT FROM unnest(OLD.subjects, NEW.subjects) AS each(old, new)
            WHERE each.new <> each.old AND each.new <> '00000000-0000-0000-0000-000000000000'
        )
        AND NEW.subjects <> OLD.subjects
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is appended only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
_ZEROS = "'[' || rtrim(replace(hex(zeroblob(length(OLD.subjects) / 16)), '00', '0,'), ',') || ']'"
_ERASING_SQLITE = f"""
CREATE TRIGGER {APPENDED_ONLY} BEFORE UPDATE ON disclosures
WHEN NOT (
    {_SAME_SQLITE}
    AND NEW.seed IS NULL AND NEW.opened IS NOT NULL AND NEW.ground_id IS NULL AND NEW.parts IS NOT NULL
    AND length(NEW.subjects) = length(OLD.subjects)
    AND NOT EXISTS (
        SELECT 1 FROM json_each({_ZEROS}) AS place
        WHERE substr(NEW.subjects, place.key * 16 + 1, 16) <> substr(OLD.subjects, place.key * 16 + 1, 16)
            AND substr(NEW.subjects, place.key * 16 + 1, 16) <> zeroblob(16)
    )
    AND NEW.subjects <> OLD.subjects
)
BEGIN SELECT RAISE(ABORT, 'disclosures is appended only'); END
"""
