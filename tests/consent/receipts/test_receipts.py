"""Receipts verify offline, name what they prove, and refuse everything else [5.1.6] [PIPL 45]."""

import json
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.disclosures.proofs import subject_proof
from consent.errors import LedgerRefused, NotCanonical
from consent.leaves.canonical_form import canonical_bytes
from consent.ledger.notes.log_policy import LogPolicy
from consent.ledger.notes.signatures import CLOCK_SECONDS
from consent.receipts.receipts import PlainRecord
from consent.receipts.statements import statement_of
from consent.receipts.verify import verify_receipt
from tests.consent.receipts.samples import (
    DISCLOSURE,
    ENTRIES,
    EVENT,
    GROUND,
    OTHER,
    POLICY,
    SECONDS,
    SUBJECT,
    made,
    statement,
)

RECEIPTS = {log: made(log).receipt().encode() for log in ("consent", "access")}


def verified(content, *, policy=POLICY, now=SECONDS, subject_id=None):
    return verify_receipt(content, policy, now, subject_id)


def flaw(content, **how):
    with pytest.raises(LedgerRefused) as refused:
        verified(content, **how)
    return str(refused.value.flaw)


def test_a_receipt_of_a_consent_event_says_what_the_record_says():
    proved = verified(RECEIPTS["consent"], subject_id=SUBJECT)
    assert proved.record == json.loads(EVENT.canonical_bytes())
    assert (proved.origin, proved.index, proved.size) == ("credit.linzi.example/consent", 5, 11)
    assert proved.cosigned == [("w0", SECONDS), ("w1", SECONDS)]


def test_a_receipt_of_a_read_shows_its_grounds_and_nobody_else():
    proved = verified(RECEIPTS["access"], subject_id=SUBJECT)
    assert proved.record == json.loads(DISCLOSURE.record)
    assert [(each["basis"], each["fields"], used) for each, used in proved.grounds] == [
        ("STATUTE", [list(each) for each in GROUND.fields], None)
    ]
    assert str(OTHER).encode() not in RECEIPTS["access"]
    assert DISCLOSURE.seed.hex().encode() not in RECEIPTS["access"].replace(b"0" * 32, b"") or DISCLOSURE.seed == bytes(
        16
    )


