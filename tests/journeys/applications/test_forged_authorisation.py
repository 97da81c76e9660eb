"""An authorisation that is written into the table past the rules lets nobody read anything [4.1] [5.1.6]."""

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import TODAY
from tests.builders.consent_records import put_authorisation
from tests.databases import on_both
from tests.journeys.running_server import RunningServer
from tests.journeys.support.documents import CHECK

CHECK_BY_EXECUTOR = CHECK.replace("subjectByIdentifier", "viewer { role } subjectByIdentifier")
"""GraphQL's executor completes a document with a root that is not planned."""


@on_both
@pytest.mark.parametrize(
    ("forged", "reads"),
    [
        ({}, True),
        ({"expires_on": TODAY + timedelta(days=3650), "uses_allowed": 1_000_000}, False),
        ({"uses_allowed": 1_000_000}, False),
        ({"groups": 31}, False),
        ({"template": "credit-check/9"}, False),
    ],
    ids=["within the template", "ten years and a million uses", "a million uses", "every group", "no template"],
)
async def test_the_template_bounds_every_read(server: RunningServer, forged: dict[str, Any], reads):
    party = server.world.party("person-2")
    await put_authorisation(server.database, server.world, party, **forged)
    for document in (CHECK, CHECK, CHECK_BY_EXECUTOR):  # as it is asked first, generated, and by the executor
        reply = server.ask("clerk", document, {"number": party.number})
        found = reply.data["subjectByIdentifier"]
        assert (found is not None and found["name"] == party.name) is reads, reply.json
    assert await server.contradictions() == [], "the first use of a row that was taken over makes a duty to delete"
