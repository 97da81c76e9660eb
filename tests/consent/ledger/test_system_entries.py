"""The readable entries of the log `system`: one form each, and any other is refused by name [5.1.6] [RFC 8785]."""

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import SystemEntryRefused
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.system_entries import TYPES, SoftwareStart, parse_system_entry
from tests.consent.ledger.independent import system_entry
from tests.consent.ledger.samples import VECTORS, flips

ENTRIES = [each["entry"].encode() for each in VECTORS["system"]]
BY_TYPE = {json.loads(entry)["type"]: json.loads(entry) for entry in ENTRIES}


def test_every_type_has_a_vector():
    assert BY_TYPE.keys() == TYPES.keys()


def with_field(kind, **values):
    return system_entry(BY_TYPE[kind] | values)


START, EPOCH, HELD = "software-start/1", "epoch-root/1", "held-group/1"
GOOD = system_entry(BY_TYPE[START])


@pytest.mark.parametrize(
    ("case", "entry", "flaw"),
    [
        ("nothing", b"", LedgerFlaw.NOT_JSON),
        ("no JSON", b"start", LedgerFlaw.NOT_JSON),
        ("half an object", GOOD[:-1], LedgerFlaw.NOT_JSON),
        ("more after the object", GOOD + b"{}", LedgerFlaw.NOT_JSON),
        ("a list", b"[" + GOOD + b"]", LedgerFlaw.NOT_JSON),
        ("null", b"null", LedgerFlaw.NOT_JSON),
        ("a number", b"1", LedgerFlaw.NOT_JSON),
        ("UTF-16", GOOD.decode().encode("utf-16"), LedgerFlaw.NOT_JSON),
        ("a byte order mark", b"\xef\xbb\xbf" + GOOD, LedgerFlaw.NOT_JSON),
        ("no UTF-8", GOOD.replace(b"chengxin", b"\xff"), LedgerFlaw.NOT_JSON),
        ("lists in one another", b"[" * 60_000, LedgerFlaw.NOT_JSON),
        ("objects in one another", b'{"a":' * 9_000 + b"{}" + b"}" * 9_000, LedgerFlaw.NOT_JSON),
        ("a number of 5,000 digits", b'{"a":' + b"9" * 5000 + b"}", LedgerFlaw.NOT_JSON),
        ("too many bytes", system_entry({"type": "a" * 65_536}), LedgerFlaw.TOO_LARGE),
        ("a space", GOOD.replace(b":", b": ", 1), LedgerFlaw.NOT_CANONICAL),
        ("a newline at the end", GOOD + b"\n", LedgerFlaw.NOT_CANONICAL),
        ("another order", b'{"type":"software-start/1","at":"x"}', LedgerFlaw.NOT_CANONICAL),
        ("a field twice", GOOD[:-1] + b',"version":"0.1.0"}', LedgerFlaw.NOT_CANONICAL),
        ("a letter escaped", GOOD.replace(b"chengxin", b"\\u0063hengxin"), LedgerFlaw.NOT_CANONICAL),
        ("half a surrogate pair", GOOD.replace(b"chengxin", b"\\ud800"), LedgerFlaw.NOT_CANONICAL),
        ("a part of a number", with_field(EPOCH, epoch=7.0), LedgerFlaw.NOT_CANONICAL),
        ("not a number", b'{"type":NaN}', LedgerFlaw.NOT_CANONICAL),
        ("beyond exact integers", with_field(EPOCH, epoch=2**53), LedgerFlaw.NOT_CANONICAL),
        ("a name that is not ASCII", system_entry(BY_TYPE[START] | {"名": "x"}), LedgerFlaw.NOT_CANONICAL),
        ("no type", b"{}", LedgerFlaw.UNKNOWN_TYPE),
        ("a type that is a number", b'{"type":1}', LedgerFlaw.UNKNOWN_TYPE),
        ("a type that is a list", b'{"type":[]}', LedgerFlaw.UNKNOWN_TYPE),
        ("the next version", with_field(START, type="software-start/2"), LedgerFlaw.UNKNOWN_TYPE),
        ("another field", with_field(START, build="1"), LedgerFlaw.FIELDS),
        ("a field that is null", with_field(START, version=None), LedgerFlaw.VALUE),
        ("a version that is a number", with_field(START, version=1), LedgerFlaw.VALUE),
        ("an empty word", with_field(START, version=""), LedgerFlaw.VALUE),
        ("a word too long", with_field(START, version="a" * 101), LedgerFlaw.VALUE),
        ("a word with a space", with_field(START, version="0.1 0"), LedgerFlaw.VALUE),
        ("a word that could be a name", with_field(START, version="某某"), LedgerFlaw.VALUE),
        *[
            (f"the instant {at}", with_field(START, at=at), LedgerFlaw.VALUE)
            for at in (
                "2026-03-05T01:02:03Z", "2026-03-05T01:02:03.000004", "2026-03-05T01:02:03.000004+00:00", "now",
                "2026-02-30T01:02:03.000004Z", "2026-W10-4T01:02:03.000004Z", "2026-03-05T24:02:03.000004Z",
                "2026-03-05", "2026-03-05T01:02:03,000004Z", "٢026-03-05T01:02:03.000004Z",
            )
        ],
        ("an instant that is a number", with_field(START, at=1772672585), LedgerFlaw.VALUE),
        ("a negative number", with_field(EPOCH, heads=-1), LedgerFlaw.VALUE),
        ("a number in a text", with_field(EPOCH, heads="31"), LedgerFlaw.VALUE),
        ("true for a number", with_field(EPOCH, heads=True), LedgerFlaw.VALUE),
        ("a number for true", with_field("key-in-force/1", current=1), LedgerFlaw.VALUE),
        ("a short digest", with_field(EPOCH, root="ab" * 31), LedgerFlaw.VALUE),
        ("a digest in capitals", with_field(EPOCH, root="AB" * 32), LedgerFlaw.VALUE),
        ("a digest in base64", with_field(EPOCH, root="q" * 43 + "="), LedgerFlaw.VALUE),
        ("another log", with_field(HELD, log="system2"), LedgerFlaw.VALUE),
        ("a log by its number", with_field(HELD, log=1), LedgerFlaw.VALUE),
        ("an id without hyphens", with_field(HELD, recorder="0" * 32), LedgerFlaw.VALUE),
        ("an id in capitals", with_field(HELD, recorder="00000000-0000-0000-0000-00000000000A"), LedgerFlaw.VALUE),
        ("an id that is none", with_field(HELD, recorder="nine"), LedgerFlaw.VALUE),
    ],
)  # fmt: skip
def test_a_malformed_entry_is_refused_by_name(case, entry, flaw):
    with pytest.raises(SystemEntryRefused) as refused:
        parse_system_entry(entry)
    assert refused.value.flaw is flaw


