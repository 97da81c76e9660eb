"""Disclosure: what the admission names is opened, all of it or nothing; the rest stays closed [5.1.6]."""

import os
from dataclasses import replace
from uuid import UUID

import pytest

from consent.vocabulary import Purpose
from credit.subjects.subject import Place, Sealed
from policy.actors import Actor, Role
from policy.admission import Admission
from policy.crypto.field_encryption import SealBroken
from policy.crypto.keyring import DAMAGED, Keyring
from policy.disclosure import DisclosureNotAdmitted, disclose, opener

NAME, PHONE, FACTS = ("subjects", "name"), ("subjects", "phone"), ("restraint_cases", "facts")


def admission(*opens, purpose=Purpose.DETERMINATION):
    return Admission(Actor("staff-7", Role.HANDLER), purpose, "v1", frozenset(opens))


class Watched:
    """A keyring that counts how often it was asked."""

    def __init__(self, keyring):
        self.keyring, self.opened = keyring, 0

    def open_all(self, boxes):
        self.opened += len(boxes)
        return self.keyring.open_all(boxes)

    def open_rows(self, columns):
        self.opened += 1
        return self.keyring.open_rows(columns)


@pytest.fixture
def key_path(tmp_path):
    path = tmp_path / "keys.json"
    Keyring.create(path, os.urandom)
    return path


@pytest.fixture
def keyring(key_path):
    return Keyring.load(key_path, os.urandom)


@pytest.fixture
def reporting(key_path):
    """Give the same keyring with a report."""
    return lambda report: Keyring.load(key_path, os.urandom, report)


@pytest.fixture
def page(keyring):
    """Two subjects: name, phone, a plain value, facts that are None for the second."""

    def sealed(number, key, place, text):
        at = Place(*place, UUID(int=number), UUID(int=number), 1)
        return Sealed(at, keyring.seal(text, at, key), key)

    one, two = keyring.new_key(UUID(int=1)), keyring.new_key(UUID(int=2))
    return [
        (sealed(1, one, NAME, "演示甲"), sealed(1, one, PHONE, "13000000000"), 7, sealed(1, one, FACTS, "事实")),
        (sealed(2, two, NAME, "演示乙"), sealed(2, two, PHONE, "13100000000"), 8, None),
    ]


def test_what_is_admitted_comes_back_as_text_in_its_position(page, keyring):
    rows = disclose(page, (0, 3), admission(NAME, FACTS), keyring)
    assert [(row[0], row[2], row[3]) for row in rows] == [("演示甲", 7, "事实"), ("演示乙", 8, None)]


def test_what_is_not_asked_for_stays_closed(page, keyring):
    rows = disclose(page, (0,), admission(NAME, PHONE), keyring)
    assert [row[1] for row in rows] == [values[1] for values in page]


def test_the_rows_given_are_not_changed(page, keyring):
    before = list(page)
    disclose(page, (0,), admission(NAME), keyring)
    assert page == before


@pytest.mark.parametrize(
    ("case", "rows", "sealed_at"),
    [
        ("no rows", [], (0,)),
        ("nothing sealed in them", [(1, "a"), (2, None)], ()),
        ("only empty values", [(None,), (None,)], (0,)),
    ],
)
def test_there_may_be_nothing_to_open(keyring, case, rows, sealed_at):
    assert disclose(rows, sealed_at, admission(purpose=None), keyring) == [list(row) for row in rows]


@pytest.mark.parametrize(
    ("sealed_at", "admitted", "refused"),
    [
        pytest.param((0,), admission(), NAME, id="nothing is admitted"),
        pytest.param((0,), admission(PHONE), NAME, id="another column is"),
        pytest.param((0,), admission(("identifiers", "name")), NAME, id="the column of that name in another table is"),
        pytest.param((0, 1), admission(NAME), PHONE, id="one of two is"),
        pytest.param((0, 1, 3), admission(NAME, PHONE), FACTS, id="all but the one that only the first row has"),
        pytest.param((0,), admission(NAME, purpose=None), NAME, id="there is no purpose"),
    ],
)
def test_a_place_that_is_not_admitted_refuses_before_anything_is_opened(page, keyring, sealed_at, admitted, refused):
    watched = Watched(keyring)
    with pytest.raises(DisclosureNotAdmitted) as refusal:
        disclose(page, sealed_at, admitted, watched)
    assert (refusal.value.table, refusal.value.column) == refused
    with pytest.raises(DisclosureNotAdmitted) as refusal:
        opener([(NAME, PHONE, None, FACTS)[at] for at in sealed_at], admitted, watched)
    assert (refusal.value.table, refusal.value.column) == refused
    assert watched.opened == 0


def test_even_one_such_box_in_the_last_row_refuses_the_page(page, keyring):
    smuggled = [*page, (page[0][1], None, 9, None)]
    watched = Watched(keyring)
    with pytest.raises(DisclosureNotAdmitted):
        disclose(smuggled, (0,), admission(NAME), watched)
    assert watched.opened == 0


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda name: replace(name, place=replace(name.place, version=2)), id="of another version"),
        pytest.param(lambda name: replace(name, text=flipped(name.text)), id="a flipped bit of the text"),
        pytest.param(lambda name: replace(name, key=flipped(name.key)), id="a flipped bit of the wrapped key"),
        pytest.param(lambda name: replace(name, text=b""), id="no layout at all"),
    ],
)
def test_a_box_that_does_not_open_is_marked_and_reported_and_spares_the_others(page, reporting, damage):
    reported = []
    keyring, (first, second) = reporting(reported.append), page
    rows = disclose([first, (damage(second[0]), *second[1:])], (0, 1), admission(NAME, PHONE), keyring)
    assert [row[:2] for row in rows] == [["演示甲", "13000000000"], [DAMAGED, "13100000000"]]
    assert [(place.table, place.column, place.row_id) for place in reported] == [(*NAME, UUID(int=2))]


def flipped(text):
    return text[:-1] + bytes([text[-1] ^ 1])


def test_text_where_a_box_should_be_is_a_bug(keyring):
    with pytest.raises(TypeError) as bug:
        disclose([("演示甲",)], (0,), admission(NAME), keyring)
    assert "演示甲" not in str(bug.value)


def test_an_opener_opens_the_values_of_its_columns_row_by_row(page, keyring):
    opening = opener([FACTS, NAME], admission(NAME, FACTS), keyring)
    name, _, _, facts = page[0]
    subject = name.place.subject_id.bytes
    ciphers = opening.ciphers(name.key, subject)
    assert opening.columns[1](ciphers, subject, name.text, subject, 1) == "演示甲"
    assert opening.columns[0](ciphers, subject, facts.text, subject, 1) == "事实"
    assert opening.subjects == {subject}
    with pytest.raises(SealBroken):
        opening.ciphers(name.key, page[1][0].place.subject_id.bytes)


def test_a_key_that_does_not_open_is_reported_where_something_is_sealed_under_it(page, reporting):
    reported = []
    box = page[0][0]
    with pytest.raises(SealBroken):
        reporting(reported.append).seal("演示", box.place, flipped(box.key))
    assert reported == [box.place]