@pytest.mark.parametrize("log", RECEIPTS)
@given(data=st.data())
def test_any_flipped_bit_is_refused(log, data):
    content = bytearray(RECEIPTS[log])
    at = data.draw(st.integers(0, len(content) * 8 - 1))
    content[at // 8] ^= 1 << at % 8
    with pytest.raises(LedgerRefused):
        verified(bytes(content))


@pytest.mark.parametrize("log", RECEIPTS)
@given(data=st.data())
def test_a_receipt_that_is_cut_or_grown_is_refused(log, data):
    content = RECEIPTS[log]
    at = data.draw(st.integers(0, len(content) - 1))
    for other in (content[:at], content[:at] + b" " + content[at:], content[at:]):
        if other != content:
            with pytest.raises(LedgerRefused):
                verified(other)


@pytest.mark.parametrize("log", RECEIPTS)
def test_no_byte_can_be_another_one(log):
    """One bit of every fifth byte; those that the seal alone would notice are among them."""
    for at in range(0, len(RECEIPTS[log]), 5):
        content = bytearray(RECEIPTS[log])
        content[at] ^= 1 << at % 8
        with pytest.raises(LedgerRefused):
            verified(bytes(content))


@pytest.mark.parametrize("value", [None, True, 1, "x", [], {}, [1, {}], {"type": "chengxin-receipt/1"}], ids=str)
def test_any_json_is_refused_by_name(value):
    with pytest.raises(LedgerRefused):
        verified(json.dumps(value).encode() + b"\n")


@given(
    st.sampled_from(["statement", "entry", "proof", "seal", "type"]),
    st.none() | st.integers() | st.text() | st.just({}),
)
def test_any_other_value_of_a_field_is_refused(name, value):
    values = json.loads(RECEIPTS["access"])
    with pytest.raises(LedgerRefused):
        verified(_written(values | {name: value}))


def _written(values):
    try:
        return canonical_bytes(values) + b"\n"
    except NotCanonical:
        return json.dumps(values).encode() + b"\n"


def another(log, **changes):
    return replace(made(log), statement=statement(log) | changes).receipt().encode()


def of_another_read():
    """Seal a statement of one read with the entry of another subject of it."""
    return replace(made("access"), entry=subject_proof(DISCLOSURE, OTHER)).receipt().encode()


def with_another_part():
    mine, other = ENTRIES["access"], subject_proof(DISCLOSURE, OTHER)
    return replace(made("access"), entry=replace(mine, part=other.part, part_salt=other.part_salt)).receipt().encode()


def with_a_wider_ground():
    mine = ENTRIES["access"]
    wider = mine.grounds[0].replace(b"MASKED", b"CLEAR")
    return replace(made("access"), entry=replace(mine, grounds=[wider])).receipt().encode()


def in_the_other_log():
    """A log that is not the one for such records has the entry."""
    return replace(made("access"), entry=ENTRIES["consent"], statement=statement("consent")).receipt().encode()


def with_another_seal():
    values = json.loads(RECEIPTS["consent"])
    values["seal"] = made("consent").receipt().seal.encode().decode()
    other = replace(made("consent"), statement=statement("consent") | {"language": "en"}).receipt()
    return canonical_bytes(values | {"seal": other.seal.encode().decode()}) + b"\n"


def with_the_proof_of_another_entry():
    values, other = json.loads(RECEIPTS["consent"]), json.loads(RECEIPTS["access"])
    return canonical_bytes(values | {"proof": other["proof"]}) + b"\n"


def with_the_seal_of_another_log():
    return replace(made("consent"), seal_origin="other.example/consent").receipt().encode()


def of_a_notice(text):
    event = replace(EVENT, facts={**EVENT.facts, "notice": sha256("告知书".encode()).hexdigest()})
    entry = PlainRecord(event.canonical_bytes(), event.salt)
    said = statement("consent") | {"privacy_notice": {"digest": event.facts["notice"], "text": text}}
    return replace(made("consent"), entry=entry, statement=said).receipt().encode()


def with_another_notice():
    return of_a_notice("另一告知书")


def test_a_receipt_carries_the_notice_as_it_was_shown():
    assert verified(of_a_notice("告知书")).statement["privacy_notice"]["text"] == "告知书"


TOO_EARLY = SECONDS - CLOCK_SECONDS - 1


def of_no_record():
    entry = PlainRecord(canonical_bytes({"type": "consent-event/1"}), bytes(16))
    return replace(made("consent"), entry=entry).receipt().encode()


REFUSALS = [
    ("another subject than the statement's", of_another_read, {}, "OTHER_RECORD"),
    ("another subject than the one that is named", lambda: RECEIPTS["access"], {"subject_id": OTHER}, "OTHER_SUBJECT"),
    ("the part of another subject", with_another_part, {}, "NOT_PROVED"),
    ("a ground that shows more", with_a_wider_ground, {}, "NOT_PROVED"),
    ("the entry in another log", in_the_other_log, {}, "OTHER_LOG"),
    ("the proof of another entry", with_the_proof_of_another_entry, {}, "NOT_INCLUDED"),
    ("the seal of another receipt", with_another_seal, {}, "NOT_SEALED"),
    ("the seal of another log", with_the_seal_of_another_log, {}, "NOT_SEALED"),
    ("a checkpoint from the future", lambda: RECEIPTS["consent"], {"now": TOO_EARLY}, "FROM_THE_FUTURE"),
    ("a log that nobody trusts", lambda: RECEIPTS["consent"], {"policy": LogPolicy(POLICY.logs[1:])}, "OTHER_LOG"),
    ("a policy of other witnesses", lambda: RECEIPTS["consent"],
     {"policy": replace(POLICY, quorum="nobody")}, "NO_QUORUM"),
    ("a statement of another record", lambda: another("consent", record_id=str(OTHER)), {}, "OTHER_RECORD"),
    ("a statement of another subject", lambda: another("consent", pii_principal_id=str(OTHER)), {}, "OTHER_RECORD"),
    ("a statement of another event", lambda: another("consent", events=[]), {}, "FIELDS"),
    ("a statement of another purpose",
     lambda: another("consent", purposes=[statement("access")["purposes"][0]]), {}, "OTHER_RECORD"),
    ("a statement of another notice",
     lambda: another("consent", privacy_notice={"template": "x/1"}), {}, "OTHER_RECORD"),
    ("a statement of a notice with another text", with_another_notice, {}, "OTHER_RECORD"),
    ("a statement of another version", lambda: another("consent", schema_version="1"), {}, "FIELDS"),
    ("a statement that says more", lambda: another("consent", more=1), {}, "FIELDS"),
    ("a record about nobody", of_no_record, {}, "FIELDS"),
    ("nothing", lambda: b"", {}, "NO_NEWLINE"),
    ("no UTF-8", lambda: b"\xff\n", {}, "NOT_JSON"),
    ("a list that goes deep", lambda: b"[" * 100_000 + b"\n", {}, "NOT_JSON"),
    ("a float", lambda: b"1.5\n", {}, "NOT_CANONICAL"),
    ("a key twice", lambda: RECEIPTS["consent"].replace(b'"type":', b'"type":"x","type":', 1), {}, "NOT_CANONICAL"),
    ("spaces", lambda: RECEIPTS["consent"].replace(b'":', b'": ', 1), {}, "NOT_CANONICAL"),
    ("too much", lambda: b" " * 4_000_001, {}, "TOO_LARGE"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "how", "word"), [it[1:] for it in REFUSALS], ids=[it[0] for it in REFUSALS])
def test_a_refusal_is_named(content, how, word):
    assert flaw(content(), **how) == word


@pytest.mark.parametrize(("text", "shown"), [("告知书", "告知书"), ("另一告知书", None), (None, None)])
def test_a_statement_takes_the_text_of_its_own_notice_alone(text, shown):
    digest = sha256("告知书".encode()).hexdigest()
    record = json.loads(EVENT.canonical_bytes())
    record["facts"]["notice"] = digest
    made_of = statement_of(record, [], SUBJECT, "credit.linzi.example", "2026-03-06T01:02:03.000004Z", text)
    assert made_of["privacy_notice"] == ({"digest": digest} if shown is None else {"digest": digest, "text": shown})
