"""Consultations: restrained or not at this moment, and no more [5.2.3] [5.1.6]."""

from dataclasses import fields
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.consultations.consultation import (
    ConsultationGround,
    ConsultationKind,
    ConsultationLine,
    Name,
    RecipientKind,
    Reply,
    answerable,
    consult,
    ground_of,
    log_lines,
    reply,
)
from credit.consultations.refusals import ConsultationRefused
from credit.core.errors import InvalidItem
from tests.credit.subjects.synthetic_numbers import PERSON

NOW = datetime(2026, 3, 5, 4, tzinfo=UTC)
DEPARTMENT, ASSOCIATION = RecipientKind.DEPARTMENT, RecipientKind.ASSOCIATION
A, B, C = UUID(int=1), UUID(int=2), UUID(int=3)
LETTER = UUID(int=9)
LAW = "《示例条例》第十条"


def asked(*names, by=DEPARTMENT, statute=None, most=500, occasion="2026年度示例评选", kind=ConsultationKind.AWARD):
    return consult(
        consultation_id=UUID(int=8),
        kind=kind,
        recipient_kind=by,
        recipient_code="X",
        occasion=occasion,
        by="actor-1",
        at=NOW,
        names=names,
        statute=statute,
        most=most,
    )


@pytest.mark.parametrize(
    ("case", "by", "statute", "name", "restrained", "expected"),
    [
        ("a department by statute, restrained", DEPARTMENT, LAW, Name(1, A), {A}, "RESTRAINED"),
        ("a department by statute, not restrained", DEPARTMENT, LAW, Name(1, A), {B}, "NOT_RESTRAINED"),
        ("a department by statute, nobody recorded", DEPARTMENT, LAW, Name(1, None), {A}, "NOT_RESTRAINED"),
        ("a department by authorisation", DEPARTMENT, None, Name(1, A, LETTER), {A}, "RESTRAINED"),
        ("a department with neither", DEPARTMENT, None, Name(1, A), {A}, "NO_AUTHORISATION"),
        ("a department with a blank statute", DEPARTMENT, " ", Name(1, A), {A}, "NO_AUTHORISATION"),
        ("an association by authorisation, restrained", ASSOCIATION, None, Name(1, A, LETTER), {A}, "RESTRAINED"),
        ("an association by authorisation, not", ASSOCIATION, None, Name(1, A, LETTER), set(), "NOT_RESTRAINED"),
        ("an association without, restrained", ASSOCIATION, None, Name(1, A), {A}, "NO_AUTHORISATION"),
        ("an association without, not restrained", ASSOCIATION, None, Name(1, A), set(), "NO_AUTHORISATION"),
        ("an association, nobody recorded", ASSOCIATION, None, Name(1, None), {A}, "NO_AUTHORISATION"),
    ],
)
def test_one_name_gets_one_word(case, by, statute, name, restrained, expected):
    """[5.2.3]"""
    assert reply(asked(name, by=by, statute=statute), restrained) == (ConsultationLine(1, Reply(expected)),)


def test_a_batch_is_answered_line_by_line():
    """[5.2.3] A mixed list: each name on its own ground, the same one twice the same."""
    batch = asked(Name(1, A, LETTER), Name(2, B), Name(3, None), Name(4, C, LETTER), Name(5, A, LETTER), by=ASSOCIATION)
    assert [line.reply.value for line in reply(batch, {A, B})] == [
        "RESTRAINED",
        "NO_AUTHORISATION",
        "NO_AUTHORISATION",
        "NOT_RESTRAINED",
        "RESTRAINED",
    ]


@pytest.mark.parametrize(
    ("case", "act", "refusal"),
    [
        ("nobody named", asked, "NOBODY_NAMED"),
        ("more than one occasion needs", lambda: asked(*[Name(n, None) for n in range(4)], most=3), "TOO_MANY_NAMES"),
        (
            "[5.2.3] an association by statute",
            lambda: asked(Name(1, A, LETTER), by=ASSOCIATION, statute=LAW),
            "STATUTE_NOT_FOR_ASSOCIATIONS",
        ),
    ],
)
def test_every_refusal_has_a_name(case, act, refusal):
    with pytest.raises(ConsultationRefused) as refused:
        act()
    assert refused.value.code == refusal
    assert refused.value.remedy_zh


@pytest.mark.parametrize("occasion", ["", PERSON])
def test_the_occasion_is_named_and_names_nobody(occasion):
    """[5.1.6]"""
    with pytest.raises(InvalidItem):
        asked(Name(1, A), occasion=occasion)


def test_the_answer_has_room_for_nothing_else():
    """[5.2.3] To reply with more, one has to change the type, and this test."""
    assert [field.name for field in fields(ConsultationLine)] == ["line", "reply"]
    assert {one.value for one in Reply} == {"RESTRAINED", "NOT_RESTRAINED", "NO_AUTHORISATION"}


@pytest.mark.parametrize("kind", ConsultationKind)
def test_a_consultation_is_for_a_rating_an_award_or_a_selection(kind):
    """[5.2.3]"""
    assert kind.clause == "5.2.3"
    assert asked(Name(1, A), kind=kind).kind is kind


def test_every_subject_asked_about_finds_it_in_the_log():
    """[5.1.6] [5.2.3] Also where the reply revealed nothing."""
    batch = asked(Name(1, A, LETTER), Name(2, B), Name(3, None), by=ASSOCIATION)
    found = log_lines(batch, {A})
    assert [(line.subject_id, line.ground, line.authorisation_id, line.reply.value) for line in found] == [
        (A, ConsultationGround.AUTHORISATION, LETTER, "RESTRAINED"),
        (B, None, None, "NO_AUTHORISATION"),
    ]
    (by_statute,) = log_lines(asked(Name(1, A, LETTER), statute=LAW), set())
    assert (by_statute.ground, by_statute.citation, by_statute.authorisation_id) == (
        ConsultationGround.STATUTE,
        LAW,
        None,
    )


subjects = st.sampled_from([A, B, C])
names = st.lists(
    st.builds(Name, st.integers(1, 99), st.none() | subjects, st.none() | st.just(LETTER)), min_size=1, max_size=6
)
flags = st.frozensets(subjects)


@given(names, st.sampled_from(RecipientKind), st.none() | st.just(LAW), flags, flags)
def test_a_reply_depends_on_the_answerable_alone(listed, by, statute, restrained, others):
    """[5.2.3] [5.1.6] Two sets of data that differ only in subjects without authorisation give the same replies."""
    statute = statute if by is DEPARTMENT else None
    one = asked(*listed, by=by, statute=statute)
    may = answerable(one)
    assert reply(one, restrained) == reply(one, (restrained & may) | (others - may))


@given(names, flags)
def test_without_authorisation_an_unknown_name_is_like_a_known_one(listed, restrained):
    """[5.1.6] An association cannot learn who is recorded."""
    bare = [Name(name.line, name.subject_id) for name in listed]
    nobody = [Name(name.line, None) for name in listed]
    assert reply(asked(*bare, by=ASSOCIATION), restrained) == reply(asked(*nobody, by=ASSOCIATION), restrained)


@given(names, st.sampled_from(RecipientKind), flags)
def test_every_line_is_answered_once_and_in_order(listed, by, restrained):
    one = asked(*listed, by=by)
    lines = reply(one, restrained)
    assert [line.line for line in lines] == [name.line for name in listed]
    for name, line in zip(listed, lines, strict=True):
        assert (ground_of(one, name) is None) == (line.reply is Reply.NO_AUTHORISATION)
