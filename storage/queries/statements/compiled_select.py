"""A statement compiled once: its text, how its binds are written, and how its rows are read.

SQLAlchemy does no work when the statement runs: it would take longer than the database.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from credit.subjects.subject import Place, Sealed
from queryplan.row_layouts import Layout, PlainValue, SealedValue
from storage.queries.statements.fragments import PLACE, Argument, Fragment

Columns = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class CompiledSelect:
    """A SELECT as SQL text of one dialect."""

    text: str
    arguments: tuple[Argument, ...]

    def values(self, binds: Mapping[str, object]) -> list[object]:
        """Return the values in the order of their places in the text. Raises WrongBind."""
        return [argument.of(binds) for argument in self.arguments]


def compiled(fragment: Fragment, *, is_sqlite: bool) -> CompiledSelect:
    """Return a whole statement as the driver takes it: each bind has one number, `?1` or `$1`, wherever it stands."""
    sign = "?" if is_sqlite else "$"
    numbers: dict[object, int] = {}
    arguments: list[Argument] = []
    first, *rest = fragment.text.split(PLACE)
    parts = [first]
    for argument, part in zip(fragment.arguments, rest, strict=True):
        # Types make a function for each bind; two of one name and type write a value alike.
        convert = getattr(argument.convert, "__qualname__", None)
        key = argument.name, argument.python_type, convert, repr(argument.fixed)
        if key not in numbers:
            arguments.append(argument)
            numbers[key] = len(arguments)
        parts += (f"{sign}{numbers[key]}", part)
    return CompiledSelect("".join(parts), tuple(arguments))


def converted(layout: Layout, rows: Sequence[Sequence[Any]]) -> list[tuple[object, ...]]:
    """Convert the driver's rows to the selected columns: column by column, which is half the work."""
    if not rows:
        return []
    columns: Columns = list(zip(*rows, strict=True))
    return list(
        zip(
            *(_values(columns, one) if isinstance(one, PlainValue) else _boxes(columns, one) for one in layout),
            strict=True,
        )
    )


def _values(columns: Columns, value: PlainValue) -> Sequence[Any]:
    values = columns[value.index]
    return values if value.convert is None else list(map(value.convert, values))


def _boxes(columns: Columns, value: SealedValue) -> Iterable[Sealed | None]:
    """Return the boxes of one column. A row without text, or with a shredded key, gives None."""
    table, item = value.table, value.item
    return [
        None if text is None or key is None else Sealed(Place(table, item, subject_id, row_id, version), text, key)
        for text, key, subject_id, row_id, version in zip(
            columns[value.text],
            columns[value.key],
            _values(columns, value.subject_id),
            _values(columns, value.row_id),
            columns[value.version],
            strict=True,
        )
    ]
