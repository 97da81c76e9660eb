"""A wrong identity is corrected everywhere, and a wrong case is taken off the list, over HTTP [5.1.4(6)].

Published Thu 26 February 2026; the subject objects on Mon 2 March, and the reviewer grants it on Thu 5 March: two working
days are Friday and Monday. The old number then finds nobody, and each recipient of it is notified once.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from graphql import get_named_type
from sqlalchemy import select, update

from credit.core.context import ActionContext, Caller
from credit.corrections.correction import Delivery, RecordItem, Route
from credit.corrections.deliveries import recipient_notified, record_delivery
from gateway.subjects.sealing_unit_of_work import SealingUnitOfWork
from policy.actors import Actor, Role
from queryplan.entities import Entity
from schema.core.global_ids import decode, encode
from storage import tables
from tests.action_context import action_context
from tests.builders import HEALTH, SCJG, WJJ, Case
from tests.builders.restraints import put_case
from tests.credit.subjects.synthetic_numbers import id_number
from tests.databases import on_both
from tests.journeys.running_server import Reply, RunningServer
from tests.shipped_schema import shipped_types

PURPOSE = {"handler": "DETERMINATION", "head": "DETERMINATION", "reviewer": "REVIEW", "office": "SUPERVISION"}
RIGHT_NUMBER, RIGHT_NAME = id_number(area="370305", born="19050607", sequence="123"), "演示己"
COURIER, IDS = Caller("courier", "courier"), count(7000)
MUTATIONS = shipped_types().mutation_type
CORRECTION = """correction { id remedy items discoveredOn doneOn completedOn due { on state }
  toTell { nodes { id recipient route items toldOn } } }"""
OBJECTION = "objection { id record text answer reasons answeredOn assignedTo due { on state clause } }"
MORE = {
    "CorrectionMade": CORRECTION, "ObjectionChanged": OBJECTION, "NotYet": "clause until", "TooLate": "clause since",
    "NotTheirs": "clause", "Lacking": "clause", "NotWellFormed": "problems { field code }", "NumberOfAnother": "clause",
    "CaseChanged": "case { status endsOn }",
}  # fmt: skip


def at(month: int, day: int, hour: int = 10) -> datetime:
    """Give an hour of the day in Shanghai, in UTC."""
    return datetime(2026, month, day, hour - 8, tzinfo=UTC)


SENT = at(2, 26, 15)


class Hearing:
    """Takes steps over HTTP on the days given, about cases of person-1."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server
        self.person = server.world.party("person-1")

    async def put(self, number: str, **facts: Any) -> Case:
        """Put a determined case on record; its handler is `handler`."""
        given = {
            "published_on": None, "collected_at": at(2, 2), "changed_at": at(2, 2), "determined_on": date(2026, 2, 26),
            "verified_at": at(2, 3), "noticed_on": date(2026, 2, 4), "served_on": date(2026, 2, 5), "ends_on": None,
            **facts,
        }  # fmt: skip
        return await put_case(self.server.database, self.server.world, self.person, number, **given)

    def reply(self, who: str, mutation: str, when: datetime, **given: Any) -> Reply:
        self.server.clock.at = when
        assert MUTATIONS is not None
        members = {one.name for one in get_named_type(MUTATIONS.fields[mutation].type).types}
        shown = "__typename ... on Refusal { code message }" + "".join(
            f" ... on {name} {{ {MORE[name]} }}" for name in MORE if name in members
        )
        kind = f"{mutation[0].upper()}{mutation[1:]}Input"
        purpose = PURPOSE.get(who.rsplit(maxsplit=1)[-1], "SELF_ACCESS")
        query = f"mutation($i: {kind}!) {{ {mutation}(input: $i) {{ {shown} }} }}"
        return self.server.ask(who, query, {"i": given}, headers={"Access-Purpose": purpose})

    def __call__(self, who: str, mutation: str, when: datetime, **given: Any) -> dict[str, Any]:
        reply = self.reply(who, mutation, when, **given)
        assert reply.data, reply.json
        found: dict[str, Any] = reply.data[mutation]
        return found

    def correction(self, who: str, mutation: str, when: datetime, **given: Any) -> dict[str, Any]:
        found = self(who, mutation, when, **given)
        assert found["__typename"] == "CorrectionMade", found
        correction: dict[str, Any] = found["correction"]
        return correction

    def objection(self, who: str, mutation: str, when: datetime, **given: Any) -> dict[str, Any]:
        found = self(who, mutation, when, **given)
        assert found["__typename"] == "ObjectionChanged", found
        objection: dict[str, Any] = found["objection"]
        return objection

    def moment(self, when: datetime) -> ActionContext:
        return action_context(when, lambda: UUID(int=next(IDS)))

    async def went_out(
        self, case: Case, recipient: str, route: Route, *items: RecordItem, when: datetime = SENT
    ) -> None:
        delivery = Delivery(case.case_id, recipient, route, frozenset(items or RecordItem), when)
        async with SealingUnitOfWork(self.server.database, self.server.world.keyring) as work:
            await record_delivery(work, self.moment(when), case.subject_id, delivery)
            await work.commit()

    async def carried(self, telling: str, when: datetime) -> None:
        """Record the delivery, as the outbox relay does when a message has arrived."""
        subject_id, telling_id = decode(telling).keys
        assert isinstance(subject_id, UUID)
        assert isinstance(telling_id, UUID)
        async with SealingUnitOfWork(self.server.database, self.server.world.keyring) as work:
            await recipient_notified(work, self.moment(when).acting_as(COURIER), subject_id, telling_id)
            await work.commit()

    def found_by(self, number: str) -> Any:
        query = "query($n: String!) @purpose(is: DETERMINATION) { s: subjectByIdentifier(kind: ID_NUMBER, number: $n) { id name } }"
        return self.server.ask("handler", query, {"n": number}).data["s"]

    async def messages(self, topic: str) -> list[Mapping[str, Any]]:
        rows = await self.server.database.fetch(
            select(tables.outbox.c.about).where(tables.outbox.c.topic == topic).order_by(tables.outbox.c.created_at)
        )
        return [about for (about,) in rows]


