"""Makes receipts: the record, its proof from the log as it is published now, a statement, and the log's seal [5.1.6].

An entry that no checkpoint covers yet has no receipt; it has one some seconds later. Implements `Receipts`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from consent.disclosures.proofs import SubjectProof
from consent.leaves.canonical_form import commitment, instant
from consent.ledger.notes.signed_notes import SignedNote
from consent.ports import Log
from consent.receipts.receipts import Entry, PlainRecord, Receipt, receipt_digest, seal_text
from consent.receipts.statements import LOG_OF_RECORD, notice_digest, statement_of
from consent.receipts.verify import record_of
from gateway.ledger.factory import Ledger
from schema.core.ports import IssuedReceipt, Runtime
from storage.database.database import Database
from storage.ledger.find_entries import find_entry
from storage.ledger.receipts.own_records import own_events, own_read, shown_notice


@dataclass(frozen=True, slots=True)
class ReceiptService:
    """Makes the receipts of one gateway. *controller* is the name of its logs without the last part."""

    database: Database
    ledger: Ledger
    controller: str
    runtime: Runtime

    async def of_read(self, subject_id: UUID, entry_id: UUID) -> Sequence[IssuedReceipt]:
        """Return the receipt of a read, or none."""
        found = await own_read(self.database, subject_id, entry_id)
        if found is None:
            return ()
        entry = found if isinstance(found, SubjectProof) else PlainRecord(found[1], found[0])
        return await self._issued(subject_id, [entry])

    async def of_authorisation(self, subject_id: UUID, authorisation_id: UUID) -> Sequence[IssuedReceipt]:
        """Return a receipt of each event of an authorisation."""
        records = await own_events(self.database, subject_id, authorisation_id)
        return await self._issued(subject_id, [PlainRecord(record, salt) for salt, record in records])

    async def _issued(self, subject_id: UUID, entries: Sequence[Entry]) -> Sequence[IssuedReceipt]:
        made = [await self._receipt(subject_id, entry) for entry in entries]
        return [each for each in made if each is not None]

    async def _receipt(self, subject_id: UUID, entry: Entry) -> IssuedReceipt | None:
        record = record_of(entry)
        log = LOG_OF_RECORD[record["type"]]
        index = await find_entry(self.database, log, _commitment(entry))
        proof = None if index is None else await self.ledger.reader.inclusion(log, index)
        if proof is None:
            return None
        grounds = [json.loads(each) for each in entry.grounds] if isinstance(entry, SubjectProof) else []
        digest = notice_digest(record)
        notice = None if digest is None else await shown_notice(self.database, digest)
        now = instant(self.runtime.now())
        statement = statement_of(record, grounds, subject_id, self.controller, now, notice)
        seal = self._seal(log, receipt_digest(statement, entry, proof))
        receipt = Receipt(statement, entry, proof, seal)
        return IssuedReceipt(statement["record_id"], log, proof.index, receipt.encode())

    def _seal(self, log: Log, digest: bytes) -> SignedNote:
        signer = self.ledger.signers[log]
        return signer.signed(seal_text(signer.key.name, digest))


def _commitment(entry: Entry) -> bytes:
    salt = entry.salt if isinstance(entry, PlainRecord) else entry.record_salt
    return commitment(salt, entry.record)
