"""A statement compiled once: its text, how its binds are written, and how its rows are read.

SQLAlchemy does no work when the statement runs: it would take longer than the database.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

from credit.subjects.subject import Place, Sealed
from storage.database.array_binds import Several
from storage.database.statements import result_converter
from storage.errors import WrongBind
from storage.queries.conditions.row_conditions import ACTOR_BINDS
from storage.queries.select_builder import SealedColumnPositions

Convert = Callable[[Any], Any]
Columns = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Argument:
    """One place in the text where a value goes."""

    name: str
    python_type: type | tuple[type, ...]
    convert: Convert | None
    fixed: object = None
    """The value of a bind that SQLAlchemy added."""

    def of(self, binds: Mapping[str, object]) -> object:
        """Return the value in the form that the driver takes. Raises WrongBind, which quotes no value."""
        if self.fixed is not None:
            return self.fixed
        value = binds.get(self.name)
        if value is None:
            # An unknown fact about the actor matches no row; a missing value of a filter is a mistake.
            if self.name not in ACTOR_BINDS and self.name not in binds:
                raise WrongBind(self.name)
            return None
        if not isinstance(value, self.python_type) or (self.python_type is date and isinstance(value, datetime)):
            raise WrongBind(self.name)
        if isinstance(value, str) and not _is_storable(value):
            raise WrongBind(self.name)
        try:
            return value if self.convert is None else self.convert(value)
        except (TypeError, ValueError):
            raise WrongBind(self.name) from None


@dataclass(frozen=True, slots=True)
class CompiledSelect:
    """A SELECT as SQL text of one dialect."""

    text: str
    arguments: tuple[Argument, ...]
    converts: tuple[Convert | None, ...]
    outputs: tuple[int | SealedColumnPositions, ...]

    def values(self, binds: Mapping[str, object]) -> list[object]:
        """Return the values in the order of their places in the text. Raises WrongBind."""
        return [argument.of(binds) for argument in self.arguments]

    def rows(self, rows: Sequence[Sequence[Any]]) -> list[tuple[object, ...]]:
        """Convert the driver's rows to the selected columns: column by column, which is half the work."""
        if not rows:
            return []
        raw = list(zip(*rows, strict=True))
        columns: Columns = [
            values if convert is None else list(map(convert, values))
            for values, convert in zip(raw, self.converts, strict=True)
        ]
        return list(
            zip(
                *(columns[output] if isinstance(output, int) else _boxes(columns, output) for output in self.outputs),
                strict=True,
            )
        )


def _is_storable(text: str) -> bool:
    """Return whether both databases can compare *text*: no NUL, no half of a surrogate pair."""
    return "\0" not in text and (text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text))


def compile_select(
    statement: Select[Any], dialect: Dialect, outputs: Sequence[int | SealedColumnPositions]
) -> CompiledSelect:
    """Compile *statement*, and resolve once how each bind and each value is converted."""
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    fixed: Mapping[str, object] = compiled.params
    return CompiledSelect(
        str(compiled),
        tuple(
            _argument(name, compiled.binds[name].type, fixed.get(name), dialect) for name in compiled.positiontup or ()
        ),
        tuple(result_converter(column.type, dialect) for column in statement.selected_columns),
        tuple(outputs),
    )


def _argument(name: str, kind: TypeEngine[Any], fixed: object, dialect: Dialect) -> Argument:
    convert = kind.dialect_impl(dialect).bind_processor(dialect)
    return Argument(name, (list, tuple) if isinstance(kind, Several) else kind.python_type, convert, fixed)


def _boxes(columns: Columns, opening: SealedColumnPositions) -> Iterable[Sealed | None]:
    """Return the boxes of one column. A row without text, or with a shredded key, gives None."""
    table, item = opening.table, opening.item
    return [
        None if text is None or key is None else Sealed(Place(table, item, subject_id, row_id, version), text, key)
        for text, key, subject_id, row_id, version in zip(
            columns[opening.text],
            columns[opening.key],
            columns[opening.subject_id],
            columns[opening.row_id],
            columns[opening.version],
            strict=True,
        )
    ]
