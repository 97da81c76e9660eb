"""Subjects: whoever applies for a government service, and the sealed boxes in which their particulars travel [3.2]."""

from dataclasses import dataclass, field
from enum import IntFlag, StrEnum
from typing import Final
from uuid import UUID


class SubjectKind(StrEnum):
    """What a subject is [3.2]. A sole trader is an organisation by its code and a person by its privacy."""

    NATURAL_PERSON = "NATURAL_PERSON"
    LEGAL_PERSON = "LEGAL_PERSON"
    SOLE_TRADER = "SOLE_TRADER"
    OTHER_ORGANISATION = "OTHER_ORGANISATION"


class Capacity(IntFlag):
    """In what capacity a subject acts besides applying for itself [3.2]."""

    AGENT = 1
    AGENCY = 2
    INTERMEDIARY = 4


class IdentifierKind(StrEnum):
    """The kinds of identifier. A number that begins with 9 may be either: the kind is always stated, never guessed."""

    ID_NUMBER = "ID_NUMBER"
    SOCIAL_CREDIT_CODE = "SOCIAL_CREDIT_CODE"


KIND_ZH: Final[dict[SubjectKind, str]] = {
    SubjectKind.NATURAL_PERSON: "自然人",
    SubjectKind.LEGAL_PERSON: "法人",
    SubjectKind.SOLE_TRADER: "个体工商户",
    SubjectKind.OTHER_ORGANISATION: "其他组织",
}
"""What users read for each kind."""


def identifier_kind(kind: SubjectKind) -> IdentifierKind:
    """Tell which identifier a subject of this kind has [5.1.3]: persons an ID number, all others a code."""
    return IdentifierKind.ID_NUMBER if kind is SubjectKind.NATURAL_PERSON else IdentifierKind.SOCIAL_CREDIT_CODE


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value lives. The ciphertext is bound to it: moved elsewhere or put back later, it stays shut."""

    table: str
    column: str
    subject_id: UUID
    row_id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class Sealed:
    """A value that only `policy.disclosure` can open. *key* is the subject's key, itself wrapped."""

    place: Place
    text: bytes
    key: bytes

    def __repr__(self) -> str:
        return f"Sealed({self.place.table}.{self.place.column})"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class CarriedText:
    """A personal text that is kept already, with its mask: carried to another place of its subject's, never opened."""

    sealed: Sealed
    mask: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealedText:
    """A personal text as it is kept: its box, and what a masked reader sees. Neither belongs in a log."""

    sealed: bytes = field(repr=False)
    mask: str = field(repr=False)
