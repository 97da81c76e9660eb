"""Uploaded files as evidence: a reference that begins with `file:` names one, any other is a file number [5.1.1].

A file that its uploader names in a step is attached to the record of the step. From then on it is the subject's, and
whoever may read the evidence of that record can read it. It belongs to that record alone: named for another record, it
is unknown. Only an action can carry it further, to a record that it begins on the same evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as attribute
from enum import StrEnum
from string import ascii_lowercase
from typing import TYPE_CHECKING, Final, NamedTuple

from credit.core.errors import StepNotWellFormed
from credit.core.flaws import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from credit.core.context import ActionContext
    from credit.core.unit_of_work import UnitOfWork

PREFIX: Final = "file:"
LETTERS: Final = 28
"""So many letters hold 128 bits."""
SUBJECTS_SIDE: Final = frozenset({"subject", "agent"})
"""The roles that act for the subject. They name what their side gave, never a file of an officer."""


class FileRecord(StrEnum):
    """The kinds of record that a file can be attached to."""

    RESTRAINT_CASE = "RESTRAINT_CASE"
    APPLICATION = "APPLICATION"
    AUTHORISATION = "AUTHORISATION"
    OBJECTION = "OBJECTION"
    FOCUSED_CHECK = "FOCUSED_CHECK"
    DELEGATION = "DELEGATION"
    CORRECTION = "CORRECTION"
    """Of who somebody is, where no case revealed the error; the files of any other belong to its case."""


READERS: Final[Mapping[FileRecord, frozenset[str]]] = {
    FileRecord.RESTRAINT_CASE: frozenset({"handler", "reviewer"}),
    FileRecord.APPLICATION: frozenset({"clerk", "handler"}),
    FileRecord.AUTHORISATION: frozenset({"clerk", "head", "office"}),
    FileRecord.OBJECTION: frozenset({"reviewer", "office"}),
    FileRecord.FOCUSED_CHECK: frozenset({"regulator"}),
    FileRecord.DELEGATION: frozenset({"clerk", "head", "office"}),
    FileRecord.CORRECTION: frozenset({"handler", "head"}),
}
"""The officers who read the files of a record, by role; which officer it is, the step itself has checked."""


class AttachedTo(NamedTuple):
    """A record of a subject that files are attached to."""

    record: FileRecord
    record_id: UUID


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known about a file, without its content and its name."""

    reference: str
    media_type: str
    size: int
    digest: bytes = attribute(repr=False)
    scan: str
    uploaded_at: datetime
    uploaded_by: str
    uploaded_as: str
    department_code: str | None


def reference_of(tag: bytes) -> str:
    """Return the reference of the file with this keyed hash of 16 bytes: 28 letters, and no digit.

    So no rule takes a part of it for an identity number.
    """
    number, letters = int.from_bytes(tag, "big"), ""
    for _ in range(LETTERS):
        number, letter = divmod(number, len(ascii_lowercase))
        letters += ascii_lowercase[letter]
    return PREFIX + letters


def uploaded(references: Iterable[str]) -> tuple[str, ...]:
    """Return the references that name uploaded files, each once."""
    return tuple(dict.fromkeys(each for each in references if each.startswith(PREFIX)))


def may_name_again(record: FileRecord, known: FileFacts, role: str) -> bool:
    """Return whether a caller in *role* may name a file that is attached to the record already: whoever reads it there.

    Of the same record: so another step that names it gives it to nobody else.
    """
    return known.uploaded_as in SUBJECTS_SIDE if role in SUBJECTS_SIDE else role in READERS[record]


def may_carry(known: FileFacts) -> bool:
    """Return whether a file can go along to the record that a step begins: what the subject gave stays where it is."""
    return known.uploaded_as not in SUBJECTS_SIDE


async def attach_files(
    work: UnitOfWork,
    context: ActionContext,
    subject_id: UUID,
    record: FileRecord,
    record_id: UUID,
    references: Sequence[str],
    field: str = "evidence",
) -> None:
    """Attach the files that *references*, the item *field* of the input, name to a record of the subject.

    Raises StepNotWellFormed for a file that the caller did not upload at its present post, that has expired, that does
    not exist, or that belongs to another record, whoever's: the caller does not learn which.
    """
    named = uploaded(references)
    if named and await work.attach_files(context, subject_id, record, record_id, named):
        raise StepNotWellFormed.of(field, Flaw.NO_SUCH_FILE)


async def carry_files(
    work: UnitOfWork,
    context: ActionContext,
    subject_id: UUID,
    source: AttachedTo,
    to: AttachedTo,
    references: Sequence[str],
) -> None:
    """Attach the officers' files of the record *source* to the record *to*, which a step began on its evidence."""
    named = uploaded(references)
    if named:
        await work.carry_files(context, subject_id, source, to, named)
