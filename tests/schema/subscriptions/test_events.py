"""What each subscription sends when something happens, and what the access log has of it [5.1.6]."""

from datetime import timedelta
from typing import Any

import pytest

from consent.vocabulary import Channel, Purpose
from queryplan.entities import Entity
from schema.core.global_ids import encode_shown
from schema.core.ports import WithheldMode
from tests.builders import HEALTH, NOW, TODAY, WJJ
from tests.builders.restraints import remove_restraints
from tests.databases import on_both, on_sqlite
from tests.schema.service import ServiceUnderTest
from tests.schema.subscriptions.acts import NOTES, OURS, READS, TARGETS, WORK, collect, notice, publish, read, step
from tests.schema.subscriptions.conftest import Clock
from tests.schema.subscriptions.listeners import listen


async def recorded(service: ServiceUnderTest, actor: str) -> list[dict[str, Any]]:
    """Give what is recorded of the reads of *actor*."""
    return [entry for entry in await service.entries() if entry["actor_ref"] == actor]


@on_both
async def test_a_worklist_is_sent_as_it_comes_changes_and_is_done(service: ServiceUnderTest) -> None:
    """The page itself is sent, so that a task that is done goes from the screen [5.1.4]."""
    work = await listen(service, WORK, "handler")
    assert await work.hears() is None, "what was there before is no news"
    case = await collect(service, "案-1")
    assert await work.nodes("step", "case") == [("VERIFY", {"number": "案-1"})]
    await step(service, case, "verifyCase", evidence=["卷宗-1"], severity="SHORT_OF_PENALTY")
    assert await work.nodes("step") == ["NOTIFY"]
    await step(service, case, "noticeCase")
    await step(service, case, "serveCase", evidence=["回执-1"], means="ON_THE_SPOT")
    assert await work.nodes("step") == [], "while the subject may state, the handler waits"
    assert await work.hears() is None


@on_both
async def test_subject_and_head_are_notified_at_once(service: ServiceUnderTest) -> None:
    case = await collect(service, "案-1")
    mine, other = await listen(service, NOTES, "person-1"), await listen(service, NOTES, "person-2")
    theirs, ours = await listen(service, NOTES, "agent"), await listen(service, OURS, "head")
    await notice(service, case)
    sent = [("CASE_NOTICED", {"number": "案-1"})]
    assert await mine.nodes("topic", "case") == sent
    assert await theirs.nodes("topic", "case") == sent
    await step(service, case, "handOverCase", "head", handler="handler-2", evidence=["派单-1"])
    assert await ours.nodes("topic") == ["CASE_HANDED_OVER"]
    for one in (mine, theirs, ours, other):
        assert await one.hears() is None


@on_both
async def test_a_supervisor_sees_its_targets_come_change_and_leave(service: ServiceUnderTest, clock: Clock) -> None:
    """A second change within the same minute is another event; one that has left shows its id alone [5.2.2] [5.1.5]."""
    old, new = service.world.party("person-1"), service.world.party("club-1")
    targets = await listen(service, TARGETS, "regulator")
    for second in (1, 2):
        clock.at = NOW + timedelta(seconds=second)
        await publish(service, f"案-{second}", changed_at=clock.at)
        assert await targets.nodes("kind", "subject") == [("CHANGED", {"name": old.name})]
    await publish(service, "案-3", whose="club-1", changed_at=clock.at, published_on=TODAY)
    assert await targets.nodes("kind", "subject") == [("ADDED", {"name": new.name})]
    await remove_restraints(service.services.database, service.world)
    left = await targets.nodes("kind", "subject", "subjectId")
    assert ("LEFT", None, encode_shown(Purpose.FOCUSED_CHECK, Entity.SUBJECT, old.subject_id)) in left
    assert {(kind, subject) for kind, subject, _ in left} == {("LEFT", None)}
    assert await targets.hears() is None


