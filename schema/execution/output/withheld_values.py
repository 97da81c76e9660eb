"""Where an answer withholds a value because of its row or of its list: found in the data, by the markers left there.

A value that is withheld in every answer to a document, at one place of the response, is null, and its error is known
with the plan. At any other place a `WithheldMarker` stands in the data, and JSON has null for it.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from policy.crypto.keyring import DAMAGED
from schema.execution.planning.decisions import FieldDecision, Indexes


class WithheldMarker:
    """Stands for a value that *decision* withholds. *by_row*: other rows may show the value at the same place.

    It is no dataclass: `orjson` would write its fields.
    """

    __slots__ = ("by_row", "decision")

    def __init__(self, decision: FieldDecision, *, by_row: bool) -> None:
        self.decision = decision
        self.by_row = by_row


WithheldPlaces = dict[WithheldMarker, list[Indexes]]
"""The places of an answer in which something is withheld, in the order of the answer."""
KeyTree = dict[str, "KeyTree"]
"""The response keys that lead to places that may hold a marker."""


def tree_of(paths: Iterable[tuple[str, ...]]) -> KeyTree:
    """Return the tree of *paths*."""
    root: KeyTree = {}
    for path in paths:
        here = root
        for key in path:
            here = here.setdefault(key, {})
    return root


def find_markers(value: Any, tree: KeyTree, found: WithheldPlaces, indexes: Indexes = ()) -> None:  # noqa: ANN401 - data of an answer
    """Add to *found* the places of the markers in *value*, as far as *tree* leads to them."""
    if isinstance(value, list):
        for at, item in enumerate(value):
            if item is not None:
                find_markers(item, tree, found, (*indexes, at))
        return
    for key, below in tree.items():
        inner = value.get(key)
        if inner is None:
            continue
        if type(inner) is WithheldMarker:
            places = found.get(inner)
            if places is None:
                found[inner] = [indexes]
            else:
                places.append(indexes)
        elif below:
            find_markers(inner, below, found, indexes)


def mark_damaged(data: Any, markers: Mapping[tuple[str, ...], WithheldMarker]) -> None:  # noqa: ANN401 - as above
    """Put a marker in the place of each value of *data* that did not open; *markers* are by the path of the place."""
    for holder, path in _places(data, tree_of(markers)):
        if holder[path[-1]] is DAMAGED:
            holder[path[-1]] = markers[path]


def clear_markers(data: Any, tree: KeyTree) -> None:  # noqa: ANN401 - as above
    """Put None in the place of each marker in *data*, for the executor of GraphQL."""
    for holder, path in _places(data, tree):
        if type(holder[path[-1]]) is WithheldMarker:
            holder[path[-1]] = None


def _places(value: Any, tree: KeyTree, path: tuple[str, ...] = ()) -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:  # noqa: ANN401 - as above
    """Yield each object of *value* that has a key of *tree*, with the path to that key."""
    if isinstance(value, list):
        for item in value:
            yield from _places(item, tree, path)
    elif isinstance(value, dict):
        for key, below in tree.items():
            if key in value:
                yield value, (*path, key)
                yield from _places(value[key], below, (*path, key))


def as_null(value: object) -> None:
    """Return None for a marker, as `orjson.dumps` asks for it."""
    if type(value) is not WithheldMarker:
        raise TypeError(f"{type(value).__name__} has no JSON")
