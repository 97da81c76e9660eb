"""Column types that mean the same on SQLite and PostgreSQL."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, LargeBinary, TypeDecorator, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant. SQLite stores it without a zone; it is read as aware on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """Return the type that the caller passes and gets."""
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse an instant without a zone: no fact is better than a fact at a guessed hour."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a zone")
        return value.astimezone(UTC) if dialect.name != "sqlite" else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - as asked
        """Return an aware UTC instant."""
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class Id(TypeDecorator[UUID]):
    """An id in 16 bytes on both databases: for tables that grow with every read, where SQLite's text takes twice."""

    impl = Uuid
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose bytes where the database has no type for ids."""
        return dialect.type_descriptor(LargeBinary(16) if dialect.name == "sqlite" else Uuid())

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:  # noqa: ANN401 - the driver's form
        """Return the id in the form that the driver takes."""
        return value.bytes if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:  # noqa: ANN401 - the driver's form
        """Return the id."""
        return UUID(bytes=bytes(value)) if value is not None and dialect.name == "sqlite" else value


class Ids(TypeDecorator[Sequence[UUID]]):
    """Several ids in order: an array on PostgreSQL, 16 bytes each on SQLite."""

    impl = ARRAY(Uuid)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose an array where the database has one."""
        return dialect.type_descriptor(LargeBinary() if dialect.name == "sqlite" else ARRAY(Uuid()))

    def process_bind_param(self, value: Sequence[UUID] | None, dialect: Dialect) -> Any:  # noqa: ANN401 - the driver's form
        """Return the ids in the form that the driver takes."""
        if value is None:
            return None
        return b"".join(each.bytes for each in value) if dialect.name == "sqlite" else list(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> list[UUID] | None:  # noqa: ANN401 - the driver's form
        """Return the ids as a list."""
        if value is None:
            return None
        if dialect.name != "sqlite":
            return list(value)
        joined = bytes(value)
        return [UUID(bytes=joined[at : at + 16]) for at in range(0, len(joined), 16)]
