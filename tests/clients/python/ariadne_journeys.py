"""The client that ariadne-codegen writes, as docs/front-end/python.md has it."""

import asyncio
import sys
from typing import Any

sys.path.insert(0, "python")
from credit_client import FileApplicationInput, GrantIncentiveInput
from journeys import GIVEN, take_journeys
from network import new_key
from with_ariadne import make_client


class Journeys:
    """Each journey as one method of the written client; the answers are its classes, read by their own names."""

    async def page(self, first: int, after: str | None = None) -> Any:
        found = await _client("handler").cases_page(first=first, after=after)
        return _plain(found)["restraintCases"]

    async def page_before(self, last: int, before: str | None = None) -> Any:
        found = await _client("handler").cases_page_before(last=last, before=before)
        return _plain(found)["restraintCases"]

    async def again(self, which: str) -> Any:
        return _plain(await _client("handler").case_again(id=which))["node"]

    async def list_of_a_subject(self, which: str, first: int, after: str | None) -> Any:
        found = await _client("handler").cases_of_subject(id=which, first=first, after=after)
        return _plain(found)["subject"]["restraintCases"]

    async def applicant(self, which: str, **stated: str) -> Any:
        return _plain(await _client("clerk", **stated).applicant(id=which))["subject"]

    async def file(self, filing: dict[str, Any], inner: Any = None) -> Any:
        given = FileApplicationInput.model_validate({"idempotencyKey": new_key(), **filing})
        found = await _client("clerk", inner=inner).file_application(input=given)
        return _plain(found)["fileApplication"]

    async def grant(self, asked: dict[str, Any]) -> Any:
        given = GrantIncentiveInput.model_validate({"idempotencyKey": new_key(), **asked})
        return _plain(await _client("clerk").grant_incentive(input=given))["grantIncentive"]


def _client(role: str, **stated: Any) -> Any:
    return make_client(GIVEN["url"], GIVEN["tokens"][role], **stated)


def _plain(found: Any) -> Any:
    return found.model_dump(by_alias=True)


asyncio.run(take_journeys(Journeys()))
