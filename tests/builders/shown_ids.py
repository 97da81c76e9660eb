"""Ids of answers, compared by the record that they lead to: each carries the purpose for which it was shown."""

from typing import Any

from schema.core.global_ids import canonical

_BEGINNINGS = "ABCDEFGH"
"""How the text of an id begins that carries a purpose: its first byte is below 20 in hexadecimal digits."""


class ShownId(str):
    """An id as it was shown. It equals any id of the same record; what is sent of it is its own text."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and canonical(str.__str__(self)) == canonical(str.__str__(other))

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(canonical(str.__str__(self)))


def with_shown_ids(answer: Any) -> Any:
    """Return *answer*, JSON, with each id of a purpose as a `ShownId`."""
    if isinstance(answer, dict):
        return {key: with_shown_ids(value) for key, value in answer.items()}
    if isinstance(answer, list):
        return [with_shown_ids(value) for value in answer]
    if isinstance(answer, str) and answer[:1] in _BEGINNINGS and canonical(answer) != answer:
        return ShownId(answer)
    return answer