@on_both
async def test_a_wrong_identity_is_corrected_everywhere(server: RunningServer) -> None:
    hear = Hearing(server)
    case, other = await hear.put("案-错"), await hear.put("案-另", handler_ref="handler-2")
    assert hear("handler", "publishCase", at(2, 26), case=case.gid)["__typename"] == "CaseChanged"
    # Recipients: the platform got everything, twice; a consultation got yes or no; the other case was exported.
    await hear.went_out(case, "city-platform", Route.CITY_PLATFORM)
    await hear.went_out(case, "city-platform", Route.CITY_PLATFORM, when=at(2, 27))
    await hear.went_out(case, "LZ-GUILD", Route.CONSULTATION, RecordItem.STANDING)
    await hear.went_out(other, WJJ, Route.EXPORT, RecordItem.NAME, RecordItem.NUMBER, RecordItem.FACTS)

    raised = hear.objection("person-1", "raiseObjection", at(3, 2), record=case.gid, text="号码和姓名都不是我的。")
    assert (raised["due"], raised["text"]) == (
        {"on": "2026-03-23", "state": "OPEN", "clause": "5.1.4(4)"}, "号码和姓名都不是我的。"
    )  # fmt: skip
    which = {"objection": raised["id"]}
    seen = hear.objection("head", "assignObjection", at(3, 3), **which, reviewer="reviewer-1")
    assert (seen["text"], seen["assignedTo"]) == (None, "reviewer-1")  # the head says who answers, and reads nothing
    granted = {"answer": "CORRECT", "items": ["NAME", "NUMBER"], "reasons": "经核对，登记有误。"}
    answered = hear.objection("reviewer", "answerObjection", at(3, 5), **which, **granted)
    assert (answered["answer"], answered["due"]["state"]) == ("CORRECT", "MET")

    query = "{ corrections { nodes { id items due { on state } case { number } objection { id } } } }"
    (found,) = server.ask("handler", f"query @purpose(is: DETERMINATION) {query}").data["corrections"]["nodes"]
    assert (found["items"], found["due"]["on"], found["case"]["number"]) == (["NAME", "NUMBER"], "2026-03-09", "案-错")
    assert found["objection"] == {"id": raised["id"]}

    right = {"correction": found["id"], "name": RIGHT_NAME, "number": RIGHT_NUMBER, "evidence": ["户籍证明-1"]}
    taken = right | {"number": hear.server.world.party("person-2").number}
    assert hear("handler", "correctSubject", at(3, 6), **taken)["__typename"] == "NumberOfAnother"
    done = hear.correction("handler", "correctSubject", at(3, 6), **right, idempotencyKey="once")
    tried = select(tables.number_lookups.c.entrance, tables.number_lookups.c.outcome)
    assert set(await hear.server.database.fetch(tried)) == {("CORRECTION", "HIT"), ("CORRECTION", "MISS")}
    assert done["doneOn"] == "2026-03-06"
    assert done["completedOn"] is None
    again = hear.correction("handler", "correctSubject", at(3, 6), **right, idempotencyKey="once")
    assert again["doneOn"] == "2026-03-06"
    other_number = right | {"number": hear.person.number}
    assert (
        hear("handler", "correctSubject", at(3, 6), **other_number, idempotencyKey="once")["__typename"] == "Collision"
    )
    assert hear.found_by(hear.person.number) is None
    assert hear.found_by(RIGHT_NUMBER) == {"id": hear.person.gid, "name": RIGHT_NAME}

    recipients = {each["recipient"]: each for each in done["toTell"]["nodes"]}
    assert {name: (each["route"], each["items"]) for name, each in recipients.items()} == {
        "city-platform": ("CITY_PLATFORM", ["NAME", "NUMBER"]),
        WJJ: ("EXPORT", ["NAME", "NUMBER"]),
    }
    messages = await hear.messages("correction.tell")
    assert sorted(each["to"] for each in messages) == [WJJ, "city-platform"]
    stored = await server.database.fetch(select(tables.outbox.c.about))
    hashes = await server.database.fetch(select(tables.idempotency_keys.c.request_hash))
    for secret in (hear.person.number, RIGHT_NUMBER, RIGHT_NAME, "不是我的"):
        assert secret not in str(stored)
        assert secret not in str(hashes)

    await hear.carried(recipients["city-platform"]["id"], at(3, 6, 17))
    last = hear.correction("handler", "recordRecipientTold", at(3, 9), telling=recipients[WJJ]["id"], evidence=["函-1"])
    assert (last["completedOn"], last["due"]) == ("2026-03-09", {"on": "2026-03-09", "state": "MET"})
    mine = server.ask(
        "person-1",
        "query @purpose(is: SELF_ACCESS) { mySubject { name objections { nodes { text reasons answer } } "
        "corrections { nodes { completedOn toTell { totalCount } } } } }",
    ).data["mySubject"]
    assert mine == {
        "name": RIGHT_NAME,
        "objections": {
            "nodes": [{"text": "号码和姓名都不是我的。", "reasons": "经核对，登记有误。", "answer": "CORRECT"}]
        },
        "corrections": {"nodes": [{"completedOn": "2026-03-09", "toTell": {"totalCount": 2}}]},
    }


