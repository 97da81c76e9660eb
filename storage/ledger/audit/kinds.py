"""Every kind of record that the audit compares with what its acts say, in the order of the audit."""

from collections.abc import Sequence
from typing import Final

from storage.ledger.audit import case_texts, hearing_records, promise_records, records
from storage.ledger.audit.deletions import deletion_records
from storage.ledger.audit.records import RecordTable

KINDS: Final[Sequence[RecordTable]] = (
    *records.KINDS,
    *deletion_records.KINDS,
    *promise_records.KINDS,
    *hearing_records.KINDS,
    *case_texts.KINDS,
)
