"""Accepts a file: its type by content, its scan, the uploader's quota; then it is sealed and waits to be attached."""

import asyncio
from base64 import b64encode
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Final

from credit.core.evidence_files import SUBJECTS_SIDE, FileFacts, reference_of
from credit.subjects.subject import Place, SealedText
from gateway.files.media_types import media_type
from gateway.files.scanner import Infected, Scanner, ScannerUnavailable
from gateway.http.errors import Code, HttpRefusal
from policy.actors import Actor
from policy.crypto.keyring import Keyring
from policy.crypto.masking import REDACTED
from schema.core.ports import Runtime
from storage.database.database import Database
from storage.repositories.files.file_repository import CONTENT, UPLOADS
from storage.repositories.idempotency import hold
from storage.unit_of_work import SqlUnitOfWork

AT_ONCE: Final = 4
"""How many files are scanned and sealed at once in a process; others wait. Each is in memory several times."""
QUOTA: Final = "chengxin/uploads"
"""The name of the lock under which the uploads of one uploader are counted."""


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """The operator's bounds: bytes of one file, bytes that one uploader may have waiting, and how long they wait."""

    one_file: int
    waiting: int
    keep: timedelta


class UploadService:
    """Keeps uploads. Nothing of a refused file is kept."""

    def __init__(
        self, database: Database, keyring: Keyring, runtime: Runtime, scanner: Scanner, limits: UploadLimits
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._runtime = runtime
        self._scanner = scanner
        self.limits = limits
        self._seats = asyncio.Semaphore(AT_ONCE)

    async def accept(self, actor: Actor, content: bytes) -> FileFacts:
        """Keep *content* until it is attached or expires, and return its facts; raises HttpRefusal."""
        kind = media_type(content)
        if kind is None:
            raise HttpRefusal(Code.FILE_TYPE_REFUSED)
        await self._require_room(actor, len(content))
        async with self._seats:
            scan = await self._scanned(content)
            return await self._keep(actor, content, kind, scan)

    async def purge(self) -> int:
        """Delete the uploads that have expired; return how many there were."""
        async with SqlUnitOfWork(self._database) as work:
            count = await work.files.purge(self._runtime.now())
            await work.commit()
        if count:
            await self._database.checkpoint()
        return count

    async def _scanned(self, content: bytes) -> str:
        try:
            return await self._scanner.scan(content)
        except Infected:
            raise HttpRefusal(Code.FILE_INFECTED) from None
        except ScannerUnavailable:
            raise HttpRefusal(Code.FILE_SCANNER_UNAVAILABLE) from None

    async def _require_room(self, actor: Actor, size: int) -> None:
        """Refuse early, before the scan; `_keep` counts again under a lock."""
        async with SqlUnitOfWork(self._database) as work:
            await self._count(work, actor, size)

    async def _count(self, work: SqlUnitOfWork, actor: Actor, size: int) -> None:
        if await work.files.waiting_bytes(actor.ref, self._runtime.now()) + size > self.limits.waiting:
            raise HttpRefusal(Code.FILE_QUOTA, limit=self.limits.waiting)

    async def _keep(self, actor: Actor, content: bytes, kind: str, scan: str) -> FileFacts:
        upload_id, now = self._runtime.new_id(), self._runtime.now()
        digest = sha256(content).digest()
        # With the id in it, two uploads of the same bytes have two references, and neither tells of the other.
        facts = FileFacts(
            reference=reference_of(self._keyring.file_tag(upload_id.bytes + digest)),
            media_type=kind,
            size=len(content),
            digest=digest,
            scan=str(scan),
            uploaded_at=now,
            uploaded_by=actor.ref,
            uploaded_as=actor.role.value,
            department_code=None if actor.role in SUBJECTS_SIDE else actor.department,
        )
        wrapped = self._keyring.new_key(upload_id)
        place = Place(UPLOADS, CONTENT, upload_id, upload_id, 1)
        sealed = await asyncio.to_thread(self._keyring.seal, b64encode(content).decode(), place, wrapped)
        async with SqlUnitOfWork(self._database) as work:
            if self._database.dialect.name == "postgresql":
                await hold(work.session, actor.ref, QUOTA)
            await self._count(work, actor, len(content))
            box = SealedText(sealed, REDACTED)
            await work.files.keep(upload_id, facts, box, wrapped, self._keyring.kek_id, now + self.limits.keep)
            await work.commit()
        return facts