async def test_a_removal_shortens_what_ran_anew_because_of_it(server: RunningServer) -> None:
    """The wrong case leaves the list at once, and the older period ends when it would have without it [5.1.5]."""
    hear = Hearing(server)
    older = await hear.put("案-旧")
    assert hear("handler", "publishCase", at(2, 26), case=older.gid)["case"]["endsOn"] == "2026-08-26"
    newer = await hear.put("案-新", collected_at=at(3, 2), verified_at=at(3, 3), determined_on=date(2026, 4, 1))
    hear("handler", "publishCase", at(4, 1), case=newer.gid)
    ends = (
        "query($i: ID!) @purpose(is: DETERMINATION) { node(id: $i) { ... on RestraintCase { endsOn inForce status } } }"
    )
    assert server.ask("handler", ends, {"i": older.gid}).data["node"]["endsOn"] == "2026-10-01"
    await hear.went_out(newer, "city-platform", Route.CITY_PLATFORM, when=at(4, 1, 12))

    # A consultation covered both cases; only the wrong one is taken back.
    server.know("elsewhere head", Actor("head-5", Role.HEAD, WJJ))
    names = [{"kind": "ID_NUMBER", "number": hear.person.number}]
    asked = {"kind": "AWARD", "occasion": "评优-1", "names": names, "statute": "示例条例第七条"}
    consult = """mutation($i: ConsultInput!) @purpose(is: CONSULTATION) {
      consult(input: $i) { ... on ConsultationAnswered { lines { reply } } } }"""
    reply = server.ask("elsewhere head", consult, {"i": asked}).data["consult"]
    assert reply == {"lines": [{"reply": "RESTRAINED"}]}

    report = {"case": newer.gid, "remedy": "REMOVE", "cause": "WRONG", "evidence": ["复核-1"]}
    found = hear.correction("head", "reportError", at(4, 7), **report)
    assert found["due"] == {"on": "2026-04-09", "state": "DUE_SOON"}
    removed = hear.correction("handler", "removeCase", at(4, 8), correction=found["id"])
    recipients = {each["recipient"]: each for each in removed["toTell"]["nodes"]}
    assert {name: each["items"] for name, each in recipients.items() if name == WJJ} == {WJJ: ["STANDING"]}
    assert set(recipients) == {"city-platform", WJJ}
    assert server.ask("handler", ends, {"i": newer.gid}).data["node"] == {
        "endsOn": "2026-10-01", "inForce": False, "status": "REMOVED",
    }  # fmt: skip
    assert server.ask("handler", ends, {"i": older.gid}).data["node"]["endsOn"] == "2026-08-26"
    assert [each["case_id"] for each in await hear.messages("restraint-case.run-anew")][-1] == str(older.case_id)
    twice = hear("handler", "removeCase", at(4, 8), correction=found["id"])
    assert (twice["__typename"], twice["code"]) == ("TooLate", "ALREADY_TAKEN")
    hear.correction("handler", "recordRecipientTold", at(4, 9), telling=recipients[WJJ]["id"])
    late = hear.correction("handler", "recordRecipientTold", at(4, 10), telling=recipients["city-platform"]["id"])
    assert late["due"]["state"] == "MET_LATE"


