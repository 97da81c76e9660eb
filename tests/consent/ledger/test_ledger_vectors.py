"""Each format to the byte, as another implementation writes it [5.1.6] [c2sp.org]."""

import pytest

from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.notes.cosignatures import cosigned_message
from consent.ledger.notes.log_policy import LogPolicy
from consent.ledger.notes.log_promises import LogPromise, PromisedEntry
from consent.ledger.notes.signatures import CheckpointCosigner, NoteSigner, verified_checkpoint, verified_signatures
from consent.ledger.notes.signed_notes import KeyKind, SignedNote, VerifierKey
from consent.ledger.notes.tlog_proofs import TlogProof
from consent.ledger.notes.witness_requests import AddCheckpointRequest
from consent.ledger.system_entries import parse_system_entry, source_of
from policy.crypto.key_file import Roots
from policy.crypto.keyring import Keyring
from tests.consent.ledger.samples import LOG, POLICY, POST_QUANTUM, SEEDS, VECTORS, WITNESS


def each(section):
    return pytest.mark.parametrize("vector", [pytest.param(it, id=it["why"]) for it in VECTORS[section]])


@each("keys")
def test_a_key_to_the_byte(vector):
    kind, seed = KeyKind(vector["kind"]), bytes.fromhex(vector["seed"])
    signer = NoteSigner(vector["name"], seed) if kind is KeyKind.ED25519 else None
    signer = signer or CheckpointCosigner(vector["name"], seed, kind)
    assert (str(signer.key), signer.key.key_id.hex()) == (vector["vkey"], vector["key_id"])
    assert VerifierKey.parse(vector["vkey"]) == signer.key
    assert vector["seed"] not in repr(signer)


@each("notes")
def test_a_note_to_the_byte(vector):
    note, key = SignedNote.parse(vector["note"].encode()), VerifierKey.parse(vector["vkey"])
    assert [it.key for it in verified_signatures(note, [key, WITNESS])] == [key]
    assert note.encode() == vector["note"].encode()
    if key == LOG:
        assert NoteSigner(LOG.name, SEEDS[0]).signed(note.text) == note


@each("checkpoints")
def test_a_checkpoint_to_the_byte(vector):
    checkpoint = Checkpoint(vector["origin"], vector["size"], bytes.fromhex(vector["root"]))
    note, times = SignedNote.parse(vector["note"].encode()), vector["times"]
    assert (checkpoint.text, Checkpoint.parse(vector["text"])) == (vector["text"], checkpoint)
    assert verified_checkpoint(note, LOG) == checkpoint
    messages = [cosigned_message(*it) for it in ((WITNESS, checkpoint, times[1]), (POST_QUANTUM, checkpoint, times[2]))]
    assert [it.hex() for it in messages] == vector["messages"]
    verified = verified_signatures(note, [POST_QUANTUM, LOG, WITNESS])
    assert [(it.key, it.time) for it in verified] == list(zip((LOG, WITNESS, POST_QUANTUM), times, strict=True))
    assert CheckpointCosigner(WITNESS.name, SEEDS[1]).cosign(checkpoint, times[1]) == note.signatures[1]
    again = CheckpointCosigner(POST_QUANTUM.name, SEEDS[2], POST_QUANTUM.kind).cosign(checkpoint, times[2])
    renewed = SignedNote(note.text, (again,))
    assert verified_signatures(SignedNote.parse(renewed.encode()), [POST_QUANTUM])[0].time == times[2]


def test_a_policy_to_the_byte():
    assert POLICY.encode() == VECTORS["policy_canonical"].encode()
    assert LogPolicy.parse(POLICY.encode()) == POLICY
    assert [it.url for it in POLICY.witnesses] == [None, "https://w2.example"]


@each("proofs")
def test_a_proof_to_the_byte(vector):
    proof = TlogProof.parse(vector["proof"].encode())
    assert (proof.index, [it.hex() for it in proof.path]) == (vector["index"], vector["path"])
    assert (proof.extra.hex(), proof.encode()) == (vector["extra"], vector["proof"].encode())
    witnessed = proof.verified(bytes.fromhex(vector["leaf_hash"]), POLICY)
    assert witnessed.checkpoint.text == VECTORS["checkpoints"][vector["checkpoint"]]["text"]
    assert [it.key for it in witnessed.cosignatures] == [WITNESS, POST_QUANTUM]


@each("requests")
def test_a_request_to_a_witness_to_the_byte(vector):
    request = AddCheckpointRequest.parse(vector["body"].encode())
    assert (request.old_size, [it.hex() for it in request.proof]) == (vector["old_size"], vector["proof"])
    assert request.encode() == vector["body"].encode()
    request.require_consistent(bytes.fromhex(vector["old_root"]), verified_checkpoint(request.note, LOG))


@each("promises")
def test_a_promise_to_the_byte(vector):
    leaves = [bytes.fromhex(it) for it in vector["leaf_hashes"]]
    signer = NoteSigner(vector["origin"], bytes.fromhex(vector["seed"]))
    promise = LogPromise.of_group(vector["origin"], leaves, vector["due"])
    note = signer.signed(promise.text)
    assert (note.encode(), str(signer.key)) == (vector["note"].encode(), vector["vkey"])
    held = PromisedEntry.of_group(SignedNote.parse(note.encode()), leaves, vector["index"])
    assert [it.hex() for it in held.path] == vector["path"]
    assert held.verified(leaves[vector["index"]], signer.key) == promise


@each("system")
def test_an_entry_of_the_system_to_the_byte(vector):
    entry = vector["entry"].encode()
    parsed = parse_system_entry(entry)
    assert type(parsed).__name__ == vector["why"]
    assert parsed.encode() == entry
    assert parsed.source.hex == source_of(entry).hex == vector["source"]


def test_the_keys_of_logs_and_witnesses_follow_from_the_first_index_root():
    """Whatever roots come later, and whichever is current."""
    vector = VECTORS["derived_keys"]
    first = vector["version"]
    for later, current in (({}, first), ({first + 1: bytes(32)}, first + 1)):
        roots = Roots("aa" * 8, {"aa" * 8: bytes(32)}, current, {first: bytes.fromhex(vector["index_root"]), **later})
        keyring = Keyring(roots, bytes)
        assert [str(keyring.log_signer(it["origin"]).key) for it in vector["logs"]] == [
            it["vkey"] for it in vector["logs"]
        ]
        signers = [keyring.witness_signer(it["name"], KeyKind(it["kind"])) for it in vector["witnesses"]]
        assert [str(it.key) for it in signers] == [it["vkey"] for it in vector["witnesses"]]
