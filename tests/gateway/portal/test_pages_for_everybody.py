"""The public list, the rules and the published figures as pages [5.1.5] [6.1] [6.3]: found, paged, refused by field."""

# ruff: noqa: E501 - one row of a table is one line

import re
from html import unescape

import pytest

from consent.vocabulary import Channel
from credit.subjects.subject import PERSONS
from gateway.demo.district.people import people
from gateway.demo.seed.seeded_random import from_seed
from policy.actors import ANONYMOUS
from schema.core.ports import GraphQLRequest, GraphQLResponse
from schema.execution.service import GraphQLService
from storage.database.database import Database
from tests import golden
from tests.gateway.portal.conftest import Place
from tests.gateway.portal.portals import COUNT, ENGLISH, NOW, TODAY, Portal, open_portal
from tests.storage.access_record import entries_of

pytestmark = pytest.mark.slow
ADDRESSES = ("/portal", "/public", "/rules", "/figures", "/figures/2024")
ROW = re.compile(r'<tr><th scope="row" lang="zh-CN">(.*?)</th>\s*<td>(.*?)</td>\s*<td>(.*?)</td>\s*<td[^>]*>(.*?)</td>')
LINK = {rel: re.compile(rf'<a rel="{rel}" href="([^"]+)"') for rel in ("prev", "next")}


def rows(page: str) -> list[tuple[str, ...]]:
    """Return name, circumstance, department and day of each row of the public list."""
    return [found.groups() for found in ROW.finditer(page)]


def link(page: str, rel: str) -> str | None:
    found = LINK[rel].search(page)
    return None if found is None else unescape(found[1])


# --- what every page is ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [*ADDRESSES, "/public?since=x", "/figures/x"])
async def test_a_page_runs_nothing_and_stays_nowhere(portal: Portal, address: str) -> None:
    answer = await portal.client.get(address)
    assert answer.headers["cache-control"] == "no-store"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "set-cookie" not in answer.headers
    assert not re.search(r"<script|\son[a-z]+=|\sstyle=|javascript:|https?://", answer.text)
    assert answer.text.count("<h1>") == 1
    assert len(answer.content) < 60_000


@pytest.mark.parametrize(
    ("address", "purpose"),
    [("/portal", None), ("/public", "公示"), ("/public?until=x", "公示"), ("/rules", None), ("/figures", None)],
)
async def test_a_page_shows_the_purpose_that_it_reads_for(portal: Portal, address: str, purpose: str | None) -> None:
    shown = re.search(
        r'<p class="purpose">本页查询目的：<strong>(.*?)</strong>', (await portal.client.get(address)).text
    )
    assert (shown and shown[1]) == purpose


async def test_nobody_is_on_a_page_by_number_telephone_or_full_name(portal: Portal) -> None:
    """[5.1.5]: not even where they were asked for."""
    number = "37030519000101001X"
    addresses = [*ADDRESSES, f"/public?since={number}&circumstance={number}&department={number}", f"/figures/{number}"]
    pages = "".join([(await portal.client.get(address)).text for address in addresses])
    following = link((await portal.client.get("/public")).text, "next")
    while following:
        page = (await portal.client.get(following)).text
        pages, following = pages + page, link(page, "next")
    everybody = [each.registration for each in people(from_seed(1), COUNT, NOW, TODAY)]
    shown = {str(each.name) for each in everybody if str(each.name) in pages}
    assert len(shown) > 10, "organisations are there by name"
    assert [each.kind for each in everybody if str(each.name) in shown and each.kind in PERSONS] == []
    assert not re.search(r"[0-9]{17}[0-9X]|(?<![0-9])1[0-9]{10}(?![0-9])", pages)


# --- the public list ---------------------------------------------------------------------------------------------------


async def test_the_list_is_paged_both_ways_by_links(portal: Portal) -> None:
    """[5.1.5]: each entry once, and back to where one was."""
    seen, address, pages = [], "/public", []
    while address is not None:
        page = (await portal.client.get(address)).text
        pages.append(rows(page))
        seen += rows(page)
        last, address = page, link(page, "next")
    total = re.search(r"共 (\d+) 条", last)
    assert total is not None
    assert len(seen) == int(total[1]) > 40
    assert link((await portal.client.get("/public")).text, "prev") is None
    for expected in reversed(pages[:-1]):
        last = (await portal.client.get(str(link(last, "prev")))).text
        assert rows(last) == expected
    assert link(last, "prev") is None


