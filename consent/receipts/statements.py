"""What a controller states in a receipt, in the words of ISO/IEC TS 27560, and where it must agree with the record.

The record is what the log proves. The statement repeats some of it in common words, and adds what no record holds: the
controller, the retention, how to withdraw. It is the controller's word, under its seal.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from consent.errors import ReceiptRefused
from consent.ledger.flaws import LedgerFlaw

SCHEMA_VERSION: Final = "ISO/IEC TS 27560:2023"
RECORD_IDS: Final = ("event_id", "entry_id", "disclosure_id")
"""The field of a record that is its id, by the formats that have receipts."""
FIELDS: Final = frozenset({
    "schema_version", "record_id", "pii_principal_id", "issued_at", "language", "pii_controller", "privacy_notice",
    "purposes", "events",
})  # fmt: skip
_PURPOSE_FIELDS: Final = frozenset({
    "purpose", "lawful_basis", "pii_categories", "recipients", "retention", "withdrawal_method",
})  # fmt: skip
_EVENT_FIELDS: Final = frozenset({"event_type", "event_time", "entity"})
READ: Final = "READ"
"""The type of event of a read; that of a consent event is the event's own."""


def record_id(record: Mapping[str, Any]) -> str:
    """Return the id of a record. Raises ReceiptRefused for a record that has no receipt."""
    found = next((record[name] for name in RECORD_IDS if name in record), None)
    if not isinstance(found, str):
        raise ReceiptRefused(LedgerFlaw.FIELDS)
    return found


def require_of_record(statement: Mapping[str, Any], record: Mapping[str, Any], subject_id: UUID) -> None:
    """Raise ReceiptRefused unless *statement* is well formed and says of the record what the record says."""
    if statement.keys() != FIELDS or statement["schema_version"] != SCHEMA_VERSION:
        raise ReceiptRefused(LedgerFlaw.FIELDS)
    purposes, events = statement["purposes"], statement["events"]
    if not _all_have(purposes, _PURPOSE_FIELDS) or not _all_have(events, _EVENT_FIELDS):
        raise ReceiptRefused(LedgerFlaw.FIELDS)
    event = record.get("event", READ)
    facts = record.get("facts")
    purpose = record.get("purpose", facts.get("purpose") if isinstance(facts, dict) else None)
    agrees = (
        statement["record_id"] == record_id(record)
        and statement["pii_principal_id"] == str(subject_id)
        and [(each["event_type"], each["event_time"], each["entity"]) for each in events]
        == [(event, record.get("at"), record.get("actor_ref"))]
        and all(purpose is None or each["purpose"] == purpose for each in purposes)
    )
    if not agrees:
        raise ReceiptRefused(LedgerFlaw.OTHER_RECORD)


def _all_have(values: object, fields: frozenset[str]) -> bool:
    return (
        isinstance(values, list)
        and bool(values)
        and all(isinstance(each, dict) and each.keys() == fields for each in values)
    )
