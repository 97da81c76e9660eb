"""No changed document is accepted: notes, checkpoints, proofs, promises and requests of witnesses."""

import pytest

from consent.errors import LedgerRefused
from consent.ledger.notes.log_promises import PromisedEntry
from consent.ledger.notes.signatures import verified_checkpoint, verified_signatures
from consent.ledger.notes.signed_notes import SignedNote
from consent.ledger.notes.tlog_proofs import TlogProof
from consent.ledger.notes.witness_requests import AddCheckpointRequest
from tests.consent.ledger.samples import (
    CHANGES,
    COSIGNED,
    LEAF,
    LOG,
    NOTE,
    POLICY,
    POST_QUANTUM,
    PROMISE,
    PROMISE_KEY,
    PROOF,
    VECTORS,
    WITNESS,
    changed_documents,
    flips,
    is_another_order_of_signatures,
)

GROUP = VECTORS["promises"][1]
LEAVES = [bytes.fromhex(each) for each in GROUP["leaf_hashes"]]
REQUEST = VECTORS["requests"][1]["body"].encode()


def read_note(content):
    verified_signatures(SignedNote.parse(content), [LOG])


def read_checkpoint(content):
    """Verify the log's signature and both cosignatures, and require all three."""
    note = SignedNote.parse(content)
    verified_checkpoint(note, LOG)
    for key in (WITNESS, POST_QUANTUM):
        verified_signatures(note, [key])


def read_proof(content):
    TlogProof.parse(content).verified(LEAF, POLICY)


def read_promise(content):
    PromisedEntry.of_group(SignedNote.parse(content), LEAVES, GROUP["index"]).verified(
        LEAVES[GROUP["index"]], PROMISE_KEY
    )


def read_request(content):
    request = AddCheckpointRequest.parse(content)
    for witness in POLICY.witnesses:
        verified_signatures(request.note, [witness.key])
    request.require_consistent(
        bytes.fromhex(VECTORS["requests"][1]["old_root"]), verified_checkpoint(request.note, LOG)
    )


READERS = [
    pytest.param(NOTE, read_note, id="note"),
    pytest.param(COSIGNED, read_checkpoint, id="checkpoint"),
    pytest.param(PROOF, read_proof, id="proof"),
    pytest.param(PROMISE, read_promise, id="promise"),
    pytest.param(REQUEST, read_request, id="request"),
]
FLIPPED = {read_checkpoint: 400}
"""Of how many bytes each bit is flipped: of the last signature, which is a long one, the first bytes; else 600."""


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(("content", "read"), READERS)
def test_no_changed_document_is_accepted(change, content, read):
    """But for signatures in another order. Whichever line is changed, a signature fails, or is of nobody known."""
    for changed in changed_documents(change, content):
        if is_another_order_of_signatures(changed, content):
            read(changed)
            continue
        with pytest.raises(LedgerRefused):
            read(changed)


@pytest.mark.parametrize(("content", "read"), READERS)
def test_any_flipped_bit_fails(content, read):
    end = FLIPPED.get(read, 600)
    for changed in flips(content[:end]):
        with pytest.raises(LedgerRefused):
            read(changed + content[end:])