async def test_filters_hold_together_and_on_the_next_page(portal: Portal) -> None:
    everything = rows((await portal.client.get("/public")).text)
    _, circumstance, department, _ = everything[0]
    by_name = dict(
        re.findall(r'<option value="([A-Z_-]+)"[^>]*>(.*?)</option>', (await portal.client.get("/public")).text)
    )
    named = {name: value for value, name in by_name.items()}
    asked = {
        "circumstance": named[circumstance],
        "department": named[department],
        "since": "2026-06-01",
        "until": "2026-11-20",
    }
    page = (await portal.client.get("/public", params=asked)).text
    found = rows(page)
    assert found
    assert {(each[1], each[2]) for each in found} == {(circumstance, department)}
    for name in ("circumstance", "department"):
        assert f'value="{asked[name]}" selected' in page
    for name in ("since", "until"):
        assert f'name="{name}" value="{asked[name]}"' in page
    wide = (await portal.client.get("/public", params={"since": "2026-01-01"})).text
    following = str(link(wide, "next"))
    assert "since=2026-01-01" in following
    assert 'name="since" value="2026-01-01"' in (await portal.client.get(following)).text
    empty = (await portal.client.get("/public", params={"until": "2022-05-25"})).text
    assert "没有符合条件的公示。" in empty
    assert "共 0 条" in empty


FLAWS = (
    ("a day that is none", {"since": "2026-02-30", "circumstance": "OTHER"}, {"since"}, ('value="OTHER" selected', 'name="since" value="2026-02-30"')),
    ("a day in another form", {"until": "20261120", "since": "2026-01-01"}, {"until"}, ('value="2026-01-01"', 'value="20261120"')),
    ("two days that are none", {"since": "x", "until": "<b>"}, {"since", "until"}, ('value="x"', 'value="&lt;b&gt;"')),
    ("what is too long for a day", {"since": "370305190001010015"}, {"since"}, ('name="since" value=""',)),
    ("days in the wrong order", {"since": "2026-03-05", "until": "2026-03-04"}, {"until"}, ('value="2026-03-05"', 'value="2026-03-04"')),
    ("an unknown circumstance", {"circumstance": "<script>", "since": "2026-01-01"}, {"circumstance"}, ('value="2026-01-01"',)),
    ("an unknown department", {"department": "LZ-NONE", "circumstance": "OTHER"}, {"department"}, ('value="OTHER" selected',)),
    ("everything at once", {"circumstance": "x", "department": "x", "since": "x", "until": "x"}, {"circumstance", "department", "since", "until"}, ()),
    ("a forged cursor", {"after": "AAAA", "circumstance": "OTHER"}, set(), ('value="OTHER" selected', 'href="/public?circumstance=OTHER"', "名单中没有这一页。")),
    ("a forged cursor backwards", {"before": "AAAA"}, set(), ("名单中没有这一页。",)),
)  # fmt: skip


@pytest.mark.parametrize(("case", "asked", "fields", "kept"), FLAWS, ids=[row[0] for row in FLAWS])
async def test_bad_input_is_refused_by_field_and_the_rest_is_kept(
    portal: Portal, case: str, asked: dict[str, str], fields: set[str], kept: tuple[str, ...]
) -> None:
    answer = await portal.client.get("/public", params=asked)
    assert answer.status_code == 400, case
    marked = set(re.findall(r'name="(\w+)"[^>]*aria-invalid="true" aria-describedby="flaw-\1"', answer.text))
    assert marked == set(re.findall(r'id="flaw-(\w+)"', answer.text)) == fields
    assert 'role="alert"' in answer.text
    assert rows(answer.text) == []
    for each in kept:
        assert each in answer.text
    assert not re.search("<b>|<script>|LZ-NONE|[0-9]{15}", answer.text)


# --- figures and rules -------------------------------------------------------------------------------------------------


async def test_figures_that_could_lead_to_somebody_are_hatched_and_not_published(portal: Portal) -> None:
    """[6.1] [6.3]: a small count is neither a number nor a bar, and the page says why."""
    page = (await portal.client.get("/figures/2025")).text
    assert "少于 5 的数字不公布" in page
    bars = re.findall(r'<svg width="120"[^>]*>(<rect[^>]*>)</svg></td>\s*<td>(.*?)</td>', page)
    hidden = [bar for bar, text in bars if "不公布" in text]
    assert hidden
    assert all('fill="url(#hatch)"' in bar for bar in hidden)
    assert page.count('id="hatch"') == 1
    shown = [(bar, int(text)) for bar, text in bars if "不公布" not in text]
    assert all('class="bar"' in bar and (count == 0 or count >= 5) for bar, count in shown)
    assert max(float(re.search(r'width="([\d.]+)"', bar)[1]) for bar, _ in shown) == 120  # type: ignore[index] # has it
    numbers = re.findall(r"<td>(\d+)</td>", page)
    assert numbers
    assert not {int(each) for each in numbers} & {1, 2, 3, 4}


@pytest.mark.parametrize(
    "year", ["2026", "2021", "1999", "2099", "0", "x", "2025x", "２０２５", "-1", "370305190001010015"]
)
async def test_a_year_without_figures_is_not_found_and_is_not_repeated(portal: Portal, year: str) -> None:
    """Those of this year are published in the next [6.3]."""
    answer = await portal.client.get(f"/figures/{year}")
    assert answer.status_code == 404
    assert "没有这一年的统计" in answer.text
    assert "<h1>统计</h1>" in answer.text
    assert year not in re.findall(r"<title>(.*?)</title>", answer.text)[0]


