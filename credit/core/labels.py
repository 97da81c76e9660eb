"""Choices that the governing document names: each with its wire value, its Chinese term and its clause."""

from enum import StrEnum
from typing import Self


class Labelled(StrEnum):
    """A choice written as `WIRE_NAME = "WIRE_NAME", "中文名称", "clause"`. Only the wire name is its value."""

    _value_: str
    zh: str
    """What users read, in the document's own term."""
    clause: str
    """Its clause, as cited elsewhere: `5.1.2c`; empty if the document has no term for it."""

    def __new__(cls, value: str, zh: str = "", clause: str = "") -> Self:
        """Make a member whose value is the wire name; the rest are attributes."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.zh = zh
        member.clause = clause
        return member
