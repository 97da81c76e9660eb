"""An account of the identity platform is linked with the subject of its verified number, over HTTP [5.1.3] [5.1.6]."""

# ruff: noqa: E501 - one row of a table is one line

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from gateway.auth.dev_issuer import Persona
from schema.core.global_ids import subject_id_of
from storage import tables
from tests.builders import WENSHAO, XUEGONG, particulars
from tests.credit.subjects.synthetic_numbers import id_number, social_credit_code
from tests.databases import on_both
from tests.journeys.running_server import RunningServer, open_server
from tests.schema.service import settings_for

CLAIMS = {
    "OIDC_NAME_CLAIM": "identity.name", "OIDC_NUMBER_CLAIM": "identity.number",
    "OIDC_ORGANISATION_NAME_CLAIM": "corp_name", "OIDC_ORGANISATION_CODE_CLAIM": "uscc",
    "OIDC_ASSURANCE": "auth_level=L3,L4", "LINK_AREA": "370305",
}  # fmt: skip
NAME, NUMBER = "演示壬", id_number(born="19100910", sequence="972")
OTHER_NUMBER = id_number(born="19100910", sequence="973")
WHO = "query @purpose(is: SELF_ACCESS) { viewer { ref role } mySubject { id kind name identifier } }"
OWN = """
query @purpose(is: SELF_ACCESS) {
  mySubject { registrations(first: 5) { nodes { channel actor role department { code } } } }
  myAccessLog(first: 20) { nodes { actor role purpose basis fieldsShown { field form } } }
}
"""


@pytest.fixture
async def server(database_url: str, kek: Path) -> AsyncIterator[RunningServer]:
    """Give a server that links accounts, with sample data of its own."""
    async with open_server(settings_for(kek, database_url, LOG_FORMAT="json", **CLAIMS)) as opened:
        yield opened


@pytest.fixture(scope="module")
async def shared(shared_url: str, kek: Path) -> AsyncIterator[RunningServer]:
    """Give one such server to the tests that link nobody."""
    async with open_server(settings_for(kek, shared_url, LOG_FORMAT="json", **CLAIMS)) as opened:
        yield opened


def sign_up(server: RunningServer, account: str, **claims: Any) -> None:
    """Let the issuer know an account. What it states of a person is as a government platform states it."""
    given = {"sub": account, "roles": ["subject"], "auth_level": "L3", **claims}
    shown = {name: value for name, value in given.items() if value is not None}
    server.issuer.personas = {**server.issuer.personas, account: Persona(account, account, shown)}


def person(name: str = NAME, number: str = NUMBER) -> dict[str, Any]:
    return {"identity": {"name": name, "number": number}}


def post(server: RunningServer, account: str, path: str = "/link", body: str = "") -> httpx.Response:
    json = {"Content-Type": "application/json"} if body else {}
    return server.client.post(path, headers=server.bearer(account) | json, content=body.encode())


def code(response: httpx.Response) -> str:
    return str(response.json()["errors"][0]["extensions"]["code"])


async def everything(server: RunningServer) -> str:
    """Give what is stored, and what was logged."""
    rows = [await server.database.fetch(select(table)) for table in tables.metadata.sorted_tables]
    return repr(rows) + server.lines.getvalue()


