"""An erased subject is gone, everybody else's proofs stay, and all counts still add up [PIPL 47] [5.1.6]."""

import os
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, update

from consent.ledger.epochs import Blinding
from consent.ledger.system_entries import ErasedSubject, parse_system_entry
from consent.ports import LOG_CODES
from consent.vocabulary import ErasureReason
from credit.cases.status import UnrectifiedPolicy
from gateway.ledger.subject_trees.epochs import EpochDoesNotAddUp
from gateway.subjects.erase import MattersOpen, SubjectEraser, UnknownSubject
from policy.crypto.keyring import Keyring
from storage import tables
from storage.ledger.subject_trees.subject_fold import SubjectFold, read_fold
from tests.consent.samples import BUREAU
from tests.gateway.ledger.subject_trees.epoch_world import PEOPLE, EpochWorld, pages_of
from tests.gateway.ledger.subject_trees.test_epochs import secret_of
from tests.storage.ledger.integrated import AT, append_entries, assert_trees
from tests.storage.ledger.test_subject_fold import page
from tests.storage.rows import deletion_duty, key

ONE, OTHERS = PEOPLE[1], [PEOPLE[0], *PEOPLE[2:]]
NOBODY = UUID(int=0)


@pytest.fixture
async def world(database, tmp_path):
    (tmp_path / "store").mkdir()
    Keyring.create(tmp_path / "keys.json", os.urandom)
    made = EpochWorld(database, tmp_path / "store", Keyring.load(tmp_path / "keys.json", os.urandom))
    await made.begin()
    await made.read(*pages_of(12))
    await made.agree(ONE)
    return made


@pytest.fixture
def eraser(world):
    return SubjectEraser(world.database, world.keyring, world.runtime, UnrectifiedPolicy.STAYS)


async def erase(eraser, subject_id=ONE):
    return await eraser.erase(subject_id, "operator/head-1", ErasureReason.PERIOD_OVER, "paper 7")


async def announced(world):
    await world.integrate()
    table = tables.ledger_entries.c
    rows = await world.database.fetch(
        select(table.leaf).where(table.log == LOG_CODES["system"]).order_by(table.leaf_index)
    )
    found = [parse_system_entry(bytes(leaf)) for (leaf,) in rows]
    return [each for each in found if isinstance(each, ErasedSubject)]


async def assert_others_are_whole(world):
    await assert_trees(world.database, "consent", {one: world.consent[one] for one in OTHERS})
    await assert_trees(world.database, "access", {one: world.access(one) for one in OTHERS})


async def test_the_subject_is_gone_and_every_other_tree_stays(world, eraser):
    first = await world.maker.make()
    label = Blinding(1).label(await secret_of(world, ONE))
    counts = await erase(eraser)
    assert (counts.consent, counts.access) == (2, len(world.access(ONE)))
    await assert_others_are_whole(world)
    (entry,) = await announced(world)
    assert (entry.epoch, entry.label) == (first.epoch, label)
    assert (entry.consent_count, entry.access_count) == (counts.consent, counts.access)
    await world.maker.make()
    published = (await world.published())[-1]
    assert (published.heads, published.consent_erased, published.access_erased) == (4, counts.consent, counts.access)
    for table in (tables.subject_heads, tables.subject_keys, tables.subject_secrets, tables.disclosed_subjects):
        assert ONE not in {row[0] for row in await world.database.fetch(select(table.c.subject_id))}
    shown = await world.database.fetch(select(tables.disclosures.c.subjects))
    owners = await world.database.fetch(select(tables.ledger_entries.c.owner))
    assert ONE not in {each for (subjects,) in shown for each in subjects} | {owner for (owner,) in owners}
    named = select(tables.subjects.c.name_mask, tables.subjects.c.name_sealed).where(
        tables.subjects.c.subject_id == ONE
    )
    assert await world.database.fetch(named) == [(None, None)]


async def test_recipients_have_to_delete_what_they_received(world, eraser):
    """A duty that lay ahead begins with the erasure; one that began before keeps its cause and its days [PIPL 47]."""
    known = {"subject_id": ONE, "recipient_code": BUREAU}
    ahead = deletion_duty("ahead", "one", since_on=AT.date() + timedelta(days=400))[1] | known
    begun = deletion_duty("begun", "one")[1] | known
    await world.database.write((insert(tables.deletion_duties), [ahead, begun]))
    await erase(eraser)
    row = tables.deletion_duties.c
    rows = await world.database.fetch(select(row.duty_id, row.cause, row.since_on, row.due_on, row.version))
    found = {duty_id: facts for duty_id, *facts in rows}
    assert found[key("begun")] == ["EXPIRED", begun["since_on"], begun["due_on"], 1]
    cause, since_on, due_on, version = found[key("ahead")]
    assert (cause, version) == ("ERASED", 2)
    assert since_on < ahead["since_on"]
    assert since_on < due_on


async def test_folded_from_the_beginning_everything_is_the_same(world, eraser):
    await erase(eraser)
    counts = {log: await read_fold(world.database, log) for log in ("consent", "access")}
    for table in (tables.ledger_folds, tables.subject_heads, tables.subject_blocks):
        await world.database.write((delete(table), None))
    await SubjectFold(world.database).fold()
    await assert_others_are_whole(world)
    for log, before in counts.items():
        again = await read_fold(world.database, log)
        assert (again.stated, again.erased, again.unfound) == (before.stated, before.erased, 0)


