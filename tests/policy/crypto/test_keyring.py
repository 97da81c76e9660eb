"""The keyring: opens only its own, finds equal numbers, forgets, and shows nothing."""

import copy
import os
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit.core.values.characters import fold
from credit.core.values.identifiers import IdentifierKind
from credit.subjects.subject import Place, Sealed
from policy.crypto import keyring as crypto_keyring
from policy.crypto.field_encryption import SealBroken, TextRefused
from policy.crypto.key_file import Roots
from policy.crypto.keyring import Keyring
from tests.hypothesis_profiles import examples

ID, CODE = IdentifierKind.ID_NUMBER, IdentifierKind.SOCIAL_CREDIT_CODE
OLD, NEW = "aa" * 8, "bb" * 8
KEKS = {OLD: os.urandom(32), NEW: os.urandom(32)}
INDEX = {1: os.urandom(32), 2: os.urandom(32)}


def ring(kek=NEW, index=2, keks=(OLD, NEW), versions=(1, 2)):
    return Keyring(
        Roots(kek, {name: KEKS[name] for name in keks}, index, {version: INDEX[version] for version in versions}),
        os.urandom,
    )


def test_it_opens_what_it_sealed(keyring, box, place):
    sealed = box(keyring, "演示甲", place)
    assert keyring.open(sealed) == "演示甲"
    assert keyring.open(sealed) == "演示甲"


def test_what_a_login_sealed_opens_at_its_place_and_nothing_of_a_record_opens_so(keyring, box, place):
    """No admission is asked for it, so it must not open anything of a person's record [5.1.6]."""
    own = Place("login_sessions", "tokens", place.subject_id, place.row_id, 1)
    sealed = keyring.seal_login("tokens", own)
    assert keyring.open_login(sealed) == "tokens"
    wrong = [replace(sealed, place=replace(own, version=2)), replace(sealed, place=replace(own, subject_id=uuid4()))]
    for each in [*wrong, box(keyring, "演示甲", place)]:
        with pytest.raises(SealBroken):
            keyring.open_login(each)


@settings(deadline=None, max_examples=examples(40))
@given(st.text(max_size=80), st.uuids(), st.uuids(), st.integers(1, 2**31))
def test_it_opens_whatever_it_sealed(text, subject, row, version):
    keyring = ring()
    key, place = keyring.new_key(subject), Place("restraint_cases", "facts", subject, row, version)
    assert keyring.open(crypto_keyring.Sealed(place, keyring.seal(text, place, key), key)) == text


def test_an_age_is_read_off_a_number_that_was_taken_in_by_earlier_rules(keyring, box, place):
    """A birth before 1900 is refused today; what is on record was checked by the rules of its day."""
    assert keyring.age_on(box(keyring, "370305189012319993", place), date(2026, 12, 30)) == 135


def test_a_text_is_written_in_another_form_for_another_place(keyring, box, place):
    sealed, elsewhere = box(keyring, "刘\ue863", place), replace(place, version=place.version + 1)
    written = keyring.rewrite(sealed, elsewhere, fold, lambda text: text[0])
    assert keyring.open(Sealed(elsewhere, written.sealed, sealed.key)) == "刘䶮"
    assert written.mask == "刘"


def test_a_key_file_read_again_opens_what_was_sealed_before(tmp_path, box, place):
    Keyring.create(tmp_path / "keys.json", os.urandom)
    before, after = (Keyring.load(tmp_path / "keys.json", os.urandom) for _ in range(2))
    assert after.open(box(before, "演示甲", place)) == "演示甲"
    assert after.kek_id == before.kek_id
    assert after.term(ID, "1") == before.term(ID, "1")


def test_another_key_file_opens_nothing(new_keyring, box, place):
    sealed = box(new_keyring(), "演示甲", place)
    with pytest.raises(SealBroken):
        new_keyring().open(sealed)


def test_another_kek_of_the_same_id_opens_nothing(box, place):
    impostor = Keyring(Roots(NEW, {NEW: os.urandom(32)}, 1, {1: os.urandom(32)}), os.urandom)
    with pytest.raises(SealBroken):
        impostor.open(box(ring(), "演示甲", place))


