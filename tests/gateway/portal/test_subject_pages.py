"""The pages of a subject and its delegate: where one stands, who looked, what one has authorised [5.1.4] [5.1.6]."""

# ruff: noqa: E501 - one row of a table is one line

import re
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from html import unescape
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request

from gateway.portal.languages import PageLanguage
from gateway.portal.portal import PageRefused
from gateway.portal.portal import Portal as Pages
from gateway.portal.visitors import Visitor, Visitors
from policy.actors import ANONYMOUS
from tests.gateway.portal.conftest import Place
from tests.gateway.portal.portals import ENGLISH, ORIGIN, Portal, open_portal, texts_of
from tests.gateway.portal.test_languages import CHINESE

PAGES = ("/my", "/my/reads", "/my/authorisations")
FORM = re.compile(r'<form method="post" action="/my/authorisations">.*?</form>', re.DOTALL)
FIELD = re.compile(r'name="([a-z-]+)" value="([^"]*)"')
TITLE = re.compile(r"<title>(.*?)</title>")
OWN_SITE = {"Sec-Fetch-Site": "same-origin", "Origin": ORIGIN}


@pytest.fixture
async def own(place: Place, tmp_path: Path) -> AsyncIterator[Portal]:
    """Give a portal over a district of the test's own, which it may change."""
    shutil.copy(place.folder / "demo.db", tmp_path / "demo.db")
    for name in ("kek.key", "dev-issuer.json"):
        if (place.folder / name).exists():
            shutil.copy(place.folder / name, tmp_path / name)
    async with open_portal(f"sqlite:///{tmp_path}/demo.db", tmp_path) as opened:
        yield opened


async def forms(browser: httpx.AsyncClient) -> Mapping[str, dict[str, str]]:
    """Return what the forms of the authorisations send, by the answer of their button; the first of each."""
    page = (await browser.get("/my/authorisations")).text
    found = [dict(FIELD.findall(each)) for each in FORM.findall(page)]
    return {each["answer"]: each for each in reversed(found)}


async def press(browser: httpx.AsyncClient, form: Mapping[str, str], **headers: str) -> httpx.Response:
    return await browser.post("/my/authorisations", data=dict(form), headers=OWN_SITE | headers)


def own_reads(page: str) -> int:
    found = re.search(r"本人的查询（(\d+) 条）", page)
    assert found is not None
    return int(found[1])


# --- who opens them ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", PAGES)
async def test_a_page_is_for_the_subject_and_its_delegate(portal: Portal, address: str) -> None:
    sent = await portal.client.get(address)
    assert (sent.status_code, sent.headers["location"]) == (303, f"/login?back={address}")
    for persona, status in (("subject", 200), ("agent", 200), ("clerk", 403), ("auditor", 403)):
        async with aclosing(await portal.logged_in(persona)) as browser:
            page = await browser.get(address)
            assert (page.status_code, page.headers["cache-control"]) == (status, "no-store"), persona


async def test_a_page_that_another_site_opens_reads_nothing(portal: Portal) -> None:
    """[5.1.6]: the read would be on record in the name of whoever is logged in."""
    async with aclosing(await portal.logged_in("subject")) as browser:
        before = own_reads((await browser.get("/my/reads")).text)
        for address in PAGES:
            page = await browser.get(address, headers={"Sec-Fetch-Site": "cross-site"})
            assert "另一个网站把您带到这里" in page.text
        assert own_reads((await browser.get("/my/reads")).text) == before + 1, "that is the page before"


@pytest.mark.parametrize("address", PAGES)
async def test_a_page_is_in_one_language_names_nobody_and_states_its_purpose(portal: Portal, address: str) -> None:
    """[6.3] [5.1.6]: the title, which a browser keeps, is the same for everybody."""
    titles = set()
    for persona in ("subject", "agent"):
        async with aclosing(await portal.logged_in(persona)) as browser:
            page = (await browser.get(address)).text
            assert "本页查询目的：" in page
            assert "<strong>本人查询</strong>" in page
            titles.add(TITLE.findall(page)[0])
            browser.cookies.update(ENGLISH)
            english = (await browser.get(address)).text
            assert [text for language, text in texts_of(english) if language == "en" and CHINESE.search(text)] == []
            assert "<b>None</b>" not in english
    assert len(titles) == 1


# --- where I stand -----------------------------------------------------------------------------------------------------


