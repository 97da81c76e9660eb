"""A receipt: the record of one consent event or one read, and the proof that a log has it. For its subject alone.

    receipt    JCS {"type":"chengxin-receipt/1","statement","entry","proof","seal"} ‖ 0x0A

    statement  what the controller states, in the words of ISO/IEC TS 27560 [docs/receipts.md]:
               {"schema_version","record_id","pii_principal_id","issued_at","language","pii_controller","privacy_notice",
               "purposes":[{"purpose","lawful_basis","pii_categories","recipients","retention","withdrawal_method"}, …],
               "events":[{"event_type","event_time","entity"}, …]}
    entry      of a consent event, or a read before revision 25:
               {"kind":"record","record":text,"salt":hex(16)}
               of a disclosure, what its subject holds of it [consent/disclosures/proofs.py]:
               {"kind":"disclosure","record":text,"salt":hex(16),"count":n,"part":hex,"part_salt":hex(16),
               "grounds":[text, …],"place":n,"path":[hex(32), …]}
    proof      the .tlog-proof of the entry, as text [c2sp.org/tlog-proof]
    seal       a signed note of the log's key, over everything before it:
               "chengxin/receipt/1" 0x0A origin 0x0A base64(SHA-256(JCS of the receipt without "seal")) 0x0A

A record is the canonical text whose hash with its salt is the commitment in the log [consent/leaves/canonical_form.py].
JCS is RFC 8785, and a receipt in any other form is refused: no bit of it can be another one. No checkpoint looks
like a seal: where that has its size, a seal has the origin.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from consent.disclosures.proofs import SubjectProof
from consent.errors import NotCanonical, ReceiptRefused
from consent.leaves.canonical_form import SALT_BYTES, canonical_bytes
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.notes.signed_notes import SignedNote
from consent.ledger.notes.strict_text import to_base64
from consent.ledger.notes.tlog_proofs import TlogProof

TYPE: Final = "chengxin-receipt/1"
SEAL: Final = "chengxin/receipt/1"
MOST_BYTES: Final = 4_000_000
_MOST_COUNT: Final = 0xFFFF
_HASH: Final = 32
_FIELDS: Final = {"type", "statement", "entry", "proof", "seal"}
_RECORD: Final = {"kind", "record", "salt"}
_DISCLOSURE: Final = _RECORD | {"count", "part", "part_salt", "grounds", "place", "path"}
_HEX: Final = re.compile(r"(?:[0-9a-f]{2})*")

Statement = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PlainRecord:
    """The canonical text of a record that is about one subject, and its salt."""

    record: bytes
    salt: bytes


Entry = PlainRecord | SubjectProof


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt as it is written. Nothing of it may be believed before `consent.receipts.verify`."""

    statement: Statement
    entry: Entry
    proof: TlogProof
    seal: SignedNote

    def encode(self) -> bytes:
        """Return the receipt as a file. Raises NotCanonical for a statement that has no canonical form."""
        sealed = {"seal": self.seal.encode().decode()}
        return canonical_bytes(_unsealed(self.statement, self.entry, self.proof) | sealed) + b"\n"

    @property
    def digest(self) -> bytes:
        """SHA-256 of everything but the seal."""
        return receipt_digest(self.statement, self.entry, self.proof)

    @classmethod
    def parse(cls, receipt: bytes) -> "Receipt":
        """Read a receipt. Raises ReceiptRefused, ProofRefused, NoteRefused."""
        values = _canonical_object(receipt)
        _require(values.keys() == _FIELDS and values["type"] == TYPE, LedgerFlaw.FIELDS)
        statement = values["statement"]
        _require(isinstance(statement, dict), LedgerFlaw.VALUE)
        proof, seal = (_text(values[name]).encode() for name in ("proof", "seal"))
        found = cls(statement, _entry(values["entry"]), TlogProof.parse(proof), SignedNote.parse(seal))
        # A proof or a note that is written in another way than its only one would be another file.
        _require(found.encode() == receipt, LedgerFlaw.NOT_CANONICAL)
        return found


