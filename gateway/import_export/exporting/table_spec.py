"""A kind of record as a table: its GraphQL list, and its columns [6.2]."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from credit.corrections.correction import RecordItem

WHO: Final = {"名称（姓名）": "subject.name", "证件号码": "subject.identifier"}
WHOSE_APPLICATION: Final = {
    "办件编号": "application.number",
    "名称（姓名）": "application.subject.name",
    "证件号码": "application.subject.identifier",
    "事项": "application.matter.name",
}
OF_CASES: Final = frozenset({"restraintCases", "focusedCheckTargets", "publicRestraintList"})
"""The lists whose rows are cases: corrections of a case are notified to recipients outside the authority [5.1.4(6)]."""
ITEMS: Final[Mapping[tuple[str, ...], RecordItem]] = {
    ("subject", "name"): RecordItem.NAME,
    ("subject", "identifier"): RecordItem.NUMBER,
    ("subject", "address"): RecordItem.ADDRESS,
    ("facts",): RecordItem.FACTS,
    ("department", "name"): RecordItem.AUTHORITY,
    ("department", "code"): RecordItem.AUTHORITY,
    ("basis",): RecordItem.BASIS,
    ("determinedOn",): RecordItem.DETERMINED_ON,
    ("publishedOn",): RecordItem.VALIDITY,
    ("endsOn",): RecordItem.VALIDITY,
    ("periodBasis",): RecordItem.VALIDITY,
    ("legalDocument",): RecordItem.LEGAL_DOCUMENT,
    ("inForce",): RecordItem.STANDING,
    ("status",): RecordItem.STANDING,
}
"""The item of basic information of a case's field: where one is corrected, its recipients are notified [5.1.4(6)]."""

INNER: Final = 100
"""The most rows of a list within a row; a longer list is refused, never cut silently."""
OUTER: Final = 5
"""How many rows with such a list are on a page: within the cost limit of a request."""

Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ExportTable:
    """One kind: its *title* in Chinese, the *root* that lists it, and its columns, header to path.

    *since* is the root's argument for new rows, with its type. *within* names the list in each row of the root whose
    members make the rows of the table; the other columns then come from the row of the root. *is_one* is a root that is
    one object, and no list.
    """

    title: str
    root: str
    columns: Mapping[str, str]
    since: tuple[str, str] | None = None
    order: Sequence[str] = field(default=())
    """The headers by which the rows of a file are sorted: pages come in the order of random ids."""
    within: str = ""
    is_one: bool = False
    is_distinct: bool = False
    """Whether equal rows are merged: several rows of the root can be about one subject."""
    identity: str = "id"
    """The field that tells two rows of the root apart, with its alias where it has one; no column."""

    @property
    def is_about_cases(self) -> bool:
        """Whether each row of the root is a case."""
        return self.root in OF_CASES

    @property
    def selection(self) -> str:
        """Return the selection of the columns, as GraphQL text."""
        paths = {tuple(path.split(".")) for path in self.columns.values()} | {(self.identity,)}
        if self.is_about_cases:
            paths.add(("department", "code"))
        return _selected(sorted(paths), self.within)

    def rows_of(self, node: Node) -> Iterator[Node]:
        """Yield the table rows that a row of the root makes."""
        if not self.within:
            yield node
            return
        for inner in (node[self.within] or {"nodes": ()})["nodes"]:
            yield {**node, self.within: inner}

    def is_cut(self, node: Node) -> bool:
        """Return whether the list in a row of the root is longer than the page."""
        page = node[self.within] if self.within else None
        return page is not None and bool(page["pageInfo"]["hasNextPage"])


def _selected(paths: Sequence[tuple[str, ...]], within: str = "") -> str:
    """Return *paths*, which are sorted, as one selection: `subject { identifier name } status`."""
    services: list[str] = []
    heads = dict.fromkeys(path[0] for path in paths)
    for head in heads:
        below = _selected([path[1:] for path in paths if path[0] == head and len(path) > 1])
        if head == within:
            services.append(f"{head}(first: {INNER}) {{ pageInfo {{ hasNextPage }} nodes {{ {below} }} }}")
        else:
            services.append(f"{head} {{ {below} }}" if below else head)
    return " ".join(services)
