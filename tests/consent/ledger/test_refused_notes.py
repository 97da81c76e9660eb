"""Notes, keys, checkpoints and cosignatures that are not well formed, or not of whom they say [c2sp.org/signed-note].

Each is refused by name, and never with another exception.
"""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import CheckpointRefused, LedgerRefused, NoteRefused
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.merkle_tree import EMPTY_ROOT, Subtree
from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.notes.cosignatures import cosigned_message, cosigned_subtree, join_cosignature, split_cosignature
from consent.ledger.notes.signatures import CheckpointCosigner, NoteSigner, verified_checkpoint, verified_signatures
from consent.ledger.notes.signed_notes import KeyKind, SignatureLine, SignedNote, VerifierKey
from tests.consent.ledger import independent
from tests.consent.ledger.samples import COSIGNED, LOG, NOTE, POST_QUANTUM, SEEDS, VECTORS, WITNESS
from tests.consent.ledger.test_changed_documents import read_checkpoint

TEXT = SignedNote.parse(NOTE).text
LINE = NOTE.decode().split("\n")[-2]
SIGNED = LINE.rpartition(" ")[2]
ONE = Checkpoint(LOG.name, 1, bytes(32))


def note_of(text=TEXT, *lines):
    return (text + "\n" + "".join(f"{line}\n" for line in lines)).encode()


NOTES = [
    ("nothing", b"", LedgerFlaw.NO_SIGNATURES),
    ("a text alone", TEXT.encode(), LedgerFlaw.NO_SIGNATURES),
    ("a text and an empty line", note_of(), LedgerFlaw.NO_SIGNATURES),
    ("no empty line", (TEXT + LINE + "\n").encode(), LedgerFlaw.NO_SIGNATURES),
    ("no end", note_of(TEXT, LINE)[:-1], LedgerFlaw.NO_NEWLINE),
    ("more than a million bytes", note_of("a" * 1_000_000 + "\n", LINE), LedgerFlaw.TOO_LARGE),
    ("a hundred and one signatures", note_of(TEXT, *[LINE] * 101), LedgerFlaw.TOO_MANY_SIGNATURES),
    ("Latin-1", note_of().replace(b"Zibo", b"Z\xedbo") + LINE.encode() + b"\n", LedgerFlaw.NOT_UTF8),
    *[
        (f"the control character {code:#04x}", note_of(TEXT + chr(code) + "\n", LINE), LedgerFlaw.CONTROL_CHARACTER)
        for code in range(0x20)
        if code != 0x0A
    ],
    ("a hyphen for the dash", note_of(TEXT, LINE.replace("—", "-")), LedgerFlaw.SIGNATURE_LINE),
    ("another dash", note_of(TEXT, LINE.replace("—", "–")), LedgerFlaw.SIGNATURE_LINE),
    ("no dash", note_of(TEXT, LINE[2:]), LedgerFlaw.SIGNATURE_LINE),
    ("no space after the dash", note_of(TEXT, LINE.replace("— ", "—")), LedgerFlaw.SIGNATURE_LINE),
    ("two spaces after the dash", note_of(TEXT, LINE.replace("— ", "—  ")), LedgerFlaw.NOT_BASE64),
    ("no name", note_of(TEXT, f"— {SIGNED}"), LedgerFlaw.SIGNATURE_LINE),
    ("no signature", note_of(TEXT, f"— {LOG.name}"), LedgerFlaw.SIGNATURE_LINE),
    ("an empty signature", note_of(TEXT, f"— {LOG.name} "), LedgerFlaw.SIGNATURE_LINE),
    ("half a key id", note_of(TEXT, f"— {LOG.name} AAA="), LedgerFlaw.SIGNATURE_LINE),
    ("a key id alone", note_of(TEXT, f"— {LOG.name} AAAAAA=="), LedgerFlaw.SIGNATURE_LINE),
    ("a plus in the name", note_of(TEXT, f"— a+b {SIGNED}"), LedgerFlaw.KEY_NAME),
    *[
        (f"the space {code:#06x} in the name", note_of(TEXT, f"— a{chr(code)}b {SIGNED}"), LedgerFlaw.KEY_NAME)
        for code in (0x85, 0xA0, 0x1680, 0x2000, 0x2005, 0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)
    ],
    ("more after the signature", note_of(TEXT, LINE + " more"), LedgerFlaw.NOT_BASE64),
    ("no padding", note_of(TEXT, LINE.rstrip("=")), LedgerFlaw.NOT_BASE64),
    ("too much padding", note_of(TEXT, LINE + "="), LedgerFlaw.NOT_BASE64),
    ("base64 for URLs", note_of(TEXT, f"— {LOG.name} __-_AAAA"), LedgerFlaw.NOT_BASE64),
    ("spare bits in base64", note_of(TEXT, f"— {LOG.name} AAAAAAE="[:-2] + "F="), LedgerFlaw.NOT_BASE64),
    ("base64 of letters that are none", note_of(TEXT, f"— {LOG.name} ＡＡＡＡ"), LedgerFlaw.NOT_BASE64),
    ("an empty line among the signatures", note_of(TEXT, LINE, "", "x"), LedgerFlaw.SIGNATURE_LINE),
    ("text among the signatures", note_of(TEXT, LINE, "text"), LedgerFlaw.SIGNATURE_LINE),
]


