"""The clerk at the window and the applicant in front of it [4.1] [5.1.6]."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from consent.idempotency import request_hash
from policy.actors import Actor, Role
from queryplan.entities import Entity
from schema.core.global_ids import decode, encode
from storage.tables import idempotency_keys
from tests.builders import TODAY, WENSHAO, live_authorisation, particulars
from tests.credit.subjects.synthetic_numbers import spaced, wide
from tests.databases import on_both
from tests.journeys.running_server import RunningServer
from tests.journeys.support.documents import (
    CHECK,
    CONTEST,
    GRANT,
    LOG,
    MINE,
    NARROW,
    PAPER,
    REFUSE,
    REGISTER,
    REQUEST,
    WITHDRAW,
)

AREA = encode(Entity.AREA, WENSHAO)
UNTIL = (TODAY + timedelta(days=7)).isoformat()


def newcomer(server: RunningServer) -> tuple[dict[str, Any], str]:
    """Let the clerk register a new subject; gives the particulars and the global id, and adds it to the issuer."""
    given = particulars("person", 1, WENSHAO, 7)
    sent = {**given, "kind": "NATURAL_PERSON", "area": AREA, "number": spaced(wide(given["number"])).lower()}
    del sent["area_code"]
    done = server.ask("clerk", REGISTER, {"input": sent}).data["registerSubject"]
    assert done["__typename"] == "SubjectRegistered"
    (subject_id,) = decode(done["subjectId"]).keys
    server.know("newcomer", Actor("account-newcomer", Role.SUBJECT, subject=subject_id))  # type: ignore[arg-type]  # a UUID, by its entity
    return given, done["subjectId"]


def request(server: RunningServer, subject: str, **more: object) -> dict[str, Any]:
    given = {"subject": subject, "purpose": "CREDIT_CHECK", "expiresOn": UNTIL, "uses": 3, **more}
    asked: dict[str, Any] = server.ask("clerk", REQUEST, {"input": given}).data["requestAuthorisation"]
    return asked


def answer(server: RunningServer, who: str, document: str, authorisation: str, **more: object) -> dict[str, Any]:
    given = {"authorisation": authorisation, **more}
    (done,) = server.ask(who, document, {"input": given}).data.values()
    assert isinstance(done, dict)
    return done


@on_both
async def test_a_clerk_reads_on_the_applicants_word_and_no_longer(server: RunningServer) -> None:
    given, subject = newcomer(server)

    without = server.ask("clerk", CHECK, {"number": given["number"]})
    assert without.data == {"subjectByIdentifier": None}
    assert without.withheld["subjectByIdentifier"] == "consent"

    asked = request(server, subject)["authorisation"]
    assert (asked["status"], asked["scope"], asked["usesLeft"]) == ("REQUESTED", ["IDENTITY", "RESTRAINT"], 3)
    assert server.ask("clerk", CHECK, {"number": given["number"]}).data == {"subjectByIdentifier": None}

    (mine,) = server.ask("newcomer", MINE).data["myAuthorisations"]["nodes"]
    assert mine["id"] == asked["id"]
    assert mine["recipient"] == {"name": "临淄区市场监督管理局"}
    assert answer(server, "newcomer", GRANT, mine["id"])["authorisation"]["status"] == "LIVE"

    read = server.ask("clerk", CHECK, {"number": given["number"]})
    assert read.data["subjectByIdentifier"] == {
        "id": subject,
        "name": given["name"],
        "identifier": given["number"][0] + "*" * 16 + given["number"][-1],
        "phone": None,
        "isRestrained": False,
    }
    assert read.withheld == {"subjectByIdentifier.phone": "necessity"}
    assert read.json["extensions"]["masked"] == [["subjectByIdentifier", "identifier"]]

    logged = server.ask("newcomer", LOG, {"purpose": "CREDIT_CHECK"}).data["myAccessLog"]["nodes"]
    on_consent = [entry for entry in logged if entry["basis"] == "CONSENT"]
    (entry,) = on_consent
    assert (entry["actor"], entry["role"], entry["citation"]) == ("clerk-1", "clerk", "4.1")
    assert entry["department"] == {"code": "LZ-SCJG"}
    shown = {one["field"]: one["form"] for one in entry["fieldsShown"]}
    assert shown["NaturalPerson.name"] == "CLEAR"
    assert shown["NaturalPerson.identifier"] == "MASKED"
    assert "NaturalPerson.phone" not in shown

    assert answer(server, "newcomer", WITHDRAW, mine["id"])["authorisation"]["status"] == "WITHDRAWN"
    after = server.ask("clerk", CHECK, {"number": given["number"]})
    assert after.data == {"subjectByIdentifier": None}
    assert after.withheld["subjectByIdentifier"] == "consent"


async def test_refusing_leaves_no_mark_and_opens_nothing(server: RunningServer) -> None:
    given, subject = newcomer(server)
    asked = request(server, subject)["authorisation"]
    assert answer(server, "newcomer", REFUSE, asked["id"])["authorisation"]["status"] == "REFUSED"
    assert server.ask("clerk", CHECK, {"number": given["number"]}).withheld["subjectByIdentifier"] == "consent"
    # The subject can change its mind, and to the window it is an answer like any other.
    assert answer(server, "newcomer", GRANT, asked["id"])["authorisation"]["status"] == "LIVE"
    assert server.ask("clerk", CHECK, {"number": given["number"]}).data["subjectByIdentifier"] is not None


async def test_a_narrowed_authorisation_shows_less_from_then_on(server: RunningServer) -> None:
    party = server.world.party("company-1")
    number = {"number": party.number, "kind": "SOCIAL_CREDIT_CODE"}
    held = server.world.authorisation("live")
    assert server.ask("clerk", CHECK, number).data["subjectByIdentifier"]["name"] == party.name

    less = answer(server, "company-1", NARROW, held.gid, scope=["RESTRAINT"])
    assert less["authorisation"]["scope"] == ["RESTRAINT"]
    read = server.ask("clerk", CHECK, number)
    found = read.data["subjectByIdentifier"]
    assert (found["name"], found["identifier"], found["isRestrained"]) == (None, None, True)
    assert read.withheld["subjectByIdentifier.name"] == "consent"
    assert answer(server, "company-1", NARROW, held.gid, scope=["IDENTITY", "RESTRAINT"])["__typename"] == "NotNarrower"


async def test_an_authorisation_ends_with_its_day_and_by_no_job(server: RunningServer) -> None:
    party = server.world.party("person-2")
    await live_authorisation(server.database, server.world, party)
    server.clock.at += timedelta(days=7)
    assert server.ask("clerk", CHECK, {"number": party.number}).data["subjectByIdentifier"]["name"] == party.name
    # 16:00 UTC is midnight in Shanghai.
    server.clock.at = server.clock.at.replace(hour=15, minute=59)
    assert server.ask("clerk", CHECK, {"number": party.number}).data["subjectByIdentifier"] is not None
    server.clock.at += timedelta(minutes=1)
    assert server.ask("clerk", CHECK, {"number": party.number}).data["subjectByIdentifier"] is None


@pytest.mark.parametrize(
    "state", ["requested", "refused", "withdrawn", "contested", "expired", "lapsed", "used up"]
)  # fmt: skip
async def test_only_a_live_authorisation_opens(server: RunningServer, state: str) -> None:
    held = server.world.authorisation(state)
    party = next(one for one in server.world.parties.values() if one.subject_id == held.subject_id)
    read = server.ask("clerk", CHECK, {"number": party.number, "kind": party.number_kind.value})
    assert read.data == {"subjectByIdentifier": None}


async def test_an_authorisation_is_for_the_department_that_asked(server: RunningServer) -> None:
    party = server.world.party("company-1")
    read = server.ask("other clerk", CHECK, {"number": party.number, "kind": "SOCIAL_CREDIT_CODE"})
    assert read.withheld["subjectByIdentifier"] == "consent"


async def test_paper_consent_needs_evidence_is_seen_and_can_be_contested(server: RunningServer) -> None:
    party = server.world.party("person-1")
    given = {
        "subject": party.gid, "purpose": "CREDIT_CHECK", "expiresOn": UNTIL, "uses": 3, "signedOn": f"{TODAY}",
    }  # fmt: skip

    dashed = "-".join((party.number[:6], party.number[6:14], party.number[14:]))
    for evidence in ("", "  ", party.number, spaced(party.number), dashed, f"卷宗{wide(party.number)}"):
        refused = server.ask("clerk", PAPER, {"input": given | {"evidence": evidence}})
        expected = "NotWellFormed" if evidence.strip() else "BadEvidence"
        assert refused.data["recordPaperAuthorisation"]["__typename"] == expected, evidence
        assert party.number not in refused.response.text

    done = server.ask("clerk", PAPER, {"input": given | {"evidence": "卷宗-2026-11-20-0001-0042"}})
    recorded = done.data["recordPaperAuthorisation"]["authorisation"]
    assert recorded["status"] == "LIVE"
    assert server.ask("clerk", CHECK, {"number": party.number}).data["subjectByIdentifier"]["name"] == party.name

    (mine,) = server.ask("person-1", MINE).data["myAuthorisations"]["nodes"]
    assert (mine["isOnPaper"], mine["paperEvidence"]) == (True, "卷宗-2026-11-20-0001-0042")
    assert answer(server, "person-1", CONTEST, mine["id"])["authorisation"]["status"] == "CONTESTED"
    assert server.ask("clerk", CHECK, {"number": party.number}).withheld["subjectByIdentifier"] == "consent"


async def test_asking_twice_under_one_key_asks_once(server: RunningServer) -> None:
    party = server.world.party("person-1")
    first = request(server, party.gid, idempotencyKey="window-3:0001")
    again = request(server, party.gid, idempotencyKey="window-3:0001")
    assert first["authorisation"]["id"] == again["authorisation"]["id"]
    assert len(server.ask("person-1", MINE).data["myAuthorisations"]["nodes"]) == 1
    assert request(server, party.gid, idempotencyKey="window-3:0001", uses=2)["__typename"] == "Collision"


async def test_an_authorisation_is_for_an_application_at_the_own_window_or_for_none(server: RunningServer) -> None:
    """[5.1.6] Whoever asks names no application that is not there, is another's, or lies at another window."""
    world, party = server.world, server.world.party("person-1")
    own = world.application("of person-1")
    nowhere = encode(Entity.APPLICATION, party.subject_id, world.new_id())
    for application in (nowhere, encode(Entity.APPLICATION, world.party("person-2").subject_id, own.row_id)):
        assert request(server, party.gid, application=application)["__typename"] != "AuthorisationChanged"
    assert server.ask("person-1", MINE).data["myAuthorisations"]["nodes"] == []
    assert request(server, party.gid, application=own.gid)["__typename"] == "AuthorisationChanged"


