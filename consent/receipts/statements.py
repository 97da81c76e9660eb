"""What a controller states in a receipt, in the words of ISO/IEC TS 27560, and where it must agree with the record.

The record is what the log proves. The statement repeats some of it in common words, and adds what no record holds: the
controller, the retention, how to withdraw. It is the controller's word, under its seal.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from consent.errors import ReceiptRefused
from consent.ledger.flaws import LedgerFlaw
from consent.ports import Log

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


LOG_OF_RECORD: Final[Mapping[str, Log]] = {
    "access-entry/1": "access",
    "disclosure/1": "access",
    "consent-event/1": "consent",
    "consent-event/2": "consent",
}
"""The formats of records that have receipts, and the log that has their entries."""
_WITHDRAWAL: Final = "本人在线撤回（withdrawAuthorisation），或者到窗口书面撤回"
_UNTIL: Final = "至授权截止日期{}；存证条目不含个人信息，长期保存"
_BY_LAW: Final = "依照法定期限；存证条目不含个人信息，长期保存"


def statement_of(
    record: Mapping[str, Any],
    grounds: Sequence[Mapping[str, Any]],
    subject_id: UUID,
    controller: str,
    issued_at: str,
    notice: str | None = None,
) -> dict[str, Any]:
    """Return what the *controller*, by the name of its logs, states of *record* at an instant. Raises ReceiptRefused.

    *grounds* are those of a disclosure; a record that is about one subject has its own. *notice* is the text that was
    shown, where the record has its digest; another text is left out.
    """
    facts = record["facts"] if isinstance(record.get("facts"), dict) else {}
    if "event" in record:
        purposes = [_purpose(record, "CONSENT", facts.get("groups") or [], facts)]
    else:
        each_ground = grounds or [record]
        purposes = [
            _purpose(record, each["basis"], sorted({it[1] for it in each["fields"]}), {}) for each in each_ground
        ]
    shown = _notice(record)
    return {
        "schema_version": SCHEMA_VERSION,
        "record_id": record_id(record),
        "pii_principal_id": str(subject_id),
        "issued_at": issued_at,
        "language": "zh-CN",
        "pii_controller": {"name": controller},
        "privacy_notice": shown
        if notice is None or shown != {"digest": _digest(notice)}
        else {**shown, "text": notice},
        "purposes": purposes,
        "events": [_event(record)],
    }


def _purpose(
    record: Mapping[str, Any], basis: str, categories: Sequence[str], facts: Mapping[str, Any]
) -> dict[str, Any]:
    recipient, until = facts.get("recipient_code", record.get("department_code")), facts.get("expires_on")
    return {
        "purpose": record.get("purpose", facts.get("purpose")),
        "lawful_basis": basis,
        "pii_categories": list(categories),
        "recipients": [] if recipient is None else [recipient],
        "retention": _BY_LAW if until is None else _UNTIL.format(until),
        "withdrawal_method": _WITHDRAWAL if basis == "CONSENT" else None,
    }


def _notice(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return which notice was shown for a consent event: the digest of its text, or of old the template's name."""
    facts = record.get("facts")
    if not isinstance(facts, dict):
        return None
    named = {"digest": facts.get("notice"), "template": facts.get("template")}
    return next(({name: value} for name, value in named.items() if value is not None), None)


def notice_digest(record: Mapping[str, Any]) -> str | None:
    """Return the digest of the notice that was shown, where the record has one."""
    return (_notice(record) or {}).get("digest")


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _is_notice(stated: object, record: Mapping[str, Any]) -> bool:
    """Whether *stated* is the notice of the record, with its text or without."""
    if not isinstance(stated, dict) or "text" not in stated:
        return stated == _notice(record)
    text = stated["text"]
    digest = _digest(text) if isinstance(text, str) else None
    without = {name: value for name, value in stated.items() if name != "text"}
    return without == _notice(record) and without.get("digest") == digest


def _event(record: Mapping[str, Any]) -> dict[str, Any]:
    return {"event_type": record.get("event", READ), "event_time": record.get("at"), "entity": record.get("actor_ref")}


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
    facts = record.get("facts")
    purpose = record.get("purpose", facts.get("purpose") if isinstance(facts, dict) else None)
    agrees = (
        statement["record_id"] == record_id(record)
        and statement["pii_principal_id"] == str(subject_id)
        and events == [_event(record)]
        and _is_notice(statement["privacy_notice"], record)
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