@pytest.mark.parametrize(("case", "content", "flaw"), NOTES, ids=[case for case, *_ in NOTES])
def test_a_malformed_note_is_refused_by_name(case, content, flaw):
    with pytest.raises(NoteRefused) as refused:
        SignedNote.parse(content)
    assert refused.value.flaw is flaw


def test_what_could_not_be_read_again_is_not_written():
    line = SignatureLine.parse(LINE)
    for made, flaw in (
        (lambda: SignedNote("no end", (line,)), LedgerFlaw.NO_NEWLINE),
        (lambda: SignedNote(TEXT, ()), LedgerFlaw.NO_SIGNATURES),
        (lambda: SignedNote(TEXT, (line,) * 101), LedgerFlaw.TOO_MANY_SIGNATURES),
        (lambda: SignedNote("\ud800\n", (line,)), LedgerFlaw.NOT_UTF8),
        (lambda: SignedNote("\t\n", (line,)), LedgerFlaw.CONTROL_CHARACTER),
        (lambda: replace(line, key_id=bytes(3)), LedgerFlaw.SIGNATURE_LINE),
        (lambda: replace(line, name="a b"), LedgerFlaw.KEY_NAME),
        (lambda: NoteSigner("a+b", bytes(32)), LedgerFlaw.KEY_NAME),
        (lambda: NoteSigner("a", bytes(31)), LedgerFlaw.KEY_LENGTH),
        (lambda: CheckpointCosigner("a", bytes(33)), LedgerFlaw.KEY_LENGTH),
        (lambda: CheckpointCosigner("a", bytes(32), KeyKind.ED25519), LedgerFlaw.KEY_KIND),
        (lambda: VerifierKey("a", KeyKind.ED25519, bytes(1312)), LedgerFlaw.KEY_LENGTH),
    ):
        with pytest.raises(NoteRefused) as refused:
            made()
        assert refused.value.flaw is flaw


UNKNOWN = independent.signed("unknown.example", bytes(32), TEXT)[:-1]
SAME_NAME = independent.signed(LOG.name, bytes(32), TEXT)[:-1]
SAME_ID = f"— other.example {SIGNED}"
FORGED = LINE[:-8] + "AAAAAAA="


