"""Uploaded files as evidence: a reference that begins with `file:` names one, any other is a file number [5.1.1].

A file that is named in a step is attached to the record of the step. From then on it is the subject's, and whoever may
read the evidence of that record can read it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from string import ascii_lowercase
from typing import TYPE_CHECKING, Final

from credit.core.errors import StepNotWellFormed
from credit.core.flaws import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from credit.core.context import ActionContext
    from credit.core.unit_of_work import UnitOfWork

PREFIX: Final = "file:"
LETTERS: Final = 28
"""So many letters hold 128 bits."""
SUBJECTS_SIDE: Final = frozenset({"subject", "agent"})
"""The roles that act for the subject. They attach what they uploaded themselves, never a file of an officer."""


class FileRecord(StrEnum):
    """The kinds of record that a file can be attached to."""

    RESTRAINT_CASE = "RESTRAINT_CASE"
    APPLICATION = "APPLICATION"
    AUTHORISATION = "AUTHORISATION"
    OBJECTION = "OBJECTION"
    FOCUSED_CHECK = "FOCUSED_CHECK"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known about a file, without its content and its name."""

    reference: str
    media_type: str
    size: int
    digest: bytes = field(repr=False)
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


def may_attach_again(known: FileFacts, role: str) -> bool:
    """Return whether a caller in *role* may name a file that is on the subject's record already."""
    return role not in SUBJECTS_SIDE or known.uploaded_as in SUBJECTS_SIDE


async def attach_files(
    work: UnitOfWork,
    context: ActionContext,
    subject_id: UUID,
    record: FileRecord,
    record_id: UUID,
    references: Sequence[str],
) -> None:
    """Attach the files that *references* name to a record of the subject.

    Raises StepNotWellFormed for a file that the caller did not upload, that has expired, or that does not exist.
    """
    named = uploaded(references)
    if named and await work.attach_files(context, subject_id, record, record_id, named):
        raise StepNotWellFormed.of("evidence", Flaw.NO_SUCH_FILE)
