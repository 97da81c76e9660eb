"""Every kind of record that the audit compares with what its acts say, in the order of the audit."""

from collections.abc import Sequence
from typing import Final

from storage.ledger.audit.folds import case_texts, hearing_records, promise_records, recipient_records, records
from storage.ledger.audit.folds.records import RecordTable

KINDS: Final[Sequence[RecordTable]] = (
    *records.KINDS,
    *promise_records.KINDS,
    *hearing_records.KINDS,
    *case_texts.KINDS,
    *recipient_records.KINDS,
)