@on_both
async def test_an_unknown_number_is_registered_once_and_the_account_acts_for_it(server: RunningServer) -> None:
    sign_up(server, "u-1", **person())
    token = server.bearer("u-1")
    before = server.send(token, json={"query": WHO})
    assert (before.status, before.codes) == (403, {"NOT_LINKED"})

    linked = post(server, "u-1", body=f'{{"area": "{WENSHAO}"}}')
    assert (linked.status_code, linked.json()["outcome"]) == (201, "LINKED"), linked.text
    again = post(server, "u-1")
    assert (again.status_code, again.json()) == (200, linked.json())

    # The token that was verified before the link acts for the subject at once, and so does the next one.
    for headers in (token, server.bearer("u-1")):
        found = server.send(headers, json={"query": WHO})
        assert found.data["mySubject"] == {
            "id": linked.json()["subject"], "kind": "NATURAL_PERSON", "name": NAME,
            "identifier": f"{NUMBER[:1]}{'*' * 16}{NUMBER[-1:]}",
        }, found.json  # fmt: skip
        assert found.data["viewer"] == {"ref": "u-1", "role": "subject"}
    seen = server.ask("u-1", OWN).data
    assert seen["mySubject"]["registrations"]["nodes"] == [
        {"channel": "ACCOUNT", "actor": "u-1", "role": "subject", "department": None}
    ]
    looked = tables.number_lookups.c
    tried = await server.database.fetch(select(looked.role, looked.purpose, looked.entrance, looked.outcome))
    assert tried == [("subject", "SELF_ACCESS", "REGISTRATION", "MISS")]
    stored = await everything(server)
    assert NUMBER not in stored
    assert NAME not in stored
    assert token["Authorization"].partition(" ")[2] not in stored

    assert post(server, "u-1", "/unlink").json() == {"outcome": "UNLINKED"}
    assert server.send(token, json={"query": WHO}).codes == {"NOT_LINKED"}
    assert post(server, "u-1", "/unlink").status_code == httpx.codes.OK
    assert post(server, "u-1").json()["subject"] == linked.json()["subject"]


@on_both
async def test_whom_the_record_knows_is_found_by_number_and_name(server: RunningServer) -> None:
    """The answer is that for a new number, and the one on record sees that its name was compared [5.1.6]."""
    party = server.world.party("person-1")
    sign_up(server, "u-2", **person(f" {party.name} ", party.number.lower()))
    linked = post(server, "u-2")
    assert (linked.status_code, set(linked.json())) == (201, {"outcome", "subject", "linkedAt"})
    assert subject_id_of(linked.json()["subject"]) == party.subject_id
    seen = server.ask("person-1", OWN).data
    assert [one["channel"] for one in seen["mySubject"]["registrations"]["nodes"]] == ["ACCOUNT"]
    compared = [one for one in seen["myAccessLog"]["nodes"] if one["actor"] == "u-2"]
    assert compared == [
        {
            "actor": "u-2", "role": "subject", "purpose": "SELF_ACCESS", "basis": "OWN_RIGHT",
            "fieldsShown": [{"field": "NaturalPerson.name", "form": "CLEAR"}],
        }
    ]  # fmt: skip
    # A second platform of the same person.
    sign_up(server, "u-3", **person(party.name, party.number))
    assert post(server, "u-3").json()["subject"] == linked.json()["subject"]
    assert {server.ask(who, WHO).data["mySubject"]["id"] for who in ("u-2", "u-3")} == {party.gid}


@pytest.mark.parametrize(
    ("case", "claims", "kind"),
    [
        ("a company that is new", {"corp_name": "演示新商贸有限公司", "uscc": social_credit_code(body="MA3NEW01")}, "LEGAL_PERSON"),
        ("a sole trader that is new, by its code", {"corp_name": "临淄区演示壬小吃店", "uscc": social_credit_code("92", body="MA3NEW02")}, "SOLE_TRADER"),
        ("another organisation on record stays one", "club-1", "OTHER_ORGANISATION"),
        ("the organisation's, whoever signed in for it", "company-2", "LEGAL_PERSON"),
    ],
)  # fmt: skip
async def test_an_account_of_an_organisation(server: RunningServer, case: str, claims: Any, kind: str) -> None:
    """[3.2]"""
    if isinstance(claims, str):
        party = server.world.party(claims)
        claims = {"corp_name": party.name, "uscc": [party.number], **person()}  # a list of one, as of an attribute
    sign_up(server, "u-4", **claims)
    assert post(server, "u-4").status_code == httpx.codes.CREATED, case
    found = server.ask("u-4", WHO).data["mySubject"]
    assert (found["kind"], found["name"]) == (kind, claims["corp_name"])


