"""The pages of an account, in a real Chromium: forms alone are enough, and browsers send them as we expect.

The gateway has the pages of production; its provider is the demo's, which asks as whom one logs in.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from gateway.http.app import server_options
from gateway.login.factory import Login
from gateway.portal.factory import portal_routes
from storage.database.database import Database
from tests.browser.conftest import PHONE, WIDE, OpenWindow
from tests.browser.installed import needs_browser
from tests.databases import on_sqlite
from tests.gateway.fakes import ServerThread, ToyService, settings_for
from tests.gateway.login.browsers import LoginWorld, login_world

pytestmark = [needs_browser, pytest.mark.browser, pytest.mark.subprocess, pytest.mark.slow, on_sqlite]


def account_routes(service: ToyService, login: Login) -> Sequence[Route]:
    return portal_routes(service, login, lambda: date(2026, 3, 5), is_first_page=False)  # type: ignore[arg-type]  # no page here asks the toy


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> AsyncIterator[LoginWorld]:
    """Serve the gateway on the address that its provider sends browsers back to."""
    held: list[LoginWorld] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await held[0].app(scope, receive, send)

    server = ServerThread(app, server_options(settings_for(tmp_path)))
    async with login_world(
        database, tmp_path, has_personas=False, more_routes=account_routes, PUBLIC_URL=server.url
    ) as opened:
        held.append(opened)
        with server:
            yield opened


async def test_without_a_script_one_logs_in_chooses_a_role_and_logs_out(
    world: LoginWorld, open_window: OpenWindow
) -> None:
    """Browsers send a form without an origin where a page has no referrer, and lead none to another site."""
    window = await open_window(f"{world.settings.browser_url}/portal", {**WIDE, "java_script_enabled": False})
    head = window.page.locator(".who")
    await head.get_by_role("link", name="登录").click()
    await window.page.get_by_role("link", name="案件经办人").click()
    await head.get_by_label("身份").select_option("案件经办人")
    await head.get_by_role("button", name="切换").click()
    await window.page.wait_for_url("**/portal")
    assert await head.get_by_label("身份").input_value() == "handler"
    await head.get_by_role("link", name="登录会话").click()
    assert await window.page.get_by_role("row").count() == 2, "the head of the table, and this session"
    await head.get_by_role("button", name="退出").click()
    await window.page.wait_for_url("**/logout")
    await window.page.get_by_role("heading", name="已退出登录").wait_for()
    assert window.asked("/dev/logout") != []


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
async def test_axe_finds_nothing_serious(size: dict[str, Any], world: LoginWorld, open_window: OpenWindow) -> None:
    window = await open_window(f"{world.settings.browser_url}/login?back=/portal/role", size)
    await window.page.get_by_role("link", name="案件经办人").click()
    for path in ("/portal/role", "/portal/sessions"):
        await window.page.goto(f"{world.settings.browser_url}{path}")
        assert await window.page.locator("h1").count() == 1
        assert await window.findings() == []
        assert not await window.overflows()
