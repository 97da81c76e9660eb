"""What all tables share: the metadata, the kinds of table, and common columns."""

from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    false,
    text,
)
from sqlalchemy.schema import SchemaItem

from storage.database.column_types import Id, Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

OWNED = {"kind": "subject-owned"}


def subject_table(name: str, *items: SchemaItem) -> Table:
    """Return a table of a subject's records. The owner's id comes first, as a column and in the primary key."""
    owner = Column("subject_id", Uuid, ForeignKey("subjects.subject_id"), primary_key=True)
    return Table(name, metadata, owner, *items, info=OWNED)


def reference_table(name: str, *items: SchemaItem) -> Table:
    """Return a small table without personal data that is the same on every shard."""
    return Table(name, metadata, *items, info={"kind": "reference"})


def operational_table(name: str, *items: SchemaItem, **options: Any) -> Table:  # noqa: ANN401 - SQLAlchemy's, per dialect
    """Return a table of messages or of the ledger's queue, without personal data."""
    return Table(name, metadata, *items, info={"kind": "operational"}, **options)


def derived_table(name: str, *items: SchemaItem, **options: Any) -> Table:  # noqa: ANN401 - SQLAlchemy's, per dialect
    """Return a table whose rows are copies from subject-owned tables of one shard, which the database itself makes."""
    return Table(name, metadata, *items, info={"kind": "derived"}, **options)


def shared_table(name: str, *items: SchemaItem, **options: Any) -> Table:  # noqa: ANN401 - SQLAlchemy's, per dialect
    """Return a table whose row tells of several subjects of one shard, by an array of their ids.

    It holds ids, references and days. Erasing a subject takes its id out of each row.
    """
    return Table(name, metadata, *items, info={"kind": "shared"}, **options)


def sealed(*items: str) -> list[Column[Any]]:
    """Return two columns for each of *items*: what only policy opens, and its mask. The table needs a `version`."""
    return [
        column for item in items for column in (Column(f"{item}_sealed", LargeBinary), Column(f"{item}_mask", Text))
    ]


def paper_withdrawal() -> Column[Any]:
    """Return a column for the withdrawal on paper: its own day, its record, and its contest [4.2] [5.1.6]."""
    return Column("paper_withdrawal", JSON(none_as_null=True))


def version(name: str = "version") -> Column[Any]:
    """Return a column that counts the versions of a row from 1; `version` is bound into its sealed values."""
    return Column(name, Integer, nullable=False, server_default="1")


def number_key() -> Column[Any]:
    """Return the column by which an authority's number is found and kept unique, in whatever habit it is typed."""
    return Column("number_key", String(128))


def salt() -> Column[Any]:
    """Return the column for the salt of the ledger's commitment to the row."""
    return Column("salt", LargeBinary(16), nullable=False)


def provenance() -> list[Column[Any]]:
    """Return the columns that say by which way an act came in; null in rows from before revision 34.

    They decide the version of the row's entry in the ledger (`consent/leaves/provenance.py`).
    """
    return [
        Column("request_channel", String(16)),
        Column("known_by", String(16)),
        Column("request_id", Id),  # as in the log of the server, and in the records of what the request read
    ]


def content() -> Column[Any]:
    """Return the column with the keyed digests of what an act sealed (`consent/leaves/provenance.py`)."""
    return Column("content", JSON(none_as_null=True))


def flag(name: str) -> Column[Any]:
    """Return a column that is false unless it is set."""
    return Column(name, Boolean, nullable=False, server_default=false())


def one_of(column: str, *values: str) -> CheckConstraint:
    """Return the constraint that *column* holds one of *values*, or NULL where it may."""
    listed = ",".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def where(condition: str) -> dict[str, Any]:
    """Return the options of an index over the rows that meet *condition*, for both databases."""
    return {f"{dialect}_where": text(condition) for dialect in ("sqlite", "postgresql")}


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
        salt(),
        *provenance(),
        content(),
    ]