WRONG = NUMBER[:-1] + ("1" if NUMBER[-1] != "1" else "2")
KNOWN = particulars("person", 2, XUEGONG)


@pytest.mark.parametrize(
    ("case", "claims", "body", "status", "refusal", "problems"),
    [
        ("an officer", {"roles": ["clerk"], "department": "LZ-SCJG"}, "", 403, "LINK_NOT_ADMITTED", ""),
        ("a token that names its subject", {"subject": "6f1d0e3a-6f0e-4c58-9c55-0d6b4b0f3a11"}, "", 409, "LINK_NOT_NEEDED", ""),
        ("another name than the record's", person(NAME, KNOWN["number"]), "", 409, "LINK_NAME_CONFLICT", ""),
        ("an identity that is not verified", {"auth_level": "L1"}, "", 403, "ASSURANCE_TOO_LOW", ""),
        ("no statement of how it was verified", {"auth_level": None}, "", 403, "ASSURANCE_TOO_LOW", ""),
        ("neither name nor number", {"identity": None}, "", 422, "IDENTITY_NOT_STATED", ""),
        ("a number without a name", {"identity": {"number": NUMBER}}, "", 422, "IDENTITY_NOT_STATED", ""),
        ("two numbers", {"identity": {"name": NAME, "number": [NUMBER, OTHER_NUMBER]}}, "", 422, "IDENTITY_NOT_STATED", ""),
        ("a number that is no text", {"identity": {"name": NAME, "number": 7}}, "", 422, "IDENTITY_NOT_STATED", ""),
        ("a wrong check character", person(number=WRONG), "", 422, "IDENTITY_NOT_WELL_FORMED", "number:"),
        ("a masked name", person("演*"), "", 422, "IDENTITY_NOT_WELL_FORMED", "name:MASKED"),
        ("somebody not born yet", person(number=id_number(born="20990101")), "", 422, "IDENTITY_NOT_WELL_FORMED", "number:"),
        ("an unknown area", {}, '{"area": "110101"}', 422, "IDENTITY_NOT_WELL_FORMED", "area_code:UNKNOWN_AREA"),
        ("a name in the body", {}, '{"name": "演示丁"}', 400, "LINK_BODY", ""),
        ("no JSON", {}, "{", 400, "BAD_JSON", ""),
    ],
)  # fmt: skip
async def test_what_is_refused(
    shared: RunningServer, case: str, claims: dict[str, Any], body: str, status: int, refusal: str, problems: str
) -> None:
    """Each has its code and a way out in Chinese and English, and neither name nor number in it [5.1.6]."""
    sign_up(shared, "u-5", **{**person(), **claims})
    refused = post(shared, "u-5", body=body)
    assert (refused.status_code, code(refused)) == (status, refusal), (case, refused.text)
    error = refused.json()["errors"][0]
    assert error["message"]
    assert error["extensions"]["messageEn"]
    assert str(error["extensions"].get("problems", "")).startswith(problems)
    for text in (refused.text, await everything(shared)):
        for personal in (NAME, NUMBER, KNOWN["name"], KNOWN["number"], "演示丁"):
            assert personal not in text, case
    assert await shared.database.fetch(select(tables.account_links)) == []


async def test_a_name_that_differs_or_is_damaged_is_a_lookup_that_was_answered(server: RunningServer) -> None:
    """[5.1.6]"""
    party = server.world.party("person-2")
    sign_up(server, "u-6", **person(NAME, party.number))
    assert code(post(server, "u-6")) == "LINK_NAME_CONFLICT"
    looked = tables.number_lookups.c
    assert await server.database.fetch(select(looked.entrance, looked.outcome)) == [("REGISTRATION", "HIT")]

    other = server.world.party("person-1")
    damaged = update(tables.subjects).where(tables.subjects.c.subject_id == other.subject_id)
    await server.database.write((damaged.values(name_sealed=b"damaged"), None))
    sign_up(server, "u-7", **person(other.name, other.number))
    refused = post(server, "u-7")
    assert (refused.status_code, code(refused)) == (409, "RECORD_DAMAGED")
    assert await server.database.fetch(select(looked.entrance, looked.outcome)) == [("REGISTRATION", "HIT")] * 2
    log = server.ask("person-2", OWN).data["myAccessLog"]["nodes"]
    assert [one["role"] for one in log if one["actor"] == "u-6"] == ["subject"]


