"""The personas' examples, on a demo that is open: answered, or refused as they say."""

import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from consent.vocabulary import Purpose
from gateway.application import build_application
from gateway.auth.dev_issuer import DevIssuer, Example, Persona
from gateway.demo.personas.examples import public_examples
from gateway.demo.personas.first_steps import first_steps
from gateway.demo.personas.personas import personas
from gateway.demo.seed.well_known_ids import WARD
from gateway.services import build_services
from gateway.settings.settings import read
from storage import tables
from storage.database.database import Database
from tests.gateway.demo.seed_calls import NOW, TODAY, District, rows

pytestmark = pytest.mark.slow


# --- the personas' examples -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Open:
    """A demo that is open, and whom it asks."""

    client: httpx.AsyncClient
    issuer: DevIssuer

    async def ask(self, persona: Persona | None, example: Example) -> dict[str, Any]:
        headers = {} if persona is None else {"Authorization": f"Bearer {self.issuer.mint(persona.name)}"}
        if example.purpose:
            headers["Access-Purpose"] = example.purpose
        asked = {"query": example.query, "variables": example.variables}
        answer: dict[str, Any] = (await self.client.post("/graphql", json=asked, headers=headers)).json()
        return answer


@pytest.fixture
async def demo(district: District, tmp_path: Path, key_file: Path) -> AsyncIterator[Open]:
    """Open a demo on a copy of the district: an example may change what is in it."""
    shutil.copy(district.path, tmp_path / "demo.db")
    asked = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/demo.db",
        "KEK_FILE": str(key_file),
        "DEV_KEY_FILE": str(district.path.with_name("dev-issuer.json")),
    }
    settings = read({f"CHENGXIN_{name}": value for name, value in asked.items()})
    issuer = DevIssuer(settings, personas(TODAY), lambda: NOW)
    services = build_services(settings, lambda: NOW)
    transport = httpx.ASGITransport(build_application(services, issuer, public_examples(), first_steps=first_steps()))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield Open(client, issuer)
    await services.close()


EXAMPLES = [(None, example) for example in public_examples()]
EXAMPLES += [(persona, example) for persona in personas(TODAY) for example in persona.examples]
NAMES = [f"{persona.name if persona else 'everybody'}: {example.title}" for persona, example in EXAMPLES]


def empty(value: object) -> bool:
    """Whether nothing at all was shown."""
    if isinstance(value, dict):
        return all(empty(item) for key, item in value.items() if key not in {"totalCount", "pageInfo"})
    if isinstance(value, list):
        return all(map(empty, value))
    return value is None


@pytest.mark.sampled
@pytest.mark.parametrize(("persona", "example"), EXAMPLES, ids=NAMES)
async def test_every_example_is_answered_or_refused_as_it_says(demo: Open, persona: Persona | None, example: Example):
    answer = await demo.ask(persona, example)
    if "应被拒绝" in example.title and "mutation" in example.query:
        assert {field["code"] for field in answer["data"].values()} == {"NAME_CONFLICT"}
        return
    if "应被拒绝" in example.title:
        assert [error["extensions"]["reason"] for error in answer["errors"]] == ["consent"]
        assert empty(answer["data"])
        return
    assert "errors" not in answer, answer["errors"]
    assert not empty(answer["data"]), answer
    for field in answer["data"].values():
        if "mutation" in example.query:
            # What needs a check first says so where the example of the check was not run before it [4.1].
            refused = "须先核查" in example.title
            assert ("code" in field) is refused, field
            assert field["__typename"] == "CheckMissing" or not refused


async def test_the_journey_of_one_authorisation(demo: Open):
    """The clerk looks, the subject sees it and withdraws, and the clerk's next look is refused [5.1.6]."""
    by_name = {persona.name: persona for persona in personas(TODAY)}
    clerk, subject = by_name["clerk"], by_name["subject"]
    look, mine, withdraw = clerk.examples[0], subject.examples[0], subject.examples[1]
    assert "errors" not in await demo.ask(clerk, look)
    log = (await demo.ask(subject, mine))["data"]["myAccessLog"]["nodes"]
    assert [(log[0]["actor"], log[0]["purpose"], log[0]["basis"])] == [("demo-clerk", "CREDIT_CHECK", "CONSENT")]
    await demo.ask(subject, withdraw)
    refused = await demo.ask(clerk, look)
    assert refused["errors"][0]["extensions"]["reason"] == "consent"
    assert refused["data"] == {"subjectByIdentifier": None}


async def test_a_contested_guardianship_waits_for_the_head(demo: Open, settled: Database):
    """[5.1.6] [3.2]: its ward has no case, and no authorisation; decided on, it leaves the worklist."""
    head = next(persona for persona in personas(TODAY) if persona.name == "head")
    waiting, decide = (each for each in head.examples if "监护" in each.title)
    answer = (await demo.ask(head, waiting))["data"]["worklist"]
    assert [(node["label"], node["delegation"]["isLive"]) for node in answer["nodes"]] == [
        ("处理对监护登记的异议", False)
    ]
    [held] = [row for row in await rows(settled, tables.delegations) if row["kind"] == "GUARDIAN"]
    assert held["subject_id"] == WARD.subject_id
    for without in (tables.restraint_cases, tables.authorisations):
        assert WARD.subject_id not in {row["subject_id"] for row in await rows(settled, without)}
    await demo.ask(head, decide)
    assert (await demo.ask(head, waiting))["data"]["worklist"]["totalCount"] == 0


async def test_what_is_confidential_is_nowhere(demo: Open, settled: Database):
    """[5.1.6]: no list of anybody's has a record that is marked confidential."""
    secret = {row["number"] for row in await rows(settled, tables.restraint_cases) if row["confidential"]}
    assert len(secret) == 2
    shown: set[str] = set()
    for persona in personas(TODAY):
        for purpose in Purpose:
            asked = Example("", "{ restraintCases(first: 100) { nodes { number } } }", purpose.value)
            data = (await demo.ask(persona, asked)).get("data") or {}
            shown |= {node["number"] for node in (data.get("restraintCases") or {}).get("nodes", ())}
    assert len(shown) > 90
    assert not shown & secret


# --- the first page ---------------------------------------------------------------------------------------------------


async def test_the_links_of_the_first_page_tell_one_story(demo: Open):
    """What the supervisor looked at in the second is what the subject sees in the third [5.1.6] [5.2.2]."""
    start = (await demo.client.get("/")).text
    links = re.findall(r'href="(/try/[^"]+)"', start)
    public, targets, log = [(await demo.client.get(link)).text for link in links]
    steps = (await demo.client.get("/graphiql/config.json")).json()["steps"]
    for link, step in zip(re.findall(r'href="(/graphiql/try/[^"]+)"', start), steps, strict=True):
        assert (await demo.client.get(link)).status_code == 200
        assert link == f"/graphiql/try/{step['word']}"
        assert f"/try/{step['word']}" in links
    for link in re.findall(r'href="(/graphiql/as/[^"]+)"', start):
        assert (await demo.client.get(link)).status_code == 200
    assert "演＊" in public
    assert "focusedCheckTargets.nodes.subject.phone" in targets
    assert "该项信息并非此目的所必需，不予提供。" in targets
    name = re.search(r"&#34;name&#34;: &#34;(演示[^&]+)&#34;", log)
    assert name is not None
    assert name[1] in targets
    assert "&#34;purpose&#34;: &#34;FOCUSED_CHECK&#34;" in log
