"""Consultations before a rating, an award or a selection, over HTTP [5.2.3] [5.1.6]."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from credit.core.values.identifiers import IdentifierKind
from storage import tables
from tests.builders import ACTORS, NOW, Held, Party, answer, crowd, live_authorisation
from tests.credit.subjects.synthetic_numbers import id_number
from tests.databases import on_both
from tests.journeys.running_server import RunningServer
from tests.storage.access_record import pending, stored_disclosures

CONSULT = """
mutation Consult($input: ConsultInput!) @purpose(is: CONSULTATION) {
  consult(input: $input) {
    __typename
    ... on ConsultationAnswered { lines { line reply } consultation { id occasion statute names recipientKind } }
    ... on NotWellFormed { code problems { field code message messageEn } }
    ... on ConsultationRefused { code message wayOut }
    ... on Refusal { code }
  }
}
"""
ASKED = """
query Asked @purpose(is: CONSULTATION) {
  consultations(first: 5) { totalCount nodes { kind occasion statute askedBy at names recipient { code } } }
}
"""
SHOWN = """
query Told @purpose(is: SELF_ACCESS) {
  myConsultations { nodes { kind recipient { code } ground citation reply consultation { occasion askedBy } } }
  mySubject { consultations { totalCount } }
  myAccessLog(purpose: CONSULTATION) {
    nodes { actor role department { code } basis citation fieldsShown { field form } }
  }
}
"""
LAW = "示例条例第七条"
YES, NO, NONE = "RESTRAINED", "NOT_RESTRAINED", "NO_AUTHORISATION"


def named(party: Party) -> dict[str, Any]:
    return {"kind": party.number_kind.value, "number": party.number}


def unknown(serial: int) -> dict[str, Any]:
    number = id_number(area="370305", born="19120404", sequence=f"{900 + serial:03}")
    return {"kind": IdentifierKind.ID_NUMBER.value, "number": number}


def consult(server: RunningServer, who: str, names: list[dict[str, Any]], **more: object) -> dict[str, Any]:
    given = {"kind": "AWARD", "occasion": "评优-2026-01", "names": names, **more}
    reply = server.ask(who, CONSULT, {"input": given})
    assert reply.errors == []
    done: dict[str, Any] = reply.data["consult"]
    return done


def promised(server: RunningServer, *names: dict[str, Any]) -> list[str]:
    """Return the beginnings of the entries that are promised: for how many subjects each counts."""
    given = {"kind": "AWARD", "occasion": "评优-2026-01", "names": names}
    record = server.ask("association", CONSULT, {"input": given}).json.get("extensions", {}).get("record", [])
    return [each["entry"][:4] for group in record for each in group["entries"]]


def replies(done: dict[str, Any]) -> list[str]:
    assert done["__typename"] == "ConsultationAnswered", done
    assert [one["line"] for one in done["lines"]] == list(range(1, len(done["lines"]) + 1))
    return [one["reply"] for one in done["lines"]]


async def allow(server: RunningServer, party: Party) -> Held:
    return await live_authorisation(server.database, server.world, party, by=ACTORS["association"])


async def uses(server: RunningServer, held: Held) -> int:
    row = tables.authorisations.c
    found = await server.database.fetch(select(row.uses_made).where(row.authorisation_id == held.row_id))
    return int(found[0][0])


async def count(server: RunningServer, table: Any) -> int:
    return int((await server.database.fetch(select(func.count()).select_from(table)))[0][0])


@on_both
async def test_an_association_asks_of_twenty_at_once(server: RunningServer) -> None:
    world = server.world
    people = await crowd(server.database, world, 6)
    for serial, person in enumerate(people):
        world.parties[f"crowd-{serial}"] = person
        server.know(f"crowd-{serial}", person.itself)
    asked: list[tuple[dict[str, Any], str, str | None]] = []
    held: dict[str, Held] = {}
    for name, expected in {
        "person-1": YES, "company-1": YES, "club-1": NO, "company-2": YES, "trader-2": YES, "crowd-0": YES,
        "person-2": NONE, "trader-1": NONE, "club-2": NONE, "crowd-1": NONE, "crowd-2": NONE, "crowd-3": NONE,
        "crowd-4": NONE, "crowd-5": NONE,
    }.items():  # fmt: skip
        party = world.party(name)
        if expected is not NONE:
            held[name] = await allow(server, party)
        asked.append((named(party), expected, name))
    asked += [(unknown(serial), NONE, None) for serial in range(6)]
    assert len(asked) == 20

    done = consult(server, "association", [name for name, _, _ in asked])

    assert replies(done) == [expected for _, expected, _ in asked]
    assert done["consultation"]["names"] == 20
    assert (done["consultation"]["occasion"], done["consultation"]["recipientKind"]) == ("评优-2026-01", "ASSOCIATION")
    for name, one in held.items():
        assert await uses(server, one) == 1, name
    for _, expected, whose in asked:
        if whose is None:
            continue
        reply = server.ask(whose, SHOWN)
        assert reply.errors == []
        assert reply.data["myConsultations"]["nodes"] == [
            {
                "kind": "AWARD", "recipient": {"code": "LZ-GUILD"}, "reply": expected, "citation": None,
                "ground": None if expected is NONE else "AUTHORISATION",
                "consultation": {"occasion": "评优-2026-01", "askedBy": "guild-1"},
            }
        ]  # fmt: skip
        assert reply.data["mySubject"]["consultations"]["totalCount"] == 1
        (entry,) = reply.data["myAccessLog"]["nodes"]
        assert (entry["actor"], entry["role"], entry["department"]) == ("guild-1", "association", {"code": "LZ-GUILD"})
        shown = [] if expected is NONE else [{"field": "ConsultedLine.reply", "form": "CLEAR"}]
        assert entry["fieldsShown"] == shown

    listed = server.ask("association", ASKED)
    assert listed.errors == []
    (one,) = listed.data["consultations"]["nodes"]
    assert (one["names"], one["askedBy"], one["statute"]) == (20, "guild-1", None)
    for party in world.parties.values():
        assert party.name not in listed.response.text
        assert party.number not in listed.response.text
        assert all(party.number not in line for line in server.lines.getvalue().splitlines())
    assert server.ask("head", ASKED).data["consultations"]["nodes"] == []


async def test_what_nobody_may_know_is_one_answer_and_leaves_nothing(server: RunningServer) -> None:
    before, waiting = await count(server, tables.consultation_lines), len(await pending(server.database))
    recorded = {one.disclosure_id for one in await stored_disclosures(server.database)}
    nobody = replies(consult(server, "association", [unknown(1)]))
    assert nobody == replies(consult(server, "association", [named(server.world.party("person-1"))])) == [NONE]
    assert await count(server, tables.consultation_lines) == before + 1
    # Both in one millisecond of the server's clock: their ids have no order.
    new = [one.subjects for one in await stored_disclosures(server.database) if one.disclosure_id not in recorded]
    assert sorted(new) == [[], [server.world.party("person-1").subject_id]]
    # Each leaves its lookup, hit or miss, and its record, also of nobody; a line has an entry if it is about somebody.
    assert len(await pending(server.database)) == waiting + 5


async def test_a_use_is_one_use_and_a_withdrawn_authorisation_answers_nothing(server: RunningServer) -> None:
    party = server.world.party("person-1")
    held = await allow(server, party)
    twice = consult(server, "association", [named(party), {"subject": party.gid}], idempotencyKey="once")
    assert replies(twice) == [YES, YES]
    assert consult(server, "association", [named(party), {"subject": party.gid}], idempotencyKey="once") == twice
    assert await uses(server, held) == 1
    other = consult(server, "association", [named(party)], idempotencyKey="once")
    assert (other["__typename"], other["code"]) == ("Collision", "KEY_REUSED")
    await answer(server.database, server.world, held, "withdraw", at=NOW + timedelta(minutes=1))
    assert replies(consult(server, "association", [named(party)])) == [NONE]
    assert await uses(server, held) == 1


@on_both
async def test_uses_run_out(server: RunningServer) -> None:
    party = server.world.party("club-1")
    await allow(server, party)
    answers = [replies(consult(server, "association", [named(party)])) for _ in range(4)]
    assert answers == [[NO], [NO], [NO], [NONE]]


async def test_a_department_asks_on_a_statute_or_not_at_all(server: RunningServer) -> None:
    world = server.world
    names = [named(world.party("person-1")), named(world.party("club-1")), unknown(1)]
    done = consult(server, "head", names, statute=LAW, kind="RATING")
    assert replies(done) == [YES, NO, NO]
    assert done["consultation"]["statute"] == LAW
    assert replies(consult(server, "head", names)) == [NONE, NONE, NONE]
    shown = server.ask("person-1", SHOWN).data["myConsultations"]["nodes"]
    assert {(line["ground"], line["citation"], line["reply"]) for line in shown} == {
        ("STATUTE", LAW, YES), (None, None, NONE)
    }  # fmt: skip
    basis = {entry["basis"] for entry in server.ask("person-1", SHOWN).data["myAccessLog"]["nodes"]}
    assert basis == {"STATUTE", "CONSENT"}


async def test_at_midnight_the_answer_is_another_one(server: RunningServer) -> None:
    """By the date, and by no job [5.1.5]: company-2's last day is today, and nobody has confirmed rectification."""
    party = server.world.party("club-2")
    await allow(server, party)
    assert replies(consult(server, "association", [named(party)])) == [YES]
    table = tables.restraint_cases
    async with server.database.writing() as session:
        await session.execute(
            table.update()
            .where(table.c.subject_id == party.subject_id)
            .values(rectified_on=NOW.date(), ends_on=NOW.date())
        )
    assert replies(consult(server, "association", [named(party)])) == [YES]
    server.clock.at = NOW + timedelta(hours=14)  # 00:00 of the next day in Shanghai
    assert replies(consult(server, "association", [named(party)])) == [NO]


