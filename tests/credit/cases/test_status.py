"""When a restraint is in force, and how far a case has come [5.1.2]-[5.1.5]."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.cases.status import (
    IN_FORCE,
    CaseDates,
    CaseStatus,
    Circumstance,
    CollectionChannel,
    RestraintDates,
    UnrectifiedPolicy,
    period_end,
)
from credit.core.errors import InconsistentFacts

STAYS, LAPSE = UnrectifiedPolicy.STAYS, UnrectifiedPolicy.LAPSE
ENDINGS = ("rectified_on", "removed_on", "dropped_on", "referred_on")


def force(on: str, unrectified: UnrectifiedPolicy = STAYS, **facts: str | None) -> bool:
    """Ask on a day about a restraint published on 5 March 2026, which ends on 5 September."""
    dated = {"published_on": "2026-03-05", "ends_on": "2026-09-05"} | dict.fromkeys(ENDINGS) | facts
    read = {name: None if day is None else date.fromisoformat(day) for name, day in dated.items()}
    return RestraintDates(**read).is_in_force(date.fromisoformat(on), unrectified)


@pytest.mark.parametrize(
    ("case", "circumstance", "clause"),
    [
        ("impersonation", "IMPERSONATION", "5.1.2a"),
        ("concealment or false material", "FALSE_MATERIAL", "5.1.2b"),
        ("deferred documents still missing", "DOCUMENTS_NOT_SUPPLIED", "5.1.2c"),
        ("the facts do not meet the commitment", "COMMITMENT_NOT_MET", "5.1.2d"),
        ("others", "OTHER", "5.1.2e"),
    ],
)
def test_there_are_five_circumstances(case, circumstance, clause):
    """[5.1.2]"""
    assert Circumstance(circumstance).clause == clause
    assert len(Circumstance) == 5


def test_a_choice_is_its_wire_name_and_knows_its_term():
    """[5.1.3]"""
    assert CollectionChannel("PUBLIC_REPORT") == "PUBLIC_REPORT"
    assert f"{CollectionChannel.PUBLIC_REPORT}" == CollectionChannel.PUBLIC_REPORT.value == "PUBLIC_REPORT"
    assert [channel.zh for channel in CollectionChannel] == [
        "事实调查", "平台查询", "审管互动平台推送", "群众举报核查", "其他",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="SOMETHING"):
        CollectionChannel("SOMETHING")


@pytest.mark.parametrize(
    ("case", "published", "last"),
    [
        ("six months on", "2026-03-05", "2026-09-05"),
        ("no corresponding day", "2025-08-31", "2026-02-28"),
        ("a leap year", "2027-08-31", "2028-02-29"),
    ],
)
def test_a_period_ends_with_the_corresponding_day(case, published, last):
    """[5.1.5]"""
    assert period_end(date.fromisoformat(published)) == date.fromisoformat(last)


def test_another_law_may_give_another_period():
    """[5.1.5]"""
    assert period_end(date(2026, 3, 5), 12) == date(2027, 3, 5)
    with pytest.raises(ValueError, match="at least a month"):
        period_end(date(2026, 3, 5), 0)


@pytest.mark.parametrize(
    ("case", "on", "facts", "unrectified", "expected"),
    [
        ("the day before publication", "2026-03-04", {}, STAYS, False),
        ("the day of publication", "2026-03-05", {}, STAYS, True),
        ("the last day", "2026-09-05", {"rectified_on": "2026-04-01"}, STAYS, True),
        ("free from the next day", "2026-09-06", {"rectified_on": "2026-04-01"}, STAYS, False),
        ("rectified early, it still lasts its period", "2026-04-02", {"rectified_on": "2026-04-01"}, STAYS, True),
        ("not rectified: it stays", "2026-09-06", {}, STAYS, True),
        ("not rectified after years", "2031-01-01", {}, STAYS, True),
        ("not rectified, where the deployment lets it lapse", "2026-09-06", {}, LAPSE, False),
        ("within the period both readings agree", "2026-09-05", {}, LAPSE, True),
        ("the day before late rectification", "2026-10-09", {"rectified_on": "2026-10-10"}, STAYS, True),
        ("the day of late rectification", "2026-10-10", {"rectified_on": "2026-10-10"}, STAYS, False),
        ("the day before removal", "2026-05-05", {"removed_on": "2026-05-06"}, STAYS, True),
        ("the day of removal", "2026-05-06", {"removed_on": "2026-05-06"}, STAYS, False),
        ("dropped on review", "2026-05-06", {"dropped_on": "2026-05-06"}, STAYS, False),
        ("referred: another procedure", "2026-05-06", {"referred_on": "2026-05-06"}, STAYS, False),
        ("removed while overdue", "2026-10-10", {"removed_on": "2026-10-10"}, STAYS, False),
        ("never published", "2026-05-06", {"published_on": None, "ends_on": None}, STAYS, False),
        ("to be published tomorrow", "2026-05-06", {"published_on": "2026-05-07"}, STAYS, False),
    ],
)
def test_a_restraint_is_in_force_by_its_dates_alone(case, on, facts, unrectified, expected):
    """[5.1.5]"""
    assert force(on, unrectified, **facts) is expected


def test_a_published_restraint_without_an_end_is_refused():
    with pytest.raises(InconsistentFacts):
        force("2026-05-06", ends_on=None)


STEPS = {
    "verified_at": datetime(2026, 1, 5, 17, tzinfo=UTC),  # already the 6th in Shanghai
    "noticed_on": date(2026, 1, 7),
    "served_on": date(2026, 1, 8),
    "stated_on": date(2026, 1, 9),
    "reviewed_on": date(2026, 1, 20),
    "determined_on": date(2026, 1, 21),
    "published_on": date(2026, 1, 22),
    "ends_on": date(2026, 7, 22),
}


@pytest.mark.parametrize(
    ("clause", "on", "expected"),
    [
        ("[5.1.3] collected", "2026-01-05", "COLLECTED"),
        ("[5.1.4(1)] verified, by the day of Shanghai", "2026-01-06", "VERIFIED"),
        ("[5.1.4(2)] notice written", "2026-01-07", "NOTICED"),
        ("[5.1.4(2)] notice served", "2026-01-08", "SERVED"),
        ("[5.1.4(3)] stated", "2026-01-09", "STATED"),
        ("[5.1.4(4)] reviewed", "2026-01-20", "REVIEWED"),
        ("[5.1.4] determined", "2026-01-21", "DETERMINED"),
        ("[5.1.5] published", "2026-01-22", "PUBLISHED"),
        ("[5.1.5] the last day", "2026-07-22", "PUBLISHED"),
        ("[5.1.5] not rectified", "2026-07-23", "OVERDUE_FOR_RECTIFICATION"),
    ],
)
def test_the_status_is_that_of_the_day_asked_about(clause, on, expected):
    found = CaseDates(**STEPS).status(date.fromisoformat(on))
    assert found == expected
    assert found.clause in clause


@pytest.mark.parametrize(
    ("clause", "facts", "unrectified", "expected"),
    [
        ("[5.1.5] rectified: it ended with its period", {"rectified_on": date(2026, 3, 1)}, STAYS, "ENDED"),
        ("[5.1.5] rectified late", {"rectified_on": date(2026, 7, 30)}, STAYS, "ENDED"),
        ("[5.1.5] lapsed", {}, LAPSE, "ENDED"),
        ("[5.1.4(6)] removed", {"removed_on": date(2026, 3, 1)}, STAYS, "REMOVED"),
        ("[5.1.4(4)] dropped", {"dropped_on": date(2026, 3, 1)}, STAYS, "DROPPED"),
        ("[5.1.2] referred", {"referred_on": date(2026, 3, 1)}, STAYS, "REFERRED"),
        (
            "[5.1.2] a penalty goes before everything",
            {"removed_on": date(2026, 3, 1), "dropped_on": date(2026, 3, 1), "referred_on": date(2026, 3, 1)},
            STAYS,
            "REFERRED",
        ),
    ],
)
def test_a_case_ends_in_one_way(clause, facts, unrectified, expected):
    assert CaseDates(**STEPS, **facts).status(date(2026, 8, 1), unrectified) == expected


def test_an_ending_counts_from_its_own_day():
    """[5.1.4(6)]"""
    facts = {**STEPS, "removed_on": date(2026, 3, 1)}
    assert CaseDates(**facts).status(date(2026, 2, 28)) == CaseStatus.PUBLISHED
    assert CaseDates(**facts).status(date(2026, 3, 1)) == CaseStatus.REMOVED


def test_a_case_taken_in_from_a_list_needs_no_earlier_steps():
    """[6.2]"""
    dates = CaseDates(determined_on=date(2026, 1, 1), published_on=date(2026, 1, 2), ends_on=date(2026, 7, 2))
    assert dates.status(date(2026, 2, 1)) == CaseStatus.PUBLISHED


some_day = st.dates(date(2026, 1, 1), date(2026, 3, 1))
facts_of_a_case = st.fixed_dictionaries(
    {
        name: st.none() | some_day
        for name in ("noticed_on", "served_on", "stated_on", "reviewed_on", "determined_on", "published_on", *ENDINGS)
    }
    | {
        "ends_on": some_day,
        "verified_at": st.none() | some_day.map(lambda d: datetime(d.year, d.month, d.day, 3, tzinfo=UTC)),
    }
)


@given(facts_of_a_case, some_day, st.sampled_from(UnrectifiedPolicy))
def test_status_and_force_never_disagree(facts, today, unrectified):
    dates = CaseDates(**facts)
    assert dates.is_in_force(today, unrectified) == (dates.status(today, unrectified) in IN_FORCE)


@given(facts_of_a_case, some_day)
def test_the_milder_reading_never_restrains_more(facts, today):
    """[5.1.5]"""
    dates = CaseDates(**facts)
    if dates.is_in_force(today, LAPSE):
        assert dates.is_in_force(today, STAYS)


@given(facts_of_a_case, some_day, st.integers(1, 30))
def test_once_free_always_free(facts, today, later):
    """[5.1.5] A restraint that has begun and ended does not come back by the mere passing of days."""
    dates = CaseDates(**facts)
    begun = facts["published_on"] is not None and facts["published_on"] <= today
    if begun and not dates.is_in_force(today):
        assert not dates.is_in_force(today + timedelta(days=later))


@given(facts_of_a_case, some_day)
def test_what_has_not_happened_yet_changes_nothing(facts, today):
    so_far = {
        name: None if fact is not None and name not in {"ends_on", "verified_at"} and fact > today else fact
        for name, fact in facts.items()
    }
    if facts["published_on"] is not None and so_far["published_on"] is None:
        so_far["ends_on"] = None  # it comes with the publication
    assert CaseDates(**facts).status(today) == CaseDates(**so_far).status(today)
