"""The policy texts as anybody can ask for them: without token or purpose, in two languages, by the day [6.3]."""

import re
from typing import Any

import pytest

from credit.policy_texts.policy_texts import shipped
from tests.builders import TODAY
from tests.schema.service import ServiceUnderTest

TEXTS = """
query Texts($on: Date) {
  policyTexts(on: $on) { topic version startsOn title titleEn intro introEn items { code clause text textEn } }
}
"""
TOPICS = ["CIRCUMSTANCES", "MEASURES", "RIGHTS", "REPAIR"]


async def texts(service: ServiceUnderTest, who: str = "anonymous", **variables: object) -> list[dict[str, Any]]:
    reply = await service.ask(TEXTS, who, variables)
    assert not reply.errors
    return list(reply.data["policyTexts"])


@pytest.mark.parametrize("who", ["anonymous", "person-1", "clerk", "association", "admin"])
async def test_everybody_reads_the_list_the_measures_the_rights_and_how_to_repair(
    shared_service: ServiceUnderTest, who: str
) -> None:
    """[6.3] Nobody states a purpose for it."""
    assert [text["topic"] for text in await texts(shared_service, who)] == TOPICS


@pytest.mark.parametrize(
    ("case", "on", "topics"),
    [
        ("[6.3] the day before the first", "2022-05-24", []),
        ("[6.3] the first day", "2022-05-25", TOPICS),
        ("[6.3] a day to come", "2030-01-01", TOPICS),
        ("[6.3] no day given: today", None, TOPICS),
    ],
)
async def test_a_text_is_in_force_from_its_day(
    shared_service: ServiceUnderTest, case: str, on: str | None, topics: list[str]
) -> None:
    found = await texts(shared_service, on=on)
    assert [text["topic"] for text in found] == topics, case
    assert all(text["startsOn"] <= (on or TODAY.isoformat()) for text in found), case


async def test_what_is_shown_is_what_is_published_word_for_word(shared_service: ServiceUnderTest) -> None:
    """[6.3]"""
    for shown, text in zip(await texts(shared_service), shipped().in_force(TODAY), strict=True):
        assert shown == {
            "topic": text.topic.value, "version": text.number, "startsOn": text.starts_on.isoformat(),
            "title": text.title_zh, "titleEn": text.title_en, "intro": text.intro_zh, "introEn": text.intro_en,
            "items": [
                {"code": item.code, "clause": item.clause, "text": item.zh, "textEn": item.en} for item in text.items
            ],
        }  # fmt: skip


async def test_every_point_stands_in_both_languages_and_names_its_clause(shared_service: ServiceUnderTest) -> None:
    """[6.3]"""
    points = [point for text in await texts(shared_service) for point in text["items"]]
    assert len(points) > len(TOPICS)
    for point in points:
        assert re.search("[一-鿿]", point["text"]), point["code"]
        assert not re.search("[一-鿿]", point["textEn"]), point["code"]
        assert re.fullmatch(r"\d(\.\d)*[a-e]?(\(\d\))?|A", point["clause"]), point["code"]


async def test_a_day_that_is_none_is_refused(shared_service: ServiceUnderTest) -> None:
    """[6.3]"""
    reply = await shared_service.ask(TEXTS, variables={"on": "2026-02-30"})
    assert (reply.status, set(reply.codes)) == (400, {"BAD_USER_INPUT"})


async def test_reading_them_is_nobodys_business(shared_service: ServiceUnderTest) -> None:
    """[5.1.6] They are about no person, so that no access entry records who read them."""
    _, entries = await shared_service.recorded(TEXTS, "person-1")
    assert entries == []