@pytest.mark.parametrize(
    ("why", "who", "given", "typename", "code"),
    [
        ("a statute is not for associations", "association", {"statute": LAW}, "ConsultationRefused",
         "STATUTE_NOT_FOR_ASSOCIATIONS"),
        ("nobody is named", "association", {"names": []}, "ConsultationRefused", "NOBODY_NAMED"),
        ("a register is no consultation", "association", {"names": [unknown(1)] * 501}, "ConsultationRefused",
         "TOO_MANY_NAMES"),
        ("an occasion that is a number", "association", {"occasion": "370305190002289904"}, "NotWellFormed",
         "STEP_NOT_WELL_FORMED"),
        ("a number that is none", "head", {"names": [{"kind": "ID_NUMBER", "number": "370305190002289905"}]},
         "NotWellFormed", "STEP_NOT_WELL_FORMED"),
    ],
)  # fmt: skip
async def test_what_is_refused_by_name(
    server: RunningServer, why: str, who: str, given: dict[str, Any], typename: str, code: str
) -> None:
    done = consult(server, who, **{"names": [unknown(1)], **given})
    assert (done["__typename"], done["code"]) == (typename, code), why
    assert "3703051900" not in str(done)
    assert await count(server, tables.consultations) == 0


@on_both
@pytest.mark.parametrize(("who", "more"), [("association", {}), ("head", {}), ("head", {"statute": LAW})])
async def test_no_name_is_confirmed_by_what_a_consultation_is_about(
    server: RunningServer, who: str, more: dict[str, Any]
) -> None:
    """[5.1.6] [5.2.3] Somebody and nobody on record are answered alike, whatever name is guessed in the occasion."""
    known = server.world.party("club-1")
    person = server.world.party("person-2")
    for party in (known, person):
        right = consult(server, who, [named(party)], **{"occasion": f"评优 {party.name}", **more})
        other = consult(server, who, [named(party)], **{"occasion": "评优 别的名字", **more})
        assert replies(right) == replies(other)
    nobody = consult(server, who, [unknown(1)], **{"occasion": f"评优 {person.name}", **more})
    assert replies(nobody)[0] in {NO, NONE}


async def test_no_promise_says_who_is_on_record(server: RunningServer) -> None:
    """Entries are promised where each reply says that its name is on record; else none is [5.2.3] [5.1.6]."""
    party = server.world.party("person-1")
    await allow(server, party)
    assert promised(server, named(party)) == ["0001", "0000"]  # what was disclosed, and the number that was tried
    assert promised(server, named(party), unknown(1)) == []
    assert promised(server, named(party), named(server.world.party("person-2"))) == []


@pytest.mark.parametrize("who", ["clerk", "handler", "regulator", "office", "auditor", "admin", "person-1", "agent"])
async def test_nobody_else_consults(server: RunningServer, who: str) -> None:
    given = {"kind": "AWARD", "occasion": "评优-2026-01", "names": [unknown(1)]}
    assert server.ask(who, CONSULT, {"input": given}).codes == {"ROOT_REFUSED"}
