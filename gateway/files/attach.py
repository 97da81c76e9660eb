"""Attaches uploaded files to records: by it a file becomes its subject's, and belongs to this record [5.1.6]."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from consent.context import ConsentContext
from consent.errors import NotFound
from credit.core.evidence_files import SUBJECTS_SIDE, FileRecord, may_carry, may_name_again, uploaded
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

    A file is known if the caller uploaded it at its present post and it waits, or if it is attached to this very record
    and the caller reads it there. INVARIANT: a file of another record is unknown, whoever names it; else whoever holds
    a reference could make the readers of a record of its own read the file.
    """
    unknown = []
    for reference in uploaded(references):
        facts = await work.files.of_record(to.subject_id, reference, to.record, to.record_id)
        if facts is not None:
            may = may_name_again(FileRecord(to.record), facts[1], context.actor.role)
        else:
            may = await _adopt(work, keyring, context, to, reference)
        if not may:
            unknown.append(reference)
    return unknown


async def carry(
    work: Files, context: ConsentContext, source: AttachTo, to: AttachTo, references: Sequence[str]
) -> None:
    """Attach the officers' files among *references* that the record *source* has to the record *to* as well."""
    for reference in uploaded(references):
        found = await work.files.of_record(source.subject_id, reference, source.record, source.record_id)
        if found is not None and may_carry(found[1]):
            file_id, facts = found
            await work.files.attach(_attachment(context, to, file_id), facts)


async def _adopt(work: Files, keyring: Keyring, context: ConsentContext, to: AttachTo, reference: str) -> bool:
    """Turn an upload of the caller into a file of the record; False if no such upload waits."""
    actor = context.actor
    department = None if actor.role in SUBJECTS_SIDE else actor.department
    upload = await work.files.take(reference, actor.ref, actor.role, department, context.now)
    if upload is None:
        return False
    key = await work.subjects.key(to.subject_id)
    if key is None:
        raise NotFound
    file_id = context.new_id()
    content = keyring.reseal(upload.content, Place(FILES, CONTENT, to.subject_id, file_id, 1), key.wrapped)
    await work.files.add(to.subject_id, file_id, upload.facts, SealedText(content, REDACTED))
    await work.files.attach(_attachment(context, to, file_id), upload.facts)
    return True


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
