"""Finds where in a text the nodes of a document stand, for errors.

Documents are cached without locations, by a hash that does not depend on white space and comments, and an error has to
name the line and column of the text that was sent. So the text is parsed again when there is an error, with locations,
and the node at the same place of the tree has them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from graphql import DocumentNode, GraphQLError, Node, get_location, parse

Place = dict[str, int]


@dataclass(slots=True)
class SourceLocations:
    """The places of *document* in *text*, which it was parsed from, or which differs in white space and comments."""

    document: DocumentNode | None
    text: str
    _places: dict[int, Place] | None = field(default=None, init=False)

    def of(self, error: GraphQLError) -> list[Place]:
        """Return the lines and columns of *error*."""
        if error.locations:  # an error of the parser
            return [{"line": at.line, "column": at.column} for at in error.locations]
        if not error.nodes or self.document is None:
            return []
        if self._places is None:
            self._places = _places(self.document, self.text)
        found = (self._places.get(id(node)) for node in error.nodes)
        return [place for place in found if place is not None]


def _places(document: DocumentNode, text: str) -> dict[int, Place]:
    found: dict[int, Place] = {}
    for node, twin in zip(_walk(document), _walk(parse(text)), strict=True):
        if twin.loc is not None:
            at = get_location(twin.loc.source, twin.loc.start)
            found[id(node)] = {"line": at.line, "column": at.column}
    return found


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for key in node.keys:
        below = None if key == "loc" else getattr(node, key, None)
        for one in below if isinstance(below, tuple | list) else (below,):
            if isinstance(one, Node):
                yield from _walk(one)
