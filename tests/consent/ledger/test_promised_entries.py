"""Each reader of a commit holds what proves that the log has promised its entries, and nothing of others [5.1.6]."""

from base64 import b64decode
from datetime import UTC, datetime

import pytest

from consent.errors import LedgerRefused
from consent.leaves.canonical_form import leaf_hash
from consent.ledger.notes.log_promises import LogPromise, PromisedEntry
from consent.ledger.notes.promised_entries import PromisedEntries, PromisedGroup
from consent.ledger.notes.signatures import NoteSigner
from consent.ledger.notes.signed_notes import SignedNote

SIGNER = NoteSigner("credit.linzi.example/access", bytes(32))
DUE = int(datetime(2026, 3, 6, tzinfo=UTC).timestamp())


def sign(size: int, root: bytes) -> str:
    return SIGNER.signed(LogPromise(SIGNER.key.name, size, root, DUE).text).encode().decode()


def promised(entry: dict[str, object], note: str) -> PromisedEntry:
    return PromisedEntry(SignedNote.parse(note.encode()), entry["index"], tuple(map(b64decode, entry["path"])))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 16, 33])
def test_what_an_answer_says_proves_the_promise_for_each_of_its_entries_and_for_no_other(size):
    entries = [number.to_bytes(2, "big") + bytes([number]) * 32 for number in range(size)]
    group = PromisedGroup(entries, sign)
    for first in range(size):
        said = PromisedEntries(group, first, entries[first : first + 2]).as_json()
        for each, entry in zip(said["entries"], entries[first:], strict=False):
            assert bytes.fromhex(each["entry"]) == entry
            held = promised(each, said["promise"])
            assert held.verified(leaf_hash(entry), SIGNER.key).due == DUE
            with pytest.raises(LedgerRefused):
                held.verified(leaf_hash(entry + b"x"), SIGNER.key)
