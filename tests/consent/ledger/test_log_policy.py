"""Which logs and witnesses are trusted, and how many make a quorum [c2sp.org/tlog-policy]."""

from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import PolicyFileRefused
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.notes.log_policy import LogPolicy, PolicyGroup
from consent.ledger.notes.signed_notes import KeyKind, VerifierKey
from tests.consent.ledger.samples import CHANGES, LOG, POST_QUANTUM, VECTORS, WITNESS, changed_documents


def cosigner(name):
    return VerifierKey(f"{name}.example", KeyKind.COSIGNER_ED25519, name.encode() * 16)


KEYS = {name: cosigner(name) for name in ("X1", "X2", "X3", "Y1", "Y2", "Y3")}
WITNESSES = "".join(f"witness {name} {key}\n" for name, key in KEYS.items())
TWO_LEVELS = f"""\
log {LOG}

{WITNESSES}
group X-witnesses 2 X1 X2 X3
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""
"""The example of the specification, with keys."""


@pytest.mark.parametrize(
    ("case", "cosigners", "is_quorum"),
    [
        ("two of X and one of Y", "X1 X3 Y2", True),
        ("all", "X1 X2 X3 Y1 Y2 Y3", True),
        ("one of X", "X1 Y1 Y2 Y3", False),
        ("none of Y", "X1 X2 X3", False),
        ("none", "", False),
    ],
)
def test_the_quorum_of_two_levels(case, cosigners, is_quorum):
    policy = LogPolicy.parse(TWO_LEVELS.encode())
    assert policy.is_quorum({KEYS[name] for name in cosigners.split()}) is is_quorum


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ("quorum none", lambda _: True),
        ("quorum X1", lambda names: "X1" in names),
        ("group g any X1 X2\nquorum g", lambda names: bool(names & {"X1", "X2"})),
        ("group g all X1 X2\nquorum g", lambda names: names >= {"X1", "X2"}),
        ("group g 2 X1 X2 X3\nquorum g", lambda names: len(names & {"X1", "X2", "X3"}) >= 2),
        ("group g 2 X1 X2 X3\nquorum X1", lambda names: "X1" in names),
        ("group g 1 X1\ngroup h 2 g Y1 Y2\nquorum h", lambda names: len(names & {"X1", "Y1", "Y2"}) >= 2),
        ("group all all X1\ngroup 1 1 all\nquorum 1", lambda names: "X1" in names),
    ],
)
def test_a_quorum_for_every_set_of_witnesses(rule, holds):
    policy = LogPolicy.parse(f"{WITNESSES}{rule}\n".encode())
    every = chain.from_iterable(combinations(KEYS, size) for size in range(len(KEYS) + 1))
    assert all(policy.is_quorum({KEYS[name] for name in names}) is holds(set(names)) for names in every)


def test_a_key_that_is_of_no_witness_counts_for_nothing():
    policy = LogPolicy.parse(TWO_LEVELS.encode())
    assert not policy.is_quorum({LOG, cosigner("X9"), KEYS["X1"], KEYS["Y1"]})


@pytest.mark.parametrize(
    ("case", "text"),
    [
        ("spaces and tabs around everything", f"\t log  {LOG}\t \n \t\n quorum\tnone \n"),
        ("comments", f"# a log\n  # another\n#\nlog {LOG}\nquorum none\n"),
        ("the quorum before the logs", f"quorum none\nlog {LOG}\n"),
        ("a URL of anything", f"log {LOG} 网址#x\nquorum none\n"),
        ("no log", "quorum none\n"),
        ("a log and a witness of one key", f"log {cosigner('X1')}\nwitness X1 {cosigner('X1')}\nquorum X1\n"),
        ("a log of ML-DSA-44", f"log {POST_QUANTUM}\nquorum none\n"),
        ("a name that is a keyword", f"witness quorum {WITNESS}\nquorum quorum\n"),
    ],
)
def test_what_a_policy_may_say(case, text):
    policy = LogPolicy.parse(text.encode())
    assert LogPolicy.parse(policy.encode()) == policy


def test_names_are_bytes():
    """Neither a Kelvin sign nor bytes that are no UTF-8 are the letter K."""
    names = [b"K", "\u212a".encode(), b"\x80\xff", "Ｋ".encode(), b"k"]
    keys = [str(key).encode() for key in KEYS.values()]
    lines = [b"witness " + name + b" " + key for name, key in zip(names, keys, strict=False)]
    policy = LogPolicy.parse(b"\n".join([*lines, b"group g all " + b" ".join(names), b"quorum g\n"]))
    assert policy.groups == (PolicyGroup("g", 5, tuple(it.name for it in policy.witnesses)),)
    assert b"".join(names) in policy.encode().replace(b" ", b"")


X1, X2 = (f"witness {name} {KEYS[name]}" for name in ("X1", "X2"))
MANY = [
    VerifierKey(f"{number}", KeyKind.COSIGNER_ED25519, bytes([*number.to_bytes(2, "big"), *[9] * 30]))
    for number in range(257)
]
MALFORMED = [
    ("nothing", b"", LedgerFlaw.NOT_ONE_QUORUM),
    ("no quorum", f"log {LOG}\n", LedgerFlaw.NOT_ONE_QUORUM),
    ("two quorums", "quorum none\nquorum none\n", LedgerFlaw.NOT_ONE_QUORUM),
    ("no end", "quorum none", LedgerFlaw.NO_NEWLINE),
    ("an unknown line", "trust everybody\nquorum none\n", LedgerFlaw.LINE),
    ("a keyword in capitals", "QUORUM none\n", LedgerFlaw.LINE),
    ("a keyword alone", "unknown\nquorum none\n", LedgerFlaw.LINE),
    ("a quorum without a name", "quorum\n", LedgerFlaw.LINE),
    ("a quorum of two names", f"{X1}\n{X2}\nquorum X1 X2\n", LedgerFlaw.LINE),
    ("a log without a key", "log\nquorum none\n", LedgerFlaw.LINE),
    ("a log with two URLs", f"log {LOG} a b\nquorum none\n", LedgerFlaw.LINE),
    ("a witness without a key", "witness X1\nquorum X1\n", LedgerFlaw.LINE),
    ("a witness with two URLs", f"{X1} a b\nquorum X1\n", LedgerFlaw.LINE),
    ("a comment after a quorum", "quorum none # all\n", LedgerFlaw.LINE),
    ("a group without members", f"{X1}\ngroup g any\nquorum X1\n", LedgerFlaw.LINE),
    ("a group without a number", f"{X1}\ngroup g X1\nquorum g\n", LedgerFlaw.LINE),
    ("a group of a word", f"{X1}\ngroup g most X1\nquorum g\n", LedgerFlaw.NOT_A_NUMBER),
    ("a group of a word in capitals", f"{X1}\ngroup g ANY X1\nquorum g\n", LedgerFlaw.NOT_A_NUMBER),
    ("a group of none", f"{X1}\ngroup g 0 X1\nquorum g\n", LedgerFlaw.THRESHOLD),
    ("a group of more than it has", f"{X1}\ngroup g 2 X1\nquorum g\n", LedgerFlaw.THRESHOLD),
    ("a zero in front", f"{X1}\ngroup g 01 X1\nquorum g\n", LedgerFlaw.NOT_A_NUMBER),
    ("a negative number", f"{X1}\ngroup g -1 X1\nquorum g\n", LedgerFlaw.NOT_A_NUMBER),
    ("a hexadecimal number", f"{X1}\ngroup g 0x1 X1\nquorum g\n", LedgerFlaw.NOT_A_NUMBER),
    ("a number too large", f"{X1}\ngroup g {2**64} X1\nquorum g\n", LedgerFlaw.NUMBER_TOO_LARGE),
    ("a member that is given later", f"group g any X1\n{X1}\nquorum g\n", LedgerFlaw.NAME_UNKNOWN),
    ("a group that has itself", f"{X1}\ngroup g any X1 g\nquorum g\n", LedgerFlaw.NAME_UNKNOWN),
    ("groups in a circle", f"{X1}\ngroup g any h\ngroup h any g\nquorum g\n", LedgerFlaw.NAME_UNKNOWN),
    ("the member none", f"{X1}\ngroup g any X1 none\nquorum g\n", LedgerFlaw.NAME_UNKNOWN),
    ("a member twice", f"{X1}\ngroup g any X1 X1\nquorum g\n", LedgerFlaw.MEMBER_TWICE),
    ("a member of two groups", f"{X1}\ngroup g any X1\ngroup h any X1\nquorum g\n", LedgerFlaw.MEMBER_TWICE),
    ("a member of its group's group", f"{X1}\ngroup g any X1\ngroup h any g X1\nquorum h\n", LedgerFlaw.MEMBER_TWICE),
    ("a quorum that is given later", f"quorum X1\n{X1}\n", LedgerFlaw.NAME_UNKNOWN),
    ("a quorum of nobody", f"{X1}\nquorum X3\n", LedgerFlaw.NAME_UNKNOWN),
    ("a quorum of other letters", f"{X1}\nquorum x1\n", LedgerFlaw.NAME_UNKNOWN),
    ("the quorum None", "quorum None\n", LedgerFlaw.NAME_UNKNOWN),
    ("a witness named none", f"witness none {WITNESS}\nquorum none\n", LedgerFlaw.NAME),
    ("a group named none", f"{X1}\ngroup none any X1\nquorum none\n", LedgerFlaw.NAME),
    ("two witnesses of a name", f"{X1}\n{X2.replace('X2 ', 'X1 ')}\nquorum X1\n", LedgerFlaw.NAME_TWICE),
    ("a group of a witness's name", f"{X1}\ngroup X1 any X1\nquorum X1\n", LedgerFlaw.NAME_TWICE),
    ("two groups of a name", f"{X1}\n{X2}\ngroup g 1 X1\ngroup g 1 X2\nquorum g\n", LedgerFlaw.NAME_TWICE),
    ("a log twice", f"log {LOG}\nlog {LOG}\nquorum none\n", LedgerFlaw.KEY_TWICE),
    ("a witness twice", f"{X1}\nwitness X2 {KEYS['X1']}\nquorum none\n", LedgerFlaw.KEY_TWICE),
    (
        "a log's public key under another name",
        f"log {LOG}\nlog {VerifierKey('b', KeyKind.ED25519, LOG.public_key)}\nquorum none\n",
        LedgerFlaw.KEY_TWICE,
    ),
    (
        "a log's public key of another kind",
        f"log {LOG}\nlog {VerifierKey(LOG.name, KeyKind.COSIGNER_ED25519, LOG.public_key)}\nquorum none\n",
        LedgerFlaw.KEY_TWICE,
    ),
    ("a witness that signs as logs do", f"witness X1 {LOG}\nquorum X1\n", LedgerFlaw.KEY_KIND),
    ("a key with another id", f"log {LOG}\nquorum none\n".replace("+", "+0", 1), LedgerFlaw.KEY_ID),
    ("a key without a name", f"log +{str(LOG).partition('+')[2]}\nquorum none\n", LedgerFlaw.KEY_NAME),
    ("a key that is none", "log credit.example\nquorum none\n", LedgerFlaw.LINE),
    ("a key with a no-break space", f"log \u00a0{LOG}\nquorum none\n", LedgerFlaw.KEY_NAME),
    ("a key with half a character", b"log \xe2\x84" + f"{LOG}\nquorum none\n".encode(), LedgerFlaw.NOT_UTF8),
    *[
        (f"the byte {code:#04x}", f"# {chr(code)}\nquorum none\n", LedgerFlaw.CONTROL_CHARACTER)
        for code in (*range(9), *range(0x0B, 0x20), 0x7F)
    ],
    ("too many bytes", "#" * 1_000_000 + "\nquorum none\n", LedgerFlaw.TOO_LARGE),
    ("257 logs", "".join(f"log {key}\n" for key in MANY) + "quorum none\n", LedgerFlaw.TOO_MANY_LINES),
    ("257 witnesses", "".join(f"witness {key.name} {key}\n" for key in MANY), LedgerFlaw.TOO_MANY_LINES),
    (
        "257 groups",
        f"{X1}\ngroup 0 1 X1\n" + "".join(f"group {number + 1} 1 {number}\n" for number in range(256)),
        LedgerFlaw.TOO_MANY_LINES,
    ),
]


@pytest.mark.parametrize(("case", "content", "flaw"), MALFORMED, ids=[case for case, *_ in MALFORMED])
def test_a_malformed_policy_is_refused_by_name(case, content, flaw):
    with pytest.raises(PolicyFileRefused) as refused:
        LogPolicy.parse(content if isinstance(content, bytes) else content.encode())
    assert refused.value.flaw is flaw


@pytest.mark.parametrize("content", [TWO_LEVELS.encode(), VECTORS["policy"].encode()], ids=["groups", "kinds"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_policy_is_refused_or_says_what_it_says(change, content):
    """A name may change, or a line that nothing needs be missing; nothing else is raised, and nothing is read twice."""
    for changed in changed_documents(change, content):
        try:
            policy = LogPolicy.parse(changed)
        except PolicyFileRefused:
            continue
        assert LogPolicy.parse(policy.encode()) == policy


@given(st.binary(max_size=60), st.integers(0, len(TWO_LEVELS)), st.integers(0, 60))
def test_no_bytes_raise_anything_else(some, at, removed):
    good = TWO_LEVELS.encode()
    for content in (some, good[:at] + some + good[at + removed :]):
        try:
            policy = LogPolicy.parse(content)
        except PolicyFileRefused:
            continue
        assert LogPolicy.parse(policy.encode()) == policy
