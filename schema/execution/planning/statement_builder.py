"""Builds one statement of a read plan while its part of the document is visited."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from consent.vocabulary import DataClass, Form, Purpose
from queryplan.entities import Entity
from queryplan.plan import Column, Figure, Filter, Join, Moving, Order, SelectPlan
from queryplan.scopes import Scope
from schema.execution.planning.decisions import FieldDecision

Key = tuple[str, str, str, tuple[Scope, ...], int, object]


@dataclass(frozen=True, slots=True)
class ShownField:
    """One field that a row of the statement shows, for the access entry.

    *here* is the position of the value that says whether a row has and shows the object of the field: the kind of a
    subject, which then has to be *kind*; the key of another object; None for the row of the statement itself.
    """

    field: str
    data_class: DataClass
    form: Form
    within: tuple[Scope, ...]
    groups: int
    kind: str | None
    here: int | None


@dataclass(frozen=True, slots=True)
class OpenedField:
    """One field that shows an opened value, with its decision. *kind* and *here* as in `ShownField`."""

    decision: FieldDecision
    kind: str | None
    here: int | None


@dataclass(slots=True)
class StatementBuilder:
    """A statement under construction. A column gets its position when it is first requested, and never changes it.

    *rows* is how many rows it may return at most, for the cost of the document.
    """

    index: int
    entity: Entity
    scopes: tuple[Scope, ...] = ()
    consent: Purpose | None = None
    basis: str = ""
    citation: str = ""
    filters: tuple[Filter, ...] = ()
    order: tuple[Order, ...] = ()
    parent: tuple[int, int, str] | None = None
    size: int | None = None
    window: int | None = None
    """How many rows are looked at for the page, where those that a subscriber was sent are left out of it."""
    backward: bool = False
    """Whether the rows come from the end of the list: *order* is mirrored then, and the page turns them round."""
    after: str | None = None
    until: str | None = None
    moving: Moving | None = None
    figures: dict[Figure, None] = field(default_factory=dict)
    rows: int = 1
    shown: list[ShownField] = field(default_factory=list)
    opened: dict[int, list[OpenedField]] = field(default_factory=dict)
    """The fields of each position with a sealed value: what is withheld where it turns out to be damaged."""
    subject_at: int | None = None
    here: int | None = None
    """The position of the value that says whether the object being visited is present (see `ShownField`)."""
    groups_at: int | None = None
    authorisation_at: int | None = None
    delay_at: tuple[int, int] | None = None
    """The positions of the delay that covers a read of the row, and of the day on which its entry opens [5.1.6]."""
    key_at: list[int] = field(default_factory=list)
    keys_asked: Callable[[object], set[Sequence[object]]] | None = None
    """The requested keys, where the filters match more rows; *key_at* are their positions."""
    _columns: dict[Key, tuple[int, set[str] | None]] = field(default_factory=dict)
    _joins: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def shift(self) -> int:
        """How many values come before the columns: the rows of a child begin with the key of its parent."""
        return 1 if self.parent else 0

    def at(
        self,
        of: str,
        name: str,
        show: str = "plain",
        within: tuple[Scope, ...] = (),
        groups: int = 0,
        kind: str | None = None,
        apart: object = None,
    ) -> int:
        """Return the position of this column in the statement's rows, adding it where it is new.

        *kind* limits the column to subjects of that kind; a request for another kind widens it. *apart* gives a column
        of its own, which other requests for the same name do not widen.
        """
        key = (of, name, show, within, groups, apart)
        position, kinds = self._columns.get(key, (len(self._columns), set()))
        if kind is None:
            kinds = None
        elif kinds is not None:
            kinds.add(kind)
        self._columns[key] = (position, kinds)
        return position + self.shift

    def join(self, of: str, relation: str) -> str:
        """Return the alias under which the to-one step *relation* from *of* is joined."""
        return self._joins.setdefault((of, relation), f"{of}_{relation}" if of else relation)

    def scope_at(self, scope: Scope) -> int:
        """Return the position of the column that says whether a row is in *scope*."""
        return self.at("", f"scope:{scope}")

    def sealed_at(self) -> list[int]:
        """Return the positions of the sealed values, for disclosure to open."""
        return [at + self.shift for (_, _, show, *_), (at, _) in self._columns.items() if show == "sealed"]

    def finish(self, all_kinds: int) -> SelectPlan:
        """Return the statement as the query runner takes it."""
        columns = tuple(
            Column(of, name, show, within, _narrowed(kinds, all_kinds), groups)  # type: ignore[arg-type]  # show is one of Show
            for (of, name, show, within, groups, _), (_, kinds) in self._columns.items()
        )
        return SelectPlan(
            entity=self.entity,
            columns=columns,
            joins=tuple(Join(alias, of, relation) for (of, relation), alias in self._joins.items()),
            scopes=self.scopes,
            consent=self.consent,
            filters=self.filters,
            order=self.order,
            parent=self.parent,
            limit=None if self.size is None else (self.window or self.size) + 1,
            after=self.after,
            until=self.until,
            figures=tuple(self.figures),
            moving=self.moving,
        )


def _narrowed(kinds: set[str] | None, all_kinds: int) -> tuple[str, ...]:
    return () if kinds is None or len(kinds) == all_kinds else tuple(sorted(kinds))