@pytest.mark.parametrize("kind", TYPES)
def test_no_field_can_be_missing_or_of_another_type(kind):
    for name, value in BY_TYPE[kind].items():
        missing = {other: it for other, it in BY_TYPE[kind].items() if other != name}
        changed = [missing] + [BY_TYPE[kind] | {name: it} for it in ([], {}, "某某", -1, [value])]
        for values in changed:
            with pytest.raises(SystemEntryRefused):
                parse_system_entry(system_entry(values))


def test_another_bit_is_another_entry_or_none():
    for entry in ENTRIES:
        said = parse_system_entry(entry)
        for changed in flips(entry):
            try:
                other = parse_system_entry(changed)
            except SystemEntryRefused:
                continue
            assert (other.encode(), other == said) == (changed, False)


def test_an_instant_is_written_in_utc_and_one_without_a_zone_is_refused():
    start = parse_system_entry(GOOD)
    china = timezone(timedelta(hours=8))
    assert replace(start, at=start.at.astimezone(china)).encode() == GOOD
    with pytest.raises(SystemEntryRefused):
        replace(start, at=datetime(2026, 3, 5)).encode()  # noqa: DTZ001 - the wrong thing


def test_what_could_not_be_read_again_is_not_written():
    start = parse_system_entry(GOOD)
    assert isinstance(start, SoftwareStart)
    with pytest.raises(SystemEntryRefused):
        replace(start, version="某某").encode()


@given(st.binary(max_size=80), st.sampled_from(ENTRIES), st.integers(0, 300), st.integers(0, 80))
def test_no_bytes_raise_anything_else(some, entry, at, removed):
    for content in (some, entry[:at] + some + entry[at + removed :]):
        try:
            assert parse_system_entry(content).encode() == content
        except SystemEntryRefused:
            continue
