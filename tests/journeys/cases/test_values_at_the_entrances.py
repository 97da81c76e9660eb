"""Values as departments and platforms write them, at the entrances of a running server [5.1.3] [5.1.6]."""

from typing import Any

import httpx
import pytest

from tests.credit.subjects.synthetic_numbers import id_number
from tests.databases import on_both
from tests.journeys.applications.test_paper_consent import record as record_paper
from tests.journeys.cases.test_a_case import february
from tests.journeys.cases.test_collection import collect
from tests.journeys.platform.test_pushed_cases import push, pushed
from tests.journeys.running_server import RunningServer

POSTAL, ARCHIVE, STAMP = "432123456789012", "3703052026030001", "20260301123456789"
NUMBER = id_number(born="19080808", sequence="985")
HABITS = ("试[2026]1号", "试［2026］1号", "试(2026)1号", "试﹝2026﹞1号", "试【２０２６】 第１号")
BY_NUMBER = "query($n: String) { restraintCases(number: $n) { nodes { number } } }"


def said(answer: httpx.Response, kind: str = "reasons") -> list[tuple[str, str]]:
    """Return item and code of each reason; each has its way out."""
    found = answer.json()[kind]
    assert all(reason["wayOut"] and reason["wayOutEn"] for reason in found)
    return [(reason["item"], reason["code"]) for reason in found]


@on_both
async def test_a_number_in_another_habit_is_the_same_case(server: RunningServer) -> None:
    """[5.1.3] It is shown as it was typed, found in every habit, and taken for every entrance."""
    assert collect(server, number="试〔2026〕1号")["__typename"] == "CaseChanged"
    for habit in HABITS:
        assert collect(server, number=habit)["__typename"] == "NumberTaken", habit
        found = server.ask("handler", BY_NUMBER, {"n": habit}, headers={"Access-Purpose": "DETERMINATION"})
        assert found.data["restraintCases"]["nodes"] == [{"number": "试〔2026〕1号"}], habit
    answer = push(server, pushed(number=HABITS[0]), key="habit")
    assert said(answer) == [("(case)", "NUMBER_TAKEN")]


async def test_long_references_are_references_and_a_real_number_is_not(server: RunningServer) -> None:
    """[5.1.6] The same codes for a handler and for the platform."""
    references = [POSTAL, ARCHIVE, STAMP]
    assert collect(server, number="凭-1", evidence=references)["__typename"] == "CaseChanged"
    server.clock.at = february(9)
    assert push(server, pushed(evidence=references), key="references").status_code == 201
    whose, signed = server.world.party("person-1").gid, {"signedOn": "2026-02-09", "expiresOn": "2026-03-20"}
    assert record_paper(server, whose, NUMBER, **signed)["__typename"] == "NotWellFormed"
    assert record_paper(server, whose, POSTAL, **signed)["__typename"] not in {"NotWellFormed", "BadEvidence"}
    for text in (NUMBER, " ".join(NUMBER), f"卷宗{NUMBER[:6]}-{NUMBER[6:14]}-{NUMBER[14:]}", "13800000000"):
        found = collect(server, number="凭-2", evidence=[text])
        assert found["problems"] == [{"field": "evidence", "code": "HOLDS_NUMBER"}], text
        answer = push(server, pushed(evidence=[text]), key=f"k{len(text)}")
        assert said(answer) == [("evidence", "HOLDS_NUMBER")], text


@pytest.mark.parametrize("item", ["number", "basis"])
async def test_no_collected_case_keeps_its_subjects_name_in_clear(server: RunningServer, item: str) -> None:
    """[5.1.6] The public list shows both items beside the masked name."""
    found = collect(server, **{item: f"对{server.world.party('person-1').name}的决定〔2026〕99号"})
    assert found["problems"] == [{"field": item, "code": "HOLDS_PERSONAL_DATA"}]


async def test_a_person_whose_name_is_a_word_of_the_law_can_be_pushed(server: RunningServer) -> None:
    """[5.1.6] 安全 is a person too, and not in 《安全生产法》."""
    server.clock.at = february(9)
    law = "《中华人民共和国安全生产法》第一百条"
    assert push(server, pushed(name="安全", basis=law), key="law").status_code == 201
    named = push(server, pushed(name="安全", identifier=NUMBER, basis="对安全的决定"), key="named")
    assert said(named) == [("basis", "HOLDS_PERSONAL_DATA")]


PUBLIC = "query($d: Date) { publicRestraintList(first: 1, since: $d) { nodes { __typename } } }"
CHANGED = "query($t: DateTime) { restraintCases(first: 1, changedSince: $t) { totalCount } }"


@pytest.mark.parametrize(
    "value", ["2026-W05-2", "2026W052", "20260101", "2026-1-1", "2026-02-30", "2026-01-01T00:00:00Z"]
)
async def test_a_date_of_a_machine_has_one_form(server: RunningServer, value: str) -> None:
    """[5.1.3] As a variable, as a literal, and in a message; the refusal says the form and quotes nothing."""

    def refused(document: str, **variables: Any) -> None:
        reply = server.ask("anonymous", document, variables, headers={"Access-Purpose": "PUBLICITY"})
        (error,) = reply.errors
        assert "YYYY-MM-DD" in error["message"]
        assert "日期应为" in error["message"]
        assert value not in reply.response.text

    refused(PUBLIC, d=value)
    refused(PUBLIC.replace("($d: Date)", "").replace("$d", f'"{value}"'))
    answer = push(server, pushed(occurred_on=value), key="date")
    assert answer.json()["reasons"][0]["item"] == "occurred_on"


@pytest.mark.parametrize("value", ["2026-01-01", "2026-01-01T00:00:00", "20260101T000000Z", "2026-W01-4T00:00:00Z"])
async def test_an_instant_of_a_machine_has_its_zone(server: RunningServer, value: str) -> None:
    reply = server.ask("handler", CHANGED, {"t": value}, headers={"Access-Purpose": "DETERMINATION"})
    assert "RFC 3339" in reply.errors[0]["message"]


async def test_the_form_that_is_asked_for_is_taken(server: RunningServer) -> None:
    purpose = {"Access-Purpose": "PUBLICITY"}
    assert server.ask("anonymous", PUBLIC, {"d": "2026-01-01"}, headers=purpose).errors in (None, [])
    at = {"t": "2026-01-01T08:00:00.5+08:00"}
    assert server.ask("handler", CHANGED, at, headers={"Access-Purpose": "DETERMINATION"}).errors in (None, [])


async def test_a_telephone_that_is_none_refuses_no_pushed_case(server: RunningServer) -> None:
    """[5.1.3] The platform is told, again under the same key; the number is not repeated."""
    server.clock.at = february(9)
    body = pushed(phone="7000000")
    first = push(server, body, key="phone")
    assert (first.status_code, said(first, "warnings")) == (201, [("phone", "PHONE")])
    again = push(server, body, key="phone")
    assert (again.status_code, again.json()) == (200, first.json())
    good = push(server, pushed(number="推-3", phone="0533-7000000转8012、400-123-4567"), key="phones")
    assert (good.status_code, good.json()["warnings"]) == (201, [])