@pytest.mark.parametrize(
    ("case", "lines", "accepted"),
    [
        ("one of an unknown key beside", [LINE, UNKNOWN], True),
        ("it stands first", [UNKNOWN, LINE], True),
        ("an unknown one that is no signature at all", [f"— unknown.example {SIGNED[:12]}", LINE], True),
        ("another key of the same name", [SAME_NAME, LINE], True),
        ("another name with the same id", [SAME_ID, LINE], True),
        ("the same twice", [LINE, LINE], True),
        ("unknown ones alone", [UNKNOWN, SAME_NAME, SAME_ID], False),
        ("a forged one of the known key", [FORGED], False),
        ("a forged one after a good one", [LINE, FORGED], False),
        ("a forged one before a good one", [FORGED, LINE], False),
        ("a short one of the known key", [f"— {LOG.name} {SIGNED[:12]}", LINE], False),
        ("that of another text", [VECTORS["notes"][2]["note"].split("\n")[-2]], False),
    ],
)
def test_signatures_of_unknown_keys_are_ignored_and_every_one_of_a_known_key_must_verify(case, lines, accepted):
    note = SignedNote.parse(note_of(TEXT, *lines))
    if accepted:
        assert {it.key for it in verified_signatures(note, [LOG])} == {LOG}
    else:
        with pytest.raises(NoteRefused) as refused:
            verified_signatures(note, [LOG])
        assert refused.value.flaw in {LedgerFlaw.BAD_SIGNATURE, LedgerFlaw.NO_KNOWN_KEY}


NAME, ID, KEY = str(LOG).split("+", 2)


@pytest.mark.parametrize(
    ("case", "vkey", "flaw"),
    [
        ("nothing", "", LedgerFlaw.LINE),
        ("a name alone", NAME, LedgerFlaw.LINE),
        ("no key", f"{NAME}+{ID}", LedgerFlaw.LINE),
        ("no name", f"+{ID}+{KEY}", LedgerFlaw.KEY_NAME),
        ("a space in the name", f"a b+{ID}+{KEY}", LedgerFlaw.KEY_NAME),
        ("a space at the beginning", f" {LOG}", LedgerFlaw.KEY_NAME),
        ("a control character in the name", f"a\x01+{ID}+{KEY}", LedgerFlaw.CONTROL_CHARACTER),
        ("a name that is no text", f"\udcff+{ID}+{KEY}", LedgerFlaw.NOT_UTF8),
        ("another id", f"{NAME}+00000000+{KEY}", LedgerFlaw.KEY_ID),
        ("another name", f"{NAME}x+{ID}+{KEY}", LedgerFlaw.KEY_ID),
        ("a short id", f"{NAME}+{ID[:-1]}+{KEY}", LedgerFlaw.KEY_ID),
        ("capital digits in the id", f"{NAME}+{ID.upper()}+{KEY}", LedgerFlaw.KEY_ID),
        ("no id", f"{NAME}++{KEY}", LedgerFlaw.KEY_ID),
        ("an empty key", f"{NAME}+{ID}+", LedgerFlaw.KEY_KIND),
        ("a newline at the end", f"{LOG}\n", LedgerFlaw.NOT_BASE64),
        ("no base64", f"{NAME}+{ID}+{KEY}!", LedgerFlaw.NOT_BASE64),
        ("no padding", str(POST_QUANTUM).rstrip("="), LedgerFlaw.NOT_BASE64),
        ("a kind that is not known", f"{NAME}+{ID}+{independent.b64(bytes([2]) + bytes(32))}", LedgerFlaw.KEY_KIND),
        ("a reserved kind", f"{NAME}+{ID}+{independent.b64(bytes([255]) + bytes(32))}", LedgerFlaw.KEY_KIND),
        ("a short key", f"{NAME}+{ID}+{independent.b64(bytes([1]) + bytes(31))}", LedgerFlaw.KEY_LENGTH),
        ("a long key", f"{NAME}+{ID}+{independent.b64(bytes([4]) + bytes(33))}", LedgerFlaw.KEY_LENGTH),
        ("a short key of ML-DSA", f"{NAME}+{ID}+{independent.b64(bytes([6]) + bytes(32))}", LedgerFlaw.KEY_LENGTH),
    ],
)
def test_a_malformed_key_is_refused_by_name(case, vkey, flaw):
    with pytest.raises(NoteRefused) as refused:
        VerifierKey.parse(vkey)
    assert refused.value.flaw is flaw


