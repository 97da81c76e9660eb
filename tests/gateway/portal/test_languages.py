"""Every page in both languages, and in one at a time; the switch between them leads nowhere else."""

# ruff: noqa: E501 - one row of a table is one line

import re
from pathlib import Path

import jinja2
import pytest
from jinja2 import nodes

from gateway.portal import pages
from tests.gateway.portal.portals import ENGLISH, Portal, texts_of

PAGES = ("/portal", "/public", "/public?since=x&circumstance=x", "/public?after=x", "/rules", "/figures", "/figures/2024", "/figures/x")  # fmt: skip
CHINESE = re.compile("[\u3400-\u9fff]")
WORD = re.compile(r"[A-Za-z]{2,}")
TEMPLATES = Path(pages.FOLDER) / "templates"
TAG, ATTRIBUTE = re.compile(r"<[^>]*>", re.DOTALL), re.compile(r'[a-z-]+="[^"]*"')


def of_the_portal() -> list[str]:
    """Return the templates that are in the language of their visitor: all that have the layout."""
    return sorted(
        path.relative_to(TEMPLATES).as_posix()
        for path in TEMPLATES.rglob("*.html")
        if path.name == "layout.html" or '{% extends "layout.html" %}' in path.read_text("utf-8")
    )


@pytest.mark.parametrize("name", of_the_portal())
def test_every_text_of_a_template_is_there_in_both_languages(name: str) -> None:
    tree = jinja2.Environment(autoescape=True).parse((TEMPLATES / name).read_text("utf-8"))
    calls = [call for call in tree.find_all(nodes.Call) if isinstance(call.node, nodes.Name) and call.node.name == "t"]
    for call in calls:
        assert len(call.args) == 2, f"{name}:{call.lineno}"
        chinese, english = ("".join(_literals(each)) for each in call.args)
        assert bool(chinese.strip()) == bool(english.strip()), f"{name}:{call.lineno}"
        if chinese != "English":  # the name of the other language is written in that language
            assert not CHINESE.search(english), f"{name}:{call.lineno}"
            assert not _is_foreign(chinese), f"{name}:{call.lineno}"
    outside = "".join(each.data for each in tree.find_all(nodes.TemplateData))
    left = ATTRIBUTE.sub("", TAG.sub("", outside.replace("<!doctype html>", "")))
    assert not WORD.search(left), f"{name}: words without the other language"
    assert not CHINESE.search(outside), f"{name}: words without the other language"


def _literals(node: nodes.Node) -> list[str]:
    """Return the texts of an argument, but for the names of what its methods are asked for."""
    if isinstance(node, nodes.Const):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, nodes.Call):
        return []
    return [text for each in node.iter_child_nodes() for text in _literals(each)]


def _is_foreign(text: str) -> bool:
    """Whether a text is in Latin letters alone; beside Chinese they are names, such as PDF."""
    return WORD.search(text) is not None and CHINESE.search(text) is None


@pytest.mark.slow
@pytest.mark.parametrize("address", PAGES)
async def test_a_page_is_in_one_language_and_says_which(portal: Portal, address: str) -> None:
    """What a record has in Chinese alone, such as the name of a department, says so for a screen reader [6.3]."""
    chinese = (await portal.client.get(address)).text
    assert '<html lang="zh-CN">' in chinese
    assert [text for language, text in texts_of(chinese) if language == "zh-CN" and _is_foreign(text)] == []
    async with portal.browser(ENGLISH) as browser:
        english = (await browser.get(address)).text
    assert '<html lang="en">' in english
    assert [text for language, text in texts_of(english) if language == "en" and CHINESE.search(text)] == []
    assert len(texts_of(chinese)) == len(texts_of(english)), "the same page"


@pytest.mark.slow
async def test_the_switch_is_remembered_and_comes_back(portal: Portal) -> None:
    async with portal.browser() as browser:
        switch = re.search(r'href="(/language/en\?back=/rules)"', (await browser.get("/rules")).text)
        assert switch is not None
        chosen = await browser.get(switch[1])
        assert (chosen.status_code, chosen.headers["location"]) == (303, "/rules")
        cookie = chosen.headers["set-cookie"]
        assert cookie.startswith("chengxin-language=en;")
        assert "samesite=lax" in cookie.lower()
        assert "Rules and rights" in (await browser.get("/rules")).text
        await browser.get("/language/zh-CN?back=/rules")
        assert "政策与权利" in (await browser.get("/rules")).text


@pytest.mark.slow
@pytest.mark.parametrize(
    "back",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/public?name=x", "/rules#x", "/rules\r\nX: y", ""],
)
async def test_the_switch_leads_to_no_other_site(portal: Portal, back: str) -> None:
    answer = await portal.browser().get("/language/en", params={"back": back})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.slow
@pytest.mark.parametrize("named", ["fr", "EN", "zh", "x" * 500])
async def test_a_language_that_we_have_not_changes_nothing(portal: Portal, named: str) -> None:
    answer = await portal.browser().get(f"/language/{named}")
    assert (answer.status_code, "set-cookie" in answer.headers) == (303, False)
    page = await portal.browser({"chengxin-language": named}).get("/portal")
    assert '<html lang="zh-CN">' in page.text