async def test_more_than_the_template_allows_cannot_even_be_asked(server: RunningServer) -> None:
    party = server.world.party("person-1")
    for more in (
        {"expiresOn": (TODAY + timedelta(days=2000)).isoformat()},
        {"uses": 100_000},
        {"scope": ["FACTS", "RESTRAINT"]},
        {"purpose": "DETERMINATION"},
    ):
        assert request(server, party.gid, **more)["__typename"] == "OutOfBounds", more
    assert server.ask("person-1", MINE).data["myAuthorisations"]["nodes"] == []


async def test_registering_somebody_twice_gives_the_same_record(server: RunningServer) -> None:
    """Whoever it was first, and whatever else is given: whether the number was known is not told [5.1.6]."""
    given, subject = newcomer(server)
    sent = {"kind": "NATURAL_PERSON", "name": given["name"], "number": given["number"], "area": AREA}
    again = server.ask("other clerk", REGISTER, {"input": sent}).data["registerSubject"]
    assert again == {"__typename": "SubjectRegistered", "subjectId": subject}


async def test_registering_under_one_key_registers_once_and_keeps_no_number(server: RunningServer) -> None:
    """[5.1.6] The request hash is keyed: a number could be guessed from a hash that anybody can compute."""
    given = particulars("person", 1, WENSHAO, 8)
    sent = {**given, "kind": "NATURAL_PERSON", "area": AREA, "idempotencyKey": "window-3:0002"}
    del sent["area_code"]
    first = server.ask("clerk", REGISTER, {"input": sent}).data["registerSubject"]
    assert server.ask("clerk", REGISTER, {"input": sent}).data["registerSubject"] == first
    other = server.ask("clerk", REGISTER, {"input": {**sent, "name": "演示另一名"}}).data["registerSubject"]
    assert other["__typename"] == "Collision"
    plain = request_hash("register-subject", {"number": sent["number"]})
    stored = await server.database.fetch(select(idempotency_keys.c.request_hash))
    assert plain not in {one for (one,) in stored}


