"""gql, as docs/front-end/python.md has it."""

import asyncio
import sys
from typing import Any

sys.path.insert(0, "python")
from gql import gql
from journeys import GIVEN, document, take_journeys
from network import new_key
from with_gql import make_client


class Journeys:
    """Each journey as one document that is run."""

    async def page(self, first: int, after: str | None = None) -> Any:
        return (await self._run("handler", "page", first=first, after=after))["restraintCases"]

    async def page_before(self, last: int, before: str | None = None) -> Any:
        return (await self._run("handler", "page-before", last=last, before=before))["restraintCases"]

    async def again(self, which: str) -> Any:
        return (await self._run("handler", "again", id=which))["node"]

    async def list_of_a_subject(self, which: str, first: int, after: str | None) -> Any:
        found = await self._run("handler", "list-of-a-subject", id=which, first=first, after=after)
        return found["subject"]["restraintCases"]

    async def applicant(self, which: str, **stated: str) -> Any:
        return (await self._run("clerk", "withheld", stated, id=which))["subject"]

    async def file(self, filing: dict[str, Any], inner: Any = None) -> Any:
        given = {"idempotencyKey": new_key(), **filing}
        return (await self._run("clerk", "file-application", {"inner": inner}, input=given))["fileApplication"]

    async def grant(self, asked: dict[str, Any]) -> Any:
        given = {"idempotencyKey": new_key(), **asked}
        return (await self._run("clerk", "grant-incentive", input=given))["grantIncentive"]

    async def _run(self, role: str, name: str, stated: dict[str, Any] | None = None, **variables: Any) -> Any:
        query = gql(document(name))
        query.variable_values = variables
        client = make_client(GIVEN["url"], GIVEN["tokens"][role], **(stated or {}))
        async with client as session:
            return await session.execute(query)


asyncio.run(take_journeys(Journeys()))