async def test_figures_without_a_year_are_those_of_the_last(portal: Portal) -> None:
    latest, named = (await portal.client.get("/figures")).text, (await portal.client.get("/figures/2025")).text
    assert "<h1>2025 年统计</h1>" in latest
    assert 'href="/figures/2025" aria-current="page"' in named
    assert re.findall(r'href="/figures/(\d+)"', latest) == ["2022", "2023", "2024", "2025"]


async def test_the_rules_are_those_of_today_with_their_clauses(portal: Portal) -> None:
    """[6.3]: what is published of the policy, each sentence with its clause."""
    page = (await portal.client.get("/rules")).text
    for words in (
        "哪些行为会列入失信制约名单",
        "您有哪些权利",
        "如何修复信用",
        "[5.1.4(3)]",
        "自 2022年5月25日 起施行",
    ):
        assert words in page
    items = re.findall(r"<li>(.+?) <small class=\"clause\">\[(.+?)\]</small></li>", page)
    assert len(items) > 20


# --- who reads them ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("persona", ["regulator", "subject"])
async def test_a_page_for_everybody_is_read_as_nobody_whoever_is_logged_in(
    portal: Portal, place: Place, persona: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It shows no more than to anybody, and leaves no record of who looked."""
    database, asked = Database.open(place.url), list[GraphQLRequest]()
    execute = GraphQLService.execute

    async def noted(service: GraphQLService, request: GraphQLRequest) -> GraphQLResponse:
        asked.append(request)
        return await execute(service, request)

    monkeypatch.setattr(GraphQLService, "execute", noted)
    before = await entries_of(database)
    browser = await portal.logged_in(persona)
    for address in ADDRESSES:
        assert rows((await browser.get(address)).text) == rows((await portal.client.get(address)).text)
    assert {(each.actor, each.channel) for each in asked} == {(ANONYMOUS, Channel.PORTAL)}
    assert await entries_of(database) == before
    await database.close()


async def test_a_session_that_is_over_or_broken_keeps_nobody_from_the_pages(portal: Portal) -> None:
    (cookie,) = [each for each in (await portal.logged_in("clerk")).cookies.jar if each.value]
    async with portal.browser({cookie.name: "A" * len(str(cookie.value))}) as broken:
        assert [(await broken.get(address)).status_code for address in ADDRESSES] == [200] * len(ADDRESSES)


# --- settings ----------------------------------------------------------------------------------------------------------

SETTINGS = (
    ("a demo has a first page of its own, which leads to the pages", {}, "demo", {"/": 200, "/portal": 200, "/public": 200}, "/portal"),
    ("without the portal there are no pages", {"PORTAL": "off"}, "demo", {"/": 200, "/portal": 404, "/public": 404, "/language/en": 404}, None),
    ("without a first page of a demo, the portal's home is the first", {"LOGIN": "off"}, "", {"/": 200, "/portal": 200, "/public": 200}, "/public"),
    ("without either there is none", {"LOGIN": "off", "PORTAL": "off"}, "", {"/": 404, "/portal": 404}, None),
    ("without a login", {"LOGIN": "off"}, "demo", {"/public": 200, "/rules": 200}, "/portal"),
    ("where only loaded documents are answered", {"TRUSTED_DOCUMENTS": "require"}, "demo", {"/public": 200, "/rules": 200, "/figures/2025": 200}, "/portal"),
)  # fmt: skip


@pytest.mark.parametrize(("case", "given", "mode", "statuses", "leads_to"), SETTINGS, ids=[row[0] for row in SETTINGS])
async def test_the_pages_are_there_by_setting(
    place: Place, case: str, given: dict[str, str], mode: str, statuses: dict[str, int], leads_to: str | None
) -> None:
    async with open_portal(place.url, place.folder, has_personas=mode == "demo", **given) as opened:
        for address, status in statuses.items():
            assert (await opened.client.get(address)).status_code == status, (case, address)
        first = (await opened.client.get("/")).text
        assert (f'href="{leads_to}"' in first) if leads_to else ('href="/portal"' not in first)


# --- golden ------------------------------------------------------------------------------------------------------------


def steady(page: str) -> str:
    """Return a page without its cursors, which are sealed anew each time."""
    return re.sub(r"(after|before)=[^\"&]+", r"\1=…", page)


@pytest.mark.parametrize(("name", "address"), [("public-list", "/public?circumstance=OTHER"), ("rules", "/rules")])
async def test_golden_pages(portal: Portal, name: str, address: str) -> None:
    golden.same(f"portal/{name}.html", steady((await portal.client.get(address)).text))
    async with portal.browser(ENGLISH) as browser:
        golden.same(f"portal/{name}.en.html", steady((await browser.get(address)).text))
