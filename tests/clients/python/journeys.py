"""The journeys that every Python client takes, as `libraries/journeys.mjs` has them.

It runs in the environment of the clients, which has none of the gateway's packages.
"""

import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

GIVEN: dict[str, Any] = json.loads(os.environ["CLIENTS"])
FILED = "query @purpose(is: APPLICATION_HANDLING) { applications(first: 1) { totalCount } }"


def document(name: str) -> str:
    return Path(f"documents/{name}.graphql").read_text(encoding="utf-8")


async def feature(name: str, run: Callable[[], Awaitable[str]]) -> None:
    """Run one feature, and write what was seen."""
    try:
        seen = await run()
    except Exception as error:  # noqa: BLE001 - whatever a client raises is what was seen
        seen = f"failed: {type(error).__name__} {error}"
    print(json.dumps({"feature": name, "seen": seen}))


def counted(ids: list[str]) -> str:
    return f"{len(ids)} cases, {'none' if len(set(ids)) == len(ids) else 'some'} twice"


class LosingTransport(httpx.AsyncHTTPTransport):
    """Loses the first answer on its way, and counts."""

    sent = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        self.sent += 1
        if self.sent == 1:
            await answer.aread()
            raise httpx.ReadError("the answer was lost")
        return answer


def filed() -> int:
    headers = {"Authorization": f"Bearer {GIVEN['tokens']['clerk']}"}
    answer = httpx.post(GIVEN["url"], json={"query": FILED}, headers=headers)
    found: int = answer.json()["data"]["applications"]["totalCount"]
    return found


async def take_journeys(journeys: Any) -> None:
    """Take the *journeys* of one client, by its own methods: see `with_gql_journeys`."""
    await feature("a page and its next page", lambda: _two_pages(journeys))
    await feature("the last page and the one before it", lambda: _two_pages_back(journeys))
    await feature("an object again, by its id", lambda: _again(journeys))
    await feature("a list of a subject, paged", lambda: _list_of_a_subject(journeys))
    await feature("a withheld field", lambda: _withheld(journeys))
    await feature("a withheld field, reported in extensions", lambda: _withheld(journeys, withheld="extensions"))
    await feature("an answer that was lost", lambda: _lost(journeys))
    await feature("a refusal", lambda: _refused(journeys))


async def _two_pages(journeys: Any) -> str:
    one = await journeys.page(first=2)
    two = await journeys.page(first=2, after=one["pageInfo"]["endCursor"])
    return counted([edge["node"]["id"] for edge in one["edges"] + two["edges"]])


async def _two_pages_back(journeys: Any) -> str:
    one = await journeys.page_before(last=2)
    two = await journeys.page_before(last=2, before=one["pageInfo"]["startCursor"])
    whole = await journeys.page_before(last=4)
    ids, all_ids = ([edge["node"]["id"] for edge in edges] for edges in (two["edges"] + one["edges"], whole["edges"]))
    return f"{counted(ids)}, {'in order' if ids == all_ids else 'out of order'}"


async def _again(journeys: Any) -> str:
    node = await journeys.again(GIVEN["case"]["id"])
    return "the same case" if node["number"] == GIVEN["case"]["number"] else "another case"


async def _list_of_a_subject(journeys: Any) -> str:
    ids: list[str] = []
    after = None
    while True:
        page = await journeys.list_of_a_subject(GIVEN["person"], first=1, after=after)
        ids += [edge["node"]["id"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            return counted(ids)
        after = page["pageInfo"]["endCursor"]


async def _withheld(journeys: Any, **stated: str) -> str:
    try:
        subject = await journeys.applicant(GIVEN["person"], **stated)
    except Exception:  # noqa: BLE001 - each client has its own
        return "no data, and an error"
    return f"{'data' if subject['name'] else 'no data'}, no error"


async def _lost(journeys: Any) -> str:
    before, losing = filed(), LosingTransport()
    changed = await journeys.file(GIVEN["filing"], inner=losing)
    assert changed["application"]["id"]
    return f"sent {losing.sent} times, filed {filed() - before} time"


async def _refused(journeys: Any) -> str:
    changed = await journeys.file(GIVEN["filing"])
    asked = {"application": changed["application"]["id"], "incentive": "GREEN_CHANNEL", "helper": "helper-7"}
    refused = await journeys.grant(asked)
    way_out = ", with a way out" if refused["wayOut"] else ""
    return f"{refused['__typename']} {refused['code']}{way_out}"
