"""What every table is made with: the metadata, the kinds of table, and the column that owns a row."""

from typing import Any

from sqlalchemy import Column, ForeignKey, MetaData, Uuid

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

REFERENCE, OWNED, HOUSE = {"kind": "reference"}, {"kind": "subject-owned"}, {"kind": "house"}


def subject(**options: Any) -> Column[Any]:  # noqa: ANN401 - passes on whatever Column takes
    """Return the owning subject's id; always the first column of the primary key."""
    return Column("subject_id", Uuid, ForeignKey("subjects.subject_id"), primary_key=True, **options)