@pytest.mark.parametrize(("verb", "document"), [("grant", GRANT), ("refuse", REFUSE), ("narrow", NARROW)])
async def test_what_has_changed_since_it_was_seen_is_not_decided_on(
    server: RunningServer, verb: str, document: str
) -> None:
    party = server.world.party("person-1")
    asked = request(server, party.gid)["authorisation"]["id"]
    stale = answer(server, "person-1", document, asked, expectedVersion=7)
    assert (stale["__typename"], stale["code"]) == ("Collision", "VERSION_CONFLICT"), verb
    if verb != "narrow":
        assert answer(server, "person-1", document, asked, expectedVersion=1)["__typename"] == "AuthorisationChanged"


async def test_wrong_particulars_are_all_named_and_none_is_quoted(server: RunningServer) -> None:
    sent = {"kind": "NATURAL_PERSON", "name": "", "number": "370305190102039901", "area": AREA, "phone": "7000000"}
    refused = server.ask("clerk", REGISTER, {"input": sent})
    assert {one["field"] for one in refused.data["registerSubject"]["problems"]} == {"name", "number", "phone"}
    assert "370305190102039901" not in refused.response.text


@on_both
async def test_ten_readers_share_three_uses_and_exactly_three_succeed(server: RunningServer) -> None:
    party = server.world.party("person-1")
    held = await live_authorisation(server.database, server.world, party)
    async with httpx.AsyncClient(base_url=server.url, headers=server.bearer("clerk"), timeout=30) as client:
        body = {"query": CHECK, "variables": {"number": party.number}}
        answers = await asyncio.gather(*(client.post("/graphql", json=body) for _ in range(10)))
    found = [answer.json() for answer in answers]
    shown = [one for one in found if (one.get("data") or {}).get("subjectByIdentifier")]
    refused = [one for one in found if one not in shown]
    assert len(shown) == 3
    assert {one["data"]["subjectByIdentifier"]["name"] for one in shown} == {party.name}
    assert not [one for one in refused if party.name in str(one)]
    # Who comes too late meets no live authorisation, like anybody without one [5.1.6].
    assert [answer.status_code for answer in answers] == [200] * 10
    assert {error["extensions"]["code"] for one in refused for error in one["errors"]} == {"WITHHELD"}
    assert all("consent" in {error["extensions"]["reason"] for error in one["errors"]} for one in refused)

    (mine,) = server.ask("person-1", MINE).data["myAuthorisations"]["nodes"]
    assert (mine["id"], mine["status"], mine["usesLeft"]) == (held.gid, "USED_UP", 0)
    entries = server.ask("person-1", LOG, {"purpose": "CREDIT_CHECK"}).data["myAccessLog"]["nodes"]
    assert len(entries) == 3
