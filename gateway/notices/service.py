"""Makes documents and checks their codes, with the templates, the fonts, the keys and the database [A]."""

import asyncio
import hashlib
from base64 import b64encode
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Final, Protocol

import structlog
from sqlalchemy import select

from credit.cases.case import Case
from credit.cases.rules.period import has_new_breach
from credit.cases.status import CaseStatus, UnrectifiedPolicy
from credit.core.errors import CreditError
from credit.notices.actions import certifies_end
from credit.notices.facts import Notice, NoticeKind
from credit.notices.issued_notice import Checked, Issued, RenderedNotice
from credit.notices.refusals import CannotBePrinted, CannotBeSigned, TemplateUnfit, TooManyChecks
from credit.notices.remedies import Remedies, RemedyTable
from gateway.notices.errors import GlyphMissing, SigningRefused, TemplateBroken
from gateway.notices.render import render
from gateway.notices.templates_of_departments import Forms, hash_of_template
from gateway.notices.verification_codes import code_by, hash_of
from policy.crypto.keyring import Keyring
from schema.core.limits import Quota
from schema.core.ports import RateLimiter
from storage import tables
from storage.database.database import Database
from storage.database.session import Session
from storage.repositories.cases import CaseRepository
from storage.repositories.notices.issued_notices import IssuedNoticeRepository
from storage.repositories.promises.deferrals import DeferralRepository

AT_ONCE: Final = 2
"""How many documents are typeset at once; others wait. Each takes a processor for tenths of a second."""


class Signing(Protocol):
    """Signs documents."""

    def sign(self, document: bytes, at: datetime) -> bytes:
        """Return the document signed; raises SigningRefused."""
        ...


class NoticeIssuer:
    """Implements `credit.notices.issued_notice.NoticeService`."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        unrectified: UnrectifiedPolicy,
        limiter: RateLimiter,
        forms: Forms,
        remedies: RemedyTable,
        signatures: Signing | None = None,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._unrectified = unrectified
        self._limiter = limiter
        self._forms = forms
        self._remedies = remedies
        self._signatures = signatures
        self._seats = asyncio.Semaphore(AT_ONCE)

    async def make(self, notice: Notice, department_code: str, at: datetime) -> RenderedNotice:
        """Return the document; raises CannotBePrinted, TemplateUnfit, CannotBeSigned."""
        async with self._seats:
            return await asyncio.to_thread(self._made, notice, department_code, at)

    def remedies(self, department_code: str) -> Remedies:
        """Return where and until when a determination of the department can be contested."""
        return self._remedies.of(department_code)

    def _made(self, notice: Notice, department_code: str, at: datetime) -> RenderedNotice:
        template = self._forms.template(notice.kind, department_code)
        code = code_by(notice, self._keyring.notice_tag)
        try:
            document = self._document(notice, code, template, department_code, at)
        except GlyphMissing as lacking:
            refused: CreditError = CannotBePrinted(lacking.characters)
        except TemplateBroken as broken:
            refused = TemplateUnfit(broken.template, broken.line)
        except SigningRefused as unsigned:
            structlog.get_logger().error("notice.unsigned", error=str(unsigned))
            refused = CannotBeSigned()
        else:
            return RenderedNotice(
                pdf=b64encode(document).decode(),
                digest=hashlib.sha256(document).digest(),
                template=hash_of_template(template),
                code_hash=hash_of(code),
                is_signed=self._signatures is not None,
            )
        # Raised outside the handlers, so that no traceback carries the typesetter's message.
        raise refused

    def _document(self, notice: Notice, code: str, template: Path, department_code: str, at: datetime) -> bytes:
        seal = self._forms.seal(department_code)
        document = render(notice, code=code, template=template, further=self._forms.fonts, seal=seal)
        return document if self._signatures is None else self._signatures.sign(document, at)

    async def check(self, code: str, today: date, network: str) -> Checked | None:
        """Return the document of a code, or None. Raises TooManyChecks.

        Only wrong codes count, for the client's network, and only they are refused: a holder of a document is answered
        whoever else tries codes there.
        """
        found = await self._checked(code, today)
        if found is None:
            whose = self._keyring.tag("network", network)
            until = await self._limiter.take([(Quota.NOTICE_MISSES_OF_NETWORK, whose, 1)])
            if until is not None:
                raise TooManyChecks(until)
        return found

    async def _checked(self, code: str, today: date) -> Checked | None:
        async with self._database.snapshot() as session:
            found = await IssuedNoticeRepository(session).by_code(hash_of(code))
            if not found:
                return None
            issued = found[0]
            stands = await self._is_current(session, issued, today)
            if stands is None:
                return None
            name = tables.departments.c.name_zh
            of = select(name).where(tables.departments.c.code == issued.department_code)
            [(department,)] = await session.fetch(of)
        return Checked(issued.kind, issued.number, department, issued.issued_on, stands)

    async def _is_current(self, session: Session, issued: Issued, today: date) -> bool | None:
        """Return whether a document is still current; None where its case or application is confidential [5.1.6]."""
        if issued.case_id is not None:
            case = await CaseRepository(session).load(issued.subject_id, issued.case_id)
            if case is None or case.confidential:
                return None
            others = await CaseRepository(session).look_at_all(issued.subject_id)
            return self._is_current_of_case(issued, case, others, today)
        if issued.application_id is None:
            return None
        filed = tables.applications.c
        own = filed.subject_id == issued.subject_id, filed.application_id == issued.application_id
        if [tuple(row) for row in await session.fetch(select(filed.confidential).where(*own))] != [(False,)]:
            return None
        deferral = await DeferralRepository(session).look(issued.subject_id, issued.application_id)
        return deferral is not None and deferral.ended_on is None and bool(deferral.still_missing(today))

    def _is_current_of_case(self, issued: Issued, case: Case, others: Iterable[Case], today: date) -> bool:
        """Return whether the document is still current: not after its case has ended, unless it states that end.

        A certificate is not after another breach of the period was determined; an open one is told to nobody [5.1.6].
        """
        status = case.status(today, self._unrectified)
        if issued.kind is NoticeKind.REPAIR_CERTIFICATE:
            determined = [other for other in others if other.determined is not None]
            ended = status is CaseStatus.ENDED and certifies_end(issued, case, self._unrectified)
            return ended and not has_new_breach(case, determined)
        if issued.kind is NoticeKind.REVIEW_DECISION and status is CaseStatus.DROPPED:
            return True
        return status not in {CaseStatus.ENDED, CaseStatus.DROPPED, CaseStatus.REMOVED, CaseStatus.REFERRED}
