"""The portal of an open gateway over the demo's district, and browsers in front of it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import httpx

from credit.calendar.deadlines import civil_date
from gateway.application import build_application
from gateway.auth.dev_issuer import DevIssuer
from gateway.demo.personas.personas import personas
from gateway.services import Services, build_services
from gateway.settings.settings import read

NOW = datetime(2026, 11, 20, 4, 30, tzinfo=UTC)
TODAY = civil_date(NOW)
COUNT = 400
"""Subjects: as many as give the public list two pages and more."""
ORIGIN = "http://127.0.0.1:8000"
ENGLISH = {"chengxin-language": "en"}
EMPTY = frozenset({"meta", "link", "input", "br", "rect", "line", "img"})


@dataclass(frozen=True)
class Portal:
    """A gateway that is open. *client* is a browser that nobody is logged in with."""

    services: Services
    transport: httpx.ASGITransport
    client: httpx.AsyncClient

    def browser(self, cookies: Mapping[str, str] | None = None) -> httpx.AsyncClient:
        """Return a browser of its own, with *cookies*."""
        return httpx.AsyncClient(transport=self.transport, base_url=ORIGIN, cookies=dict(cookies or {}))

    async def logged_in(self, persona: str) -> httpx.AsyncClient:
        """Return a browser with which a persona of the demo has logged in."""
        browser = self.browser()
        asked = (await browser.get("/login")).headers["location"]
        picked = (await browser.get(f"{asked}&persona={persona}")).headers["location"]
        assert (await browser.get(picked)).status_code == httpx.codes.SEE_OTHER
        return browser


@asynccontextmanager
async def open_portal(url: str, folder: Path, *, has_personas: bool = True, **given: str) -> AsyncIterator[Portal]:
    """Open a gateway over the seeded database at *url*, whose keys lie in *folder*.

    Without *has_personas* it has no first page of a demo.
    """
    named = {
        "DATABASE_URL": url,
        "KEK_FILE": str(folder / "kek.key"),
        "DEV_KEY_FILE": str(folder / "dev-issuer.json"),
        "LEDGER_STORE": f"file:{folder}",
        "LEDGER_SEQUENCER": "off",
        **given,
    }
    settings = read({f"CHENGXIN_{name}": value for name, value in named.items()})
    issuer = DevIssuer(settings, personas(TODAY), lambda: NOW) if has_personas else None
    services = build_services(settings, lambda: NOW)
    transport = httpx.ASGITransport(build_application(services, issuer))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        yield Portal(services, transport, client)
    await services.close()


class _Texts(HTMLParser):
    """Collects the texts of a page with the language of each."""

    def __init__(self) -> None:
        super().__init__()
        self.languages: list[str | None] = []
        self.tags: list[str] = []
        self.found: list[tuple[str | None, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        before = self.languages[-1] if self.languages else None
        if tag not in EMPTY:
            self.languages.append(given.get("lang") or before)
            self.tags.append(tag)
        for name in ("aria-label", "data-label", "title"):
            if given.get(name):
                self.found.append((given.get("lang") or before, str(given[name])))

    def handle_endtag(self, tag: str) -> None:
        if tag not in EMPTY:
            self.languages.pop()
            assert self.tags.pop() == tag, "a page is well formed"

    def handle_data(self, data: str) -> None:
        if data.strip() and self.languages:
            self.found.append((self.languages[-1], data.strip()))


def texts_of(page: str) -> list[tuple[str | None, str]]:
    """Return the texts of a page, labels for screen readers too, each with its language."""
    parser = _Texts()
    parser.feed(page)
    parser.close()
    assert not parser.tags, "a page is well formed"
    return parser.found
