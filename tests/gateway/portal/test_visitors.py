"""Who opens a page that everybody may see: nobody in particular, also where a session cannot be used now."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.requests import Request

from gateway.http.errors import HttpRefusal
from gateway.portal.visitors import Visitors
from policy.actors import ANONYMOUS
from storage.database.database import Database
from tests.databases import on_sqlite
from tests.gateway.login.browsers import LoginWorld, login_world
from tests.gateway.login.test_sessions import tokens_end_in


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> AsyncIterator[LoginWorld]:
    async with login_world(database, tmp_path) as opened:
        yield opened


@on_sqlite
async def test_an_issuer_that_is_down_keeps_nobody_from_a_page_for_everybody(world: LoginWorld) -> None:
    tokens_end_in(world, 5)
    browser = world.browser()
    await browser.log_in()
    cookies = "; ".join(f"{each.name}={each.value}" for each in browser.client.cookies.jar)
    request = Request({"type": "http", "method": "GET", "headers": [(b"cookie", cookies.encode())]})
    visitors = Visitors(world.login)
    assert (await visitors.of(request)).actor != ANONYMOUS
    assert (await visitors.as_nobody(request)).actor == ANONYMOUS
    world.pass_time(minutes=6)
    world.provider.is_down = True
    with pytest.raises(HttpRefusal):
        await visitors.of(request)
    assert (await visitors.as_nobody(request)).actor == ANONYMOUS