async def test_the_first_screen_answers_three_questions(portal: Portal) -> None:
    """[5.1.4] [5.1.5] [5.1.6]: restrained until when, what can be done in which time, who looked."""
    async with aclosing(await portal.logged_in("subject")) as browser:
        page = (await browser.get("/my")).text
    standing, _, rest = page.partition("我现在可以做什么？")
    possible, _, looked = rest.partition("谁看过我？")
    assert re.search(r"是，有\d+项失信制约生效", standing)
    assert re.search(r"制约到20\d\d年\d+月\d+日", standing)
    assert "到期次日零时自动解除" in standing, "it is rectified"
    assert "陈述申辩的最后一日：" in standing
    assert re.search(r"<h3>陈述申辩</h3>\s*<p class=\"left\"><strong>还有\d+个工作日</strong>", possible)
    assert "答复授权请求" in possible
    assert "临淄区市场监督管理局（窗口人员）" in looked


async def test_a_delegate_sees_whose_record_each_is(portal: Portal) -> None:
    async with aclosing(await portal.logged_in("agent")) as browser:
        page = (await browser.get("/my")).text
    assert "您可查看的信息中，有1项失信制约生效" in page
    assert re.search(r"<h3>制约到[^<]*</h3>\s*<small lang=\"zh-CN\">临淄演示第001商贸有限公司</small>", page)


# --- who looked at me --------------------------------------------------------------------------------------------------


async def test_a_read_is_one_sentence_and_what_was_seen_clear_or_masked(portal: Portal) -> None:
    """[5.1.6]: who, in which role, why, by what right."""
    async with aclosing(await portal.logged_in("subject")) as browser:
        page = (await browser.get("/my/reads?purpose=CREDIT_CHECK")).text
    others, _, folded = page.partition("<details>")
    first = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", others.split('<p class="when">')[1])))
    assert "（窗口人员）为“事前信用查询”，依据本人授权 [4.1]，查看了您的信息。" in first
    assert re.search(r"明文 .*个人或者个体工商户的名称.* 脱敏 .*身份证号", first)
    assert "本人权利" not in others
    assert "本人权利" in folded, "own reads are folded away"


@pytest.mark.parametrize(
    ("case", "query", "has", "has_not"),
    [
        ("by purpose", "purpose=REVIEW", "为“复核与异议”", "为“事前信用查询”"),
        ("by department", "department=LZ-SCJG", "临淄区市场监督管理局（", "临淄区人民政府办公室（"),
        ("until the end of a day", "until=2026-10-14", "2026年10月14日", "2026年10月21日"),
        ("from the beginning of a day", "since=2026-10-14", "2026年10月14日", "2026年9月13日"),
        ("nothing fits", "since=2026-10-15&until=2026-10-16", "没有符合条件的查询", "查看了您的信息"),
        ("until the end of the calendar", "until=9999-12-31", "为“复核与异议”", "没有符合条件的查询"),
    ],
)
async def test_reads_are_filtered(portal: Portal, case: str, query: str, has: str, has_not: str) -> None:
    async with aclosing(await portal.logged_in("subject")) as browser:
        page = (await browser.get(f"/my/reads?{query}")).text.partition("<details>")[0]
    assert has in page, case
    assert has_not not in page, case


@pytest.mark.parametrize(
    ("query", "field", "flaw"),
    [
        ("purpose=x", "purpose", "没有这种目的"),
        ("purpose=PUBLICITY", "purpose", "没有这种目的"),
        ("department=x", "department", "没有这个部门"),
        ("since=2026-02-30", "since", "这不是日历中的日期"),
        ("since=2026-03-05&until=2026-03-04", "until", "不能早于起始日期"),
    ],
)
async def test_a_filter_that_is_wrong_is_refused_where_it_is(portal: Portal, query: str, field: str, flaw: str) -> None:
    async with aclosing(await portal.logged_in("subject")) as browser:
        page = await browser.get(f"/my/reads?{query}")
    assert page.status_code == 400
    assert re.search(rf'<span class="flaw" id="flaw-{field}">{flaw}', page.text)
    assert f'aria-describedby="flaw-{field}"' in page.text


async def test_a_forged_cursor_is_no_page(portal: Portal) -> None:
    async with aclosing(await portal.logged_in("subject")) as browser:
        page = await browser.get("/my/reads?after=x")
    assert (page.status_code, "名单中没有这一页" in page.text) == (400, True)


# --- what I have authorised --------------------------------------------------------------------------------------------


