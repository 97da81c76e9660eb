"""Uploads, the files of a subject, and their attachments. No box is opened here: storage has no key."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, exists, func, insert, select

from consent.leaves.documents import file_attachment_bytes
from credit.core.evidence_files import FileFacts
from credit.subjects.subject import Place, Sealed, SealedText
from storage.database.conflicts import insert_once
from storage.repositories.ledger_leaves import append_committed, ledger_of
from storage.repositories.rows import SqlRepository, attributes, field_names, sealed_text_columns
from storage.tables import file_attachments, files, uploads

FACTS = field_names(FileFacts)
UPLOADS, FILES, CONTENT = "uploads", "files", "content"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that waits to be attached, sealed under a key of its own."""

    upload_id: UUID
    facts: FileFacts
    content: Sealed = field(repr=False)


@dataclass(frozen=True, slots=True)
class Attachment:
    """That a file belongs to a record of its subject. The fields are the columns of `file_attachments`."""

    subject_id: UUID
    attachment_id: UUID
    file_id: UUID
    record: str
    record_id: UUID
    attached_at: datetime
    attached_by: str
    attached_as: str
    salt: bytes = field(repr=False)


class FileRepository(SqlRepository):
    """The tables `uploads`, `files` and `file_attachments`."""

    async def waiting_bytes(self, uploader: str, now: datetime) -> int:
        """Return how many bytes *uploader* has uploaded that are neither attached nor expired."""
        own = uploads.c.uploaded_by == uploader, uploads.c.expires_at > now
        ((total,),) = await self._session.fetch(select(func.coalesce(func.sum(uploads.c.size), 0)).where(*own))
        return int(total)

    async def keep(
        self, upload_id: UUID, facts: FileFacts, content: SealedText, wrapped: bytes, kek: str, expires_at: datetime
    ) -> None:
        """Store an upload until *expires_at*."""
        row = {"upload_id": upload_id, "expires_at": expires_at, "wrapped": wrapped, "kek": kek}
        row |= {**attributes(facts, FACTS), **sealed_text_columns(content=content)}
        await self._session.execute(insert(uploads), row)

    async def take(
        self, reference: str, uploader: str, role: str, department_code: str | None, now: datetime
    ) -> Upload | None:
        """Remove and return the upload of *uploader* with this reference; None if it has none, or it has expired.

        What it uploaded in another role, or in another department, is not its own at this post.
        """
        own = (
            uploads.c.reference == reference,
            uploads.c.uploaded_by == uploader,
            uploads.c.uploaded_as == role,
            uploads.c.department_code.is_not_distinct_from(department_code),
            uploads.c.expires_at > now,
        )
        columns = (uploads.c[name] for name in ("upload_id", "version", "wrapped", "content_sealed", *FACTS))
        # A second action that names the same upload waits for the first.
        rows = await self._session.fetch(select(*columns).where(*own).with_for_update())
        if not rows:
            return None
        upload_id, version, wrapped, box, *facts = rows[0]
        await self._session.execute(delete(uploads).where(uploads.c.upload_id == upload_id))
        content = Sealed(Place(UPLOADS, CONTENT, upload_id, upload_id, version), bytes(box), bytes(wrapped))
        return Upload(upload_id, _facts(facts), content)

    async def of_record(
        self, subject_id: UUID, reference: str, record: str, record_id: UUID
    ) -> tuple[UUID, FileFacts] | None:
        """Return the id and the facts of the file with this reference that is attached to a record of the subject."""
        columns = (files.c[name] for name in ("file_id", *FACTS))
        bound = file_attachments.c
        attached = exists().where(
            bound.subject_id == files.c.subject_id,
            bound.file_id == files.c.file_id,
            bound.record == record,
            bound.record_id == record_id,
        )
        own = files.c.subject_id == subject_id, files.c.reference == reference, attached
        rows = await self._session.fetch(select(*columns).where(*own))
        return (rows[0][0], _facts(rows[0][1:])) if rows else None

    async def add(self, subject_id: UUID, file_id: UUID, facts: FileFacts, content: SealedText) -> None:
        """Store a file of the subject."""
        row: dict[str, object] = {"subject_id": subject_id, "file_id": file_id}
        row |= {**attributes(facts, FACTS), **sealed_text_columns(content=content)}
        await self._session.execute(insert(files), row)

    async def attach(self, attachment: Attachment, facts: FileFacts) -> None:
        """Append an attachment and its pending leaf; nothing if the file is attached to that record already."""
        row = attributes(attachment, field_names(Attachment))
        ledger = ledger_of(self._session)
        if await self._session.execute(insert_once(file_attachments), row | ledger.provenance_columns) == 0:
            return
        fields = {name: value for name, value in row.items() if name != "salt"}
        entry = file_attachment_bytes(ledger.provenance, **fields, reference=facts.reference, digest=facts.digest)
        append_committed(self._session, file_attachments, row, attachment.attachment_id, entry)

    async def purge(self, now: datetime) -> int:
        """Delete the uploads that have expired, with their keys; return how many there were."""
        return await self._session.execute(delete(uploads).where(uploads.c.expires_at <= now))


def _facts(values: object) -> FileFacts:
    facts = dict(zip(FACTS, values, strict=True))  # type: ignore[call-overload]  # a row of the database
    return FileFacts(**facts | {"digest": bytes(facts["digest"])})
