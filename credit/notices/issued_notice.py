"""An issued document, and the ports of issuing: repository and rendering [A]."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from credit.notices.facts import Notice, NoticeKind
from credit.notices.remedies import Remedies
from credit.subjects.subject import SealedText


@dataclass(frozen=True, slots=True)
class RenderedNotice:
    """A rendered document: *pdf* is its bytes in base64, *template* the hash of its template."""

    pdf: str = field(repr=False)
    digest: bytes
    template: str
    code_hash: bytes
    is_signed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A recorded document. *code_hash* finds it by the code at its foot; *digest* is that of its bytes."""

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
    """The sealed bytes of a new document; None for one that is read back."""


class NoticeStore(Protocol):
    """The documents that were issued. No operation changes one."""

    async def find(self, subject_id: UUID, kind: NoticeKind, number: str) -> Issued | None:
        """Return the document of this number, or None."""
        ...

    async def of_case(self, subject_id: UUID, case_id: UUID) -> Sequence[Issued]:
        """Return the documents of a case, oldest first."""
        ...

    async def add(self, issued: Issued) -> None:
        """Add a document and its pending leaf; raises CaseChangedMeanwhile if it was added in the meantime.

        Raises StepNotWellFormed for a new number that another document of the department has.
        """
        ...


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of checking a code: its document, and whether that document is still current."""

    kind: NoticeKind
    number: str
    department: str
    issued_on: date
    stands: bool


class NoticeService(Protocol):
    """Port that renders documents and checks their codes. The implementation knows templates, fonts and keys."""

    async def make(self, notice: Notice, department_code: str, at: datetime) -> RenderedNotice:
        """Return the document; raises CannotBePrinted, TemplateUnfit, CannotBeSigned."""
        ...

    def remedies(self, department_code: str) -> Remedies:
        """Return where and until when a determination of the department can be contested."""
        ...

    async def check(self, code: str, today: date, network: str) -> Checked | None:
        """Return the result for a code, or None; raises TooManyChecks where *network* has tried too many wrong ones."""
        ...
