"""Subjects, who apply for government services, and the sealed form of their particulars [3.2]."""

from dataclasses import dataclass, field
from enum import IntFlag, StrEnum
from typing import Final
from uuid import UUID

from credit.core.values.identifiers import IdentifierKind


class SubjectKind(StrEnum):
    """What a subject is [3.2]. A sole trader has the code of an organisation and the privacy of a person."""

    NATURAL_PERSON = "NATURAL_PERSON"
    LEGAL_PERSON = "LEGAL_PERSON"
    SOLE_TRADER = "SOLE_TRADER"
    OTHER_ORGANISATION = "OTHER_ORGANISATION"


PERSONS: Final = frozenset({SubjectKind.NATURAL_PERSON, SubjectKind.SOLE_TRADER})
"""The kinds whose name is that of a person."""


class Capacity(IntFlag):
    """In what capacity a subject acts besides applying for itself [3.2]."""

    AGENT = 1
    AGENCY = 2
    INTERMEDIARY = 4


KIND_ZH: Final[dict[SubjectKind, str]] = {
    SubjectKind.NATURAL_PERSON: "自然人",
    SubjectKind.LEGAL_PERSON: "法人",
    SubjectKind.SOLE_TRADER: "个体工商户",
    SubjectKind.OTHER_ORGANISATION: "其他组织",
}
"""The term that users see for each kind."""


def identifier_kind(kind: SubjectKind) -> IdentifierKind:
    """Return the kind of identifier of a subject [5.1.3]: persons have an ID number, all others a code."""
    return IdentifierKind.ID_NUMBER if kind is SubjectKind.NATURAL_PERSON else IdentifierKind.SOCIAL_CREDIT_CODE


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a sealed value. The ciphertext cannot be decrypted at another place or version."""

    table: str
    column: str
    subject_id: UUID
    row_id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class Sealed:
    """A value that only `policy.disclosure` can decrypt. *key* is the subject's key, itself wrapped."""

    place: Place
    text: bytes
    key: bytes

    def __repr__(self) -> str:
        return f"Sealed({self.place.table}.{self.place.column})"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class NamedSubject:
    """A subject on record with its sealed name; *name* is None where it was shredded."""

    subject_id: UUID
    kind: SubjectKind
    name: Sealed | None


@dataclass(frozen=True, slots=True)
class CarriedText:
    """A stored personal text with its mask: carried to another place of its subject without being decrypted."""

    sealed: Sealed
    mask: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealedText:
    """A personal text as it is stored: sealed, and masked for restricted readers. Neither belongs in a log."""

    sealed: bytes = field(repr=False)
    mask: str = field(repr=False)
