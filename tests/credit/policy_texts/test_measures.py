"""What follows from a restraint: the document's own measures, and further ones by law, as data [5.2] [5.2.4]."""

from datetime import date
from pathlib import Path

import pytest

from credit.cases.status import Circumstance
from credit.policy_texts.measures import following, load, shipped
from credit.policy_texts.refusals import DataFileRefused

FURTHER = """
[[measure]]
code = "NO_TENDER"
name_zh = "限制参加投标"
name_en = "No tenders"
effect_zh = "管理期限内不得参加政府投资项目投标"
effect_en = "No tenders for public projects while it lasts"
clause = "5.2.4"
citation = "a law made up for a test, article 1"
circumstances = ["FALSE_MATERIAL"]
from = 2026-01-01
until = 2026-06-30
"""


def own(folder: Path, text: str) -> Path:
    file = folder / "measures.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_documents_own_measures_are_those_of_5_2():
    assert [(each.code, each.clause) for each in shipped()] == [
        ("NO_INCENTIVES", "5.2.1"),
        ("FOCUSED_CHECK", "5.2.2"),
        ("CONSULTATION", "5.2.3"),
    ]
    assert all(each.circumstances == frozenset(Circumstance) for each in shipped())


@pytest.mark.parametrize(
    ("case", "on", "circumstance", "follows"),
    [
        ("[5.2.4] its first day", "2026-01-01", Circumstance.FALSE_MATERIAL, True),
        ("[5.2.4] its last day", "2026-06-30", Circumstance.FALSE_MATERIAL, True),
        ("[5.2.4] the day after", "2026-07-01", Circumstance.FALSE_MATERIAL, False),
        ("[5.2.4] the day before", "2025-12-31", Circumstance.FALSE_MATERIAL, False),
        ("[5.2.4] of another circumstance", "2026-03-01", Circumstance.OTHER, False),
        ("[5.2.4] of whatever circumstance", "2026-03-01", None, True),
    ],
)
def test_a_further_measure_by_law_needs_a_file_and_no_code(case, on, circumstance, follows, tmp_path):
    measures = shipped(own(tmp_path, FURTHER))
    found = [each.code for each in following(measures, date.fromisoformat(on), circumstance)]
    assert ("NO_TENDER" in found) is follows, case
    assert found[:3] == ["NO_INCENTIVES", "FOCUSED_CHECK", "CONSULTATION"]


@pytest.mark.parametrize(
    ("case", "text", "why"),
    [
        ("not TOML", "measure = ", "it is not TOML"),
        ("something else", "[[incentive]]\n", "it needs [[measure]] tables"),
        ("without its source [5.2.4]", FURTHER.replace("citation", "source"), "citation, source"),
        ("with a blank name", FURTHER.replace("限制参加投标", " "), "name_zh is not a text"),
        ("of an unknown circumstance", FURTHER.replace("FALSE_MATERIAL", "LATENESS"), "circumstances knows"),
        ("of none", FURTHER.replace('["FALSE_MATERIAL"]', "[]"), "circumstances knows"),
        ("that ends before it begins", FURTHER.replace("2026-06-30", "2025-06-30"), "not days in this order"),
        ("twice", FURTHER + FURTHER, "NO_TENDER is there twice"),
        ("of a name that is taken", FURTHER.replace("NO_TENDER", "CONSULTATION"), "CONSULTATION is there twice"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused_by_name(case, text, why, tmp_path):
    with pytest.raises(DataFileRefused, match=r"measures\.toml") as refused:
        shipped(own(tmp_path, text))
    assert why in refused.value.message.replace("\\", ""), case


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DataFileRefused):
        load(tmp_path / "measures.toml")
