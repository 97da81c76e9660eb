"""Published cases with what their lists show of the subject, in one row: a read model that triggers keep.

The view says what a row is. The triggers and the rebuilding read it, so the model is copied by one rule. A trigger
runs in the transaction of its fact and for every writer, also for one of the previous release.
"""

import sqlalchemy as sa
from alembic import op

from storage.database.column_types import Instant

revision = "0032"
down_revision = "0031"

MODEL, VIEW, REFRESH = "published_cases", "published_case_rows", "refresh_published_cases"
OF_CASE = (
    "sector_code",
    "published_on",
    "case_id",
    "subject_id",
    "number",
    "department_code",
    "area_code",
    "township_code",
    "circumstance",
    "basis",
    "legal_document",
    "version",
    "facts_sealed",
    "facts_mask",
    "collected_at",
    "determined_on",
    "ends_on",
    "unlisted",
    "listed_until",
    "paused_on",
    "resumed_on",
    "period_basis",
    "taken_over_on",
    "timely_claim_on",
    "timely_claim_answered_on",
    "rectified_on",
    "removal",
    "removed_on",
    "dropped_on",
    "referred_on",
    "changed_at",
)
"""Columns that are copied from the case, by their names."""
OF_OTHERS = {
    "subject_kind": "s.kind",
    "subject_area_code": "s.area_code",
    "subject_version": "s.version",
    "name_sealed": "s.name_sealed",
    "name_mask": "s.name_mask",
    "address_sealed": "s.address_sealed",
    "address_mask": "s.address_mask",
    "identifier_id": "n.identifier_id",
    "number_version": "n.version",
    "number_sealed": "n.number_sealed",
    "number_mask": "n.number_mask",
    "wrapped": "k.wrapped",
}
"""Columns that are copied from the subject, its number and its key, and where they come from."""
COLUMNS = [*OF_CASE, *OF_OTHERS]

_IS_PUBLISHED = {
    "sqlite": "({0}.published_on IS NOT NULL AND {0}.confidential = 0)",
    "postgresql": "({0}.published_on IS NOT NULL AND NOT {0}.confidential)",
}
_ROWS = f"""
SELECT {", ".join(f"c.{name}" for name in OF_CASE)}, {", ".join(f"{it} AS {name}" for name, it in OF_OTHERS.items())}
FROM restraint_cases AS c
  JOIN subjects AS s ON s.subject_id = c.subject_id
  LEFT OUTER JOIN subject_keys AS k ON k.subject_id = c.subject_id
  LEFT OUTER JOIN identifiers AS n ON n.subject_id = c.subject_id
    AND n.kind = CASE WHEN s.kind = 'NATURAL_PERSON' THEN 'ID_NUMBER' ELSE 'SOCIAL_CREDIT_CODE' END
WHERE """
_OF_SUBJECTS = ("kind", "area_code", "version", "name_sealed", "name_mask", "address_sealed", "address_mask")


