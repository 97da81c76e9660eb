"""Every example of `docs/front-end.md` is run as it stands there, in the order of a day at the window [4.1] [4.2]."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import gateway
from gateway.joint_measures.fake_server import FakeServerBehaviour
from queryplan.entities import Entity
from schema.core.global_ids import encode
from tests.builders.restraints import remove_restraints
from tests.databases import on_both
from tests.journeys.applications.test_incentives import TOKEN, city
from tests.journeys.running_server import RunningServer, open_server
from tests.journeys.support.promises import allow
from tests.schema.service import settings_for

TEXT = (Path(gateway.__file__).parents[1] / "docs" / "front-end.md").read_text(encoding="utf-8")
EXAMPLES = {
    name: example
    for example in re.findall(r"```graphql\n(.*?)```", TEXT, re.DOTALL)
    for name in re.findall(r"^(?:query|mutation) (\w+)", example)
}
GRANT_AUTHORISATION = """mutation Yes($input: GrantAuthorisationInput!) @purpose(is: SELF_ACCESS) {
  grantAuthorisation(input: $input) { __typename } }"""


@pytest.fixture
async def server(database_url: str, kek: Path, tmp_path: Path) -> AsyncIterator[RunningServer]:
    token = tmp_path / "joint.token"
    token.write_text(f"{TOKEN}\n")
    with city(FakeServerBehaviour()) as url:
        settings = settings_for(
            kek, database_url, LOG_FORMAT="json", JOINT_MEASURES_URL=url, JOINT_MEASURES_TOKEN_FILE=str(token)
        )
        async with open_server(settings) as opened:
            await remove_restraints(opened.database, opened.world)
            await allow(opened, green_channel=True)
            yield opened


class Window:
    """A front end at the window: runs the examples by name, and counts its calls."""

    def __init__(self, server: RunningServer) -> None:
        self.server, self.calls = server, 0

    def run(self, name: str, **variables: Any) -> Any:
        self.calls += 1
        reply = self.server.ask("clerk", EXAMPLES[name], variables)
        assert reply.status == 200, reply.json
        return reply.json

    def did(self, name: str, **given: Any) -> Any:
        (found,) = self.run(name, input=given)["data"].values()
        return found


def answered(server: RunningServer, who: str, authorisation: str) -> None:
    """Let the applicant say yes, in its own application."""
    reply = server.ask(who, GRANT_AUTHORISATION, {"input": {"authorisation": authorisation}})
    assert reply.data["grantAuthorisation"]["__typename"] == "AuthorisationChanged", reply.json


@on_both
async def test_a_front_end_needs_three_calls_and_one_more_to_ask(server: RunningServer) -> None:
    """[4.1] [5.1.6]"""
    window, party = Window(server), server.world.party("trader-1")
    filed = window.did("File", person=party.document, matter=encode(Entity.MATTER, "SCJG-01"), idempotencyKey="w-1:1")
    which = {"application": filed["application"]["id"]}
    (same,) = window.run("Same", id=filed["application"]["id"])["data"].values()
    assert same["id"] == same["canonicalId"] == which["application"]
    assert [one["name"] for one in window.run("Words")["data"]["labels"]] == ["CaseStatus", "Role", "WithheldReason"]
    refused = window.did("Check", **which)
    assert (refused["__typename"], refused["code"]) == ("OrdinaryChannel", "ORDINARY_CHANNEL")
    assert "requestAuthorisation" in refused["wayOut"]
    asked = window.did("Ask", subject=party.gid, purpose="CREDIT_CHECK", **which)
    assert asked["authorisation"]["status"] == "REQUESTED"
    again = window.did("Ask", subject=party.gid, purpose="CREDIT_CHECK", **which)
    assert (again["__typename"], again["until"]) == ("AskedBefore", "2027-01-19")
    answered(server, "trader-1", asked["authorisation"]["id"])
    window.calls = 1  # from here on as with an authorisation from the start: filed, and now
    assert window.did("Check", **which)["check"]["finding"] == "CLEAN"
    done = window.did("Grant", **which, incentive="GREEN_CHANNEL", helper="helper-7", idempotencyKey="w-1:2")
    assert done["application"]["facilitation"] == "GREEN_CHANNEL"
    assert window.calls == 3


async def test_a_purpose_a_refusal_a_version_a_page_and_a_day(server: RunningServer) -> None:
    """Each idea shows what the text says of it."""
    window, party = Window(server), server.world.party("person-1")
    seen = window.run("Who", id=party.gid)
    assert seen["data"]["subject"]["address"] is None
    assert [error["extensions"]["code"] for error in seen["errors"]] == ["WITHHELD"]
    assert "identifier" in repr(seen["extensions"]["masked"])
    shown = window.run("Disclosed", id=party.gid)["data"]["subject"]["disclosure"]
    assert {one["field"]: one["form"] for one in shown} == {"id": "CLEAR", "name": "CLEAR", "phone": "MASKED"}
    filed = window.did("File", person=party.document, matter=encode(Entity.MATTER, "SCJG-01"))["application"]
    which = {"application": filed["id"]}
    refused = window.did("Grant", **which, incentive="GREEN_CHANNEL", helper="helper-7")
    assert refused["__typename"] == "CheckMissing"
    assert refused["wayOut"]
    given = {**which, "expectedVersion": filed["version"], "idempotencyKey": "w-1:3"}
    buttons = window.run("Buttons", id=filed["id"])["data"]["node"]["viewerCan"]
    assert {each["mutation"] for each in buttons if each["allowed"]} >= {"acceptApplication"}
    done = window.did("Accept", **given)
    assert done["application"]["status"] == "ACCEPTED"
    assert window.did("Accept", **given) == done
    assert window.did("Accept", **given | {"idempotencyKey": "w-1:4"})["__typename"] == "Collision"
    page = window.run("Open")["data"]["applications"]
    assert (len(page["nodes"]), page["pageInfo"]["hasNextPage"]) == (1, True)
    after = window.run("Open", after=page["pageInfo"]["endCursor"])["data"]["applications"]
    assert after["nodes"] != page["nodes"]
    oldest = window.run("Oldest")["data"]["applications"]["nodes"]
    assert [one["filedAt"] for one in oldest] == sorted(one["filedAt"] for one in oldest)
    assert {one["status"] for one in oldest} == {"FILED", "ACCEPTED"}
    for deferral in window.run("Owed")["data"]["deferrals"]["nodes"]:
        assert deferral["due"]["clause"]
    # The applicant has a page of its own, where a withdrawal on paper can be contested.
    own = server.ask("person-1", EXAMPLES["Contest"], {"input": which})
    assert own.data["contestWithdrawal"]["code"] == "NO_PAPER_WITHDRAWAL"


def test_no_example_is_left_out() -> None:
    assert set(EXAMPLES) == {
        "Buttons",
        "Who",
        "Disclosed",
        "File",
        "Ask",
        "Check",
        "Grant",
        "Accept",
        "Open",
        "Oldest",
        "Owed",
        "Contest",
        "Same",
        "Words",
    }