@pytest.mark.parametrize("warm", [False, True], ids=["cold", "with the key in memory"])
def test_a_subjects_key_serves_no_other_subject(keyring, box, place, warm):
    sealed = box(keyring, "演示甲", place)
    if not warm:
        keyring.forget_all()
    elsewhere = replace(place, subject_id=uuid4())
    with pytest.raises(SealBroken):
        keyring.open(replace(sealed, place=elsewhere))
    with pytest.raises(SealBroken):
        keyring.seal("演示乙", elsewhere, sealed.key)


def test_every_subject_gets_a_key_of_its_own(keyring):
    assert len({keyring.new_key(UUID(int=1)) for _ in range(50)}) == 50


class TestRotation:
    def test_an_older_kek_still_opens(self, box, place):
        assert ring().open(box(ring(kek=OLD), "演示甲", place)) == "演示甲"

    def test_once_rewrapped_the_older_kek_is_not_needed(self, box, place):
        sealed = box(ring(kek=OLD), "演示甲", place)
        rewrapped = replace(sealed, key=ring().rewrap(sealed.key, place.subject_id))
        assert ring(keks=(NEW,)).open(rewrapped) == "演示甲"
        with pytest.raises(SealBroken):
            ring(keks=(NEW,)).open(sealed)

    def test_rewrapping_is_for_the_same_subject_only(self):
        with pytest.raises(SealBroken):
            ring().rewrap(ring().new_key(UUID(int=1)), UUID(int=2))

    def test_new_terms_are_of_the_current_version_and_older_ones_are_still_searched(self):
        both = ring().terms(ID, "1")
        assert both == (ring(versions=(2,)).term(ID, "1"), ring(index=1, versions=(1,)).term(ID, "1"))
        assert ring().term(ID, "1") == both[0]
        assert [term[0] for term in both] == [2, 1]

    def test_a_new_kek_changes_no_term(self):
        assert ring(kek=OLD).terms(ID, "1") == ring(kek=NEW).terms(ID, "1")


class TestBlindIndex:
    @settings(deadline=None, max_examples=examples(60))
    @given(*[st.text("0123456789ABCDEFGHJX", min_size=1, max_size=18)] * 2)
    def test_terms_are_equal_exactly_for_equal_numbers(self, one, another):
        assert (RING.term(ID, one) == RING.term(ID, another)) is (one == another)

    def test_the_same_characters_of_another_kind_have_another_term(self):
        assert RING.term(ID, "91370305000000000X")[1:] != RING.term(CODE, "91370305000000000X")[1:]

    def test_the_same_number_under_another_version_has_another_term(self):
        assert len({term[1:] for term in RING.terms(ID, "1")}) == 2

    def test_a_term_is_a_version_and_thirty_two_bytes(self):
        assert {len(term) for term in RING.terms(CODE, "1")} == {33}

    def test_another_key_file_gives_other_terms(self, new_keyring):
        assert new_keyring().term(ID, "1") != new_keyring().term(ID, "1")


RING = ring()


@pytest.mark.parametrize(
    ("case", "number"),
    [
        ("empty", ""),
        ("lower case", "11010119000101001x"),
        ("full width", "１１０１０１１９０００１０１００１４"),
        ("a stray space", "110101190001010014 "),
        ("a mask is not an input", "1****************4"),
    ],
)
def test_anything_but_the_normal_form_is_refused_without_quoting_it(case, number):
    with pytest.raises(TextRefused) as refused:
        RING.terms(ID, number)
    assert not number or number not in str(refused.value)


class TestForgetting:
    def test_a_shredded_key_leaves_memory(self, keyring, box, place):
        sealed = box(keyring, "演示甲", place)
        keyring.open(sealed)
        assert sealed.key in keyring._remembered
        keyring.forget(sealed.key)
        assert sealed.key not in keyring._remembered

    def test_what_was_never_remembered_can_be_forgotten(self, keyring):
        keyring.forget(b"unknown")

    def test_all_can_be_forgotten_and_still_be_opened(self, keyring, box, place):
        sealed = box(keyring, "演示甲", place)
        keyring.forget_all()
        assert not keyring._remembered
        assert keyring.open(sealed) == "演示甲"

    def test_memory_is_bounded_and_drops_what_came_first(self, monkeypatch):
        monkeypatch.setattr(crypto_keyring, "REMEMBERED", 3)
        keyring = ring()
        owners = [UUID(int=number) for number in range(5)]
        wrapped = [keyring.new_key(owner) for owner in owners]
        for turn in (0, 1, 2, 0, 3, 4):
            keyring._ciphers(wrapped[turn], owners[turn].bytes)
        assert list(keyring._remembered) == [wrapped[2], wrapped[3], wrapped[4]]

    def test_threads_may_share_it(self, monkeypatch, box):
        monkeypatch.setattr(crypto_keyring, "REMEMBERED", 4)
        keyring = ring()
        places = [Place("subjects", "name", UUID(int=n), UUID(int=n), 1) for n in range(16)]
        boxes = [box(keyring, str(place.row_id), place) for place in places] * 20
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(keyring.open, boxes)) == [str(sealed.place.row_id) for sealed in boxes]
        assert len(keyring._remembered) <= 4


