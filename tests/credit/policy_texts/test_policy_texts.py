"""Policy texts: what everybody can read, versioned, in two languages [6.3]."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.cases.status import Circumstance
from credit.policy_texts.policy_texts import Language, Topic, load, shipped
from credit.policy_texts.refusals import DataFileRefused, NoTextInForce

TEXTS = shipped()
TODAY = date(2026, 3, 5)
FIRST = date(2022, 5, 25)
ITEM = '[[version.item]]\ncode = "A"\nclause = "5.1.5"\nzh = "一"\nen = "one"\n'


def version(number=1, day="2022-05-25", item=ITEM):
    titles = 'title_zh = "标题"\ntitle_en = "Title"\nintro_zh = "引言"\nintro_en = "Introduction"\n'
    return f"[[version]]\nnumber = {number}\nfrom = {day}\n{titles}{item}"


def written(folder, text, name="repair.toml"):
    (folder / name).write_text(text, encoding="utf-8")
    return load(folder)


@pytest.mark.parametrize(
    ("topic", "says"),
    [
        (Topic.CIRCUMSTANCES, ["5.1.2a", "5.1.2b", "5.1.2c", "5.1.2d", "5.1.2e"]),
        (Topic.MEASURES, ["4.1", "4.2.1", "4.2.2", "4.2.3", "5.2.1", "5.2.2", "5.2.3", "3.3", "5.2.4"]),
        (Topic.RIGHTS, ["5.1.4(2)", "5.1.4(3)", "5.1.4(4)", "5.1.4(6)", "5.1.4(6)", "5.1.6", "5.1.6", "3.2", "5.1.1"]),
        (Topic.REPAIR, ["5.1.5"] * 6),
    ],
)
def test_every_topic_is_listed_clause_by_clause(topic, says):
    """[6.3]"""
    assert [item.clause for item in TEXTS.text(topic, TODAY).items] == says


def test_the_circumstances_are_those_of_the_rules():
    """[5.1.2] [6.3]"""
    listed = [(item.code, item.clause) for item in TEXTS.text(Topic.CIRCUMSTANCES, TODAY).items]
    assert listed == [(circumstance.value, circumstance.clause) for circumstance in Circumstance]


@pytest.mark.parametrize("topic", Topic)
def test_both_languages_say_the_same_numbers(topic):
    """[6.3] A clock that differs between languages would be two rules."""
    words = {"six": "6", "sixth": "6"}
    text = TEXTS.text(topic, TODAY)
    for item in text.items:
        numbers = set(re.findall(r"\d+", item.zh)) | ({"6"} if "第六" in item.zh else set())
        english = {words.get(word, word) for word in re.findall(r"\d+|\bsix\b", item.text(Language.EN).lower())}
        assert numbers == english, item.code
    assert re.search("[一-鿿]", text.title(Language.ZH_CN) + text.intro(Language.ZH_CN))
    assert not re.search("[一-鿿]", text.title(Language.EN) + text.intro(Language.EN))
    assert not any(re.search("[一-鿿]", item.text(Language.EN)) for item in text.items)


@pytest.mark.parametrize(
    ("case", "on", "expected"),
    [
        ("the day before the first", "2022-05-24", None),
        ("the first day", "2022-05-25", 1),
        ("the last day of the first", "2026-06-30", 1),
        ("the first day of the second", "2026-07-01", 2),
        ("long after", "2040-01-01", 2),
    ],
)
def test_a_version_is_in_force_until_the_next(tmp_path, case, on, expected):
    """[6.3]"""
    texts = written(tmp_path, 'topic = "REPAIR"\n' + version() + version(2, "2026-07-01"))
    on = date.fromisoformat(on)
    assert [text.number for text in texts.in_force(on)] == ([] if expected is None else [expected])
    if expected is None:
        with pytest.raises(NoTextInForce, match="REPAIR"):
            texts.text(Topic.REPAIR, on)
    else:
        assert texts.text(Topic.REPAIR, on).number == expected


def test_all_four_are_in_force_from_the_document_on():
    """[6.3]"""
    assert [text.topic for text in TEXTS.in_force(TODAY)] == list(Topic)
    assert TEXTS.in_force(FIRST - timedelta(days=1)) == ()


@pytest.mark.parametrize(
    ("case", "text", "says"),
    [
        ("not TOML", "topic = ", "TOML"),
        ("no versions", 'topic = "REPAIR"\n', "nothing else"),
        ("an unknown topic", 'topic = "LUCK"\n' + version(), "known topic"),
        ("another file's topic", 'topic = "RIGHTS"\n' + version(), "name"),
        ("begins with two", 'topic = "REPAIR"\n' + version(2), "version 2"),
        ("a number left out", 'topic = "REPAIR"\n' + version() + version(3, "2026-07-01"), "version 3"),
        ("a later one not later", 'topic = "REPAIR"\n' + version() + version(2), "version 2"),
        ("one language missing", 'topic = "REPAIR"\n' + version().replace('en = "one"\n', ""), "both languages"),
        ("one language blank", 'topic = "REPAIR"\n' + version().replace('"one"', '" "'), "en is not"),
        ("no clause", 'topic = "REPAIR"\n' + version().replace('clause = "5.1.5"\n', ""), "clause"),
        ("no items", 'topic = "REPAIR"\n' + version(item="item = []\n"), "at least one"),
        ("an item twice", 'topic = "REPAIR"\n' + version(item=ITEM + ITEM), "twice"),
        ("no title", 'topic = "REPAIR"\n' + version().replace('title_en = "Title"\n', ""), "titles"),
        ("an instant", 'topic = "REPAIR"\n' + version(day="2022-05-25T00:00:00Z"), "day"),
        ("a number that is none", 'topic = "REPAIR"\n' + version("true"), "number"),
    ],
)
def test_a_text_that_contradicts_itself_is_refused(tmp_path, case, text, says):
    with pytest.raises(DataFileRefused, match=says):
        written(tmp_path, text)


def test_other_files_lie_about_unharmed(tmp_path):
    (tmp_path / "README.md").write_text("not a text", encoding="utf-8")
    assert load(tmp_path).in_force(TODAY) == ()


@given(st.dates(FIRST, date(2100, 1, 1)), st.sampled_from(Topic))
def test_there_is_always_one_text_on_everything(on, topic):
    """[6.3]"""
    assert TEXTS.text(topic, on).starts_on <= on
