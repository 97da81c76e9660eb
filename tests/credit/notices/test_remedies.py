"""Where a determination can be contested, by district and department [ARL art. 20, 24] [ALL art. 46]."""

import pytest

from credit.notices.remedies import load, shipped
from credit.policy_texts.refusals import DataFileRefused

DISTRICT = """
[district]
reconsideration_days = 60
reconsideration_body = "甲区人民政府"
reconsideration_law = "《中华人民共和国行政复议法》第二十条、第二十四条"
litigation_months = 6
court = "甲区人民法院"
litigation_law = "《中华人民共和国行政诉讼法》第四十六条"
"""
OF_A_MINISTRY = """
[departments.JIA-SW]
reconsideration_body = "国家税务总局甲市税务局"
reconsideration_law = "《中华人民共和国行政复议法》第二十条、第二十七条"
"""


def test_the_shipped_remedies_are_those_of_the_laws():
    found = shipped().of("LZ-SPFW")
    assert (found.reconsideration_days, found.reconsideration_body) == (60, "淄博市临淄区人民政府")
    assert (found.litigation_months, found.court) == (6, "淄博市临淄区人民法院")
    assert "行政复议法》第二十条、第二十四条" in found.reconsideration_law
    assert "行政诉讼法》第四十六条" in found.litigation_law


def test_a_department_has_what_differs_for_it_and_else_what_the_district_has(tmp_path):
    (tmp_path / "own.toml").write_text(DISTRICT + OF_A_MINISTRY, encoding="utf-8")
    found = shipped(tmp_path / "own.toml")
    assert found.of("JIA-XZ").reconsideration_body == "甲区人民政府"
    ministry = found.of("JIA-SW")
    assert (ministry.reconsideration_body, ministry.court) == ("国家税务总局甲市税务局", "甲区人民法院")


@pytest.mark.parametrize(
    ("case", "text"),
    [
        ("no district", OF_A_MINISTRY),
        ("a court is missing", DISTRICT.replace("court", "# court")),
        ("a blank court", DISTRICT.replace("甲区人民法院", " ")),
        ("no number of days", DISTRICT.replace("60", '"六十"')),
        ("no days", DISTRICT.replace("60", "0")),
        ("true is no number", DISTRICT.replace("60", "true")),
        ("an entry nobody knows", DISTRICT + 'telephone = "1"'),
        ("a table nobody knows", DISTRICT + '[court]\nname = "1"'),
        ("of a department, an entry nobody knows", DISTRICT + '[departments.X]\ntelephone = "1"'),
        ("a department is no table", DISTRICT + "[departments]\nX = 1"),
        ("not TOML", "district"),
    ],
)
def test_a_file_that_is_not_one_is_refused_by_its_name(tmp_path, case, text):
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DataFileRefused) as refused:
        load(tmp_path / "own.toml")
    assert "own.toml" in str(refused.value), case
