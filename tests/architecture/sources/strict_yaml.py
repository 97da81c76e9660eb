"""Reads `k8s/` with PyYAML, and refuses what parsers read differently.

It refuses anchors, tags, a key that occurs twice, and plain words that are text in one version of YAML and something
else in another: `on`, `yes`, `~`, numbers with a leading zero, fractions, dates. Quotation marks settle each of them.
"""

import re
from collections.abc import Hashable
from functools import cache
from typing import Any

import yaml

PLAIN = {
    "tag:yaml.org,2002:bool": re.compile("true|false"),
    "tag:yaml.org,2002:null": re.compile("null|"),
    "tag:yaml.org,2002:int": re.compile("-?(0|[1-9][0-9]*)"),
    "tag:yaml.org,2002:str": re.compile("(?!(?i:y|n)$).*", re.DOTALL),
}
"""The plain words of each kind that every version of YAML reads alike. No other kind has any."""


class StrictLoader(yaml.SafeLoader):
    """PyYAML's safe loader. It raises YAMLError, with the place, for what is read differently."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()
        if getattr(event, "anchor", None) is not None or getattr(event, "tag", None) is not None:
            raise yaml.YAMLError(f"an anchor or a tag{event.start_mark}")
        node = super().compose_node(parent, index)
        if isinstance(node, yaml.ScalarNode) and node.style is None:
            allowed = PLAIN.get(node.tag)
            if allowed is None or not allowed.fullmatch(node.value):
                raise yaml.YAMLError(f"put this in quotation marks{node.start_mark}")
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        names = [name.value for name, _ in node.value]
        if len(names) != len(set(names)):
            raise yaml.YAMLError(f"a key that stands twice{node.start_mark}")
        return super().construct_mapping(node, deep)


@cache
def documents(text: str) -> list[Any]:
    """Read every document of *text*. Raises YAMLError with the line. What it returns is shared: do not change it."""
    return list(yaml.load_all(text, StrictLoader))
