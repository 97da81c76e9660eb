"""A session that ends while somebody types: GraphiQL goes to the login by itself, once, and keeps what was typed.

The gateway has the pages of production; its provider is the demo's, which asks as whom one logs in.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from gateway.http.app import server_options
from storage.database.database import Database
from tests.browser.conftest import OpenWindow, Window
from tests.browser.installed import needs_browser
from tests.browser.test_graphiql import RUN, editor_text
from tests.databases import on_sqlite
from tests.gateway.fakes import ServerThread, settings_for
from tests.gateway.login.browsers import LoginWorld, login_world

pytestmark = [needs_browser, pytest.mark.browser, pytest.mark.subprocess, pytest.mark.slow, on_sqlite]

TYPED = "{ hello } # typed before the session ended"
PERSONAS = {"clerk": "窗口人员", "handler": "案件经办人"}


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> AsyncIterator[LoginWorld]:
    """Serve the gateway on the address that its provider sends browsers back to."""
    held: list[LoginWorld] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await held[0].app(scope, receive, send)

    server = ServerThread(app, server_options(settings_for(tmp_path)))
    async with login_world(database, tmp_path, has_personas=False, PUBLIC_URL=server.url) as opened:
        held.append(opened)
        with server:
            yield opened


async def log_in(window: Window, persona: str) -> None:
    await window.page.get_by_role("link", name=PERSONAS[persona]).click()
    await window.page.locator(".account").wait_for()
    await window.page.locator(".graphiql-query-editor .view-line").first.wait_for()


async def typed_in_a_session(open_window: OpenWindow, world: LoginWorld) -> Window:
    window = await open_window(f"{world.settings.browser_url}/graphiql")
    await window.page.get_by_role("link", name="登录").click()
    await log_in(window, "clerk")
    await editor_text(window, TYPED)
    await window.page.get_by_label("查询目的").select_option("CREDIT_CHECK")
    await window.page.locator(".access", has_text="无法判定").wait_for()  # the toy's schema has no `explainAccess`
    return window


async def end_session(window: Window, world: LoginWorld) -> None:
    """Let the session end, and run what is typed."""
    world.pass_time(hours=11)
    await window.page.locator(RUN).click()
    await window.page.wait_for_url("**/dev/authorize?**")


async def test_it_goes_to_the_login_and_what_was_typed_is_there_again(
    world: LoginWorld, open_window: OpenWindow
) -> None:
    window = await typed_in_a_session(open_window, world)
    await end_session(window, world)
    await log_in(window, "clerk")
    assert await editor_text(window) == TYPED
    assert await window.page.get_by_label("查询目的").input_value() == "CREDIT_CHECK"
    assert await window.page.evaluate("sessionStorage.getItem('chengxin-draft')") is None
    assert TYPED not in str([each.url for each in window.requests])
    assert await window.findings() == []


async def test_a_session_that_ended_on_another_page_is_noticed_when_one_comes_back(
    world: LoginWorld, open_window: OpenWindow
) -> None:
    """Else the page would go on without a cookie, and show as withheld what the account may see."""
    window = await typed_in_a_session(open_window, world)
    world.pass_time(hours=11)
    await window.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await window.page.wait_for_url("**/dev/authorize?**")


async def test_whoever_else_logs_in_finds_nothing_of_it(world: LoginWorld, open_window: OpenWindow) -> None:
    """[5.1.6] Text may have numbers of persons in it: it is for the account that typed it."""
    window = await typed_in_a_session(open_window, world)
    await end_session(window, world)
    await log_in(window, "handler")
    assert TYPED not in await editor_text(window)
    assert await window.page.evaluate("sessionStorage.getItem('chengxin-draft')") is None


async def test_a_login_whose_session_ends_at_once_is_no_loop(world: LoginWorld, open_window: OpenWindow) -> None:
    """The second end is said, with the way to the login; what was typed is still there."""
    window = await typed_in_a_session(open_window, world)
    await end_session(window, world)

    async def end_before(route: Any) -> None:
        world.pass_time(hours=11)
        await route.continue_()

    await window.page.route("**/graphql", end_before)
    await window.page.get_by_role("link", name=PERSONAS["clerk"]).click()
    await window.page.locator(".bar").get_by_text("登录会话已结束").wait_for()
    assert await window.page.get_by_role("link", name="登录").is_visible()
    assert await editor_text(window) == TYPED
    assert len(window.asked("/login")) == 2, "the one that was asked for, and one by itself"