PRIME, D = 2**255 - 19, -121665 * pow(121666, -1, 2**255 - 19)


def square_roots(number):
    """Return the square roots of a number modulo the prime."""
    tried = pow(number, (PRIME + 3) // 8, PRIME)
    both = (tried, tried * pow(2, PRIME // 4, PRIME) % PRIME)
    return {sign * it % PRIME for it in both for sign in (1, -1) if (it * it - number) % PRIME == 0}


def points_of_small_order():
    """The y of the points of order 1, 2 and 4, and of those of order 8, whose double has y = 0: d·y⁴ + 2y² = 1."""
    squares = [(root - 1) * pow(D, -1, PRIME) % PRIME for root in square_roots(D + 1)]
    return {0, 1, PRIME - 1}.union(*map(square_roots, squares))


@pytest.mark.parametrize("kind", [KeyKind.ED25519, KeyKind.COSIGNER_ED25519])
def test_a_key_under_which_anybody_signs_is_refused(kind):
    """OpenSSL takes the identity for R and 0 for S as the signature of any text under the identity as key."""
    small = points_of_small_order()
    assert len(small) == 5
    for y in (*small, PRIME, PRIME + 1, 2**255 - 1):
        for sign in (0, 1 << 255):
            with pytest.raises(NoteRefused) as refused:
                VerifierKey("weak.example", kind, (y | sign).to_bytes(32, "little"))
            assert refused.value.flaw is LedgerFlaw.WEAK_KEY


ROOT = independent.b64(bytes(32))
EMPTY = independent.b64(EMPTY_ROOT)


@pytest.mark.parametrize(
    ("case", "text", "flaw"),
    [
        ("nothing", "", LedgerFlaw.NO_NEWLINE),
        ("no end", f"log\n1\n{ROOT}", LedgerFlaw.NO_NEWLINE),
        ("an empty line", "\n", LedgerFlaw.TOO_FEW_LINES),
        ("an origin", "log\n", LedgerFlaw.TOO_FEW_LINES),
        ("no root", "log\n1\n", LedgerFlaw.TOO_FEW_LINES),
        ("no origin", f"\n1\n{ROOT}\n", LedgerFlaw.ORIGIN),
        ("no size", f"log\n\n{ROOT}\n", LedgerFlaw.NOT_A_NUMBER),
        ("a zero before the size", f"log\n01\n{ROOT}\n", LedgerFlaw.NOT_A_NUMBER),
        ("two zeros", f"log\n00\n{EMPTY}\n", LedgerFlaw.NOT_A_NUMBER),
        ("a plus", f"log\n+1\n{ROOT}\n", LedgerFlaw.NOT_A_NUMBER),
        ("a minus", f"log\n-1\n{ROOT}\n", LedgerFlaw.NOT_A_NUMBER),
        ("a minus and zero", f"log\n-0\n{EMPTY}\n", LedgerFlaw.NOT_A_NUMBER),
        ("a space before the size", f"log\n 1\n{ROOT}\n", LedgerFlaw.NOT_A_NUMBER),
        ("a space after it", f"log\n1 \n{ROOT}\n", LedgerFlaw.NOT_A_NUMBER),
        ("a part", f"log\n1.0\n{ROOT}\n", LedgerFlaw.NOT_A_NUMBER),
        ("a power", f"log\n1e3\n{ROOT}\n", LedgerFlaw.NOT_A_NUMBER),
        ("hexadecimal", f"log\n0x1\n{ROOT}\n", LedgerFlaw.NOT_A_NUMBER),
        ("an underscore", f"log\n1_0\n{ROOT}\n", LedgerFlaw.NOT_A_NUMBER),
        ("Arabic digits", f"log\n١\n{ROOT}\n", LedgerFlaw.NOT_A_NUMBER),
        ("full-width digits", f"log\n１\n{ROOT}\n", LedgerFlaw.NOT_A_NUMBER),
        ("2^63", f"log\n{2**63}\n{ROOT}\n", LedgerFlaw.NUMBER_TOO_LARGE),
        ("a number of 5,000 digits", f"log\n{'9' * 5000}\n{ROOT}\n", LedgerFlaw.NUMBER_TOO_LARGE),
        ("an empty root", "log\n1\n\n", LedgerFlaw.NOT_A_HASH),
        ("a short root", f"log\n1\n{independent.b64(bytes(31))}\n", LedgerFlaw.NOT_A_HASH),
        ("a long root", f"log\n1\n{independent.b64(bytes(33))}\n", LedgerFlaw.NOT_A_HASH),
        ("a root in hexadecimal", f"log\n1\n{bytes(32).hex()}\n", LedgerFlaw.NOT_A_HASH),
        ("a root with spare bits", f"log\n1\n{ROOT[:-2]}B=\n", LedgerFlaw.NOT_BASE64),
        ("a root without padding", f"log\n1\n{ROOT[:-1]}\n", LedgerFlaw.NOT_BASE64),
        ("a root and a space", f"log\n1\n{ROOT} \n", LedgerFlaw.NOT_BASE64),
        ("another root of no entry", f"log\n0\n{ROOT}\n", LedgerFlaw.EMPTY_TREE),
        ("an empty extension line", f"log\n1\n{ROOT}\n\n", LedgerFlaw.EMPTY_LINE),
        ("an empty one between others", f"log\n1\n{ROOT}\na\n\nb\n", LedgerFlaw.EMPTY_LINE),
        ("a tab in the origin", f"l\tog\n1\n{ROOT}\n", LedgerFlaw.CONTROL_CHARACTER),
        ("a carriage return", f"log\r\n1\n{ROOT}\n", LedgerFlaw.CONTROL_CHARACTER),
    ],
)
def test_a_malformed_checkpoint_is_refused_by_name(case, text, flaw):
    with pytest.raises(CheckpointRefused) as refused:
        Checkpoint.parse(text)
    assert refused.value.flaw is flaw


def test_a_checkpoint_has_the_origin_of_its_key():
    signer = NoteSigner("other.example", bytes(32))
    with pytest.raises(CheckpointRefused) as refused:
        verified_checkpoint(signer.signed(ONE.text), signer.key)
    assert refused.value.flaw is LedgerFlaw.OTHER_LOG


def test_extension_lines_are_kept():
    text = ONE.text + "one\ntwo\n"
    assert Checkpoint.parse(text).extensions == ("one", "two")
    assert Checkpoint.parse(text).text == text


EIGHT = Subtree(8, 16)
COSIGNATURE = SignedNote.parse(COSIGNED).signatures[1].signature


@pytest.mark.parametrize(
    ("case", "flaw", "made"),
    [
        ("a time before 1970", LedgerFlaw.TIMESTAMP, lambda: cosigned_message(WITNESS, ONE, -1)),
        ("a time of 64 bits", LedgerFlaw.TIMESTAMP, lambda: cosigned_message(WITNESS, ONE, 2**63)),
        ("the same with ML-DSA", LedgerFlaw.TIMESTAMP, lambda: cosigned_message(POST_QUANTUM, ONE, 2**63)),
        ("written", LedgerFlaw.TIMESTAMP, lambda: join_cosignature(2**63, bytes(64))),
        ("read", LedgerFlaw.TIMESTAMP, lambda: split_cosignature(WITNESS, b"\x80" + COSIGNATURE[1:])),
        ("a short signature", LedgerFlaw.BAD_SIGNATURE, lambda: split_cosignature(WITNESS, COSIGNATURE[:-1])),
        ("a long one", LedgerFlaw.BAD_SIGNATURE, lambda: split_cosignature(WITNESS, COSIGNATURE + b"0")),
        ("of another kind", LedgerFlaw.BAD_SIGNATURE, lambda: split_cosignature(POST_QUANTUM, COSIGNATURE)),
        ("half a time", LedgerFlaw.BAD_SIGNATURE, lambda: split_cosignature(WITNESS, b"\0\0\0\0")),
        ("the key of a log", LedgerFlaw.KEY_KIND, lambda: split_cosignature(LOG, COSIGNATURE)),
        ("the same, written", LedgerFlaw.KEY_KIND, lambda: cosigned_message(LOG, ONE, 0)),
        ("a subtree with a time", LedgerFlaw.TIMESTAMP, lambda: cosigned_subtree("w", "o", EIGHT, bytes(32), 1)),
        ("a subtree backwards", LedgerFlaw.OUT_OF_RANGE, lambda: cosigned_subtree("w", "o", Subtree(9, 8), bytes(32))),
        ("a short root", LedgerFlaw.NOT_A_HASH, lambda: cosigned_subtree("w", "o", EIGHT, bytes(31))),
        ("a name of 256 bytes", LedgerFlaw.ORIGIN, lambda: cosigned_subtree("w" * 256, "o", Subtree(0, 1), bytes(32))),
        ("an empty origin", LedgerFlaw.ORIGIN, lambda: cosigned_subtree("w", "", Subtree(0, 1), bytes(32))),
    ],
)  # fmt: skip
def test_a_malformed_cosignature_is_refused_by_name(case, flaw, made):
    with pytest.raises(LedgerRefused) as refused:
        made()
    assert refused.value.flaw is flaw


def test_a_key_that_signs_again_replaces_its_signature():
    witness, log = CheckpointCosigner(WITNESS.name, SEEDS[1]), NoteSigner(LOG.name, SEEDS[0])
    note = log.signed(ONE.text)
    for time in (7, 8):
        note = note.with_signatures(log.sign(ONE.text), witness.cosign(ONE, time))
    assert [(it.key, it.time) for it in verified_signatures(note, [LOG, WITNESS])] == [(LOG, None), (WITNESS, 8)]


def test_a_cosigner_signs_checkpoints_alone():
    line = CheckpointCosigner(WITNESS.name, SEEDS[1]).cosign(ONE, 1)
    with pytest.raises(CheckpointRefused):
        verified_signatures(SignedNote(TEXT, (line,)), [WITNESS])


def test_a_cosignature_is_of_one_time_one_checkpoint_and_one_name():
    """ML-DSA-44 commits to the cosigner's name too."""
    for key, seed in ((WITNESS, SEEDS[1]), (POST_QUANTUM, SEEDS[2])):
        line = CheckpointCosigner(key.name, seed, key.kind).cosign(ONE, 7)
        later = replace(line, signature=join_cosignature(8, line.signature[8:]))
        grown = replace(ONE, size=2)
        for text, changed in ((ONE.text, later), (grown.text, line)):
            with pytest.raises(NoteRefused):
                verified_signatures(SignedNote(text, (changed,)), [key])
        assert verified_signatures(SignedNote(ONE.text, (line,)), [key])[0].time == 7


@given(st.binary(max_size=200), st.integers(0, len(COSIGNED)), st.integers(0, 200))
def test_no_bytes_raise_anything_else(some, at, removed):
    for content in (some, COSIGNED[:at] + some + COSIGNED[at + removed :]):
        if content != COSIGNED:
            try:
                read_checkpoint(content)
            except LedgerRefused:
                continue
            assert SignedNote.parse(content).encode() == content


@given(st.text(max_size=60))
def test_no_text_is_a_key_or_a_checkpoint_in_another_form(text):
    for parse, write in ((VerifierKey.parse, str), (Checkpoint.parse, lambda it: it.text)):
        with suppress(LedgerRefused):
            assert write(parse(text)) == text
