"""What all tables share: the metadata, the kinds of table, and common columns."""

from typing import Any

from sqlalchemy import JSON, Column, Date, ForeignKey, LargeBinary, MetaData, String, Text, Uuid

from storage.database.column_types import Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

REFERENCE, OWNED, OPERATIONAL = {"kind": "reference"}, {"kind": "subject-owned"}, {"kind": "operational"}


def subject(**options: Any) -> Column[Any]:  # noqa: ANN401 - passes on whatever Column takes
    """Return the column of the owning subject's id; always the first column of the primary key."""
    return Column("subject_id", Uuid, ForeignKey("subjects.subject_id"), primary_key=True, **options)


def step_columns(*about: Column[Any]) -> list[Column[Any]]:
    """Return the columns of a step: who took it, when, on what evidence. *about* is the id of its record."""
    return [
        Column("step_id", Uuid, primary_key=True),
        *about,
        Column("step", String(24), nullable=False),
        Column("on", Date, nullable=False),  # the day it counts from, in Asia/Shanghai
        Column("at", Instant, nullable=False),  # when it was recorded
        Column("actor_ref", String(64), nullable=False),
        Column("role", String(16), nullable=False),
        Column("department_code", String(32)),  # of an officer; null for a subject
        Column("evidence", Text),  # references to papers, one on each line
        Column("facts", JSON, nullable=False),  # what was decided: no personal data
        Column("salt", LargeBinary(16), nullable=False),  # of the ledger's commitment to this row
    ]