@on_both
async def test_an_error_and_an_answer_that_are_recorded_late_count_from_the_record(server: RunningServer) -> None:
    """[5.1.4] [5.1.4(6)] Found and answered on Friday, recorded on Monday: both days are kept, and Monday counts."""
    hear = Hearing(server)
    case = await hear.put("案-补录")
    hear("handler", "publishCase", at(2, 26), case=case.gid)
    report = {"case": case.gid, "remedy": "CORRECT", "cause": "WRONG", "items": ["BASIS"], "evidence": ["复核-1"]}
    hear("head", "reportError", at(3, 9), **report, on="2026-03-06")
    raised = hear.objection("person-1", "raiseObjection", at(2, 27), record=case.gid, text="事实有误")
    which = {"objection": raised["id"]}
    hear.objection("head", "assignObjection", at(2, 28), **which, reviewer="reviewer-1")
    rejected = {"answer": "REJECTED", "reasons": "事实清楚"}
    hear.objection("reviewer", "answerObjection", at(3, 9), **which, **rejected, on="2026-03-06")
    late = "due { on state lateEntry actedOn recordedOn }"
    asked = f"{{ corrections {{ nodes {{ discoveredOn {late} }} }} objections {{ nodes {{ answeredOn {late} }} }} }}"
    node = f"query($i: ID!) @purpose(is: DETERMINATION) {{ node(id: $i) {{ ... on RestraintCase {asked} }} }}"
    found = server.ask("head", node, {"i": case.gid}).data["node"]
    days = {"lateEntry": True, "actedOn": "2026-03-06", "recordedOn": "2026-03-09"}
    assert found["corrections"]["nodes"] == [
        {"discoveredOn": "2026-03-09", "due": {"on": "2026-03-11", "state": "DUE_SOON", **days}}
    ]
    assert found["objections"]["nodes"] == [
        {"answeredOn": "2026-03-09", "due": {"on": "2026-03-19", "state": "MET", **days}}
    ]


