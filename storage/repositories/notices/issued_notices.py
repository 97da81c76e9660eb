"""Issued documents: added once, with a leaf in the access log [A]."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from consent.leaves.documents import issued_notice_bytes
from consent.leaves.provenance import COLUMNS as PROVENANCE
from consent.leaves.provenance import Provenance
from credit.core.errors import CaseChangedMeanwhile
from credit.core.values.document_numbers import number_key
from credit.notices.actions import number_taken
from credit.notices.facts import NoticeKind
from credit.notices.issued_notice import Issued
from storage.database.conflicts import insert_once
from storage.repositories.ledger_leaves import append_committed, ledger_of
from storage.repositories.notices.number_registry import NUMBERED, claim
from storage.repositories.rows import SqlRepository, attributes, sealed_text_columns, select_named, unsealed_names
from storage.tables import issued_notices

COLUMNS = tuple(name for name in unsealed_names(issued_notices) if name not in PROVENANCE)


class IssuedNoticeRepository(SqlRepository):
    """The table `issued_notices`: implements `NoticeStore`."""

    async def find(self, subject_id: UUID, kind: NoticeKind, number: str) -> Issued | None:
        own, key = _of(subject_id).where(issued_notices.c.kind == kind.value), number_key(number)
        return next((one for one in await self._read(own) if number_key(one.number) == key), None)

    async def of_case(self, subject_id: UUID, case_id: UUID) -> Sequence[Issued]:
        order = issued_notices.c.issued_at, issued_notices.c.notice_id
        return await self._read(_of(subject_id).where(issued_notices.c.case_id == case_id).order_by(*order))

    async def by_code(self, code_hash: bytes) -> Sequence[Issued]:
        """Return the document with this hash of a code, or None."""
        return await self._read(select_named(issued_notices, COLUMNS).where(issued_notices.c.code_hash == code_hash))

    async def add(self, issued: Issued) -> None:
        ledger = ledger_of(self._session)
        row = attributes(issued, COLUMNS) | ledger.provenance_columns | {"kind": issued.kind.value}
        if issued.pdf is not None:
            row |= sealed_text_columns(pdf=issued.pdf)
        if await self._session.execute(insert_once(issued_notices), row) == 0:
            raise CaseChangedMeanwhile
        if issued.kind in NUMBERED and not await claim(
            self._session, issued.department_code, issued.kind.value, issued.number
        ):
            raise number_taken()
        append_committed(self._session, issued_notices, row, issued.notice_id, _entry(issued, ledger.provenance))

    async def _read(self, wanted: Select[Any]) -> list[Issued]:
        return [Issued(**row | {"kind": NoticeKind(row["kind"])}) for row in await self._rows(wanted)]


def _of(subject_id: UUID) -> Select[Any]:
    return select_named(issued_notices, COLUMNS).where(issued_notices.c.subject_id == subject_id)


def _entry(issued: Issued, request: Provenance | None) -> bytes:
    return issued_notice_bytes(
        request,
        subject_id=issued.subject_id,
        notice_id=issued.notice_id,
        kind=issued.kind,
        number=issued.number,
        case_id=issued.case_id,
        application_id=issued.application_id,
        department_code=issued.department_code,
        issued_on=issued.issued_on,
        issued_at=issued.issued_at,
        issued_by=issued.issued_by,
        issued_as=issued.issued_as,
        code_hash=issued.code_hash,
        template=issued.template,
        digest=issued.digest,
        is_signed=issued.is_signed,
    )