async def test_giving_and_withdrawing_are_one_press_each(own: Portal) -> None:
    """[5.1.6]: a second press of the same button does nothing twice, and the page says what was done."""
    async with aclosing(await own.logged_in("subject")) as browser:
        given = (await forms(browser))["grant"]
        assert given["notice"], "bound to the notice that the page shows"
        for _ in range(2):
            done = await press(browser, given)
            assert (done.status_code, done.headers["location"]) == (303, "/my/authorisations?done=grant")
        assert "已同意授权" in (await browser.get(done.headers["location"])).text
        found = [
            each
            for each in FORM.findall((await browser.get("/my/authorisations")).text)
            if given["authorisation"] in each
        ]
        (withdrawal,) = (dict(FIELD.findall(each)) for each in found)
        assert (withdrawal["answer"], int(withdrawal["version"])) == ("withdraw", int(given["version"]) + 1)
        assert (await press(browser, withdrawal)).headers["location"] == "/my/authorisations?done=withdraw"
        assert "grant" not in await forms(browser)


async def test_refusing_is_one_press_too_and_both_buttons_look_alike(own: Portal) -> None:
    async with aclosing(await own.logged_in("subject")) as browser:
        page = (await browser.get("/my/authorisations")).text
        buttons = dict(
            re.findall(r'<button (name="answer" value="(?:grant|refuse)") aria-label="[^"]+">(同意|拒绝)<', page)
        )
        assert sorted(buttons.values()) == ["同意", "拒绝"]
        assert (await press(browser, (await forms(browser))["refuse"])).status_code == 303
        assert "已拒绝授权" in (await browser.get("/my/authorisations?done=refuse")).text


async def test_a_refusal_is_shown_at_the_card_and_how_it_stands_now(own: Portal) -> None:
    async with aclosing(await own.logged_in("subject")) as browser:
        before = await forms(browser)
        await press(browser, before["grant"])
        late = await press(browser, before["refuse"])
    assert late.status_code == 409
    card = next(each for each in re.findall(r"<li>\s*<h3>.*?</li>\s*(?=<li>\s*<h3>|</ul>)", late.text, re.DOTALL) if 'role="alert"' in each)  # fmt: skip
    assert "该授权刚刚发生变更" in card
    assert 'value="withdraw"' in card, "the way out is to answer what it is now"


@pytest.mark.parametrize(
    ("case", "change", "headers", "status"),
    [
        ("another session's token", {"form-token": "x"}, {}, 403),
        ("another site", {}, {"Sec-Fetch-Site": "cross-site"}, 403),
        ("no such answer", {"answer": "give"}, {}, 400),
        ("no key", {"key": ""}, {}, 400),
        ("a version that is no number", {"version": "x"}, {}, 400),
        ("another notice", {"notice": "0" * 64}, {}, 409),
        ("no such authorisation", {"authorisation": "x"}, {}, 400),
    ],
)
async def test_a_form_that_is_not_of_the_page_changes_nothing(
    own: Portal, case: str, change: dict[str, str], headers: dict[str, str], status: int
) -> None:
    async with aclosing(await own.logged_in("subject")) as browser:
        given = (await forms(browser))["grant"]
        answer = await press(browser, given | change, **headers)
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (status, "text/html"), case
        assert "grant" in await forms(browser)


async def test_another_role_submits_nothing(own: Portal) -> None:
    async with aclosing(await own.logged_in("subject")) as browser:
        given = (await forms(browser))["grant"]
    async with aclosing(await own.logged_in("clerk")) as browser:
        token = re.search(r'name="form-token" value="([^"]+)"', (await browser.get("/portal")).text)
        assert token is not None
        assert (await press(browser, given | {"form-token": token[1]})).status_code == 403
    async with aclosing(await own.logged_in("subject")) as browser:
        assert "grant" in await forms(browser)


async def test_a_delegate_answers_for_its_principal(own: Portal) -> None:
    async with aclosing(await own.logged_in("agent")) as browser:
        assert (await press(browser, (await forms(browser))["grant"])).status_code == 303


async def test_a_page_that_is_opened_changes_nothing(portal: Portal) -> None:
    """Whatever a page asks when it is opened, a mutation is not executed."""
    pages = Pages(portal.services.graphql_service, Visitors(None), ())
    request = Request({"type": "http", "method": "GET", "path": "/my", "headers": [], "request_id": "request-1"})
    with pytest.raises(PageRefused) as refused:
        await pages.ask(
            request, Visitor(ANONYMOUS, PageLanguage.CHINESE), "subjects/withdraw", {"input": {"authorisation": "x"}}
        )
    assert refused.value.status == httpx.codes.METHOD_NOT_ALLOWED