async def test_facts_and_term_are_corrected_with_who_it_is_in_one_step(server: RunningServer) -> None:
    hear = Hearing(server)
    case = await hear.put("案-三")
    hear("handler", "publishCase", at(2, 26), case=case.gid)
    items = ["FACTS", "VALIDITY", "ADDRESS"]
    found = hear.correction(
        "handler", "reportError", at(2, 27), case=case.gid, remedy="CORRECT", cause="WRONG", items=items
    )
    half = hear("handler", "correctCase", at(2, 28), correction=found["id"], facts="更正后的事实", months=3)
    assert (half["__typename"], half["problems"]) == ("NotWellFormed", [{"field": "address", "code": "STILL_WRONG"}])
    hear.correction(
        "handler", "correctCase", at(2, 28), correction=found["id"], facts="更正后的事实", months=3,
        particulars={"address": "临淄区闻韶街道示例路9号"},
    )  # fmt: skip
    shown = "query($i: ID!) @purpose(is: DETERMINATION) { node(id: $i) { ... on RestraintCase { facts evidence internalNotes endsOn subject { address } } } }"
    assert server.ask("handler", shown, {"i": case.gid}).data["node"] == {
        "facts": "更正后的事实", "evidence": case.evidence, "internalNotes": case.notes, "endsOn": "2026-05-26",
        "subject": {"address": "临淄区闻韶街道示例路9号"},
    }  # fmt: skip


async def test_every_record_can_be_contested_and_the_office_answers_what_no_department_keeps(
    server: RunningServer,
) -> None:
    hear = Hearing(server)
    server.ask("auditor", "query($i: ID!) @purpose(is: AUDIT) { subject(id: $i) { name } }", {"i": hear.person.gid})
    entry = server.ask("person-1", "query @purpose(is: SELF_ACCESS) { myAccessLog(purpose: AUDIT) { nodes { id } } }")
    (audited,) = entry.data["myAccessLog"]["nodes"]
    when = at(11, 23)
    for record in (hear.person.gid, server.world.application("of person-1").gid, audited["id"]):
        raised = hear.objection("person-1", "raiseObjection", when, record=record, text="请说明理由")
    assert raised["record"] == "ACCESS_ENTRY"
    which = {"objection": raised["id"]}
    assert hear.objection("office", "assignObjection", when, **which, reviewer="office-1")["text"] == "请说明理由"
    answered = hear.objection("office", "answerObjection", when, **which, answer="JUSTIFIED", reasons="依法审计")
    assert answered["answer"] == "JUSTIFIED"


Refusal = tuple[str, str, str, Mapping[str, Any], str, str | None]
CORRECT = {"remedy": "CORRECT", "cause": "WRONG", "items": ["NUMBER"]}
REFUSALS: Sequence[Refusal] = [
    ("a colleague reports nothing", "other handler", "reportError", CORRECT, "NotTheirs", "NOT_THE_COLLECTOR"),
    ("nor somebody elsewhere", "elsewhere handler", "reportError", CORRECT, "NotFound", "NOT_FOUND"),
    ("an error of nothing", "handler", "reportError", CORRECT | {"items": []}, "Lacking", "BASIC_INFORMATION_MISSING"),
    ("what stands with the determination", "handler", "reportError", CORRECT | {"items": ["AUTHORITY"]}, "NotWellFormed", "STEP_NOT_WELL_FORMED"),
    ("over another version", "handler", "reportError", CORRECT | {"expectedVersion": 9}, "Collision", "VERSION_CONFLICT"),
    ("on a day to come", "handler", "reportError", CORRECT | {"on": "2026-12-31"}, "DayOutOfOrder", "DAY_OUT_OF_ORDER"),
    ("evidence that tells of a person", "handler", "reportError", CORRECT | {"evidence": ["370305190203020012"]}, "NotWellFormed", "STEP_NOT_WELL_FORMED"),
    ("the record of another", "person-2", "raiseObjection", {"text": "不是我"}, "NotFound", "NOT_FOUND"),
    ("without a word", "person-1", "raiseObjection", {"text": " "}, "NotWellFormed", "STEP_NOT_WELL_FORMED"),
]  # fmt: skip
# ruff: noqa: E501 - one row of a table is one line


@pytest.mark.parametrize(
    ("why", "who", "mutation", "given", "typename", "code"), REFUSALS, ids=[each[0] for each in REFUSALS]
)
async def test_refused_by_name(
    server: RunningServer, why: str, who: str, mutation: str, given: Mapping[str, Any], typename: str, code: str
) -> None:
    hear = Hearing(server)
    server.know("elsewhere handler", Actor("handler-5", Role.HANDLER, WJJ, HEALTH))
    case = server.world.case("in-force")
    about = {"record": case.gid} if mutation == "raiseObjection" else {"case": case.gid}
    found = hear(who, mutation, at(11, 23), **about, **given)
    assert (found["__typename"], found["code"]) == (typename, code)
    assert await server.database.fetch(select(tables.corrections.c.case_id)) == []
    assert await server.database.fetch(select(tables.objections.c.case_id)) == []


