"""Numbers of cases, applications and documents are compared by a key: 试〔2026〕1号 and 试[2026]1号 are one [5.1.3].

The column may be empty, because the previous release does not fill it; the unique index lets such rows pass, and the
next step of the case fills it.
"""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

# A frozen copy of `number_key` as it is in this release, for numbers that were cleaned when they were stored.
_BRACKETS = str.maketrans(
    {**dict.fromkeys("[({【〖「『<〈", "〔"), **dict.fromkeys("])}】〗」』>〉", "〕"), **dict.fromkeys("‐‑‒–—―−", "-")}
)
_ORDINAL = re.compile(r"第(?=[0-9]+号)")

_CASES = sa.table(
    "restraint_cases",
    *(sa.column(name) for name in ("number", "number_key", "collected_at", "department_code")),
    sa.column("subject_id", sa.Uuid),
    sa.column("case_id", sa.Uuid),
)
_APPLICATIONS = sa.table(
    "applications",
    sa.column("number"),
    sa.column("number_key"),
    sa.column("subject_id", sa.Uuid),
    sa.column("application_id", sa.Uuid),
)
_TAKEN = sa.table("taken_numbers", sa.column("department_code"), sa.column("series"), sa.column("number"))


def _key(number: str) -> str:
    squashed = "".join(unicodedata.normalize("NFKC", number).split()).upper()
    return _ORDINAL.sub("", unicodedata.normalize("NFKC", squashed).translate(_BRACKETS))


def upgrade() -> None:
    """Add the columns, fill them, and keep the keys of a subject's cases unique.

    Where a subject has two cases under one number in two habits, both stay: the one that is typed like the key, or else
    the older one, has the key, and the other keeps the number as its own key. No third case gets it.
    """
    connection = op.get_bind()
    for table in ("restraint_cases", "applications"):
        op.add_column(table, sa.Column("number_key", sa.String(128)))
        op.execute(f"UPDATE {table} SET number_key = number")
    _fill_cases(connection)
    _fill_applications(connection)
    _fill_taken_numbers(connection)
    op.create_index("uq_restraint_cases_number_key", "restraint_cases", ["subject_id", "number_key"], unique=True)
    op.create_index("ix_restraint_cases_number_key", "restraint_cases", ["department_code", "number_key"])
    op.create_index("ix_applications_number_key", "applications", ["department_code", "number_key"])
    op.drop_index("ix_applications_number", "applications")


def downgrade() -> None:
    """Drop them: numbers are compared as they are typed again, and each that is in use is taken in that form."""
    op.create_index("ix_applications_number", "applications", ["department_code", "number"])
    op.drop_index("ix_applications_number_key", "applications")
    op.drop_index("ix_restraint_cases_number_key", "restraint_cases")
    op.drop_index("uq_restraint_cases_number_key", "restraint_cases")
    for table in ("applications", "restraint_cases"):
        op.drop_column(table, "number_key")
    for series, table, condition in (
        ("'CASE'", "restraint_cases", "NOT confidential"),
        ("'APPLICATION'", "applications", "number IS NOT NULL"),
        ("kind", "issued_notices", "kind IN ('NOTICE', 'REVIEW_DECISION', 'REMINDER')"),
    ):
        op.execute(
            "INSERT INTO taken_numbers (department_code, series, number) "
            f"SELECT DISTINCT department_code, {series}, number FROM {table} AS used WHERE {condition} AND NOT EXISTS "
            "(SELECT 1 FROM taken_numbers AS taken WHERE taken.department_code = used.department_code "
            f"AND taken.series = {series} AND taken.number = used.number)"
        )


def _fill_cases(connection: sa.Connection) -> None:
    row = _CASES.c
    every = sa.select(row.subject_id, row.case_id, row.number).order_by(row.collected_at, row.case_id)
    seen: set[tuple[object, str]] = set()
    for subject_id, case_id, number in connection.execute(every).all():
        key = _key(number)
        if key == number or (subject_id, key) in seen:
            continue
        seen.add((subject_id, key))
        same = sa.select(row.case_id).where(row.subject_id == subject_id, row.number == key)
        if connection.execute(same).first() is None:
            own = row.subject_id == subject_id, row.case_id == case_id
            connection.execute(sa.update(_CASES).where(*own).values(number_key=key))


def _fill_applications(connection: sa.Connection) -> None:
    row = _APPLICATIONS.c
    numbered = sa.select(row.subject_id, row.application_id, row.number).where(row.number.is_not(None))
    for subject_id, application_id, number in connection.execute(numbered).all():
        if (key := _key(number)) != number:
            own = row.subject_id == subject_id, row.application_id == application_id
            connection.execute(sa.update(_APPLICATIONS).where(*own).values(number_key=key))


def _fill_taken_numbers(connection: sa.Connection) -> None:
    row = _TAKEN.c
    for department_code, series, number in connection.execute(sa.select(_TAKEN)).all():
        key = _key(number)
        if key == number:
            continue
        series_of = row.department_code == department_code, row.series == series
        if connection.execute(sa.select(row.number).where(*series_of, row.number == key)).first() is None:
            values = {"department_code": department_code, "series": series, "number": key}
            connection.execute(sa.insert(_TAKEN).values(values))
        connection.execute(sa.delete(_TAKEN).where(*series_of, row.number == number))