def receipt_digest(statement: Statement, entry: Entry, proof: TlogProof) -> bytes:
    """Return SHA-256 of a receipt without its seal. Raises NotCanonical."""
    return sha256(canonical_bytes(_unsealed(statement, entry, proof))).digest()


def seal_text(origin: str, digest: bytes) -> str:
    """Return what the log *origin* signs of a receipt."""
    return f"{SEAL}\n{origin}\n{to_base64(digest)}\n"


def _unsealed(statement: Statement, entry: Entry, proof: TlogProof) -> dict[str, Any]:
    written = proof.encode().decode()
    return {"type": TYPE, "statement": dict(statement), "entry": _written(entry), "proof": written}


def _written(entry: Entry) -> dict[str, Any]:
    if isinstance(entry, PlainRecord):
        return {"kind": "record", "record": entry.record.decode(), "salt": entry.salt.hex()}
    return {
        "kind": "disclosure",
        "record": entry.record.decode(),
        "salt": entry.record_salt.hex(),
        "count": entry.entry_count,
        "part": entry.part.hex(),
        "part_salt": entry.part_salt.hex(),
        "grounds": [each.decode() for each in entry.grounds],
        "place": entry.place,
        "path": [each.hex() for each in entry.path],
    }


def _canonical_object(receipt: bytes) -> dict[str, Any]:
    _require(len(receipt) <= MOST_BYTES, LedgerFlaw.TOO_LARGE)
    _require(receipt.endswith(b"\n"), LedgerFlaw.NO_NEWLINE)
    try:
        values = json.loads(receipt.decode("utf-8"))
        canonical = canonical_bytes(values)
    except NotCanonical as error:
        raise ReceiptRefused(LedgerFlaw.NOT_CANONICAL) from error
    except (ValueError, RecursionError) as error:
        raise ReceiptRefused(LedgerFlaw.NOT_JSON) from error
    _require(canonical + b"\n" == receipt, LedgerFlaw.NOT_CANONICAL)
    _require(isinstance(values, dict), LedgerFlaw.NOT_JSON)
    return dict(values)


def _entry(values: object) -> Entry:
    _require(isinstance(values, dict), LedgerFlaw.VALUE)
    fields: dict[str, Any] = dict(values)  # type: ignore[call-overload] # required to be one above
    kind = fields.get("kind")
    _require(fields.keys() == (_DISCLOSURE if kind == "disclosure" else _RECORD), LedgerFlaw.FIELDS)
    record, salt = _text(fields["record"]).encode(), _bytes(fields["salt"], SALT_BYTES)
    if kind == "record":
        return PlainRecord(record, salt)
    _require(kind == "disclosure", LedgerFlaw.VALUE)
    return SubjectProof(
        record=record,
        record_salt=salt,
        entry_count=_number(fields["count"]),
        part=_bytes(fields["part"]),
        part_salt=_bytes(fields["part_salt"], SALT_BYTES),
        grounds=[_text(each).encode() for each in _list(fields["grounds"])],
        place=_number(fields["place"]),
        path=[_bytes(each, _HASH) for each in _list(fields["path"])],
    )


def _text(value: object) -> str:
    _require(isinstance(value, str), LedgerFlaw.VALUE)
    return str(value)


def _number(value: object) -> int:
    if type(value) is not int or not 0 <= value <= _MOST_COUNT:
        raise ReceiptRefused(LedgerFlaw.VALUE)
    return value


def _bytes(value: object, length: int | None = None) -> bytes:
    text = _text(value)
    _require(_HEX.fullmatch(text) is not None and length in {None, len(text) // 2}, LedgerFlaw.VALUE)
    return bytes.fromhex(text)


def _list(value: object) -> Sequence[object]:
    if not isinstance(value, list):
        raise ReceiptRefused(LedgerFlaw.VALUE)
    return value


def _require(holds: bool, flaw: LedgerFlaw) -> None:  # noqa: FBT001 - the claim itself
    if not holds:
        raise ReceiptRefused(flaw)