async def test_a_linked_account_keeps_its_subject(server: RunningServer) -> None:
    """Another number in its token is refused, on record or not alike, and changes nothing [5.1.6]."""
    sign_up(server, "u-7", **person())
    first = post(server, "u-7").json()
    refused = []
    for number in (OTHER_NUMBER, server.world.party("person-1").number):
        sign_up(server, "u-7", **person(number=number))
        refused.append(post(server, "u-7"))
    assert [(one.status_code, code(one)) for one in refused] == [(409, "LINKED_OTHERWISE")] * 2
    assert server.ask("u-7", WHO).data["mySubject"]["id"] == first["subject"]
    assert len(await server.database.fetch(select(tables.number_lookups))) == 1
    # Ended by itself, it is linked with the other one.
    post(server, "u-7", "/unlink")
    sign_up(server, "u-7", **person(number=OTHER_NUMBER))
    assert post(server, "u-7").json()["subject"] != first["subject"]


@on_both
async def test_first_links_at_once_register_one_subject(server: RunningServer) -> None:
    accounts = ["u-8", "u-9", "u-8", "u-9", "u-8"]
    for account in set(accounts):
        sign_up(server, account, **person())
    before = len(await server.database.fetch(select(tables.subjects.c.subject_id)))
    with ThreadPoolExecutor(len(accounts)) as pool:
        done = list(pool.map(lambda account: post(server, account), accounts))
    assert {one.status_code for one in done} <= {200, 201}, [one.text for one in done]
    assert len({one.json()["subject"] for one in done}) == 1
    assert len(await server.database.fetch(select(tables.subjects.c.subject_id))) == before + 1
    assert len(await server.database.fetch(select(tables.account_links))) == len(set(accounts))
    registered = await server.database.fetch(select(tables.registrations.c.channel))
    assert registered == [("ACCOUNT",)] * len(set(accounts))


async def test_tries_are_limited_and_a_link_is_none(database_url: str, kek: Path) -> None:
    """[5.1.6]"""
    settings = settings_for(kek, database_url, LOG_FORMAT="json", **CLAIMS | {"LOOKUPS_PER_ACTOR": "1/hour"})
    async with open_server(settings) as server:
        sign_up(server, "u-10", **person())
        assert [post(server, "u-10").status_code for _ in range(3)] == [201, 200, 200]
        sign_up(server, "u-11", **person(NAME, server.world.party("person-1").number))
        assert code(post(server, "u-11")) == "LINK_NAME_CONFLICT"
        refused = post(server, "u-11")
        assert (refused.status_code, code(refused)) == (429, "LOOKUP_QUOTA")
        assert int(refused.headers["Retry-After"]) > 0


def test_a_request_needs_its_method_and_a_token_and_a_claim_needs_no_link(shared: RunningServer) -> None:
    assert code(shared.client.get("/link", headers=shared.bearer("clerk"))) == "METHOD_NOT_ALLOWED"
    assert code(shared.client.post("/link")) == "TOKEN_REFUSED"
    assert shared.ask("person-1", WHO).data["mySubject"]["id"] == shared.world.party("person-1").gid


def test_without_the_settings_no_account_is_linked(shared_server: RunningServer) -> None:
    sign_up(shared_server, "u-12", **person())
    assert code(post(shared_server, "u-12")) == "NOT_FOUND"
    assert shared_server.ask("u-12", WHO).codes == {"ROLE_INCOMPLETE"}