async def test_who_answers_is_decided_once_more(server: RunningServer) -> None:
    """Nobody answers for what they handled, unasked, twice, or for another department [5.1.4(4)]."""
    hear = Hearing(server)
    case, when = server.world.case("in-force"), at(11, 23)
    raised = hear.objection("agent", "raiseObjection", when, record=case.gid, text="事实有误")
    again = hear("person-1", "raiseObjection", when, record=case.gid, text="事实有误")
    assert (again["__typename"], again["code"], again["until"]) == ("NotYet", "OBJECTION_OPEN", "2026-12-14")
    which, rejected = {"objection": raised["id"]}, {"answer": "REJECTED", "reasons": "事实清楚"}
    server.know("handler as reviewer", Actor("handler-1", Role.REVIEWER, SCJG))
    server.know("elsewhere head", Actor("head-5", Role.HEAD, WJJ))
    for who, mutation, given, typename in (
        ("head", "assignObjection", {"reviewer": "handler-1"}, "NotTheirs"),
        ("elsewhere head", "assignObjection", {"reviewer": "reviewer-1"}, "NotFound"),
        ("reviewer", "answerObjection", rejected, "NotFound"),
        ("handler as reviewer", "answerObjection", rejected, "NotTheirs"),
        # A handler enters objections on paper, and neither answers nor assigns one.
        ("handler", "answerObjection", rejected, "NotFound"),
        ("handler", "assignObjection", {"reviewer": "reviewer-1"}, "NotFound"),
    ):
        assert hear(who, mutation, when, **which, **given)["__typename"] == typename, who
    assert hear.reply("clerk", "answerObjection", when, **which, **rejected).status == 403
    hear.objection("head", "assignObjection", when, **which, reviewer="reviewer-1")
    hear.objection("reviewer", "answerObjection", when, **which, **rejected)
    late = hear("reviewer", "answerObjection", when, **which, **rejected)
    assert (late["__typename"], late["code"]) == ("TooLate", "ALREADY_TAKEN")
    new = hear.objection("person-1", "raiseObjection", when + timedelta(days=1), record=case.gid, text="新的证据")
    assert new["id"] != raised["id"]


async def test_a_confidential_record_is_contested_nowhere(server: RunningServer) -> None:
    hear = Hearing(server)
    case = server.world.case("confidential")
    assert hear("club-1", "raiseObjection", at(11, 23), record=case.gid, text="有误")["__typename"] == "NotFound"
    nothing = encode(Entity.RESTRAINT_CASE, case.subject_id, server.world.new_id())
    assert hear("club-1", "raiseObjection", at(11, 23), record=nothing, text="有误")["__typename"] == "NotFound"


async def test_what_is_about_a_record_that_became_confidential_is_shown_to_nobody(server: RunningServer) -> None:
    """Neither the objection nor the correction reveals that there is such a case [5.1.6]."""
    hear = Hearing(server)
    case = server.world.case("in-force")
    hear.objection("person-1", "raiseObjection", at(11, 23), record=case.gid, text="有误")
    found = hear.correction("handler", "reportError", at(11, 23), case=case.gid, **CORRECT)
    shown = {
        "office": "query @purpose(is: SUPERVISION) { objections { totalCount } corrections { totalCount } }",
        "person-1": "query @purpose(is: SELF_ACCESS) { objections { totalCount } corrections { totalCount } }",
        "handler": "query @purpose(is: DETERMINATION) { objections { totalCount } corrections { totalCount } }",
    }
    for left in (1, 0):
        for who, query in shown.items():
            data = server.ask(who, query).data
            assert data == {"objections": {"totalCount": left}, "corrections": {"totalCount": left}}, who
        own = tables.restraint_cases.c.case_id == case.case_id
        await server.database.write((update(tables.restraint_cases).where(own).values(confidential=True), None))
    right = {"correction": found["id"], "number": RIGHT_NUMBER}
    assert hear("handler", "correctSubject", at(11, 24), **right)["__typename"] == "NotFound"
