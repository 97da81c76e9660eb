"""The pages of a subject, in a real Chromium: without a script, on a phone, and by the presses of its buttons alone."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.conftest import PHONE, WIDE, OpenWindow, Window
from tests.browser.installed import needs_browser
from tests.served import Served, served

pytestmark = [needs_browser, pytest.mark.browser, pytest.mark.subprocess, pytest.mark.slow]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give a demo whose authorisations a test answers."""
    with served(tmp_path_factory.mktemp("subject-demo")) as here:
        yield here


async def as_subject(open_window: OpenWindow, served_by: Served, path: str, size: dict[str, Any]) -> Window:
    """Return a window in which the subject of the demo has logged in, at *path*."""
    window = await open_window(f"{served_by.url}{path}", {**size, "java_script_enabled": False})
    await window.page.get_by_role("link", name="本人 ", exact=False).first.click()
    await window.page.wait_for_url(f"**{path}")
    return window


async def test_without_a_script_one_gives_and_withdraws(open_window: OpenWindow, own: Served) -> None:
    """[5.1.6]: browsers send the forms as ours; the page says what was done."""
    window = await as_subject(open_window, own, "/my/authorisations", PHONE)
    page = window.page
    card = page.get_by_role("listitem").filter(has=page.get_by_role("button", name="同意"))
    recipient = await card.locator("h3").inner_text()
    await page.get_by_role("button", name="同意").click()
    assert await page.get_by_role("status").inner_text() == "已同意授权。"
    assert await page.get_by_role("button", name="同意").count() == 0
    await page.get_by_role("button", name=f"撤回：{recipient}").click()
    assert "已撤回授权" in await page.get_by_role("status").inner_text()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
async def test_axe_finds_nothing_serious(size: dict[str, Any], open_window: OpenWindow, own: Served) -> None:
    window = await open_window(f"{own.url}/login?back=/my", size)
    await window.page.get_by_role("link", name="本人 ", exact=False).first.click()
    for path in ("/my", "/my/reads", "/my/reads?since=2026-02-30", "/my/authorisations"):
        await window.page.goto(f"{own.url}{path}")
        assert await window.page.locator("h1").count() == 1
        assert await window.findings() == []
        assert not await window.overflows()
