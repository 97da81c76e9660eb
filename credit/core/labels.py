"""Choices that the governing document names: each with its wire value, its Chinese term and its clause."""

from enum import StrEnum
from typing import Self


class Labelled(StrEnum):
    """A choice written as `WIRE_NAME = "WIRE_NAME", "中文名称", "clause"`. Only the wire name is its value."""

    _value_: str
    zh: str
    """What users read, in the document's own term."""
    clause: str
    """Where it comes from, as cited elsewhere: `5.1.2c`; empty where the document has no word for it."""

    def __new__(cls, value: str, zh: str = "", clause: str = "") -> Self:
        """Make the wire name the value and hang the rest on the member."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.zh = zh
        member.clause = clause
        return member
