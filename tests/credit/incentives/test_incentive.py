"""Incentives: as data, and granted or refused by name at this moment [4.2.1]-[4.2.4] [5.2.1]."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.applications.application import Facilitation
from credit.cases.active_restraint import RestrainedNow
from credit.core.errors import InvalidItem
from credit.credit_checks.credit_check import PURPOSE, CreditCheck
from credit.incentives.incentive import Granted, MatterTerms, Need, grant, load, may_grant, shipped
from credit.incentives.refusals import CheckMissing, CheckStale, NoIncentive, Restrained
from credit.joint_measures.source_answer import Finding, Source, SourceAnswer
from credit.policy_texts.refusals import DataFileRefused
from tests.credit.subjects.synthetic_numbers import PERSON

TODAY = date(2026, 3, 5)
NOON = datetime(2026, 3, 5, 4, tzinfo=UTC)
APPLICATION, SUBJECT = UUID(int=2), UUID(int=3)
CLEAN, ADVERSE, UNKNOWN, GOVERNED = Finding.CLEAN, Finding.ADVERSE, Finding.UNKNOWN, Finding.GOVERNED
INCENTIVES = shipped()
GREEN, DEFERRED, COMMITMENT = (INCENTIVES[code] for code in ("GREEN_CHANNEL", "DEFERRED_DOCUMENTS", "COMMITMENT"))
MATTER = MatterTerms("M-1", frozenset(INCENTIVES), "临审〔2026〕示例1号")


def check(own=CLEAN, joint=CLEAN, at=NOON, application_id=APPLICATION):
    answers = tuple(
        SourceAnswer(source, finding, "示例备忘录" if finding is GOVERNED else None)
        for source, finding in zip(Source, (own, joint), strict=True)
    )
    return CreditCheck(UUID(int=1), application_id, SUBJECT, "clerk-1", "LZ-SPFW", at, PURPOSE, UUID(int=4), answers)


def ask(incentive=GREEN, matter=MATTER, checked="now", restrained=None, today=TODAY, valid_days=0):
    checked = check() if checked == "now" else checked
    return may_grant(incentive, matter, checked, restrained, today, application_id=APPLICATION, valid_days=valid_days)


YESTERDAY = datetime(2026, 3, 4, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("clause", "asked"),
    [
        ("[4.2.1] a green channel", {}),
        ("[4.2.2] deferred documents", {"incentive": DEFERRED}),
        ("[4.2.3] a commitment, by the matter's own document", {"incentive": COMMITMENT}),
        ("[4.2.2] which needs no document", {"incentive": DEFERRED, "matter": MatterTerms("M", frozenset(INCENTIVES))}),
        ("[5.2.1] a check of yesterday, where that is allowed", {"checked": check(at=YESTERDAY), "valid_days": 1}),
    ],
)
def test_who_is_clean_in_both_may_have_it(clause, asked):
    assert ask(**asked).application_id == APPLICATION


@pytest.mark.parametrize(
    ("clause", "asked", "refusal", "says"),
    [
        ("[4.2.1] the matter does not offer it", {"matter": MatterTerms("M", frozenset())}, "NOT_ELIGIBLE", "GREEN"),
        (
            "[4.2.3] no document of its own",
            {"incentive": COMMITMENT, "matter": MatterTerms("M", frozenset(INCENTIVES), " ")},
            "NOT_ELIGIBLE",
            "COMMITMENT",
        ),
        ("[4.2.1] not in force yet", {"today": date(2022, 5, 24)}, "NOT_ELIGIBLE", "GREEN"),
        ("[4.1] no check", {"checked": None}, "CHECK_MISSING", "application"),
        ("[4.1] another application's check", {"checked": check(application_id=UUID(int=9))}, "CHECK_MISSING", ""),
        ("[5.2.1] a check of yesterday", {"checked": check(at=YESTERDAY)}, "CHECK_STALE", "until 2026-03-04"),
        ("[5.2.1] a check of tomorrow", {"today": date(2026, 3, 4)}, "CHECK_STALE", "2026-03-05"),
        ("[3.3] a memorandum", {"checked": check(joint=GOVERNED)}, "GOVERNED_BY_MEMORANDUM", "示例备忘录"),
        (
            "[3.3] a memorandum comes before the list",
            {"checked": check(ADVERSE, GOVERNED), "restrained": RestrainedNow(date(2026, 9, 5))},
            "GOVERNED_BY_MEMORANDUM",
            "示例备忘录",
        ),
        ("[5.2.1] restrained", {"restrained": RestrainedNow(date(2026, 9, 5))}, "RESTRAINED", "until 2026-09-05"),
        ("[5.1.5] restrained beyond the period", {"restrained": RestrainedNow(None)}, "RESTRAINED", "rectification"),
        ("[4.1] adverse in the joint module", {"checked": check(joint=ADVERSE)}, "ADVERSE_RECORD", "JOINT_MEASURES"),
        ("[4.1] on the list when checked", {"checked": check(own=ADVERSE)}, "ADVERSE_RECORD", "RESTRAINT_LIST"),
        ("[4.1] unknown", {"checked": check(joint=UNKNOWN)}, "SOURCE_UNKNOWN", "not clean"),
    ],
)
def test_every_refusal_has_a_name_and_a_way_out(clause, asked, refusal, says):
    with pytest.raises(NoIncentive) as refused:
        ask(**asked)
    assert refused.value.code == refusal
    assert says in refused.value.message
    assert refused.value.message_zh
    assert refused.value.remedy
    assert refused.value.remedy_zh
    assert "{" not in refused.value.message + refused.value.message_zh + refused.value.remedy_zh


def test_a_restraint_entered_after_the_check_counts():
    """[5.2.1] The check was clean; what decides is the moment of granting."""
    with pytest.raises(Restrained) as refused:
        ask(checked=check(), restrained=RestrainedNow(date(2026, 9, 5)))
    assert refused.value.until == date(2026, 9, 5)
    assert "至2026-09-05止" in refused.value.message_zh


@pytest.mark.parametrize(
    ("case", "ends", "expected"),
    [
        ("none", [], None),
        ("one", ["2026-09-05"], RestrainedNow(date(2026, 9, 5))),
        ("the last one of two", ["2026-09-05", "2026-10-05"], RestrainedNow(date(2026, 10, 5))),
        ("its last day is today", ["2026-03-05"], RestrainedNow(TODAY)),
        ("one is overdue for rectification", ["2026-03-04", "2026-10-05"], RestrainedNow(None)),
    ],
)
def test_until_when_somebody_is_restrained(case, ends, expected):
    """[5.1.5]"""
    assert RestrainedNow.of(map(date.fromisoformat, ends), TODAY) == expected


findings = st.sampled_from(Finding)
restraints = st.none() | st.builds(RestrainedNow, st.none() | st.dates(TODAY, date(2027, 1, 1)))
matters = st.sampled_from([MATTER, MatterTerms("M", frozenset()), MatterTerms("M", frozenset(INCENTIVES))])


def outcome(**asked):
    try:
        ask(**asked)
    except NoIncentive as refused:
        return type(refused), refused.message, refused.remedy_zh
    return None


@given(st.sampled_from(list(INCENTIVES.values())), matters, findings, findings, restraints)
def test_granted_only_to_the_clean_and_free(incentive, matter, own, joint, restrained):
    """[4.1] [5.2.1]"""
    granted = outcome(incentive=incentive, matter=matter, checked=check(own, joint), restrained=restrained) is None
    if granted:
        assert (own, joint, restrained) == (CLEAN, CLEAN, None)


@given(st.sampled_from(list(INCENTIVES.values())), matters, findings, findings, restraints, restraints)
def test_without_a_fresh_check_a_refusal_reveals_nothing(incentive, matter, own, joint, restrained, other):
    """[5.1.6] The answer does not reveal a restraint: restrained or not, it is the same."""
    stale = check(own, joint, at=YESTERDAY)
    for checked in (None, stale, check(own, joint, application_id=UUID(int=9))):
        asked = {"incentive": incentive, "matter": matter, "checked": checked}
        assert outcome(**asked, restrained=restrained) == outcome(**asked, restrained=other)
    assert outcome(incentive=GREEN, checked=None)[0] is CheckMissing
    assert outcome(incentive=GREEN, checked=stale)[0] is CheckStale


# --- granting ------------------------------------------------------------------------------------------------------


def granted(incentive, **changed):
    facts = {"grant_id": UUID(int=5), "application_id": APPLICATION, "by": "clerk-1", "at": NOON}
    return grant(incentive, MATTER, changed.pop("checked", check()), changed.pop("restrained", None), **facts | changed)


def test_a_grant_names_its_check_and_its_helper():
    """[4.2.1] [4.1]"""
    found = granted(GREEN, helper_ref="  staff-17 ")
    assert found == Granted(
        UUID(int=5), APPLICATION, SUBJECT, "GREEN_CHANNEL", "LZ-SPFW", NOON, "clerk-1", UUID(int=1), "staff-17"
    )
    assert found.on == TODAY


@pytest.mark.parametrize(
    ("clause", "incentive", "given", "refusal"),
    [
        ("[4.2.1] a green channel without a helper", GREEN, {}, "HELPER_MISSING"),
        ("[4.2.2] nothing in writing", DEFERRED, {}, "COMMITMENT_NOT_WRITTEN"),
        ("[4.2.3] nothing in writing", COMMITMENT, {"commitment_ref": ""}, "COMMITMENT_NOT_WRITTEN"),
        ("[5.2.1] restrained", GREEN, {"helper_ref": "s", "restrained": RestrainedNow(None)}, "RESTRAINED"),
        ("[4.1] no check", GREEN, {"helper_ref": "s", "checked": None}, "CHECK_MISSING"),
    ],
)
def test_a_grant_lacks_nothing(clause, incentive, given, refusal):
    with pytest.raises(NoIncentive) as refused:
        granted(incentive, **given)
    assert refused.value.code == refusal


@pytest.mark.parametrize("number", [PERSON, f"档案 {PERSON[:6]} {PERSON[6:14]} {PERSON[14:]}"])
def test_a_reference_holds_nobodys_number(number):
    """[5.1.6]"""
    with pytest.raises(InvalidItem):
        granted(DEFERRED, commitment_ref=number)


# --- as data ---------------------------------------------------------------------------------------------------------


def test_the_document_has_three_of_its_own():
    """[4.2.1] [4.2.2] [4.2.3]"""
    assert [(i.clause, i.channel, set(i.needs)) for i in INCENTIVES.values()] == [
        ("4.2.1", Facilitation.GREEN_CHANNEL, {Need.HELPER}),
        ("4.2.2", Facilitation.DEFERRED_DOCUMENTS, {Need.WRITTEN_COMMITMENT}),
        ("4.2.3", Facilitation.COMMITMENT, {Need.MATTER_DOCUMENT, Need.WRITTEN_COMMITMENT}),
    ]


FURTHER = """
[[incentive]]
code = "FEWER_INSPECTIONS"
name_zh = "减少抽查"
name_en = "Fewer inspections"
offers_zh = "降低抽查比例"
offers_en = "Inspected less often"
clause = "4.2.4"
citation = "《示例条例》第十条"
needs = []
from = 2026-01-01
until = 2026-12-31
"""


def test_a_further_one_by_law_is_a_few_lines_of_data(tmp_path):
    """[4.2.4]"""
    file = tmp_path / "further.toml"
    file.write_text(FURTHER, encoding="utf-8")
    further = load(file)["FEWER_INSPECTIONS"]
    matter = MatterTerms("M", frozenset({"FEWER_INSPECTIONS"}))
    assert granted_by(further, matter, date(2026, 3, 5)) == "yes"
    assert granted_by(further, matter, date(2027, 1, 1)) == "NOT_ELIGIBLE"
    assert further.channel is None


def granted_by(incentive, matter, today):
    try:
        ask(incentive, matter, check(at=datetime(today.year, today.month, today.day, 4, tzinfo=UTC)), None, today)
    except NoIncentive as refused:
        return refused.code
    return "yes"


@pytest.mark.parametrize(
    ("case", "text", "says"),
    [
        ("not TOML", "[[incentive", "TOML"),
        ("something else", "[other]", "nothing else"),
        ("not a list of tables", 'incentive = ["x"]', "nothing else"),
        ("no law named", FURTHER.replace("《示例条例》第十条", " "), "citation"),
        ("a key missing", FURTHER.replace('clause = "4.2.4"\n', ""), "clause"),
        ("a key too many", FURTHER + 'colour = "red"\n', "colour"),
        ("an unknown need", FURTHER.replace("needs = []", 'needs = ["LUCK"]'), "needs"),
        ("an unknown channel", FURTHER + 'channel = "FAST"\n', "channel"),
        ("the ordinary channel is no incentive", FURTHER + 'channel = "ORDINARY"\n', "channel"),
        ("ends before it begins", FURTHER.replace("2026-12-31", "2025-12-31"), "order"),
        ("an instant instead of a day", FURTHER.replace("2026-01-01", "2026-01-01T00:00:00Z"), "days"),
        ("twice the same", FURTHER + FURTHER, "twice"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(tmp_path, case, text, says):
    file = tmp_path / "further.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataFileRefused, match=says) as refused:
        load(file)
    assert refused.value.file == "further.toml"


def test_a_file_cannot_redefine_what_another_defines(tmp_path):
    file = tmp_path / "further.toml"
    file.write_text(FURTHER, encoding="utf-8")
    with pytest.raises(DataFileRefused, match="twice"):
        load(file, file)