async def test_several_subjects_of_one_page_are_erased_one_after_the_other(world, eraser):
    pages = world.pages
    for subject_id in (PEOPLE[1], PEOPLE[2]):
        await erase(eraser, subject_id)
    left = [PEOPLE[0], *PEOPLE[3:]]
    await assert_trees(world.database, "access", {one: world.access(one) for one in left})
    await world.maker.make()
    published = (await world.published())[-1]
    assert published.access_erased + published.access_sum == sum(len(each.subjects) for each in pages)


async def test_a_read_that_overtook_the_erasure_is_found_again(world, eraser):
    await erase(eraser)
    await world.read(page(50, *PEOPLE[:3]), page(51, ONE))
    with pytest.raises(EpochDoesNotAddUp) as refused:
        await world.maker.make()
    assert (refused.value.missing, refused.value.headless) == ({"access": 2}, 1)
    assert await eraser.look_again() == 1
    assert await eraser.look_again() == 0
    first, second = await announced(world)
    assert (second.label, second.consent_count, second.access_count) == (first.label, 0, 2)
    await world.maker.make()
    await assert_others_are_whole(world)
    world.later(minutes=11)
    assert await eraser.look_again() == 0
    looked = await world.database.fetch(select(tables.erasures.c.looked_again_at, tables.erasures.c.access_count))
    assert looked == [(world.now - timedelta(minutes=11), first.access_count + 2)]


async def test_an_entry_that_waited_meanwhile_is_counted_once(world, eraser):
    await world.maker.make()
    await append_entries(world.database, "consent", [(key("late"), ONE, bytes(32))])
    first = await erase(eraser)
    await append_entries(world.database, "consent", [(key("later"), ONE, bytes(32))])
    world.later(minutes=11)
    await eraser.look_again()
    await world.maker.make()
    published = (await world.published())[-1]
    assert published.consent_erased == first.consent + 1 == sum(each.consent_count for each in await announced(world))


async def test_reads_of_before_leave_who_and_when(world, eraser):
    old = {
        "subject_id": ONE, "entry_id": key("old"), "read_id": key("read"), "at": AT, "actor_ref": "staff-1",
        "role": "clerk", "department_code": "D1", "purpose": "CREDIT_CHECK", "basis": "CONSENT", "citation": "4.1",
        "document_hash": "a" * 64, "fields": [["a", "b", "c"]], "salt": bytes(16),
    }  # fmt: skip
    await world.database.write((insert(tables.access_entries), old))
    await append_entries(world.database, "access", [(key("old"), None, bytes(32))])
    await erase(eraser)
    table = tables.erased_access_entries.c
    kept = [table[name] for name in ("entry_id", "at", "actor_ref", "role", "department_code", "purpose")]
    stub = await world.database.fetch(select(*kept))
    assert stub == [(key("old"), AT, "staff-1", "clerk", "D1", "CREDIT_CHECK")]
    assert await world.database.fetch(select(tables.access_entries.c.entry_id)) == []
    await world.database.write((delete(tables.ledger_folds), None), (delete(tables.subject_heads), None))
    await world.maker.make()


@pytest.mark.parametrize("what", ["a case in force", "an application that is not decided"])
async def test_while_something_is_open_the_subject_stays(world, eraser, what):
    department = {"department_code": BUREAU}
    if what == "a case in force":
        row = {
            "case_id": key("case"), "number": "1", "sector_code": "MARKET",
            "area_code": "370305001", "circumstance": "FALSE_MATERIAL", "channel": "FACT_FINDING", "basis": "b",
            "handler_ref": "h", "collected_at": AT, "changed_at": AT,
        }  # fmt: skip
        table = tables.restraint_cases
    else:
        row = {"application_id": key("a"), "matter_code": "M1", "filed_at": AT}
        table = tables.applications
        matter = {"code": "M1", "name_zh": "名", "name_en": "name", "sector_code": "MARKET", **department}
        await world.database.write((insert(tables.matters), matter))
    await world.database.write((insert(table), row | {"subject_id": ONE, **department}))
    with pytest.raises(MattersOpen) as refused:
        await erase(eraser)
    assert refused.value.tables == (table.name,)
    await world.maker.make()


async def test_nobody_is_erased_twice_and_an_unknown_subject_never(world, eraser):
    await erase(eraser)
    for subject_id in (ONE, key("nobody")):
        with pytest.raises(UnknownSubject):
            await erase(eraser, subject_id)


CHANGES = {
    "another actor": {"actor_ref": "x"},
    "another time": {"at": AT},
    "another subject": {"subjects": [key("x")], "seed": None, "opened": bytes(33), "ground_id": None, "parts": b"\0\0"},
    "a subject less": {"subjects": [], "seed": None, "opened": bytes(33), "ground_id": None, "parts": b"\0\0"},
    "nobody erased": {"seed": None, "opened": bytes(33), "ground_id": None, "parts": b"\0\0"},
    "the seed stays": {"subjects": [NOBODY]},
    "another seed": {"seed": bytes(16)},
}


@pytest.mark.parametrize("case", CHANGES)
async def test_the_database_lets_nothing_through_but_an_erasure(world, case):
    table = tables.disclosures
    of_one = next(each for each in world.pages if len(each.subjects) == 1)
    change = update(table).where(table.c.disclosure_id == of_one.disclosure_id).values(CHANGES[case])
    with pytest.raises(Exception, match="appended only"):
        await world.database.write((change, None))
