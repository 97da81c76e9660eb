"""Builds one statement of a read plan while its part of the document is visited."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from consent.vocabulary import DataClass, Form, Purpose
from queryplan.entities import Entity
from queryplan.plan import Column, Filter, Join, Order, SelectPlan
from queryplan.scopes import Scope

Key = tuple[str, str, str, tuple[Scope, ...], int, object]


@dataclass(frozen=True, slots=True)
class ShownField:
    """One field that a row of the statement shows, for the access entry.

    *here* is the position of what tells whether the thing that the field is of is there in a row, and shown: the kind
    of a subject, which then has to be *kind*; the key of anything else; None for the statement's own row.
    """

    field: str
    data_class: DataClass
    form: Form
    within: tuple[Scope, ...]
    groups: int
    kind: str | None
    here: int | None


@dataclass(slots=True)
class StatementBuilder:
    """A statement in the making. Columns get their position when first asked for, and keep it.

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
    first: int | None = None
    after: str | None = None
    total: bool = False
    rows: int = 1
    shown: list[ShownField] = field(default_factory=list)
    subject_at: int | None = None
    here: int | None = None
    """The position of what tells whether the thing now being visited is there (see `ShownField`)."""
    groups_at: int | None = None
    authorisation_at: int | None = None
    key_at: list[int] = field(default_factory=list)
    keys_asked: Callable[[object], set[Sequence[object]]] | None = None
    """Where the key stands, and which keys were asked for, where the filters let more through."""
    _columns: dict[Key, tuple[int, set[str] | None]] = field(default_factory=dict)
    _joins: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def shift(self) -> int:
        """How many values stand in front of the columns: a child's rows begin with its parent's key."""
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

        *kind* narrows the column to subjects of that kind; asked again for others, it is widened. *apart* keeps a
        column of its own, which what others ask of the same name does not widen.
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
        """Return the positions of the sealed values, which disclosure will open."""
        return [at + self.shift for (_, _, show, *_), (at, _) in self._columns.items() if show == "sealed"]

    def finish(self, all_kinds: int) -> SelectPlan:
        """Return the statement as the archive takes it."""
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
            limit=None if self.first is None else self.first + 1,
            after=self.after,
            total=self.total,
        )


def _narrowed(kinds: set[str] | None, all_kinds: int) -> tuple[str, ...]:
    return () if kinds is None or len(kinds) == all_kinds else tuple(sorted(kinds))