def upgrade() -> None:
    """Add the model, its view and its triggers, and fill it."""
    dialect = op.get_bind().dialect.name
    op.create_table(
        MODEL,
        sa.Column("sector_code", sa.String, nullable=False),
        sa.Column("published_on", sa.Date, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("department_code", sa.String, nullable=False),
        sa.Column("area_code", sa.String, nullable=False),
        sa.Column("township_code", sa.String(9)),
        sa.Column("circumstance", sa.String(32), nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("legal_document", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("facts_sealed", sa.LargeBinary),
        sa.Column("facts_mask", sa.Text),
        sa.Column("collected_at", Instant, nullable=False),
        sa.Column("determined_on", sa.Date),
        sa.Column("ends_on", sa.Date),
        sa.Column("unlisted", sa.Boolean, nullable=False),
        *(sa.Column(name, sa.Date) for name in ("listed_until", "paused_on", "resumed_on")),
        sa.Column("period_basis", sa.Text),
        sa.Column("taken_over_on", sa.Date),
        sa.Column("timely_claim_on", sa.Date),
        sa.Column("timely_claim_answered_on", sa.Date),
        sa.Column("rectified_on", sa.Date),
        sa.Column("removal", sa.String(16)),
        *(sa.Column(name, sa.Date) for name in ("removed_on", "dropped_on", "referred_on")),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("subject_kind", sa.String(24), nullable=False),
        sa.Column("subject_area_code", sa.String, nullable=False),
        sa.Column("subject_version", sa.Integer, nullable=False),
        sa.Column("name_sealed", sa.LargeBinary),
        sa.Column("name_mask", sa.Text),
        sa.Column("address_sealed", sa.LargeBinary),
        sa.Column("address_mask", sa.Text),
        sa.Column("identifier_id", sa.Uuid),
        sa.Column("number_version", sa.Integer),
        sa.Column("number_sealed", sa.LargeBinary),
        sa.Column("number_mask", sa.Text),
        sa.Column("wrapped", sa.LargeBinary),
        sa.PrimaryKeyConstraint("sector_code", "published_on", "case_id", name="pk_published_cases"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_published_cases_case", MODEL, ["subject_id", "case_id"])
    op.create_index("ix_published_cases_published", MODEL, ["published_on", "case_id"])
    op.create_index("ix_published_cases_township", MODEL, ["sector_code", "township_code", "published_on", "case_id"])
    op.execute(f"CREATE VIEW {VIEW} AS {_ROWS}{_IS_PUBLISHED[dialect].format('c')}")
    for statement in _postgresql() if dialect == "postgresql" else _sqlite():
        op.execute(statement)
    op.execute(f"INSERT INTO {MODEL} ({', '.join(COLUMNS)}) SELECT {', '.join(COLUMNS)} FROM {VIEW}")


def downgrade() -> None:
    """Drop the triggers, the view and the model."""
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for table, name, _ in _triggers():
        op.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if is_postgresql else ""))
    if is_postgresql:
        for function in ("case", "subject"):
            op.execute(f"DROP FUNCTION {REFRESH}_of_{function}()")
    op.execute(f"DROP VIEW {VIEW}")
    op.drop_table(MODEL)


def _triggers() -> list[tuple[str, str, str]]:
    """Return each trigger's table, its name, and its event."""
    tables = ("restraint_cases", "subjects", "identifiers", "subject_keys")
    return [
        (table, f"{table}_{event.lower()}_published", event)
        for table in tables
        for event in ("INSERT", "UPDATE", "DELETE")
        # A subject has no case before it is there, and none when it is deleted.
        if table != "subjects" or event == "UPDATE"
    ]


def _when(table: str, event: str, dialect: str) -> str:
    """Return when a trigger has something to do."""
    if table == "restraint_cases":
        old, new = (_IS_PUBLISHED[dialect].format(row) for row in ("OLD", "NEW"))
        if event != "UPDATE":
            return f" WHEN ({new if event == 'INSERT' else old})"
        changed = _differs(("confidential", *OF_CASE), dialect)
        return f" WHEN (({old} OR {new}) AND {changed})"
    return f" WHEN ({_differs(_OF_SUBJECTS, dialect)})" if table == "subjects" else ""


def _differs(names: tuple[str, ...], dialect: str) -> str:
    old, new = (f"({', '.join(f'{row}.{name}' for name in names)})" for row in ("OLD", "NEW"))
    return f"{old} IS NOT {new}" if dialect == "sqlite" else f"{old} IS DISTINCT FROM {new}"


def _keys(table: str) -> tuple[str, ...]:
    return ("subject_id", "case_id") if table == "restraint_cases" else ("subject_id",)


def _removed(row: str, keys: tuple[str, ...]) -> str:
    return f"DELETE FROM {MODEL} WHERE {_of(row, keys)};"


def _copied(row: str, keys: tuple[str, ...], condition: str = "") -> str:
    names = ", ".join(COLUMNS)
    return f"INSERT INTO {MODEL} ({names}) SELECT {names} FROM {VIEW} WHERE {_of(row, keys)}{condition};"


def _of(row: str, keys: tuple[str, ...]) -> str:
    return " AND ".join(f"{key} = {row}.{key}" for key in keys)


def _sqlite() -> list[str]:
    found = []
    for table, name, event in _triggers():
        keys = _keys(table)
        moved = f" AND {_differs(keys, 'sqlite')}" if event == "UPDATE" else ""
        old = "" if event == "INSERT" else f"{_removed('OLD', keys)} {_copied('OLD', keys, moved)}"
        new = "" if event == "DELETE" else f"{_removed('NEW', keys)} {_copied('NEW', keys)}"
        when = _when(table, event, "sqlite")
        found.append(f"CREATE TRIGGER {name} AFTER {event} ON {table}{when} BEGIN {old} {new} END")
    return found


def _postgresql() -> list[str]:
    # The lock on the subject makes a publication and a change of its subject that run together wait for each other.
    # Each statement of a function sees what was committed before it began.
    functions = [
        _function("case", "SHARE", ("subject_id", "case_id")),
        _function("subject", "NO KEY UPDATE", ("subject_id",)),
    ]
    triggers = [
        f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW{_when(table, event, 'postgresql')} "
        f"EXECUTE FUNCTION {REFRESH}_of_{'case' if table == 'restraint_cases' else 'subject'}()"
        for table, name, event in _triggers()
    ]
    return [*functions, *triggers]


def _function(kind: str, lock: str, keys: tuple[str, ...]) -> str:
    return f"""CREATE FUNCTION {REFRESH}_of_{kind}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP <> 'INSERT' THEN
            PERFORM 1 FROM subjects WHERE subject_id = OLD.subject_id FOR {lock};
            {_removed("OLD", keys)}
            IF TG_OP = 'DELETE' OR {_differs(keys, "postgresql")} THEN
              {_copied("OLD", keys)}
            END IF;
          END IF;
          IF TG_OP <> 'DELETE' THEN
            PERFORM 1 FROM subjects WHERE subject_id = NEW.subject_id FOR {lock};
            {_removed("NEW", keys)}
            {_copied("NEW", keys)}
          END IF;
          RETURN NULL;
        END $$"""
