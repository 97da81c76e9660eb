"""A document as it was issued, and what issuing one needs of others [A]."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from credit.notices.facts import Notice, NoticeKind
from credit.subjects.subject import SealedText


@dataclass(frozen=True, slots=True)
class RenderedNotice:
    """A document that has been made: *pdf* is its bytes in base64, *template* the hash of what it was made by."""

    pdf: str = field(repr=False)
    digest: bytes
    template: str
    code_hash: bytes
    is_signed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A document on record. *code_hash* finds it by the code at its foot; *digest* is that of its bytes."""

    subject_id: UUID
    notice_id: UUID
    kind: NoticeKind
    number: str
    case_id: UUID | None
    application_id: UUID | None
    department_code: str
    issued_on: date
    issued_at: datetime
    issued_by: str
    issued_as: str
    code_hash: bytes = field(repr=False)
    template: str
    digest: bytes
    is_signed: bool
    salt: bytes = field(repr=False)
    pdf: SealedText | None = field(default=None, repr=False)
    """What is new; a document that is read back stays in the archive."""


class NoticeStore(Protocol):
    """The documents that were issued. There is no verb to change one."""

    async def find(self, subject_id: UUID, kind: NoticeKind, number: str) -> Issued | None:
        """Return the document of this number, or None."""
        ...

    async def of_case(self, subject_id: UUID, case_id: UUID) -> Sequence[Issued]:
        """Return the documents of a case, oldest first."""
        ...

    async def add(self, issued: Issued) -> None:
        """Keep a document, and pend its leaf; raises CaseChangedMeanwhile where it is there meanwhile.

        Raises StepNotWellFormed for a number of its own that another document of the department has.
        """
        ...


@dataclass(frozen=True, slots=True)
class Checked:
    """What a code tells anybody: which document it stands on, and whether that still says how things are."""

    kind: NoticeKind
    number: str
    department: str
    issued_on: date
    stands: bool


class NoticeService(Protocol):
    """Makes documents, and checks their codes. It knows templates, fonts and keys; none of that is ours."""

    async def make(self, notice: Notice, department_code: str, at: datetime) -> RenderedNotice:
        """Return the document; raises CannotBePrinted, TemplateUnfit, CannotBeSigned."""
        ...

    async def check(self, code: str, today: date, at: datetime) -> Checked | None:
        """Return what stands under a code, or None; raises TooManyChecks."""
        ...
