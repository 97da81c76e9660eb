"""Attaches uploaded files to records: by the first one a file becomes its subject's, under its key [5.1.6]."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from consent.context import ConsentContext
from consent.errors import NotFound
from credit.core.evidence_files import FileFacts, may_attach_again, uploaded
from credit.subjects.subject import Place, SealedText
from policy.crypto.keyring import Keyring
from policy.crypto.masking import REDACTED
from storage.repositories.files.file_repository import CONTENT, FILES, Attachment, FileRepository
from storage.repositories.subjects.subjects import SubjectRepository

SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class AttachTo:
    """The record that files are attached to."""

    subject_id: UUID
    record: str
    record_id: UUID


class Files(Protocol):
    """The part of a unit of work that this needs."""

    @property
    def files(self) -> FileRepository: ...

    @property
    def subjects(self) -> SubjectRepository: ...


async def attach(
    work: Files, keyring: Keyring, context: ConsentContext, to: AttachTo, references: Sequence[str]
) -> Sequence[str]:
    """Attach the uploaded files among *references*, and return those that are unknown to the caller.

    A file is known if the caller uploaded it and it waits, or if it is on the subject's record already.
    """
    unknown = []
    for reference in uploaded(references):
        known = await work.files.of_subject(to.subject_id, reference)
        if known is None:
            known = await _adopted(work, keyring, context, to.subject_id, reference)
        elif not may_attach_again(known[1], context.actor.role):
            known = None
        if known is None:
            unknown.append(reference)
        else:
            await work.files.attach(_attachment(context, to, known[0]), known[1])
    return unknown


async def _adopted(
    work: Files, keyring: Keyring, context: ConsentContext, subject_id: UUID, reference: str
) -> tuple[UUID, FileFacts] | None:
    """Turn an upload of the caller into a file of the subject; None if no such upload waits."""
    upload = await work.files.take(reference, context.actor.ref, context.now)
    if upload is None:
        return None
    key = await work.subjects.key(subject_id)
    if key is None:
        raise NotFound
    file_id = context.new_id()
    content = keyring.reseal(upload.content, Place(FILES, CONTENT, subject_id, file_id, 1), key.wrapped)
    await work.files.add(subject_id, file_id, upload.facts, SealedText(content, REDACTED))
    return file_id, upload.facts


def _attachment(context: ConsentContext, to: AttachTo, file_id: UUID) -> Attachment:
    return Attachment(
        subject_id=to.subject_id,
        attachment_id=context.new_id(),
        file_id=file_id,
        record=str(to.record),
        record_id=to.record_id,
        attached_at=context.now,
        attached_by=context.actor.ref,
        attached_as=context.actor.role,
        salt=context.random(SALT_BYTES),
    )
