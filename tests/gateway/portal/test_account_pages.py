"""The pages of an account work by forms alone: log in, choose a role, see and end one's sessions, log out [5.1.6]."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.http.errors import WORDS, Code
from gateway.login.factory import Login
from gateway.portal.factory import portal_routes
from gateway.portal.portal import Portal
from gateway.portal.visitors import Visitors
from policy.actors import Role
from storage import tables
from storage.database.database import Database
from tests.databases import on_both, on_sqlite
from tests.gateway.fakes import ToyService
from tests.gateway.login.browsers import GATEWAY, Browser, LoginWorld, login_world

OURS = {"Origin": GATEWAY, "Sec-Fetch-Site": "same-origin"}
HANDLERS = "/for-handlers"
FORM = re.compile(r'<form method="post" action="([^"]+)"[^>]*>(.*?)</form>', re.DOTALL)
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
CHOICE = re.compile(r'<(?:button|option)[^>]* value="([^"]+)"')


def routes(service: ToyService, login: Login) -> Sequence[Route]:
    """Return the pages, and one that is for handlers."""
    portal = Portal(service, Visitors(login), ())  # type: ignore[arg-type]  # no page here asks it

    async def opened(request: Request) -> Response:
        visitor = await portal.visitors.in_role(request, frozenset({Role.HANDLER}))
        return PlainTextResponse(visitor.actor.ref)

    pages = portal_routes(service, login, lambda: date(2026, 3, 5), is_first_page=False)  # type: ignore[arg-type]  # as above
    return [*pages, portal.route(HANDLERS, opened)]


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> AsyncIterator[LoginWorld]:
    async with login_world(database, tmp_path, more_routes=routes) as opened:
        yield opened


def forms(page: httpx.Response, action: str) -> list[tuple[dict[str, str], list[str]]]:
    """Return the forms of *page* that go to *action*: their hidden fields, and what can be chosen in them."""
    found = [inside for to, inside in FORM.findall(page.text) if to == action]
    return [({k: unescape(v) for k, v in HIDDEN.findall(inside)}, CHOICE.findall(inside)) for inside in found]


async def submit(
    browser: Browser, page: httpx.Response, action: str, *, which: int = -1, **chosen: str
) -> httpx.Response:
    """Send the last such form of *page*, or another one, as a browser does."""
    fields, choices = forms(page, action)[which]
    assert set(chosen.values()) <= set(choices)
    return await browser.client.post(action, data={**fields, **chosen}, headers=OURS)


async def sessions_left(world: LoginWorld) -> list[tuple[str, str | None]]:
    columns = tables.login_sessions.c
    return sorted(tuple(row) for row in await world.database.fetch(select(columns.account_ref, columns.role)))


@on_both
async def test_a_page_leads_to_the_login_and_the_login_back_to_it(world: LoginWorld) -> None:
    browser = world.browser()
    asked = await browser.client.get("/portal/sessions")
    assert (asked.status_code, asked.headers["location"]) == (303, "/login?back=/portal/sessions")
    begun = await browser.client.get(asked.headers["location"])
    done = await browser.client.get(await browser.answer("clerk", begun.headers["location"]))
    assert (done.status_code, done.headers["location"]) == (303, "/portal/sessions")
    page = await browser.client.get("/portal/sessions")
    assert (page.status_code, page.text.count("（本次会话）")) == (200, 1)
    assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("no-store", "same-origin")


@on_sqlite
@pytest.mark.parametrize(("begun_by", "back"), [("same-origin", "/portal/sessions"), ("cross-site", "/portal")])
async def test_from_a_provider_of_another_site_a_page_of_ours_leads_back(
    begun_by: str, back: str, world: LoginWorld
) -> None:
    """Else the page would be one that another site opens. A login that another site begins leads to no such page."""
    browser = world.browser()
    begun = await browser.client.get("/login?back=/portal/sessions", headers={"Sec-Fetch-Site": begun_by})
    address = await browser.answer("clerk", begun.headers["location"])
    done = await browser.client.get(address, headers={"Sec-Fetch-Site": "cross-site"})
    assert (done.status_code, done.headers["refresh"], f'href="{back}"' in done.text) == (200, f"0;url={back}", True)
    assert (await browser.client.get("/portal/sessions")).status_code == 200


@on_sqlite
async def test_the_head_of_a_page_says_who_acts_and_offers_what_there_is_to_do(world: LoginWorld) -> None:
    nobody, clerk, handler = world.browser(), world.browser(), world.browser()
    await clerk.log_in("clerk")
    await handler.log_in("handler")
    shown = [await browser.client.get("/portal") for browser in (nobody, clerk, handler)]
    assert ['href="/login?back=/portal"' in page.text for page in shown] == [True, False, False]
    assert ["身份：<strong>窗口人员" in page.text for page in shown] == [False, True, False]
    assert [[each[1] for each in forms(page, "/portal/role")] for page in shown] == [[], [], [["clerk", "handler"]]]
    assert [len(forms(page, "/portal/logout")) for page in shown] == [0, 1, 1]


@on_both
async def test_a_role_is_chosen_by_a_press_and_leads_back_to_the_page_that_needed_it(world: LoginWorld) -> None:
    browser = world.browser()
    await browser.log_in("handler")
    without = await browser.client.get(HANDLERS)
    assert (without.status_code, "本页供其他身份使用" in without.text) == (403, True)
    assert forms(without, "/portal/role")[-1][1] == ["handler"]

    chosen = await submit(browser, without, "/portal/role", role="handler")
    assert (chosen.status_code, chosen.headers["location"]) == (303, HANDLERS)
    assert (await browser.client.get(HANDLERS)).text == "demo-handler"

    stale = await submit(browser, without, "/portal/role", role="handler")
    assert (stale.status_code, "CSRF_TOKEN" in stale.text, "请返回上一页并刷新" in stale.text) == (403, True, True)

    switched = await submit(browser, await browser.client.get("/portal/role"), "/portal/role", role="clerk")
    assert switched.headers["location"] == "/portal"
    assert await sessions_left(world) == [("demo-handler", "clerk")]
    assert (await browser.client.get(HANDLERS)).status_code == 403


@on_sqlite
async def test_an_account_without_the_role_of_a_page_is_offered_none(world: LoginWorld) -> None:
    browser = world.browser()
    await browser.log_in("subject")
    page = await browser.client.get(HANDLERS)
    assert (page.status_code, forms(page, "/portal/role")) == (403, [])
    assert "您的账号没有这样的身份" in page.text


@on_sqlite
async def test_a_role_that_cannot_act_yet_leaves_the_pages_for_everybody_open(world: LoginWorld) -> None:
    def without_department(answer: dict[str, Any]) -> None:
        at = int(world.at.timestamp())
        claims = {"sub": "demo-handler", "roles": ["handler"], "aud": "chengxin"}
        times = {"iss": world.settings.oidc_issuer, "iat": at, "exp": at + 600}
        answer["access_token"] = world.issuer.sign({**claims, **times})

    browser = world.browser()
    world.provider.tamper = without_department
    await browser.log_in("handler")
    page = await browser.client.get(HANDLERS)
    assert (page.status_code, WORDS[Code.ROLE_INCOMPLETE][1] in page.text) == (403, True)
    home = await browser.client.get("/portal")
    assert (home.status_code, "身份：<strong>案件经办人" in home.text) == (200, True)
    await submit(browser, page, "/portal/logout")
    assert await sessions_left(world) == []


@on_both
async def test_a_logout_ends_the_session_here_and_leads_to_the_provider(world: LoginWorld) -> None:
    browser = world.browser()
    await browser.log_in()
    page = await browser.client.get("/portal")
    left = await submit(browser, page, "/portal/logout")
    seconds, _, address = left.headers["refresh"].partition(";url=")
    assert (left.status_code, seconds, urlsplit(address).path) == (200, "0", "/dev/logout")
    assert unescape(re.findall(r'class="act" href="([^"]+)"', left.text)[0]) == address
    assert (await browser.client.get(address)).headers["location"] == f"{GATEWAY}/logout"
    assert (await sessions_left(world), len(browser.client.cookies)) == ([], 0)

    again = await browser.client.post("/portal/logout", data=forms(page, "/portal/logout")[0][0], headers=OURS)
    assert (again.status_code, "登录已结束" in again.text) == (401, True)
    assert 'href="/login?back=/portal/logout"' in again.text
    assert (await browser.client.get("/portal/logout")).headers["location"] == "/portal"


@on_sqlite
async def test_where_the_provider_has_no_logout_the_session_here_is_over_all_the_same(world: LoginWorld) -> None:
    world.provider.has_logout = False
    browser = world.browser()
    await browser.log_in()
    left = await submit(browser, await browser.client.get("/portal"), "/portal/logout")
    assert (left.status_code, left.headers["location"], await sessions_left(world)) == (303, "/logout", [])


@on_both
async def test_an_account_sees_its_sessions_and_ends_one_or_all(world: LoginWorld) -> None:
    here, there, other = world.browser(), world.browser(), world.browser()
    for browser, persona in ((here, "clerk"), (there, "clerk"), (other, "subject")):
        await browser.log_in(persona)
        world.pass_time(minutes=1)
    page = await here.client.get("/portal/sessions")
    (_, (theirs,)), (_, (mine,)), (_, every) = forms(page, "/portal/sessions")
    assert every == ["all"]

    others = await other.client.get("/portal/sessions")
    fields, _ = forms(others, "/portal/sessions")[0]
    for session, status, code in (
        (mine, 404, "NOT_FOUND"),
        (str(uuid4()), 404, "NOT_FOUND"),
        ("x", 400, "SESSION_BODY"),
    ):
        refused = await other.client.post("/portal/sessions", data={**fields, "session": session}, headers=OURS)
        assert (refused.status_code, f"<code>{code}</code>" in refused.text) == (status, True)

    ended = await submit(here, page, "/portal/sessions", which=0, session=theirs)
    assert (ended.status_code, ended.headers["location"]) == (303, "/portal/sessions")
    assert (await there.client.get("/portal/sessions")).headers["location"] == "/login?back=/portal/sessions"
    gone = await submit(here, page, "/portal/sessions", session="all")
    assert (gone.status_code, "/dev/logout" in gone.headers["refresh"]) == (200, True)
    assert (await sessions_left(world), len(here.client.cookies)) == ([("demo-subject", "subject")], 0)


URLENCODED = {"Content-Type": "application/x-www-form-urlencoded"}


@on_sqlite
@pytest.mark.parametrize("action", ["/portal/role", "/portal/sessions", "/portal/logout"])
@pytest.mark.parametrize(
    ("case", "headers", "body", "status", "code"),
    [
        ("no token", URLENCODED, "role=clerk&session=all", 403, "CSRF_TOKEN"),
        ("a token that is made up", URLENCODED, "form-token=x", 403, "CSRF_TOKEN"),
        ("the token of another session", URLENCODED, "form-token={other}", 403, "CSRF_TOKEN"),
        ("another site", {**URLENCODED, "Sec-Fetch-Site": "cross-site"}, "form-token={own}", 403, "CROSS_SITE"),
        ("a sister site", {**URLENCODED, "Sec-Fetch-Site": "same-site"}, "form-token={own}", 403, "CROSS_SITE"),
        ("another origin", {**URLENCODED, "Origin": "https://other.example"}, "form-token={own}", 403, "CROSS_SITE"),
        ("a page without an origin", {**URLENCODED, "Origin": "null"}, "form-token={own}", 403, "CROSS_SITE"),
        ("JSON", {"Content-Type": "application/json"}, "{}", 415, "CONTENT_TYPE_REFUSED"),
        ("a field twice", URLENCODED, "form-token={own}&form-token={own}", 400, "BAD_REQUEST"),
        ("more than a form of these has", URLENCODED, f"a={'x' * 1024}", 413, "BODY_TOO_LARGE"),
    ],
)
async def test_a_form_that_no_page_of_the_session_sent_does_nothing(
    case: str, action: str, headers: Mapping[str, str], body: str, status: int, code: str, world: LoginWorld
) -> None:
    browser, other = world.browser(), world.browser()
    await browser.log_in("handler")
    await other.log_in("handler")
    own, theirs = [await each.token() for each in (browser, other)]
    sent = body.replace("{own}", own["X-CSRF-Token"]).replace("{other}", theirs["X-CSRF-Token"])
    before = await sessions_left(world)
    answer = await browser.client.post(action, content=sent, headers={**OURS, **headers})
    assert (answer.status_code, f"<code>{code}</code>" in answer.text) == (status, True), case
    assert await sessions_left(world) == before
    assert ("form-token" in answer.text) is (code != "CROSS_SITE")


@on_sqlite
@pytest.mark.parametrize("role", ["head", "anonymous", ""])
async def test_a_role_that_the_account_does_not_hold_is_refused_in_plain_words(role: str, world: LoginWorld) -> None:
    browser = world.browser()
    await browser.log_in("handler")
    fields, _ = forms(await browser.client.get("/portal"), "/portal/role")[0]
    answer = await browser.client.post("/portal/role", data={**fields, "role": role}, headers=OURS)
    assert (answer.status_code, "您的账号没有所选的身份" in answer.text) == (403, True)


@on_sqlite
@pytest.mark.parametrize("back", ["https://other.example/", "//other.example", "/x?y=1", ""])
async def test_a_change_of_the_role_leads_to_no_other_site(back: str, world: LoginWorld) -> None:
    browser = world.browser()
    await browser.log_in("handler")
    fields, _ = forms(await browser.client.get("/portal"), "/portal/role")[0]
    sent = {**fields, "role": "clerk", "back": back}
    assert (await browser.client.post("/portal/role", data=sent, headers=OURS)).headers["location"] == "/portal"


@on_sqlite
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", ["/portal/sessions", "/portal/role", HANDLERS])
async def test_a_page_that_another_site_opens_reads_nothing_and_asks_first(
    path: str, site: str, world: LoginWorld
) -> None:
    browser = world.browser()
    await browser.log_in("handler")
    page = await browser.client.get(path, headers={"Sec-Fetch-Site": site})
    assert (page.status_code, "请确认打开本页" in page.text, f'href="{path}"' in page.text) == (200, True, True)
    assert "form-token" not in page.text
    assert "案件经办人" not in page.text
