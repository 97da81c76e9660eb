"""Publicity beside restraint: by the governing document's rule and by the national one [5.1.5].

Served on Thu 5 March 2026, determined Tue 17, published Wed 18 March: by the district the last day is 18 September.
"""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from credit.cases.case import Case
from credit.cases.publicity import CountedFrom, Listing, Publicity, Repair, publicity_of
from credit.cases.refusals import ALREADY_ENDED, NEW_BREACH_OPEN, REPAIRED_ALREADY
from credit.cases.rules.closing import drop, rectify
from credit.cases.rules.next_steps import Task, todo
from credit.cases.rules.period import reckon, require_no_new_breach
from credit.cases.rules.term import SIX_MONTHS, Term
from credit.cases.rules.transitions import determine, publish
from credit.cases.status import CaseStatus, Circumstance
from credit.policy_texts.publicity_rules import load, shipped
from credit.policy_texts.refusals import DataFileRefused
from tests.credit.cases.one_case import (
    CALENDAR,
    HANDLER,
    HEAD,
    SHORT,
    by,
    collected,
    day,
    determined,
    listed,
    published,
    served,
)
from tests.refusals import refuses

NATIONAL = shipped("national")
UNLISTED = publicity_of(NATIONAL, Circumstance.FALSE_MATERIAL, day("2026-04-01"))
THREE_MONTHS = Publicity(Listing.MONTHS, 3, CountedFrom.DETERMINATION, Repair.ON_APPLICATION)


def by_rule(publicity: Publicity, on: str = "03-18", before: Case | None = None) -> Case:
    fact = by(HEAD, on)
    case = determined() if before is None else before
    return publish(case, fact, (), calendar=CALENDAR, today=fact.on, publicity=publicity).case


@pytest.mark.parametrize(
    ("rules", "on", "expected"),
    [
        ("district", "2026-03-31", Listing.WHILE_IN_FORCE),
        ("district", "2026-04-01", Listing.WHILE_IN_FORCE),
        ("national", "2026-03-31", Listing.WHILE_IN_FORCE),
        ("national", "2026-04-01", Listing.NOT_LISTED),
    ],
)
def test_the_rule_of_the_day_of_publication_decides(rules, on, expected):
    for circumstance in Circumstance:
        assert publicity_of(shipped(rules), circumstance, day(on)).listing is expected


def test_each_shipped_rule_cites_its_text_and_names_no_catalogue():
    """Order 36, article 4: none of the five circumstances stands in a catalogue by itself."""
    assert [rule.in_catalogue for rule in (*shipped("district"), *NATIONAL)] == [False] * 3
    assert "第36号" in NATIONAL[-1].citation
    assert "国办发〔2025〕22号" in NATIONAL[-1].citation


@pytest.mark.parametrize(
    ("publicity", "ends_on", "listed_until", "public"),
    [
        # public: on the day of publication, after three months, and on the last day in force.
        (Publicity(), "2026-09-18", None, [True, True, True]),
        (UNLISTED, "2026-09-17", None, [False, False, False]),
        (THREE_MONTHS, "2026-09-17", "2026-06-17", [True, False, False]),
        (Publicity(Listing.MONTHS, 1), "2026-09-18", "2026-04-18", [True, False, False]),
    ],
)
def test_a_restraint_is_in_force_whether_or_not_it_is_listed(publicity, ends_on, listed_until, public):
    case = by_rule(publicity)
    assert case.ends_on == day(ends_on)
    assert case.listed_until == (listed_until and day(listed_until))
    days = (day("03-18"), day("06-18"), case.ends_on)
    assert [case.is_public(on) for on in days] == public
    assert all(case.is_in_force(on) for on in days)


@pytest.mark.parametrize("publicity", [UNLISTED, THREE_MONTHS])
def test_repair_on_application_ends_restraint_listing_and_sharing(publicity):
    """From the day of confirmation on; nothing brings a repaired case back."""
    case = rectify(by_rule(publicity), by(HANDLER, "04-20"), today=day("04-20"))
    assert [case.is_in_force(day(on)) for on in ("04-19", "04-20")] == [True, False]
    assert case.status(day("04-20")) is CaseStatus.ENDED
    assert not case.is_public(day("04-20"))
    newer = replace(listed(2, "2026-04-21"), occurred_on=day("04-10"))
    assert reckon([case, newer], day("04-21")) == ()


def test_by_the_districts_rule_confirmed_rectification_ends_nothing_before_its_time():
    case = rectify(published(), by(HANDLER, "04-20"), today=day("04-20"))
    assert case.is_in_force(day("09-18"))


def test_repaired_on_the_day_of_its_publication_it_ends_with_that_day():
    case = rectify(by_rule(UNLISTED), by(HANDLER, "03-18"), today=day("03-18"))
    assert [case.is_in_force(day(on)) for on in ("03-18", "03-19")] == [True, False]


def test_an_announcement_stands_for_publication_in_a_restart():
    """The older period, listed or not, starts anew from the day of the announcement."""
    old = by_rule(UNLISTED)
    fact = by(HEAD, "04-21")
    newer = replace(listed(2, "2026-04-21"), published=None, ends_on=None, determined=by(HEAD, "04-20"))
    done = publish(newer, fact, [old], calendar=CALENDAR, today=fact.on, publicity=UNLISTED)
    assert [(each.restarts[-1].on, each.ends_on) for each in done.restarted_period] == [(fact.on, day("10-21"))]
    assert done.case.ends_on == day("10-20"), "its own days count from its determination"


