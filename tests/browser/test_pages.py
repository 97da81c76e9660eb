"""Pages that the server makes, in a real Chromium: nothing serious for axe-core, no scrolling sideways on a phone."""

from typing import Any

import pytest

from tests.browser.conftest import PHONE, WIDE, OpenWindow
from tests.browser.installed import needs_browser
from tests.served import Served

pytestmark = [needs_browser, pytest.mark.browser, pytest.mark.subprocess, pytest.mark.slow]

PAGES = (
    "/",
    "/try/focused-check",
    "/login",
    "/login/done",
    "/check",
    "/verify-receipt",
    "/portal",
    "/public",
    "/public?since=2026-02-30&circumstance=none",
    "/rules",
    "/figures/2025",
)


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("path", PAGES)
async def test_axe_finds_nothing_serious(
    path: str, size: dict[str, Any], open_window: OpenWindow, demo: Served
) -> None:
    window = await open_window(f"{demo.url}{path}", size)
    assert await window.page.locator("h1").count() == 1
    assert await window.findings() == []
    assert not await window.overflows()
