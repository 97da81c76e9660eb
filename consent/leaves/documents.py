"""Documents that were issued, and files that were attached to a record [5.1.1] [A]."""

from datetime import date, datetime
from typing import TypedDict, Unpack
from uuid import UUID

from consent.leaves.provenance import Provenance, versioned_entry


class IssuedNoticeFields(TypedDict):
    """The committed fields of a document: its digest represents its bytes."""

    subject_id: UUID
    notice_id: UUID
    kind: str
    number: str
    case_id: UUID | None
    application_id: UUID | None
    department_code: str
    issued_on: date
    issued_at: datetime
    issued_by: str
    issued_as: str
    code_hash: bytes
    template: str
    digest: bytes
    is_signed: bool


def issued_notice_bytes(request: Provenance | None = None, **fields: Unpack[IssuedNoticeFields]) -> bytes:
    """Return the entry of a document that was issued [A].

    The bytes are, for example:

        {"application_id":null,"case_id":"00000000-0000-0000-0000-000000000046",
        "code_hash":"abababababababababababababababababababababababababababababababab",
        "department_code":"LZ-APPROVAL","digest":"efefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefef",
        "is_signed":false,"issued_as":"handler","issued_at":"2026-03-05T01:02:03.000004Z","issued_by":"staff-1",
        "issued_on":"2026-03-05","kind":"NOTICE","notice_id":"00000000-0000-0000-0000-00000000000d",
        "number":"临审告〔2026〕1号","subject_id":"00000000-0000-0000-0000-000000000001",
        "template":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd","type":"issued-notice/1"}

    Since revision 34, with the request:

        {"application_id":null,"case_id":"00000000-0000-0000-0000-000000000046",
        "code_hash":"abababababababababababababababababababababababababababababababab","department_code":"LZ-APPROVAL",
        "digest":"efefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefef","is_signed":false,
        "issued_as":"handler","issued_at":"2026-03-05T01:02:03.000004Z","issued_by":"staff-1","issued_on":"2026-03-05",
        "kind":"NOTICE","notice_id":"00000000-0000-0000-0000-00000000000d","number":"临审告〔2026〕1号",
        "request":{"channel":"GRAPHQL","id":"00000000-0000-0000-0000-00000000001f","known_by":"TOKEN"},
        "subject_id":"00000000-0000-0000-0000-000000000001",
        "template":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd","type":"issued-notice/2"}
    """
    return versioned_entry("issued-notice", fields, request)


class FileAttachmentFields(TypedDict):
    """The committed fields of a file's attachment to a record: its digest represents its bytes."""

    subject_id: UUID
    attachment_id: UUID
    file_id: UUID
    reference: str
    digest: bytes
    record: str
    record_id: UUID
    attached_at: datetime
    attached_by: str
    attached_as: str


def file_attachment_bytes(request: Provenance | None = None, **fields: Unpack[FileAttachmentFields]) -> bytes:
    """Return the entry of a file that was attached to a record as evidence [5.1.1].

    The bytes are, for example:

        {"attached_as":"handler","attached_at":"2026-03-05T01:02:03.000004Z","attached_by":"staff-1",
        "attachment_id":"00000000-0000-0000-0000-000000000012",
        "digest":"efefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefef",
        "file_id":"00000000-0000-0000-0000-000000000011","record":"RESTRAINT_CASE",
        "record_id":"00000000-0000-0000-0000-000000000046","reference":"file:abcdefghijklmnopqrstuvwxyz",
        "subject_id":"00000000-0000-0000-0000-000000000001","type":"file-attachment/1"}

    Since revision 34, with the request:

        {"attached_as":"handler","attached_at":"2026-03-05T01:02:03.000004Z","attached_by":"staff-1",
        "attachment_id":"00000000-0000-0000-0000-000000000012",
        "digest":"efefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefef",
        "file_id":"00000000-0000-0000-0000-000000000011","record":"RESTRAINT_CASE",
        "record_id":"00000000-0000-0000-0000-000000000046","reference":"file:abcdefghijklmnopqrstuvwxyz",
        "request":{"channel":"GRAPHQL","id":"00000000-0000-0000-0000-00000000001f","known_by":"TOKEN"},
        "subject_id":"00000000-0000-0000-0000-000000000001","type":"file-attachment/2"}
    """
    return versioned_entry("file-attachment", fields, request)
