"""The laws of sealing, for all texts and places."""

import os
from dataclasses import replace
from functools import partial
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit.subjects.subject import Place
from policy.crypto import field_encryption
from policy.crypto.field_encryption import SealBroken, TextRefused, seal, unseal, value_opener
from tests.hypothesis_profiles import examples

CIPHERS = field_encryption.subject_ciphers(os.urandom(32))
KEK_ID = "00112233445566aa"
KEKS = {KEK_ID: field_encryption.kek_cipher(os.urandom(32))}

names = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=12)
uuids = st.uuids()
places = st.builds(Place, names, names, uuids, uuids, st.integers(0, 2**63 - 1))
texts = st.text(max_size=200)
laws = settings(deadline=None, max_examples=examples(60))


@laws
@given(texts, places)
def test_what_is_sealed_opens_where_it_was_sealed(text, place):
    sealed = seal(text, place, CIPHERS, os.urandom)
    assert unseal(sealed, place, CIPHERS) == opened(sealed, place) == text


def opened(sealed, place):
    """Open in the way of a page: the place of the column is prepared once."""
    open_value = value_opener(place.table, place.column)
    return open_value(CIPHERS, place.subject_id.bytes, sealed, place.row_id.bytes, place.version)


@laws
@given(texts, places, places)
def test_it_opens_nowhere_else(text, place, elsewhere):
    if place != elsewhere:
        sealed = seal(text, place, CIPHERS, os.urandom)
        for opens in (opened, partial(unseal, ciphers=CIPHERS)):
            with pytest.raises(SealBroken):
                opens(sealed, place=elsewhere)


OTHER = UUID(int=2)


@pytest.mark.parametrize(
    ("case", "moved"),
    [
        ("to another table", {"table": "identifiers"}),
        ("to another column", {"column": "facts"}),
        ("to another subject", {"subject_id": OTHER}),
        ("to another row", {"row_id": OTHER}),
        ("to a later version of its row", {"version": 2}),
        ("to an earlier version of its row", {"version": 0}),
        ("across the border between table and column", {"table": "subjectsp", "column": "hone"}),
        ("back across it", {"table": "subject", "column": "sphone"}),
    ],
)
def test_a_box_is_not_moved(case, moved):
    place = Place("subjects", "phone", UUID(int=1), UUID(int=1), 1)
    sealed = seal("0533-7210000", place, CIPHERS, os.urandom)
    for opens in (opened, partial(unseal, ciphers=CIPHERS)):
        with pytest.raises(SealBroken):
            opens(sealed, place=replace(place, **moved))


@laws
@given(texts, places, st.data())
def test_any_flipped_bit_is_noticed(text, place, data):
    sealed = bytearray(seal(text, place, CIPHERS, os.urandom))
    bit = data.draw(st.integers(0, 8 * len(sealed) - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    for opens in (opened, partial(unseal, ciphers=CIPHERS)):
        with pytest.raises(SealBroken):
            opens(bytes(sealed), place=place)


@laws
@given(texts, places, st.data())
def test_a_box_cut_or_lengthened_anywhere_is_noticed(text, place, data):
    sealed = seal(text, place, CIPHERS, os.urandom)
    cut = data.draw(st.integers(0, len(sealed) - 1))
    for changed in (sealed[:cut], sealed[cut + 1 :], sealed + b"\x00", sealed + sealed):
        for opens in (opened, partial(unseal, ciphers=CIPHERS)):
            with pytest.raises(SealBroken):
                opens(changed, place=place)


@laws
@given(texts, places)
def test_another_subjects_key_does_not_open(text, place):
    with pytest.raises(SealBroken):
        unseal(seal(text, place, CIPHERS, os.urandom), place, field_encryption.subject_ciphers(os.urandom(32)))


@laws
@given(texts, places)
def test_sealing_twice_gives_two_boxes_of_one_length(text, place):
    first, second = (seal(text, place, CIPHERS, os.urandom) for _ in range(2))
    assert first != second
    assert len(first) == len(second)
    assert (len(first) - 32) % 32 == 0


@laws
@given(st.text(max_size=7), st.text(max_size=7), places)
def test_short_texts_have_the_same_sealed_length(one, another, place):
    assert len({len(seal(text, place, CIPHERS, os.urandom)) for text in (one, another)}) == 1


@laws
@given(st.binary(max_size=200), places)
def test_anything_else_is_refused(noise, place):
    with pytest.raises(SealBroken):
        unseal(noise, place, CIPHERS)


def test_half_a_character_is_refused_without_quoting_the_text(place):
    with pytest.raises(TextRefused) as refused:
        seal("演示甲\ud800", place, CIPHERS, os.urandom)
    assert refused.value.__context__ is None
    assert "演示甲" not in str(refused.value)


def test_a_source_of_too_little_randomness_is_refused(place):
    with pytest.raises(ValueError, match="randomness"):
        seal("", place, CIPHERS, lambda count: bytes(count - 1))


@pytest.mark.parametrize("plain", [b"\xff\x80".ljust(32, b"\0"), bytes(32), b"a" * 32])
def test_what_a_mistaken_writer_sealed_is_refused_without_showing_it(place, plain):
    sealed = seal("", place, CIPHERS, os.urandom)
    header, nonce = sealed[:4], sealed[4:16]
    sealed = header + nonce + CIPHERS[1].encrypt(nonce, plain, field_encryption._bound_to(header, place))
    with pytest.raises(field_encryption.SealMalformed) as refused:
        unseal(sealed, place, CIPHERS)
    assert refused.value.__context__ is None


@laws
@given(uuids, uuids, st.data())
def test_a_wrapped_key_is_its_subjects_alone_and_whole(subject, other, data):
    key = os.urandom(32)
    wrapped = field_encryption.wrap(key, subject, KEK_ID, KEKS[KEK_ID], os.urandom)
    assert field_encryption.unwrap(wrapped, subject, KEKS) == key
    assert key not in wrapped
    if other != subject:
        with pytest.raises(SealBroken):
            field_encryption.unwrap(wrapped, other, KEKS)
    changed = bytearray(wrapped)
    changed[data.draw(st.integers(0, len(wrapped) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(SealBroken):
        field_encryption.unwrap(bytes(changed), subject, KEKS)
