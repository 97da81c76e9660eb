"""Reads a list page by page through GraphQLService: guarded and recorded like any request [5.1.6].

All pages are read from one snapshot, so the list stays the same while others write.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from consent.vocabulary import Channel, Purpose
from gateway.import_export.errors import ExchangeRefused, ImportRefusal
from gateway.services import Services
from policy.actors import Actor
from policy.decisions import WithheldReason
from queryplan.plan import ReadSnapshot
from schema.core.errors import Outdated
from schema.core.ports import GraphQLRequest

Path = tuple[str, ...]

PAGE: Final = 100
ROW_AT: Final = 2
"""Where the place of a row stands in the path of an error: after the root and its `nodes`."""
_BROKEN: Final = frozenset({"INTERNAL", "NOT_RECORDED", "DATABASE_UNAVAILABLE", "TIMEOUT"})


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One list: its root field, the selection of each row, and the root's arguments by name and type."""

    root: str
    selection: str
    purpose: Purpose
    arguments: Mapping[str, tuple[str, object]]
    most: int = PAGE
    """Rows on a page: fewer, where each row contains a list of its own."""
    within: str = ""
    """The list within each row that is selected as well."""
    is_one: bool = False
    """Whether the root is one object, and no list."""

    def document(self, first: int, *, counted: bool) -> str:
        """Return the document of one page."""
        if self.is_one:
            declared = ", ".join(f"${name}: {kind}" for name, (kind, _) in self.arguments.items())
            given = ", ".join(f"{name}: ${name}" for name in self.arguments)
            of, whose = (f"({declared})", f"({given})") if declared else ("", "")
            return (
                f"query Export{of} @purpose(is: {self.purpose.value}) {{ {self.root}{whose} {{ {self.selection} }} }}"
            )
        total = "totalCount " if counted else ""
        return self._list(first, f"{total}pageInfo {{ hasNextPage endCursor }} nodes {{ {self.selection} }}")

    def count_document(self) -> str:
        """Return the document that counts the list, and shows none of its rows after the cursor of the last."""
        return self._list(1, "totalCount")

    def _list(self, first: int, parts: str) -> str:
        declared = "".join(f"${name}: {kind}, " for name, (kind, _) in self.arguments.items())
        given = "".join(f"{name}: ${name}, " for name in self.arguments)
        return (
            f"query Export({declared}$after: String) @purpose(is: {self.purpose.value}) {{ "
            f"{self.root}(first: {first}, {given}after: $after) {{ {parts} }} }}"
        )

    def variables(self, after: str | None) -> dict[str, object]:
        """Return the variables of the page after this cursor."""
        given: dict[str, object] = {name: value for name, (_, value) in self.arguments.items()}
        return given if self.is_one else {**given, "after": after}


@dataclass(frozen=True, slots=True)
class ResultPage:
    """A page of rows, and the paths that are masked or withheld in some or all of them.

    *damaged* has the paths of values that do not open, by the place of the row; no such path is in the other two.
    """

    nodes: Sequence[Mapping[str, Any]]
    masked: set[Path]
    withheld: set[Path]
    damaged: Mapping[int, set[Path]]
    total: int
    """The count of the list with the first page."""
    end: str | None
    """The cursor of the last row."""


async def pages(
    services: Services,
    actor: Actor,
    asked: PageRequest,
    snapshot: ReadSnapshot | None,
    channel: Channel = Channel.COMMAND_LINE,
) -> AsyncIterator[ResultPage]:
    """Yield every page, of one snapshot if one is given; raises QueryRefused with the message of GraphQLService."""
    after: str | None = None
    total = 0
    while True:
        document = asked.document(min(asked.most, services.settings.limits.page), counted=after is None)
        answer = await _ask(services, actor, document, asked.variables(after), snapshot, channel)
        connection = _connection(answer, asked)
        total = connection.get("totalCount", total)
        after = connection["pageInfo"].get("endCursor") or after
        errors = answer.get("errors", ())
        damaged = [error for error in errors if error["extensions"].get("reason") == WithheldReason.DAMAGED]
        yield ResultPage(
            connection["nodes"],
            _paths(answer.get("extensions", {}).get("masked", ()), asked),
            _paths((_place(error) for error in errors if error not in damaged), asked),
            _damaged(connection["nodes"], damaged, asked),
            total,
            after,
        )
        if not connection["pageInfo"]["hasNextPage"]:
            return


