"""The management period [5.1.5]: its end by date, its restarts, and early removal; each with a name and its days."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from credit.cases.case import Claim, Pause, RemovalCause
from credit.cases.refusals import PERIOD_NEEDS_CITATION, DayOutOfOrder
from credit.cases.rules.period import reckon
from credit.cases.rules.term import SIX_MONTHS, Term, term_of
from credit.cases.status import CaseStatus, UnrectifiedPolicy
from credit.core.errors import InconsistentFacts
from tests.credit.cases.one_case import HEAD, SUBJECT, a_case, by, day, listed, published, served
from tests.refusals import refuses

STAYS, LAPSE = UnrectifiedPolicy.STAYS, UnrectifiedPolicy.LAPSE
ONE_DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("case", "term", "published", "last"),
    [
        ("six months from publication", SIX_MONTHS, "2026-01-05", "2026-07-05"),
        ("six months from 31 August end with February", SIX_MONTHS, "2025-08-31", "2026-02-28"),
        ("the last day may be a holiday", SIX_MONTHS, "2026-04-01", "2026-10-01"),
        ("a shorter period", Term(3), "2026-01-05", "2026-04-05"),
        ("a year by another law", Term(12, citation="某某条例"), "2026-01-05", "2027-01-05"),
        ("until a day", Term(None, date(2026, 5, 1)), "2026-01-05", "2026-05-01"),
    ],
)
def test_a_period_is_counted_from_publication(case, term, published, last):
    assert term.last_day(day(published)) == day(last)


@pytest.mark.parametrize(
    ("case", "term", "refusal"),
    [
        ("six months need no law", Term(6), None),
        ("seven do", Term(7), PERIOD_NEEDS_CITATION),
        ("a year with its law", Term(12, citation="某某条例"), None),
        ("until the corresponding day", Term(None, date(2026, 9, 18)), None),
        ("until the day after it", Term(None, date(2026, 9, 19)), PERIOD_NEEDS_CITATION),
        ("until the day after it, with its law", Term(None, date(2026, 9, 19), "某某条例"), None),
        ("until the day of publication", Term(None, date(2026, 3, 18)), None),
        ("until the day before", Term(None, date(2026, 3, 17)), DayOutOfOrder),
    ],
)
def test_more_than_six_months_needs_the_law_that_says_so(case, term, refusal):
    if refusal is None:
        term.require_citation(day("2026-03-18"))
        return
    with refuses(refusal):
        term.require_citation(day("2026-03-18"))


@pytest.mark.parametrize("fields", [{"months": None}, {"months": 6, "until": date(2026, 5, 1)}, {"months": 0}])
def test_a_term_is_months_or_a_last_day(fields):
    with pytest.raises(ValueError, match=r"term|month"):
        Term(**fields)


def test_a_term_is_read_back_from_its_days():
    assert term_of(day("2025-08-31"), day("2026-02-28")) == SIX_MONTHS
    assert term_of(day("2026-01-05"), day("2027-01-05"), "某某条例") == Term(12, citation="某某条例")


# Published on 5 January 2026: the last day is 5 July, a Sunday.
OLD = listed(1, "2026-01-05")
FIXED = by(HEAD, "2026-02-02")


@pytest.mark.parametrize(
    ("case", "facts", "unrectified", "free"),
    [
        ("rectified in time: the day after the last", {"rectified": FIXED}, STAYS, "2026-07-06"),
        ("not rectified: no end in sight", {}, STAYS, None),
        ("not rectified, where the deployment lets it lapse", {}, LAPSE, "2026-07-06"),
        ("rectified late: the day of confirmation", {"rectified": by(HEAD, "2026-08-10")}, STAYS, "2026-08-10"),
        ("rectified on the last day", {"rectified": by(HEAD, "2026-07-05")}, STAYS, "2026-07-06"),
        ("rectified on the day after it", {"rectified": by(HEAD, "2026-07-06")}, STAYS, "2026-07-06"),
        ("rectified late, where it had lapsed before", {"rectified": by(HEAD, "2026-08-10")}, LAPSE, "2026-07-06"),
        ("removed", {"removed": FIXED}, STAYS, "2026-02-02"),
        ("referred", {"referred": FIXED}, STAYS, "2026-02-02"),
        ("removed after it had ended", {"rectified": FIXED, "removed": by(HEAD, "2026-08-01")}, STAYS, "2026-07-06"),
    ],
)
def test_a_subject_is_free_from_a_day(case, facts, unrectified, free):
    """[5.1.5]"""
    held = replace(OLD, **facts)
    assert held.free_on(unrectified) == (None if free is None else day(free))
    if free is not None:
        assert held.is_in_force(day(free) - ONE_DAY, unrectified)
        assert not held.is_in_force(day(free), unrectified)
        assert not held.is_public(day(free), unrectified), "its public entry is hidden from the same day on"


def test_a_case_that_is_not_published_binds_nobody():
    assert served().free_on() is None
    assert not served().is_in_force(day("2026-05-01"))


def test_a_case_in_force_is_public_unless_it_is_confidential():
    """[5.1.6]"""
    assert published().is_public(day("2026-08-01"))
    assert not replace(published(), confidential=True).is_public(day("2026-08-01"))


def new(determined, published, *, collected=None, number=2, **facts):
    """Return a newer case of the same subject, collected on the day it was determined unless given otherwise."""
    case = listed(number, published)
    steps = {"collected": by(HEAD, collected or determined), "determined": by(HEAD, determined)}
    return replace(case, **steps, **facts)


def wrong(on):
    return {"removed": by(HEAD, on), "removal": RemovalCause.WRONG}


RESTARTS = [
    ("[5.1.5] a new breach within the period", {}, new("2026-06-19", "2026-06-22"), "2026-12-22"),
    ("[5.1.5] on the first day of the period", {}, new("2026-01-05", "2026-01-05"), "2026-07-05"),
    ("[5.1.5] on the last day of the period", {}, new("2026-07-05", "2026-07-05"), "2026-01-05+1"),
    (
        "[5.1.5] rectified does not help: it is a new breach",
        {"rectified": FIXED},
        new("2026-06-19", "2026-06-22"),
        "2026-12-22",
    ),
    (
        "[5.1.5] committed on the last day, determined and published after it, the old one overdue",
        {},
        new("2026-07-08", "2026-07-09", collected="2026-07-05"),
        "2026-01-09+1",
    ),
    ("[5.1.5] committed after the last day", {}, new("2026-07-06", "2026-07-06"), "2026-07-05"),
    (
        "[5.1.5] its own day counts, not that of its collection",
        {"rectified": FIXED},
        new("2026-08-03", "2026-08-04", occurred_on=date(2026, 6, 19)),
        "2026-02-04+1",
    ),
    (
        "[5.1.5] committed within, published after the old one has ended: it returns with the publication",
        {"rectified": FIXED},
        new("2026-07-03", "2026-07-08"),
        "2026-01-08+1",
    ),
    (
        "[5.1.5] known before the old one was published: not new",
        {},
        new("2026-02-02", "2026-02-03", collected="2026-01-04"),
        "2026-07-05",
    ),
    (
        "[5.1.5] committed before the old one was published: not new",
        {},
        new("2026-02-02", "2026-02-03", occurred_on=date(2025, 12, 1)),
        "2026-07-05",
    ),
    (
        "[5.1.5] not published yet",
        {},
        replace(new("2026-02-02", "2026-02-03"), published=None, ends_on=None),
        "2026-07-05",
    ),
    (
        "[5.1.5] the old one was removed",
        {"removed": by(HEAD, "2026-02-02")},
        new("2026-02-02", "2026-02-03"),
        "2026-07-05",
    ),
    (
        "[5.1.5] the old one was referred",
        {"referred": by(HEAD, "2026-02-02")},
        new("2026-02-02", "2026-02-03"),
        "2026-07-05",
    ),
    (
        "[5.1.5] by another law the old one begins anew with its own length",
        {"term": Term(12, citation="某某条例"), "ends_on": date(2027, 1, 5)},
        new("2026-06-19", "2026-06-22"),
        "2027-06-22",
    ),
    (
        "[5.1.5] until a day: as many days anew",
        {"term": Term(None, date(2026, 1, 15)), "ends_on": date(2026, 1, 15)},
        new("2026-01-10", "2026-01-12"),
        "2026-01-22",
    ),
    (
        "[5.1.4(6)] the new one was removed as wrong",
        {},
        new("2026-06-19", "2026-06-22", **wrong("2026-06-23")),
        "2026-07-05",
    ),
    (
        "[5.1.4(6)] the new one was removed because things changed",
        {},
        new("2026-06-19", "2026-06-22", removed=by(HEAD, "2026-06-23"), removal=RemovalCause.CHANGED),
        "2026-12-22",
    ),
    (
        "[5.1.2] the new one was referred: worse, not better",
        {},
        new("2026-06-19", "2026-06-22", referred=by(HEAD, "2026-06-23")),
        "2026-12-22",
    ),
    (
        "[5.1.4(3)] the new one was dropped by the review of a late statement",
        {},
        new("2026-06-19", "2026-06-22", dropped=by(HEAD, "2026-06-23")),
        "2026-07-05",
    ),
    (
        "[3.2] the breach of somebody else",
        {},
        replace(new("2026-06-19", "2026-06-22"), subject_id=UUID(int=2)),
        "2026-07-05",
    ),
]


def _end(text):
    """Read a day; `+1` is the next year."""
    iso, _, later = text.partition("+")
    found = date.fromisoformat(iso)
    return found.replace(year=found.year + int(later or 0))


@pytest.mark.parametrize(("case", "facts", "newer", "last"), RESTARTS, ids=[row[0] for row in RESTARTS])
def test_a_new_breach_within_the_period_starts_it_anew(case, facts, newer, last):
    old = replace(OLD, **facts)
    today = (newer.published or newer.determined).on
    changed = {each.case_id: each for each in reckon([old, newer], today)}
    assert changed.get(old.case_id, old).ends_on == _end(last)
    assert newer.case_id not in changed, "an older breach restarts no newer period"


def test_a_restart_says_what_it_came_from():
    """[5.1.5]"""
    newer = new("2026-06-19", "2026-06-22")
    (old,) = reckon([OLD, newer], day("2026-06-22"))
    assert [(restart.by_case_id, restart.on) for restart in old.restarts] == [(newer.case_id, day("2026-06-22"))]
    assert reckon([old, newer], day("2026-06-22")) == (), "reckoning twice changes nothing"


def test_a_third_breach_starts_both_anew():
    """[5.1.5] It lies in the restarted period of the first, not in its own."""
    second, third = new("2026-06-19", "2026-06-22"), new("2026-11-02", "2026-11-05", number=3)
    (first,) = reckon([OLD, second], day("2026-06-22"))
    changed = reckon([first, second, third], day("2026-11-05"))
    assert [(each.number, each.ends_on) for each in changed] == [
        ("LZ-2026-0001", date(2027, 5, 5)),
        ("LZ-2026-0002", date(2027, 5, 5)),
    ]


def test_without_the_second_the_third_finds_the_first_ended():
    """[5.1.4(6)] The second turns out wrong: what rested on it falls away from that day on, and no past day changes."""
    rectified = replace(OLD, rectified=FIXED)
    second, third = new("2026-06-19", "2026-06-22"), new("2026-11-02", "2026-11-05", number=3)
    (first,) = reckon([rectified, second], day("2026-06-22"))
    first, second = reckon([first, second, third], day("2026-11-05"))
    second = replace(second, **wrong("2026-12-01"))
    (freed,) = reckon([first, second, third], day("2026-12-01"))
    assert freed.ends_on == date(2026, 11, 30)
    assert freed.restarts == ()
    assert freed.is_in_force(date(2026, 11, 30))
    assert freed.status(date(2026, 12, 1)) is CaseStatus.ENDED


def test_between_its_end_and_its_return_the_subject_was_free():
    """[5.1.5] Rectified, ended on 5 July; the breach of 3 July is published on 8 July. Both then end together."""
    newer = new("2026-07-03", "2026-07-08")
    (old,) = reckon([replace(OLD, rectified=FIXED), newer], day("2026-07-08"))
    assert old.pauses == (Pause(day("2026-07-06"), day("2026-07-08"), is_return=True),)
    assert [old.is_in_force(day(on)) for on in ("2026-07-05", "2026-07-06", "2026-07-07", "2026-07-08")] == [
        True, False, False, True,
    ]  # fmt: skip
    assert old.status(day("2026-07-07")) is CaseStatus.ENDED
    assert old.ends_on == newer.ends_on == day("2027-01-08")
    assert reckon([old, newer], day("2026-08-03")) == (), "reckoning again changes nothing"


def test_a_breach_of_the_free_days_in_between_restarts_nothing():
    """[5.1.5] It lies in no period of the old one."""
    newer, third = new("2026-07-03", "2026-07-08"), new("2026-07-07", "2026-07-09", number=3)
    (old,) = reckon([replace(OLD, rectified=FIXED), newer], day("2026-07-08"))
    assert reckon([old, newer, third], day("2026-07-09")) == ()


def test_what_has_ended_never_returns_backwards():
    """[5.1.5] A newer case that is known only long after its publication changes nothing."""
    ended = replace(OLD, rectified=FIXED)
    assert reckon([ended, new("2026-06-19", "2026-06-22")], day("2026-08-03")) == ()


def test_where_restraints_lapse_an_overdue_one_has_ended_and_returns():
    """[5.1.5] `lapse`"""
    newer = new("2026-07-03", "2026-07-08")
    (lapsed,), (stays,) = (reckon([OLD, newer], day("2026-07-08"), each) for each in (LAPSE, STAYS))
    assert lapsed.ends_on == stays.ends_on == day("2027-01-08")
    assert [each.is_in_force(day("2026-07-07"), LAPSE) for each in (lapsed, OLD)] == [False, False]
    assert stays.is_in_force(day("2026-07-07"), STAYS)


def test_a_restart_of_the_day_of_rectification_holds():
    """[5.1.5] It was recorded first; rectified afterwards, the old one lasts its new period."""
    newer = new("2026-07-03", "2026-07-08")
    (old,) = reckon([OLD, newer], day("2026-07-08"))
    old = replace(old, rectified=by(HEAD, "2026-07-08"))
    assert reckon([old, newer], day("2026-08-03")) == ()


def test_a_published_case_without_its_end_is_refused():
    with pytest.raises(InconsistentFacts):
        replace(a_case(), published=FIXED).is_in_force(day("2026-08-01"))


def test_a_period_that_waited_for_an_answer_returns_and_its_days_of_rest_stay():
    """[5.1.5] Claimed in time and unanswered, it rests from 6 July on; the breach of 3 July is published on 8 July."""
    waiting = replace(OLD, claims=(Claim(by(SUBJECT, "2026-07-01", department=None)),))
    newer = new("2026-07-03", "2026-07-08")
    (old,) = reckon([waiting, newer], day("2026-07-08"))
    assert [old.is_in_force(day(on)) for on in ("2026-07-05", "2026-07-06", "2026-07-07", "2026-07-08")] == [
        True, False, False, True,
    ]  # fmt: skip
    assert old.ends_on == day("2027-01-08")