@on_both
async def test_a_subject_sees_a_read_as_it_happens_and_not_its_own(service: ServiceUnderTest) -> None:
    mine = await listen(service, READS, "person-1")
    await read(service)
    ((actor, fields),) = await mine.nodes("actor", "fieldsShown")
    assert actor == "regulator-1"
    assert {"NaturalPerson.name"} < {one["field"] for one in fields}
    own = "query @purpose(is: SELF_ACCESS) { mySubject { name } }"
    assert (await service.ask(own, "person-1")).data["mySubject"]["name"]
    assert await mine.hears() is None, "what was sent, and the own reads, are no news"
    assert (await service.ask("query @purpose(is: SELF_ACCESS) { mySubject { name } }", "agent")).data["mySubject"]
    assert await mine.nodes("actor") == ["agent-1"], "a delegate's read is"


@pytest.mark.parametrize(
    ("who", "document", "fields"),
    [
        ("handler", WORK, {"Subscription.worklistChanged", "WorkItem.step", "RestraintCase.number"}),
        ("regulator", TARGETS, {"Subscription.targetChanged", "TargetChange.kind", "NaturalPerson.name"}),
    ],
)
@on_sqlite
async def test_each_event_leaves_an_entry_and_a_look_without_one_leaves_none(
    service: ServiceUnderTest, who: str, document: str, fields: set[str]
) -> None:
    """It is recorded before it is given out, by the way that it came: nobody asked for it."""
    heard = await listen(service, document, who)
    await collect(service, "案-0", department_code=WJJ, handler_ref="handler-9", sector_code=HEALTH)
    assert await heard.hears() is None
    assert await recorded(service, heard.identity.actor.ref) == []
    await collect(service, "案-1")
    await publish(service, "案-2")
    assert (await heard.event())["extensions"]["record"]
    of_subject = [
        entry
        for entry in await recorded(service, heard.identity.actor.ref)
        if entry["subject_id"] == service.world.party("person-1").subject_id
    ]
    assert len(of_subject) == 1
    assert of_subject[0]["channel"] == Channel.SUBSCRIPTION.value
    assert fields <= {field for field, *_ in of_subject[0]["fields"]}


@on_sqlite
async def test_many_changes_are_one_event_and_more_than_a_page_are_several(
    service: ServiceUnderTest, clock: Clock
) -> None:
    mine = await listen(service, NOTES, "person-1", variables={"first": 2})
    cases = [await collect(service, f"案-{number}") for number in range(5)]
    for case in cases:
        clock.at += timedelta(seconds=1)
        await notice(service, case)
    sent = [await mine.nodes("case") for _ in range(3)]
    assert [len(page) for page in sent] == [2, 2, 1]
    assert [one["number"] for page in sent for one in page] == [case.number for case in cases], "the oldest first"
    assert await mine.hears() is None


@on_sqlite
async def test_what_is_committed_between_two_looks_is_one_page(service: ServiceUnderTest) -> None:
    work = await listen(service, WORK, "handler")
    for number in range(3):
        await collect(service, f"案-{number}")
    answer = await work.event()
    assert answer["data"]["worklistChanged"]["total"] == {"count": 3}
    assert await work.hears() is None


@on_sqlite
async def test_filters_and_preferences_of_the_request_hold_for_each_event(service: ServiceUnderTest) -> None:
    document = """subscription($late: Boolean) @purpose(is: DETERMINATION) {
      worklistChanged(late: $late) { nodes { step case { number internalNotes } } } }"""
    late = await listen(service, document, "head", variables={"late": True})
    work = await listen(
        service, document, "head", withheld=WithheldMode.EXTENSIONS, asks_cost=True, operation_name=None
    )
    await collect(service, "案-1")
    answer = await work.event()
    assert "errors" not in answer
    assert answer["extensions"]["cost"]["requested"] > 0
    assert await late.hears() is None


@on_sqlite
async def test_a_day_that_begins_is_an_event_of_a_worklist(service: ServiceUnderTest, clock: Clock) -> None:
    """Nobody does anything, and a task is late: the look that every subscription has by itself finds it [5.1.4]."""
    case = await collect(service, "案-1")
    await step(service, case, "verifyCase", evidence=["卷宗-1"], severity="SHORT_OF_PENALTY")
    document = WORK.replace("nodes { step", "nodes { isLate step")
    work = await listen(service, document, "handler")
    assert await work.hears() is None
    clock.at += timedelta(days=30)
    answer = await work.hears()
    assert answer is not None
    assert [one["isLate"] for one in answer["data"]["worklistChanged"]["nodes"]] == [True]