async def count_again(
    services: Services, actor: Actor, asked: PageRequest, snapshot: ReadSnapshot, after: str | None
) -> int:
    """Return the count of the list after its last page; raises QueryRefused."""
    if asked.is_one:
        return 1
    answer = await _ask(services, actor, asked.count_document(), asked.variables(after), snapshot)
    return int(_connection(answer, asked)["totalCount"])


async def _ask(
    services: Services,
    actor: Actor,
    document: str,
    variables: Mapping[str, object],
    snapshot: ReadSnapshot | None,
    channel: Channel = Channel.COMMAND_LINE,
) -> Mapping[str, Any]:
    request_id = str(services.runtime.new_id())
    question = GraphQLRequest(
        query=document, actor=actor, request_id=request_id, variables=variables, channel=channel, snapshot=snapshot
    )
    found: Mapping[str, Any] = orjson.loads((await services.graphql_service.execute(question)).body)
    return found


def _connection(answer: Mapping[str, Any], asked: PageRequest) -> Mapping[str, Any]:
    """Return the page; raises ExchangeRefused with the message of GraphQLService where there is none."""
    root = asked.root
    for error in answer.get("errors", ()):
        if error["extensions"]["code"] == Outdated.code:
            raise ExchangeRefused(ImportRefusal.ROWS_DIFFER)
        facts = error["extensions"]
        if "data" not in answer or facts["code"] in _BROKEN or list(_place(error)) == [root]:
            raise QueryRefused(error)
    if not (answer.get("data") or {}).get(root):
        raise ExchangeRefused(ImportRefusal.COUNTER)
    found: Mapping[str, Any] = answer["data"][root]
    if asked.is_one:
        return {"nodes": [found], "totalCount": 1, "pageInfo": {"hasNextPage": False}}
    return found


def _place(error: Mapping[str, Any]) -> Sequence[Any]:
    """Return the path of an error in the document: `at` is that of the response without the indexes of lists."""
    place: Sequence[Any] = error["extensions"].get("at") or error.get("path") or ()
    return place


class QueryRefused(ExchangeRefused):
    """GraphQLService refused the query; the message is its own."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        facts = error["extensions"]
        super().__init__(ImportRefusal.COUNTER, code=facts["code"], hint=str(facts.get("unlock") or ""))
        self.message, self.message_zh = facts["messageEn"], error["message"]


def _paths(paths: Any, asked: PageRequest) -> set[Path]:  # noqa: ANN401 - JSON
    """Return paths of the document as paths within a row, as if the list within it were one of its fields."""
    head = [asked.root] if asked.is_one else [asked.root, "nodes"]
    found = {tuple(path[len(head) :]) for path in paths if list(path[: len(head)]) == head}
    if not asked.within:
        return found
    return {path[:1] + path[2:] if path[:2] == (asked.within, "nodes") else path for path in found}


def _damaged(
    nodes: Sequence[Mapping[str, Any]], errors: Sequence[Mapping[str, Any]], asked: PageRequest
) -> Mapping[int, set[Path]]:
    """Return the damaged paths of each row. Where an error has no path, those rows count that lack the value."""
    found: dict[int, set[Path]] = {}
    for error in errors:
        for path in _paths([_place(error)], asked):
            if "path" in error:
                rows = [0 if asked.is_one else error["path"][ROW_AT]]
            else:
                rows = [at for at, node in enumerate(nodes) if _lacks(node, path)]
            for at in rows:
                found.setdefault(at, set()).add(path)
    return found


def _lacks(here: Any, path: Path) -> bool:  # noqa: ANN401 - JSON
    """Return whether a value at *path* is null, in one of the items of a list. What is not there lacks nothing."""
    if isinstance(here, list):
        return any(_lacks(each, path) for each in here)
    if here is None or not path:
        return here is None and not path
    return _lacks(here["nodes"], path) if "nodes" in here else _lacks(here[path[0]], path[1:])
