"""Each 429 says in `Retry-After` after how many seconds the request may be tried again [RFC 9110 10.2.3]."""

import re
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.architecture.sources.syntax_trees import ROOT
from tests.credit.subjects.synthetic_numbers import id_number
from tests.journeys.platform.test_pushed_cases import push, pushed
from tests.journeys.running_server import RunningServer, open_server
from tests.journeys.support.documents import CHECK
from tests.schema.service import settings_for

NOBODY = id_number(born="19120404", sequence="901")


@pytest.fixture
async def limited(sqlite_url: str, kek: Path) -> AsyncIterator[RunningServer]:
    quotas = {
        "LOOKUPS_PER_ACTOR": "1/hour", "NOTICE_MISSES_PER_NETWORK": "1/minute", "PUSHED_PER_ACTOR": "1/day",
        "DOCUMENT_MILLISECONDS_PER_CLIENT": "1",
    }  # fmt: skip
    async with open_server(settings_for(kek, sqlite_url, **quotas)) as server:
        yield server


def search(media: str) -> Callable[[RunningServer, int], httpx.Response]:
    def ask(server: RunningServer, _: int) -> httpx.Response:
        body = {"query": CHECK, "variables": {"number": NOBODY}}
        return server.client.post("/graphql", json=body, headers={**server.bearer("clerk"), "Accept": media})

    return ask


def check(server: RunningServer, _: int) -> httpx.Response:
    return server.client.post("/check", data={"code": "AAAA-BBBB"})


def push_one(server: RunningServer, at: int) -> httpx.Response:
    return push(server, pushed(number=f"推-2026-{at}"), key=f"m-{at}")


REFUSED: list[tuple[str, Any, int]] = [
    ("a lookup by number", search("application/graphql-response+json"), 3600),
    ("a lookup by number, for older clients", search("application/json"), 3600),
    ("a code of a notice, on the page", check, 60),
    ("a case that is pushed", push_one, 24 * 3600),
]


@pytest.mark.parametrize(("case", "ask", "seconds"), REFUSED, ids=[case for case, *_ in REFUSED])
async def test_a_refusal_says_when_to_try_again(limited: RunningServer, case: str, ask: Any, seconds: int) -> None:
    first = ask(limited, 1)
    assert (first.status_code // 100, "retry-after" in first.headers) == (2, False)
    limited.clock.at += timedelta(seconds=0.5)
    refused = ask(limited, 2)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, str(seconds)), "rounded up to whole seconds"
    limited.clock.at += timedelta(seconds=seconds - 1)
    assert ask(limited, 3).headers["retry-after"] == "1"
    limited.clock.at += timedelta(seconds=1)
    assert ask(limited, 4).status_code // 100 == 2


async def test_beyond_the_budget_of_unknown_documents_too(limited: RunningServer) -> None:
    """It counts processor time, which no clock of a test puts forward."""
    asked = (limited.ask("handler", f"query Unknown{number} {{ viewer {{ ref }} }}") for number in range(200))
    refused = next(reply for reply in asked if reply.status != 200)
    (error,) = refused.errors
    wait = datetime.fromisoformat(error["extensions"]["until"]) - limited.clock.at
    assert (refused.status, error["extensions"]["code"]) == (429, "DOCUMENT_BUDGET")
    assert refused.response.headers["retry-after"] == str(int(wait.total_seconds()))


SAYS_429 = {
    "schema/core/errors.py": "LookupQuota, DocumentBudget and RateExceeded (test_rates.py), at /graphql; and "
    "SubscriptionLimit, which is over when a client ends one of its subscriptions, and names no instant",
    "gateway/http/errors.py": "LOOKUP_QUOTA, at /platform/cases; RATE_EXCEEDED (test_route_rates.py, test_logins.py); "
    "those of streams name no instant either",
    "gateway/notices/endpoints.py": "TooManyChecks, at /check",
}
ELSEWHERE = {
    "gateway/http/request_handler.py": "adds the header",
    "gateway/http/subscriptions/websocket_connection.py": "closes a connection for it, with a code that says later",
    "schema/execution/subscriptions/running_subscription.py": "looks again after a refusal that passes",
    "gateway/settings/declarations.py": "describes a setting",
    "gateway/joint_measures/client.py": "is a client of the city module",
    "gateway/outbox_relay/http_delivery.py": "is a client of those to whom messages go",
}
"""What has the number, and refuses nobody by it."""


def test_whoever_answers_429_is_listed_above() -> None:
    """A new one puts `retry_at` into the scope, and its case above."""
    files = [path for folder in ("gateway", "schema") for path in (ROOT / folder).rglob("*.py")]
    found = {
        str(path.relative_to(ROOT))
        for path in files
        if re.search(r"(?<![\d_])429(?![\d_])", re.sub(r'""".*?"""', "", path.read_text("utf-8"), flags=re.DOTALL))
    }
    assert found == {*SAYS_429, *ELSEWHERE}