def test_what_is_repaired_is_not_published_any_more():
    repaired = rectify(determined(), by(HANDLER, "03-17"), today=day("03-17"))
    with refuses(REPAIRED_ALREADY):
        by_rule(UNLISTED, before=repaired)
    assert by_rule(Publicity(), before=repaired).is_in_force(day("09-18"))


def test_what_is_repaired_before_its_announcement_has_ended():
    """By a rule that repairs on application nothing is left to be published, so nothing waits [5.1.4(5)] [5.1.5]."""
    today = day("03-17")
    repaired = rectify(determined(), by(HANDLER, "03-17"), today=today, publicity=UNLISTED)
    assert (repaired.status(today), repaired.free_on()) == (CaseStatus.ENDED, today)
    assert not repaired.is_in_force(today)
    assert todo(repaired, CALENDAR, today) == ()
    with refuses(REPAIRED_ALREADY):
        by_rule(UNLISTED, before=repaired)
    with refuses(REPAIRED_ALREADY):
        by_rule(Publicity(), before=repaired)  # a later rule does not bring it back
    assert reckon([repaired], today) == ()
    waits = rectify(determined(), by(HANDLER, "03-17"), today=today)
    assert [each.task for each in todo(waits, CALENDAR, today)] == [Task.PUBLISH]


def test_what_is_rectified_is_not_determined_where_repair_ends_it():
    """It could not be published, and so would wait for ever; it is dropped. By the other rule the case goes on."""
    rectified = rectify(served(), by(HANDLER, "03-09"), today=day("03-09"))
    given = {"calendar": CALENDAR, "today": day("03-17")}
    with refuses(REPAIRED_ALREADY):
        determine(rectified, by(HEAD, "03-17"), SHORT, "文书-1", SIX_MONTHS, **given, publicity=UNLISTED)
    assert drop(rectified, by(HANDLER, "03-17"), today=day("03-17")).status(day("03-17")) is CaseStatus.DROPPED
    assert determine(rectified, by(HEAD, "03-17"), SHORT, "文书-1", SIX_MONTHS, **given).determined


def test_a_period_that_is_over_cannot_begin():
    """Determined on 17 March for a month, and forgotten until May."""
    short = replace(determined(), term=Term(1))
    with refuses(ALREADY_ENDED):
        by_rule(UNLISTED, "05-04", short)


# --- no certificate while another breach of the period is open ------------------------------------------------------

OLD = replace(listed(1, "2026-01-05"), rectified=by(HEAD, "2026-02-02"))


@pytest.mark.parametrize(
    ("case", "newer", "refused"),
    [
        ("collected in the period", collected(), True),
        ("committed in it, collected later", collected(occurred_on=day("02-10")), True),
        ("committed before it", collected(occurred_on=date(2025, 12, 30)), False),
        ("determined, and not published yet", determined(), True),
        ("removed because things changed", replace(determined(), removed=by(HEAD, "03-18")), True),
        ("dropped", replace(collected(), dropped=by(HEAD, "03-04")), False),
        ("referred without a determination", replace(collected(), referred=by(HEAD, "03-04")), False),
        ("confidential: a refusal would show it [5.1.6]", replace(determined(), confidential=True), False),
    ],
)
def test_nobody_certifies_that_there_was_no_new_breach_while_one_is_open(case, newer, refused):
    newer = replace(newer, case_id=UUID(int=77))
    if not refused:
        require_no_new_breach(OLD, [OLD, newer])
        return
    with refuses(NEW_BREACH_OPEN):
        require_no_new_breach(OLD, [OLD, newer])


def test_a_breach_that_has_restarted_the_period_is_counted_already():
    newer = listed(2, "2026-03-18")
    (old,) = reckon([OLD, newer], day("03-18"))
    require_no_new_breach(old, [old, newer])


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ('listing = "WHILE_IN_FORCE"', 'listing = "SOMETIMES"'),
        ('listing = "WHILE_IN_FORCE"', 'listing = "MONTHS"'),
        ('listing = "WHILE_IN_FORCE"', 'listing = "MONTHS"\nmonths = 4'),
        ('listing = "WHILE_IN_FORCE"', 'listing = "NOT_LISTED"\nmonths = 3'),
        ("in_catalogue = false", 'in_catalogue = "no"'),
        ('citation = "', 'citation = ""\n#'),
        ('counted_from = "PUBLICATION"', 'counted_from = "PUBLICATION"\ncircumstances = ["LATENESS"]'),
    ],
)
def test_a_rule_file_that_contradicts_itself_is_refused(tmp_path, wrong, right):
    file = tmp_path / "own.toml"
    text = """[[rule]]
code = "OWN"
name_zh = "本区规则"
name_en = "Own rule"
citation = "a text"
in_catalogue = false
listing = "WHILE_IN_FORCE"
counted_from = "PUBLICATION"
repair = "AT_THE_END"
from = 2022-05-25
"""
    file.write_text(text, encoding="utf-8")
    assert load(file)[0].publicity == Publicity()
    file.write_text(text.replace(wrong, right), encoding="utf-8")
    with pytest.raises(DataFileRefused):
        load(file)