class TestNothingIsShown:
    @pytest.mark.parametrize("show", [repr, str, lambda keyring: f"{keyring}", lambda keyring: f"{keyring!r}"])
    def test_a_keyring_shows_its_kek_id_and_no_more(self, show):
        assert show(ring()) == f"Keyring(kek={NEW})"

    SECRETS = (ring(), Roots(OLD, KEKS, 1, INDEX), ring().log_signer("log.example"), ring().witness_signer("w.example"))

    @pytest.mark.parametrize("carry", [pickle.dumps, copy.copy, copy.deepcopy])
    @pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: type(secret).__name__)
    def test_secrets_are_not_carried_away(self, carry, secret):
        with pytest.raises(TypeError, match="not to be copied or pickled"):
            carry(secret)

    def test_roots_show_nothing(self):
        assert repr(Roots(OLD, KEKS, 1, INDEX)) == "Roots(secret)"

    def test_no_key_is_held_as_bytes(self, box, place):
        keyring = ring()
        keyring.open(box(keyring, "演示甲", place))
        shown = " ".join(repr(getattr(keyring, name)) for name in Keyring.__slots__)
        assert not any(repr(key)[2:-1] in shown or key.hex() in shown for key in (*KEKS.values(), *INDEX.values()))
        assert not hasattr(keyring, "__dict__")

    def test_a_refusal_shows_neither_key_nor_contents(self, box, place):
        sealed = box(ring(), "演示甲", place)
        with pytest.raises(SealBroken) as refused:
            ring().open(replace(sealed, place=replace(place, version=9)))
        assert str(refused.value) == "subjects.name: the sealed value does not open here"


def test_what_is_sealed_again_opens_at_its_new_place_and_not_at_the_old(keyring):
    subject, row = uuid4(), uuid4()
    wrapped = keyring.new_key(subject)
    old = Place("restraint_cases", "notes", subject, row, 1)
    new = replace(old, version=2)

    again = keyring.reseal(Sealed(old, keyring.seal("事实", old, wrapped), wrapped), new)

    assert keyring.open(Sealed(new, again, wrapped)) == "事实"
    with pytest.raises(SealBroken):
        keyring.open(Sealed(old, again, wrapped))


def test_the_digest_of_a_text_is_that_of_its_box_and_of_no_other_subject_place_or_keyring(keyring, new_keyring):
    subject, row = uuid4(), uuid4()
    wrapped, place = keyring.new_key(subject), Place("restraint_cases", "facts", subject, row, 1)
    digest = keyring.content_digest("事实", place, wrapped)
    box = Sealed(place, keyring.seal("事实", place, wrapped), wrapped)
    assert keyring.content_digest_of(box) == digest == keyring.content_digest("事实", place, wrapped)
    later = replace(place, version=2)
    assert keyring.content_digest_of(box, later) == digest, "a text that stays keeps its digest"
    other = replace(place, subject_id=uuid4())
    digests = {
        digest,
        keyring.content_digest("事实。", place, wrapped),
        keyring.content_digest_of(box, replace(place, row_id=uuid4())),
        keyring.content_digest_of(box, replace(place, column="notes")),
        keyring.content_digest("事实", other, keyring.new_key(other.subject_id)),
    }
    assert len(digests) == 5
    with pytest.raises(SealBroken):
        keyring.content_digest("事实", other, wrapped)
    with pytest.raises(SealBroken):
        new_keyring().content_digest("事实", place, wrapped)
