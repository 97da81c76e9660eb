"""The approval-supervision platform pushes cases over HTTP: each is accepted once, or quarantined sealed [5.1.3]."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from storage import tables
from tests.builders import SCJG, Case
from tests.credit.subjects.synthetic_numbers import id_number
from tests.databases import on_both
from tests.journeys.cases.test_a_case import PAPER, SHORT, OfCase, february
from tests.journeys.running_server import RunningServer, open_server
from tests.schema.service import settings_for
from tests.storage.access_record import entries_of, pending

NUMBER = id_number(born="19080909", sequence="981")
NAME = "演示庚"


def pushed(**changed: Any) -> dict[str, Any]:
    """Return a message that is right, with some items changed or (None) left out."""
    body = {
        "schema": "chengxin/collected-case/1", "number": "推-2026-1", "department": SCJG, "kind": "自然人",
        "name": NAME, "identifier": NUMBER, "address": "临淄区闻韶街道示例路9号", "area": "370305001",
        "circumstance": "提供虚假材料", "facts": "演示：推送的事实。", "basis": "临政管办发〔2022〕3号",
        "evidence": ["审管-2026-1"], "handler": "handler-1", **changed,
    }  # fmt: skip
    return {name: value for name, value in body.items() if value is not None}


def push(server: RunningServer, body: Any, key: str = "m-1", who: str = "platform", **headers: str) -> httpx.Response:
    given = {**server.bearer(who), "Idempotency-Key": key, "Content-Type": "application/json", **headers}
    content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return server.client.post("/platform/cases", content=content, headers=given)


@on_both
async def test_a_pushed_case_is_collected_once_and_goes_its_way(server: RunningServer) -> None:
    server.clock.at = february(9)
    first = push(server, pushed())
    assert (first.status_code, first.json()["outcome"]) == (201, "ACCEPTED"), first.text
    again = push(server, pushed())
    assert (again.status_code, again.json()) == (200, first.json())
    other = push(server, pushed(facts="另一件事"))
    assert (other.status_code, other.json()["errors"][0]["extensions"]["code"]) == (409, "IDEMPOTENCY_CONFLICT")

    cases = tables.restraint_cases.c
    columns = cases.subject_id, cases.case_id, cases.channel, cases.handler_ref, cases.determined_on
    own = select(*columns).where(cases.number == "推-2026-1")
    ((subject_id, case_id, channel, handler, determined_on),) = await server.database.fetch(own)
    assert str(case_id) == first.json()["case_id"]
    assert (channel, handler, determined_on) == ("SUPERVISION_PUSH", "handler-1", None)
    deliveries = tables.deliveries.c
    sent = await server.database.fetch(
        select(deliveries.recipient, deliveries.route).where(deliveries.case_id == case_id)
    )
    assert sent == [("supervision-platform", "SUPERVISION_PLATFORM")]
    # It is collected, not determined: nobody is restrained and nobody notified until the handler has acted.
    step = OfCase(server, Case(subject_id, case_id, "", "", "", ""))
    assert step("handler", "noticeCase", february(9))["code"] == "NOT_VERIFIED"
    assert step.done("handler", "verifyCase", february(10), evidence=PAPER, severity=SHORT) == "VERIFIED"

    # Another case of the same person, under the same name, is that person's.
    second = push(server, pushed(number="推-2026-2"), key="m-2")
    assert second.status_code == 201
    looked = [
        (each["purpose"], each["department_code"], each["channel"])
        for each in await entries_of(server.database)
        if (each["subject_id"], each["role"]) == (subject_id, "handler")
    ]
    assert ("DETERMINATION", SCJG, "PUSH") in looked  # its name was held against the record


@pytest.mark.parametrize(
    ("case", "body", "reasons"),
    [
        ("a wrong check digit", pushed(identifier=NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1")),
         [("identifier", "INVALID_ID_NUMBER")]),
        ("everything that is missing", {"schema": "chengxin/collected-case/1"},
         [("evidence", "REQUIRED"), ("name", "REQUIRED"), ("number", "REQUIRED")]),
        ("an unknown department", pushed(department="LZ-NONE"), [("department", "UNKNOWN_DEPARTMENT")]),
        ("more than basic information", pushed(religion="x"), [("(other)", "UNKNOWN_ITEM")]),
        ("what a spreadsheet wrote", pushed(name="#N/A", facts="#REF!", address="#VALUE!"),
         [("name", "GARBLED"), ("facts", "GARBLED"), ("address", "GARBLED")]),
        ("words for nothing, which no platform can confirm", pushed(name="NULL", facts="undefined"),
         [("name", "REQUIRED"), ("facts", "REQUIRED")]),
        ("a private-use character that nobody knows", pushed(name="演\ue900"), [("name", "GARBLED")]),
        ("a number instead of a text", pushed(name=7), [("name", "NOT_TEXT")]),
        ("evidence that tells of a person", pushed(evidence=[NUMBER]), [("evidence", "HOLDS_NUMBER")]),
        ("evidence that names the person", pushed(evidence=[f"{NAME}案卷"]), [("evidence", "HOLDS_PERSONAL_DATA")]),
        ("a handler by that name", pushed(handler=NAME), [("handler", "HOLDS_PERSONAL_DATA")]),
        ("another schema", pushed(schema="other/1"), [("schema", "UNKNOWN_SCHEMA")]),
        ("not an object", [1, 2], [("schema", "UNKNOWN_SCHEMA")]),
        ("no JSON", b'{"schema": ', [("(message)", "BAD_JSON")]),
        ("a key twice", b'{"schema": "chengxin/collected-case/1", "schema": "other/1"}',
         [("(message)", "DUPLICATE_KEY")]),
    ],
)  # fmt: skip
async def test_a_wrong_case_is_quarantined_with_codes_and_without_values(
    server: RunningServer, case, body, reasons
) -> None:
    reply = push(server, body, key=f"bad-{len(case)}")
    assert (reply.status_code, reply.json()["outcome"]) == (202, "QUARANTINED"), (case, reply.text)
    found = [(one["item"], one["code"]) for one in reply.json()["reasons"]]
    assert set(reasons) <= set(found), found
    assert push(server, body, key=f"bad-{len(case)}").json()["item_id"] == reply.json()["item_id"]
    assert NUMBER not in reply.text
    assert NAME not in reply.text
    stored = [tables.quarantine, tables.inbound_messages, tables.outbox]
    rows = [await server.database.fetch(select(*table.c)) for table in stored]
    for private in (NUMBER, NAME, "示例路9号"):
        assert private not in str(rows) + server.lines.getvalue()


async def test_a_number_with_another_name_is_put_on_nobodys_record(server: RunningServer) -> None:
    party = server.world.party("person-1")
    reply = push(server, pushed(identifier=party.number))
    assert reply.status_code == 202
    assert [(one["item"], one["code"]) for one in reply.json()["reasons"]] == [("name", "NAME_CONFLICT")]


async def test_a_damaged_name_on_record_sends_the_case_to_a_person(server: RunningServer) -> None:
    party = server.world.party("person-1")
    of = tables.subjects.c.subject_id == party.subject_id
    await server.database.write((update(tables.subjects).where(of).values(name_sealed=b"damaged"), None))
    reply = push(server, pushed(identifier=party.number))
    assert reply.status_code == 202
    [reason] = reply.json()["reasons"]
    assert (reason["item"], reason["code"]) == ("name", "DAMAGED")
    assert "恢复" in reason["wayOut"]


@pytest.mark.parametrize(
    ("who", "key", "status", "code"),
    [
        ("anonymous", "k-1", 401, "TOKEN_REFUSED"),
        ("clerk", "k-1", 403, "NOT_ADMITTED"),
        ("handler", "k-1", 403, "NOT_ADMITTED"),
        ("admin", "k-1", 403, "NOT_ADMITTED"),
        ("platform", "", 400, "IDEMPOTENCY_KEY_REQUIRED"),
        ("platform", "a b", 400, "IDEMPOTENCY_KEY_REQUIRED"),
    ],
)
async def test_who_may_not_push_is_refused(server: RunningServer, who: str, key: str, status: int, code: str) -> None:
    reply = push(server, pushed(), key=key, who=who)
    assert (reply.status_code, reply.json()["errors"][0]["extensions"]["code"]) == (status, code)


async def test_what_is_too_large_or_no_json_type_is_refused(server: RunningServer) -> None:
    assert push(server, pushed(facts="x" * 70_000)).status_code == 413
    given = {**server.bearer("platform"), "Idempotency-Key": "k-9", "Content-Type": "text/plain"}
    assert server.client.post("/platform/cases", content=b"{}", headers=given).status_code == 415
    assert server.client.get("/platform/cases", headers=server.bearer("platform")).status_code == 405


async def lookups(server: RunningServer) -> list[tuple[str, ...]]:
    row = tables.number_lookups.c
    found = await server.database.fetch(select(row.entrance, row.role, row.department_code, row.purpose, row.outcome))
    return sorted((tuple(one) for one in found), key=str)


@on_both
async def test_each_pushed_person_is_recorded_as_a_lookup(server: RunningServer) -> None:
    """Accepted or in quarantine, on record or not, in the transaction of the message [5.1.6]."""
    of, party = ("PUSH", "platform", None, "PLATFORM_EXCHANGE"), server.world.party("person-1")
    expected: list[tuple[Any, ...]] = []
    for at, (case, body, status, outcome) in enumerate((
        ("a new person", pushed(), 201, "MISS"),
        ("another case of that person", pushed(number="推-2026-2"), 201, "MISS"),
        ("the name of somebody else", pushed(identifier=party.number, number="推-2026-3"), 202, "HIT"),
        ("a case that the person has", pushed(), 202, "HIT"),
        ("a number that another case of the department has",
         pushed(identifier=id_number(born="19080909", sequence="985"), name="演示辛"), 202, "MISS"),
        ("a number that is none", pushed(identifier="1"), 202, None),
    )):  # fmt: skip
        assert push(server, body, key=f"m-{at}").status_code == status, case
        expected += [] if outcome is None else [(*of, outcome)]
        assert await lookups(server) == sorted(expected, key=str), case
    assert push(server, pushed(), key="m-0").status_code == 200
    assert await lookups(server) == sorted(expected, key=str), (
        "a message that came before is answered, and looked up no more"
    )
    waiting = {source for log, source, _ in await pending(server.database) if log == "access"}
    assert {one[0] for one in await server.database.fetch(select(tables.number_lookups.c.entry_id))} <= waiting


@pytest.fixture
async def limited(database_url: str, kek: Path) -> AsyncIterator[RunningServer]:
    async with open_server(settings_for(kek, database_url, PUSHED_PER_ACTOR="2/hour")) as server:
        yield server


@on_both
async def test_beyond_its_quota_a_platform_is_refused_and_nothing_is_kept(limited: RunningServer) -> None:
    """Counted before anything is looked for, alike for a number on record and a new one [5.1.6]."""
    known = limited.world.party("person-1").number
    assert push(limited, pushed(identifier="1"), key="none").status_code == 202, "no number, so none is counted"
    for at in range(2):
        assert push(limited, pushed(number=f"推-2026-{at}"), key=f"m-{at}").status_code == 201
    answers = []
    for at, number in enumerate((known, NUMBER)):
        refused = push(limited, pushed(identifier=number, number="推-2026-9"), key=f"more-{at}")
        (error,) = refused.json()["errors"]
        answers.append((refused.status_code, error["extensions"]["code"], error["extensions"]["until"]))
        assert refused.headers["retry-after"] == "3600"
    until = limited.clock.at + timedelta(hours=1)
    assert answers == [(429, "LOOKUP_QUOTA", until.isoformat().replace("+00:00", "Z"))] * 2
    assert push(limited, pushed(number="推-2026-0"), key="m-0").status_code == 200, "it came before"
    assert len(await lookups(limited)) == 2
    inbound = await limited.database.fetch(select(tables.inbound_messages.c.message_key))
    assert sorted(key for (key,) in inbound) == ["m-0", "m-1", "none"]
    limited.clock.at = until
    assert push(limited, pushed(number="推-2026-9"), key="more-1").status_code == 201
