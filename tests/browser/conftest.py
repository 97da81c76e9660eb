"""A real Chromium in front of a real server. A page that complains on its console, or asks another origin, fails."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.browser.installed import AXE, CHROMIUM
from tests.served import Served, served

WIDE = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SERIOUS = ("serious", "critical")
NO_COMPLAINT = ("log", "info", "debug")
REFUSED = re.compile(r"Failed to load resource: the server responded with a status of 40[013] ")
"""A refusal has a status, which Chromium notes on the console of a page that handles it well."""


@dataclass
class Window:
    """One page in a context of its own: no cookie and no storage of another. *page* is Playwright's."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    requests: list[Any] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("console", lambda each: self._noted(each.type not in NO_COMPLAINT, each.text))
        self.page.on("pageerror", lambda error: self._noted(True, str(error)))
        self.page.on("request", lambda each: self.requests.append(each))  # noqa: PLW0108 - it marks its handlers

    async def findings(self) -> list[str]:
        """Return what axe-core finds that is serious or critical, with the element."""
        await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = await self.page.evaluate("axe.run({resultTypes: ['violations']})")
        return [
            f"{each['impact']} {each['id']}: {node['html'][:200]}"
            for each in found["violations"]
            if each["impact"] in SERIOUS
            for node in each["nodes"]
        ]

    async def overflows(self) -> bool:
        """Return whether one has to scroll sideways."""
        return bool(await self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))

    def asked(self, path: str) -> list[Any]:
        """Return the requests to *path*."""
        return [each for each in self.requests if urlsplit(each.url).path == path]

    def _noted(self, is_complaint: bool, text: str) -> None:  # noqa: FBT001 - of an event
        if is_complaint and not REFUSED.match(text):
            self.complaints.append(text)


OpenWindow = Callable[..., Awaitable[Window]]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give a demo that every browser test may read; one that changes records uses its own."""
    with served(tmp_path_factory.mktemp("browser-demo")) as here:
        yield here


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Any]:
    from playwright.async_api import async_playwright  # noqa: PLC0415 - may not be installed

    async with async_playwright() as playwright:
        # No sandbox: tests may run as root.
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        await opened.close()


@pytest.fixture
async def open_window(browser: Any) -> AsyncIterator[OpenWindow]:
    """Give what opens an address in a window of its own; `size` is WIDE or PHONE."""
    opened: list[Window] = []

    async def open_one(address: str, size: dict[str, Any] = WIDE) -> Window:
        context = await browser.new_context(**size)
        context.set_default_timeout(20_000)
        window = Window(await context.new_page())
        window.watch()
        opened.append(window)
        await window.page.goto(address)
        return window

    yield open_one
    for window in opened:
        await window.page.context.close()
    for window in opened:
        origins = {urlsplit(each.url).netloc for each in window.requests if each.url.startswith("http")}
        assert len(origins) == 1, origins
        assert window.complaints == []
