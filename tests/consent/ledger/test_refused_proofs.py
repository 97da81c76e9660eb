"""Proofs and promises that are not well formed, or prove something else [c2sp.org/tlog-proof].

Each is refused by name, and never with another exception.
"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import CheckpointRefused, LedgerRefused, LogPromiseRefused, NoteRefused, ProofRefused
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.notes.log_policy import LogPolicy
from consent.ledger.notes.log_promises import LogPromise, PromisedEntry
from consent.ledger.notes.signatures import NoteSigner
from consent.ledger.notes.signed_notes import SignedNote
from consent.ledger.notes.tlog_proofs import TlogProof
from consent.ledger.notes.witness_requests import AddCheckpointRequest
from tests.consent.ledger import independent
from tests.consent.ledger.samples import LEAF, LOG, POLICY, PROMISE, PROMISE_KEY, PROOF, SEEDS, VECTORS
from tests.consent.ledger.test_changed_documents import LEAVES, REQUEST, read_promise, read_proof

HEAD, _, CHECKPOINT = PROOF.partition(b"\n\n")
TITLE, INDEX, *PATH = HEAD.split(b"\n")


def proof_of(*lines):
    return b"\n".join([*lines, b"", CHECKPOINT])


HASH = independent.b64(bytes(32)).encode()
MALFORMED = [
    ("nothing", b"", LedgerFlaw.HEADER),
    ("a title alone", TITLE, LedgerFlaw.TOO_FEW_LINES),
    ("a title and nothing else", TITLE + b"\n\n", LedgerFlaw.TOO_FEW_LINES),
    ("another version", proof_of(b"c2sp.org/tlog-proof@v2", INDEX, *PATH), LedgerFlaw.HEADER),
    ("no title", proof_of(INDEX, *PATH), LedgerFlaw.HEADER),
    ("no index", proof_of(TITLE, *PATH), LedgerFlaw.LINE),
    ("extra bytes and no index", proof_of(TITLE, b"extra AAAA"), LedgerFlaw.TOO_FEW_LINES),
    ("the index after the path", proof_of(TITLE, *PATH, INDEX), LedgerFlaw.LINE),
    ("the index twice", proof_of(TITLE, INDEX, INDEX, *PATH), LedgerFlaw.NOT_BASE64),
    ("extra bytes after the index", proof_of(TITLE, INDEX, b"extra AAAA", *PATH), LedgerFlaw.NOT_BASE64),
    ("extra bytes twice", proof_of(TITLE, b"extra AAAA", b"extra AAAA", INDEX, *PATH), LedgerFlaw.LINE),
    ("no extra bytes after the word", proof_of(TITLE, b"extra ", INDEX, *PATH), LedgerFlaw.LINE),
    ("the word extra alone", proof_of(TITLE, b"extra", INDEX, *PATH), LedgerFlaw.LINE),
    ("extra bytes that are no base64", proof_of(TITLE, b"extra A", INDEX, *PATH), LedgerFlaw.NOT_BASE64),
    ("extra bytes with spare bits", proof_of(TITLE, b"extra AAB=", INDEX, *PATH), LedgerFlaw.NOT_BASE64),
    *[
        (f"the index {written!r}", proof_of(TITLE, b"index " + written.encode(), *PATH), flaw)
        for written, flaw in [
            *[(each, LedgerFlaw.NOT_A_NUMBER) for each in ("", "02", "+2", "-2", " 2", "2 ", "2.0", "two", "0x2", "٢")],
            *[(each, LedgerFlaw.NUMBER_TOO_LARGE) for each in (str(2**63), "9" * 6000)],
        ]
    ],
    ("two spaces before the index", proof_of(TITLE, b"index  2", *PATH), LedgerFlaw.NOT_A_NUMBER),
    ("a short hash", proof_of(TITLE, INDEX, *PATH, b"AAAA"), LedgerFlaw.NOT_A_HASH),
    ("a hash of 33 bytes", proof_of(TITLE, INDEX, *PATH, b"A" * 44), LedgerFlaw.NOT_A_HASH),
    ("a hash in hexadecimal", proof_of(TITLE, INDEX, *PATH, b"00" * 32), LedgerFlaw.NOT_A_HASH),
    ("a hash without padding", proof_of(TITLE, INDEX, *PATH, HASH[:-1]), LedgerFlaw.NOT_BASE64),
    ("a hash with spare bits", proof_of(TITLE, INDEX, *PATH, HASH[:-2] + b"B="), LedgerFlaw.NOT_BASE64),
    ("64 hashes", proof_of(TITLE, INDEX, *[HASH] * 64), LedgerFlaw.TOO_LONG_PATH),
    ("too many bytes", proof_of(TITLE, b"extra " + b"A" * 2_000_000, INDEX, *PATH), LedgerFlaw.TOO_LARGE),
    ("Latin-1", proof_of(TITLE, b"\xe9", INDEX, *PATH), LedgerFlaw.NOT_UTF8),
    ("lines as on Windows", PROOF.replace(b"\n", b"\r\n"), LedgerFlaw.CONTROL_CHARACTER),
    ("no checkpoint", proof_of(TITLE, INDEX, *PATH)[: -len(CHECKPOINT)], LedgerFlaw.NO_SIGNATURES),
    ("a checkpoint that nobody signed", PROOF.partition("—".encode())[0], LedgerFlaw.NO_SIGNATURES),
    ("half a checkpoint", PROOF[:-30], LedgerFlaw.NO_NEWLINE),
]  # fmt: skip


@pytest.mark.parametrize(("case", "content", "flaw"), MALFORMED, ids=[case for case, *_ in MALFORMED])
def test_a_malformed_proof_is_refused_by_name(case, content, flaw):
    with pytest.raises(LedgerRefused) as refused:
        TlogProof.parse(content)
    assert refused.value.flaw is flaw


ONE_ENTRY, OF_SEVEN = (TlogProof.parse(VECTORS["proofs"][at]["proof"].encode()) for at in (0, 2))
GOOD = TlogProof.parse(PROOF)


def only(*lines):
    """Return the good proof with these signature lines alone."""
    return replace(GOOD, note=replace(GOOD.note, signatures=tuple(GOOD.note.signatures[at] for at in lines)))


@pytest.mark.parametrize(
    ("case", "proof", "leaf", "branch", "flaw"),
    [
        ("another entry", GOOD, bytes(32), ProofRefused, LedgerFlaw.NOT_INCLUDED),
        ("what is no leaf hash", GOOD, b"", ProofRefused, LedgerFlaw.NOT_A_HASH),
        ("another place", replace(GOOD, index=3), LEAF, ProofRefused, LedgerFlaw.NOT_INCLUDED),
        ("a place outside", replace(GOOD, index=5), LEAF, ProofRefused, LedgerFlaw.NOT_INCLUDED),
        ("a shorter path", replace(GOOD, path=GOOD.path[:-1]), LEAF, ProofRefused, LedgerFlaw.NOT_INCLUDED),
        ("a longer path", replace(GOOD, path=(*GOOD.path, LEAF)), LEAF, ProofRefused, LedgerFlaw.NOT_INCLUDED),
        ("no path", replace(GOOD, path=()), LEAF, ProofRefused, LedgerFlaw.NOT_INCLUDED),
        ("a later tree", replace(GOOD, note=OF_SEVEN.note), LEAF, ProofRefused, LedgerFlaw.NOT_INCLUDED),
        ("an earlier tree", replace(GOOD, note=ONE_ENTRY.note), LEAF, ProofRefused, LedgerFlaw.NOT_INCLUDED),
        ("no signature of the log", only(1, 2), LEAF, NoteRefused, LedgerFlaw.NO_KNOWN_KEY),
        ("one witness of two", only(0, 1), LEAF, CheckpointRefused, LedgerFlaw.NO_QUORUM),
        ("the other one", only(0, 2), LEAF, CheckpointRefused, LedgerFlaw.NO_QUORUM),
        ("one witness twice", only(0, 1, 1), LEAF, CheckpointRefused, LedgerFlaw.NO_QUORUM),
        ("no witness", only(0), LEAF, CheckpointRefused, LedgerFlaw.NO_QUORUM),
    ],
)  # fmt: skip
def test_a_proof_of_something_else_is_refused_by_name(case, proof, leaf, branch, flaw):
    with pytest.raises(branch) as refused:
        TlogProof.parse(proof.encode()).verified(leaf, POLICY)
    assert refused.value.flaw is flaw


def test_a_proof_of_a_log_that_the_policy_does_not_name_is_refused():
    other = NoteSigner("other.example/log", SEEDS[0])
    for policy in (LogPolicy(()), LogPolicy.parse(f"log {other.key}\nquorum none\n".encode())):
        with pytest.raises(CheckpointRefused) as refused:
            GOOD.verified(LEAF, policy)
        assert refused.value.flaw is LedgerFlaw.OTHER_LOG


def test_extra_bytes_are_not_proved():
    """They are for the application, which must not trust them."""
    changed = replace(OF_SEVEN, extra=b"other")
    leaf = bytes.fromhex(VECTORS["proofs"][2]["leaf_hash"])
    assert changed.verified(leaf, POLICY) == OF_SEVEN.verified(leaf, POLICY)


OLD, *HASHES = REQUEST.partition(b"\n\n")[0].split(b"\n")


@pytest.mark.parametrize(
    ("case", "lines", "flaw"),
    [
        ("no old size", HASHES, LedgerFlaw.HEADER),
        ("the old size without its word", [b"3", *HASHES], LedgerFlaw.HEADER),
        ("another word", [b"new 3", *HASHES], LedgerFlaw.HEADER),
        ("no number", [b"old ", *HASHES], LedgerFlaw.NOT_A_NUMBER),
        ("two spaces", [b"old  3", *HASHES], LedgerFlaw.NOT_A_NUMBER),
        ("a zero in front", [b"old 03", *HASHES], LedgerFlaw.NOT_A_NUMBER),
        ("a negative size", [b"old -3", *HASHES], LedgerFlaw.NOT_A_NUMBER),
        ("2^63", [b"old 9223372036854775808", *HASHES], LedgerFlaw.NUMBER_TOO_LARGE),
        ("a short hash", [OLD, b"AAAA"], LedgerFlaw.NOT_A_HASH),
        ("a hash without padding", [OLD, HASHES[0][:-1]], LedgerFlaw.NOT_BASE64),
        ("64 hashes", [OLD, *[HASHES[0]] * 64], LedgerFlaw.TOO_LONG_PATH),
        ("too many bytes", [OLD, b"A" * 1_010_000], LedgerFlaw.TOO_LARGE),
        ("a tab", [OLD + b"\t", *HASHES], LedgerFlaw.CONTROL_CHARACTER),
    ],
)
def test_a_malformed_request_to_a_witness_is_refused_by_name(case, lines, flaw):
    with pytest.raises(ProofRefused) as refused:
        AddCheckpointRequest.parse(proof_of(*lines))
    assert refused.value.flaw is flaw


@pytest.mark.parametrize(
    ("case", "change", "flaw"),
    [
        ("another old size", {"old_size": 2}, LedgerFlaw.NOT_CONSISTENT),
        ("a larger old size", {"old_size": 6}, LedgerFlaw.OUT_OF_RANGE),
        ("no proof", {"proof": ()}, LedgerFlaw.NOT_CONSISTENT),
        ("half a proof", {"proof": AddCheckpointRequest.parse(REQUEST).proof[:-1]}, LedgerFlaw.NOT_CONSISTENT),
    ],
)
def test_a_request_that_does_not_extend_the_old_tree_is_refused_by_name(case, change, flaw):
    request = replace(AddCheckpointRequest.parse(REQUEST), **change)
    with pytest.raises(ProofRefused) as refused:
        request.require_consistent(
            bytes.fromhex(VECTORS["requests"][1]["old_root"]), Checkpoint.parse(request.note.text)
        )
    assert refused.value.flaw is flaw


TEXT = SignedNote.parse(PROMISE).text
LINES = TEXT.split("\n")[:-1]


def promise_of(at, line):
    return "".join(f"{it}\n" for it in [*LINES[:at], line, *LINES[at + 1 :]])


@pytest.mark.parametrize(
    ("case", "text", "flaw"),
    [
        ("nothing", "", LedgerFlaw.NO_NEWLINE),
        ("no end", TEXT[:-1], LedgerFlaw.NO_NEWLINE),
        ("another version", promise_of(0, "chengxin/promise/2"), LedgerFlaw.HEADER),
        ("a checkpoint", VECTORS["checkpoints"][1]["text"], LedgerFlaw.HEADER),
        ("a line more", TEXT + "more\n", LedgerFlaw.LINE),
        ("a line less", "".join(f"{it}\n" for it in LINES[:-1]), LedgerFlaw.LINE),
        ("an empty line more", TEXT + "\n", LedgerFlaw.LINE),
        ("no origin", promise_of(1, ""), LedgerFlaw.KEY_NAME),
        ("an origin with a space", promise_of(1, "a b"), LedgerFlaw.KEY_NAME),
        ("no entry", promise_of(2, "0"), LedgerFlaw.VALUE),
        ("a zero in front", promise_of(2, "03"), LedgerFlaw.NOT_A_NUMBER),
        ("a negative size", promise_of(2, "-3"), LedgerFlaw.NOT_A_NUMBER),
        ("2^63 entries", promise_of(2, str(2**63)), LedgerFlaw.NUMBER_TOO_LARGE),
        ("no root", promise_of(3, ""), LedgerFlaw.NOT_A_HASH),
        ("half a root", promise_of(3, LINES[3][:20]), LedgerFlaw.NOT_A_HASH),
        ("a root without padding", promise_of(3, LINES[3][:-1]), LedgerFlaw.NOT_BASE64),
        ("no time", promise_of(4, ""), LedgerFlaw.NOT_A_NUMBER),
        ("a time with a part", promise_of(4, LINES[4] + ".5"), LedgerFlaw.NOT_A_NUMBER),
        ("a date", promise_of(4, "2026-03-05"), LedgerFlaw.NOT_A_NUMBER),
        ("a time of 64 bits", promise_of(4, str(2**63)), LedgerFlaw.NUMBER_TOO_LARGE),
    ],
)
def test_a_malformed_promise_is_refused_by_name(case, text, flaw):
    with pytest.raises(LedgerRefused) as refused:
        LogPromise.parse(text)
    assert refused.value.flaw is flaw


HELD = PromisedEntry.of_group(SignedNote.parse(PROMISE), LEAVES, 1)
OTHER = VECTORS["promises"][2]


@pytest.mark.parametrize(
    ("case", "held", "leaf"),
    [
        ("another entry", HELD, LEAVES[0]),
        ("an entry of no group", HELD, bytes(32)),
        ("another place", replace(HELD, index=0), LEAVES[1]),
        ("a place outside", replace(HELD, index=3), LEAVES[1]),
        ("a shorter path", replace(HELD, path=HELD.path[:-1]), LEAVES[1]),
        ("another group", replace(HELD, note=SignedNote.parse(OTHER["note"].encode())), LEAVES[1]),
    ],
)
def test_a_promise_of_something_else_is_refused_by_name(case, held, leaf):
    with pytest.raises(LogPromiseRefused) as refused:
        held.verified(leaf, PROMISE_KEY)
    assert refused.value.flaw is LedgerFlaw.NOT_INCLUDED


def test_a_promise_is_of_the_log_that_signed_it():
    with pytest.raises(NoteRefused) as unsigned:
        HELD.verified(LEAVES[1], LOG)
    assert unsigned.value.flaw is LedgerFlaw.NO_KNOWN_KEY
    other = NoteSigner(LOG.name, SEEDS[0])  # It signs a promise in the name of another log.
    with pytest.raises(LogPromiseRefused) as refused:
        replace(HELD, note=other.signed(TEXT)).verified(LEAVES[1], other.key)
    assert refused.value.flaw is LedgerFlaw.OTHER_LOG


@given(st.binary(max_size=100), st.integers(0, len(PROOF)), st.integers(0, 100))
def test_no_bytes_raise_anything_else(some, at, removed):
    for content, read in (
        (some, read_proof),
        (some, read_promise),
        (PROOF[:at] + some + PROOF[at + removed :], read_proof),
        (PROMISE[:at] + some + PROMISE[at + removed :], read_promise),
    ):
        if content not in {PROOF, PROMISE}:
            try:
                read(content)
            except LedgerRefused:
                continue
            assert content.startswith((PROOF[:300], PROMISE[:200]))  # A signature of nobody, among the others.
