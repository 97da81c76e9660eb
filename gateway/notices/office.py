"""The office that makes the documents and checks their codes: templates, fonts, keys and archive meet here [A]."""

import asyncio
import hashlib
from base64 import b64encode
from datetime import date, datetime
from typing import Final

from sqlalchemy import select

from credit.case import Case
from credit.issued import CannotBePrinted, Checked, Issued, Made, TemplateUnfit, TooManyChecks
from credit.notices import Notice, NoticeKind
from credit.restraint import CaseStatus, Unrectified
from gateway.notices.codes import code_by, hash_of
from gateway.notices.refusals import GlyphMissing, TemplateBroken
from gateway.notices.rendering import render, template_of
from gateway.notices.trying import Bound
from policy.keys import Keyring
from storage import tables
from storage.engine import Database
from storage.papers import IssuedNotices
from storage.procedure import CaseProcedure

AT_ONCE: Final = 2
"""How many documents are typeset beside each other; the others wait. Each takes a processor for tenths of a second."""


class Office:
    """The promise of `credit.issued.NoticeOffice`."""

    def __init__(self, database: Database, keyring: Keyring, unrectified: Unrectified, bound: Bound) -> None:
        self._database = database
        self._keyring = keyring
        self._unrectified = unrectified
        self._bound = bound
        self._seats = asyncio.Semaphore(AT_ONCE)

    async def make(self, notice: Notice, department_code: str, at: datetime) -> Made:
        """Return the document; raises CannotBePrinted, TemplateUnfit."""
        del department_code, at
        async with self._seats:
            return await asyncio.to_thread(self._made, notice)

    def _made(self, notice: Notice) -> Made:
        code = code_by(notice, self._keyring.notice_tag)
        template = template_of(notice.kind)
        try:
            document = render(notice, code=code, template=template)
        except GlyphMissing as lacking:
            refused: CannotBePrinted | TemplateUnfit = CannotBePrinted(lacking.characters)
        except TemplateBroken as broken:
            refused = TemplateUnfit(broken.template, broken.line)
        else:
            return Made(
                pdf=b64encode(document).decode(),
                digest=hashlib.sha256(document).digest(),
                template=hashlib.sha256(template.read_bytes()).hexdigest(),
                code_hash=hash_of(code),
                is_signed=False,
            )
        # Out of the handlers, so that no traceback carries the typesetter's words along.
        raise refused

    async def check(self, code: str, today: date, at: datetime) -> Checked | None:
        """Return what stands under a code, or None, and do the same work for both; raises TooManyChecks."""
        if not self._bound.admits(at):
            raise TooManyChecks
        async with self._database.reading() as session:
            found = await IssuedNotices(session).by_code(hash_of(code))
            if not found:
                return None
            issued = found[0]
            case = (
                None if issued.case_id is None else await CaseProcedure(session).load(issued.subject_id, issued.case_id)
            )
            if case is None or case.confidential:
                return None
            name = tables.departments.c.name_zh
            of = select(name).where(tables.departments.c.code == issued.department_code)
            [(department,)] = await session.fetch(of)
        return Checked(issued.kind, issued.number, department, issued.issued_on, self._stands(issued, case, today))

    def _stands(self, issued: Issued, case: Case, today: date) -> bool:
        """Tell whether the document still says how things are: not once its case has ended, save what tells the end."""
        status = case.status(today, self._unrectified)
        if issued.kind is NoticeKind.REPAIR_CERTIFICATE:
            return status is CaseStatus.ENDED
        if issued.kind is NoticeKind.REVIEW_DECISION and status is CaseStatus.DROPPED:
            return True
        return status not in {CaseStatus.ENDED, CaseStatus.DROPPED, CaseStatus.REMOVED, CaseStatus.REFERRED}
