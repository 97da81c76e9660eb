"""An act counts for its subject when the subject may know of it: before, it counts for nobody [5.1.4(2)] [5.1.6]."""

import asyncio
import os
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, text, update

from consent.leaves.canonical_form import NOBODY, commitment, leaf_hash
from consent.leaves.formats import LOG_OF
from consent.ledger.entry_openings import opening
from storage import tables
from storage.ledger.audit import withheld_acts
from storage.ledger.audit.findings import ContradictionCode
from storage.ledger.entry_sources import SOURCES
from storage.ledger.own_entries import OwnTreeReader
from storage.ledger.subject_trees.subject_fold import Fold, SubjectFold
from storage.repositories.access_record.openings import OpeningRepository
from storage.repositories.ledger_leaves import append_committed, append_entry
from storage.repositories.subjects.erasure import ErasureRepository
from storage.repositories.subjects.withheld_entries import COUNTED_WITH
from storage.unit_of_work import SqlUnitOfWork
from tests.consent.samples import NOW
from tests.databases import BOTH, on_sqlite
from tests.storage.access_record import pending
from tests.storage.ledger.integrated import assert_trees, integrate
from tests.storage.ledger.test_subject_fold import counted
from tests.storage.rows import (
    application,
    correction,
    entry_delay,
    filled,
    key,
    objection,
    put,
    registration,
    restraint,
    subject,
)

OPENING_MISSING, OPENING_WRONG = ContradictionCode.OPENING_MISSING, ContradictionCode.OPENING_WRONG
EARLY: Final = tables.restraint_cases.c.case_id == key("early")
ME, NEW, OTHER = key("me"), key("new"), key("other")
ENDS: Final = date(2026, 4, 1)
AT_ONCE, NEVER, NOTICE, END_OF_DELAY, REGISTRATION = "at once", "never", "notice", "end of the delay", "registration"
KINDS: Final = {
    tables.consent_events: "consent-event",
    tables.delegation_events: "delegation-event",
    tables.consultation_lines: "consultation-line",
    tables.entry_openings: "entry-opened",
    tables.case_steps: "case-step",
    tables.application_steps: "application-step",
    tables.hearing_steps: "hearing-step",
    tables.issued_notices: "issued-notice",
    tables.focused_checks: "focused-check",
    tables.clock_recounts: "clock-recount",
    tables.file_attachments: "file-attachment",
    tables.registrations: "registration",
    tables.attested_rows: "attested-row",
    tables.subject_events: "subject-event",
    tables.subject_secrets: "subject-secret",
}


def paper(record: str, of: str, by: str) -> dict[str, Any]:
    return {"record": record, "record_id": key(of), "attached_as": by}


ACTS: Final[list[tuple[str, Any, dict[str, Any], str]]] = [
    # what | table | its columns that decide | when it counts
    ("an authorisation is granted", tables.consent_events, {}, AT_ONCE),
    ("a delegate is recorded", tables.delegation_events, {}, AT_ONCE),
    ("a consultation is answered", tables.consultation_lines, {}, AT_ONCE),
    ("an act counts by its second entry", tables.entry_openings, {}, AT_ONCE),
    ("a case is collected", tables.case_steps, {"step": "COLLECTED", "case_id": key("early")}, NOTICE),
    ("a case is verified", tables.case_steps, {"step": "VERIFIED", "case_id": key("early")}, NOTICE),
    ("a case is referred before any notice", tables.case_steps, {"step": "REFERRED", "case_id": key("gone")}, NEVER),
    ("a case that was notified goes on", tables.case_steps, {"step": "STATED", "case_id": key("told")}, AT_ONCE),
    ("a case is marked", tables.case_steps, {"step": "MARKED", "case_id": key("early")}, NEVER),
    ("the mark ends", tables.case_steps, {"step": "UNMARKED", "case_id": key("told")}, NEVER),
    ("a marked case goes on", tables.case_steps, {"step": "RUN_ANEW", "case_id": key("marked")}, NEVER),
    ("entries are delayed", tables.case_steps, {"step": "ENTRIES_DELAYED", "case_id": key("early"),
     "facts": {"delay_id": str(key("delay"))}}, END_OF_DELAY),
    ("entries are delayed until the notice", tables.case_steps, {"step": "DELAY_EXTENDED", "case_id": key("early"),
     "facts": {"delay_id": str(key("long delay"))}}, NOTICE),
    ("an application is decided", tables.application_steps, {"application_id": key("filed")}, AT_ONCE),
    ("a secret application is decided", tables.application_steps, {"application_id": key("secret")}, NEVER),
    ("an error of a case is found", tables.hearing_steps, {"record_id": key("error")}, AT_ONCE),
    ("an error of a marked case is corrected", tables.hearing_steps, {"record_id": key("marked error")}, NEVER),
    ("the notice is made", tables.issued_notices, {"case_id": key("early"), "application_id": None}, NOTICE),
    ("a reminder is made", tables.issued_notices, {"case_id": None, "application_id": key("filed")}, AT_ONCE),
    ("a check finds nothing", tables.focused_checks, {"case_id": None}, AT_ONCE),
    ("a check finds a breach", tables.focused_checks, {"case_id": key("early")}, NOTICE),
    ("the clock of a case is recounted", tables.clock_recounts, {"about": key("early")}, NOTICE),
    ("the clock of an objection is recounted", tables.clock_recounts, {"about": key("objection")}, AT_ONCE),
    ("an officer's paper of a case", tables.file_attachments, paper("RESTRAINT_CASE", "told", "handler"), NEVER),
    ("the subject's paper of a case", tables.file_attachments, paper("RESTRAINT_CASE", "told", "subject"), AT_ONCE),
    ("a paper of the check", tables.file_attachments, paper("FOCUSED_CHECK", "check", "regulator"), NEVER),
    ("an officer's answer", tables.file_attachments, paper("OBJECTION", "objection", "reviewer"), NEVER),
    ("a paper of a marked case", tables.file_attachments, paper("RESTRAINT_CASE", "marked", "agent"), NEVER),
    ("a paper of an authorisation", tables.file_attachments, paper("AUTHORISATION", "live", "clerk"), AT_ONCE),
    ("a case from before its acts is taken over", tables.attested_rows, {"record": "restraint_cases",
     "record_id": key("early")}, NOTICE),
    ("an authorisation from before is taken over", tables.attested_rows, {"record": "authorisations"}, AT_ONCE),
    ("a duty to delete from before is taken over", tables.attested_rows, {"record": "deletion_duties"}, AT_ONCE),
    ("a window puts it on record", tables.registrations, {"case_id": None}, AT_ONCE),
    ("a case puts it on record", tables.registrations, {"case_id": key("early")}, NOTICE),
    ("an account is unlinked", tables.subject_events, {"facts": {}}, AT_ONCE),
    ("the case was delivered", tables.subject_events, {"facts": {"case_id": str(key("told"))}}, AT_ONCE),
    ("the officer saw its deadline", tables.subject_events, {"facts": {"case_id": str(key("early"))}}, NOTICE),
    ("the secret of a known subject", tables.subject_secrets, {"subject_id": OTHER}, AT_ONCE),
    ("the secret of a subject that a case put on record", tables.subject_secrets, {"subject_id": NEW}, REGISTRATION),
]  # fmt: skip
"""Every kind of entry of the log `consent`, with every record that decides: a new kind has to be entered here."""


def early(name: str, of: str = "me", **values: Any) -> Any:
    """A case that its subject was not notified of."""
    return restraint(name, of, **dict.fromkeys(("determined_on", "published_on", "ends_on")) | values)


ROWS: Final = (
    *(subject(name) for name in ("me", "new", "other")),
    early("early"), early("gone", referred_on=ENDS), early("told", noticed_on=ENDS), early("early of new", "new"),
    restraint("marked", "me", confidential=True),
    application("filed", "me"), application("secret", "me", confidential=True),
    correction("error", "me", "told"), correction("marked error", "me", "marked"),
    objection("objection", "me", "told"),
    filled(tables.focused_checks, "check", "me", case_id=key("early")),
    entry_delay("delay", "me", case_id=key("early"), opens_on=ENDS),
    entry_delay("long delay", "me", case_id=key("early"), opens_on=date(2026, 5, 1)),
    registration("of me", "me"), registration("of new", "new", case_id=key("early of new")),
)  # fmt: skip
"""`me` with cases, applications and other records; `new` is on record by a case alone; nothing is known of `other`."""


@pytest.fixture
async def world(database):
    await put(database, *ROWS)
    return database


async def act(database, *acts):
    """Take acts in one transaction, given by name, table and deciding columns."""
    async with SqlUnitOfWork(database) as work:
        for what, table, columns, *_ in acts:
            row = {"subject_id": ME, "salt": salt_of(what)} | columns
            append_committed(work.session, table, row, key(what), what.encode())
        await work.commit()


def salt_of(what: str) -> bytes:
    return key(f"salt of {what}").bytes


def first(what: str) -> bytes:
    """Give the entry of an act that counts at once."""
    return commitment(salt_of(what), what.encode())


def second(what: str) -> bytes:
    """Give the second entry of an act that counted for nobody."""
    return opening(first(what), salt_of(what))[1]


async def waiting(database) -> list[bytes]:
    return [entry for _, _, entry in await pending(database)]


def of(when: str) -> set[str]:
    return {what for what, *_, then in ACTS if then == when}


async def audited(database) -> set[ContradictionCode]:
    """Give what the audit finds, in pages of three."""
    codes: set[ContradictionCode] = set()
    async with database.snapshot() as session:
        for walk in (withheld_acts.unopened, withheld_acts.wrong_openings):
            found, after = await walk(session, None, 3)
            while after is not None:
                codes |= {each.code for each in found}
                found, after = await walk(session, after, 3)
            codes |= {each.code for each in found}
    return codes


NOTICED: Final = ("the notice", tables.case_steps, {"step": "NOTICED", "case_id": key("early")})


def test_every_kind_of_entry_says_when_it_counts():
    assert {kind.split("/")[0] for kind, log in LOG_OF.items() if log == "consent"} == set(KINDS.values())
    assert set(COUNTED_WITH) == set(KINDS) == {table for _, table, *_ in ACTS}
    assert set(COUNTED_WITH) == {source.table for source in SOURCES if source.log == "consent"}


async def test_each_act_counts_once_and_not_before_its_subject_may_know(world):
    await act(world, *ACTS)
    assert await waiting(world) == [first(what) if then == AT_ONCE else NOBODY + first(what) for what, *_, then in ACTS]
    async with SqlUnitOfWork(world) as work:
        repository = OpeningRepository(work.session)
        assert [await repository.open_due(ENDS - timedelta(days=1), NOW), await repository.open_due(ENDS, NOW)] == [
            0,
            1,
        ]
        await work.commit()
    assert (await waiting(world))[len(ACTS) :] == [second(what) for what in of(END_OF_DELAY)]
    await world.write((update(tables.restraint_cases).where(EARLY).values(noticed_on=ENDS), None))
    await act(world, NOTICED)
    *opened, notice = (await waiting(world))[len(ACTS) + 1 :]
    assert (set(opened), notice) == ({second(what) for what in of(NOTICE)}, first(NOTICED[0]))
    await world.write((insert(tables.registrations), registration("again", "new")[1]))
    await act(world, ("at the window", tables.registrations, {"subject_id": NEW, "case_id": None}))
    assert (await waiting(world))[-2:] == [*map(second, of(REGISTRATION)), first("at the window")]
    rows = await world.fetch(select(tables.withheld_entries.c.source))
    opened_rows = await world.fetch(select(tables.entry_openings.c.source))
    assert {source for (source,) in rows} - {source for (source,) in opened_rows} == {key(what) for what in of(NEVER)}
    assert await audited(world) == set()


@pytest.mark.parametrize("database_url", BOTH[1:], indirect=True)  # SQLite has one writer
async def test_an_act_beside_the_notice_waits_for_it(world):
    step = "a step, at the same moment"
    async with SqlUnitOfWork(world) as notice:
        await notice.session.execute(update(tables.restraint_cases).where(EARLY).values(noticed_on=ENDS))
        beside = asyncio.create_task(act(world, (step, tables.case_steps, {"step": "X", "case_id": key("early")})))
        assert await asyncio.wait([beside], timeout=0.1) == (set(), {beside})
        await notice.commit()
    await beside
    assert await waiting(world) == [first(step)]


async def test_the_trees_have_what_counts_and_the_sums_hold(world):
    async with SqlUnitOfWork(world) as work:  # a step from before acts were withheld
        append_entry(work.session, "consent", key("old step"), first("old step"), ME)
        await work.commit()
    await act(world, *ACTS)
    await integrate(world)
    await world.write((update(tables.restraint_cases).where(EARLY).values(noticed_on=ENDS), None))
    await act(world, NOTICED)
    await integrate(world)
    await SubjectFold(world).fold()
    table = tables.ledger_entries.c
    entries = await world.fetch(select(table.leaf_index, table.owner, table.leaf).order_by(table.leaf_index))
    trees: dict[UUID, list[tuple[int, bytes]]] = {}
    for place, owner, leaf in entries:
        if len(leaf) == len(first("")):
            trees.setdefault(owner, []).append((place, leaf_hash(bytes(leaf))))
    await assert_trees(world, "consent", trees)
    counts = sum(map(len, trees.values()))
    assert await counted(world, "consent") == Fold(position=len(entries), stated=counts)
    reader = OwnTreeReader(world, ME, "consent")
    await reader.load()
    shown = await reader.entries(0, reader.size)
    assert [(each.leaf_index, each.own_hash) for each in shown] == trees[ME]
    names = {bytes(leaf)[-32:]: place for place, _, leaf in entries}
    assert {each.opened_from: each.source for each in shown if each.opened_from is not None} == {
        names[first(what)]: key(what) for what in of(NOTICE) | of(END_OF_DELAY)
    }


async def test_an_erasure_counts_what_counted(world):
    await act(world, *ACTS)
    await integrate(world)
    async with SqlUnitOfWork(world) as work:
        erasures = ErasureRepository(work.session, world.dialect, os.urandom)
        await erasures.begin()
        erased = await erasures.take_out(ME)
        await work.commit()
    await SubjectFold(world).fold()
    others = sum("subject_id" in columns for *_, columns, then in ACTS if then == AT_ONCE)
    assert erased.consent == len(of(AT_ONCE)) - others
    assert await counted(world, "consent") == Fold(
        position=len(ACTS), stated=len(of(AT_ONCE)), erased=erased.consent, revision=1
    )


ATTACKS: Final = [
    ("a second entry is left out", OPENING_MISSING, delete(tables.entry_openings)),
    ("an act is withheld for ever", OPENING_WRONG, update(tables.withheld_entries).values(record_id=UUID(int=0))),
    ("an act is not withheld", OPENING_WRONG, delete(tables.withheld_entries)),
    ("another act is opened", OPENING_WRONG, update(tables.entry_openings).values(withheld=bytes(32))),
]


@pytest.mark.parametrize(("what", "code", "attack"), ATTACKS, ids=[what for what, *_ in ATTACKS])
@on_sqlite
async def test_the_audit_names_what_was_not_opened(world, what, code, attack):
    await act(world, *ACTS)
    await world.write((update(tables.restraint_cases).where(EARLY).values(noticed_on=ENDS), None))
    await act(world, NOTICED)
    for name in ("withheld_entries", "entry_openings"):
        await world.write((text(f"DROP TRIGGER {name}_appended_only"), None))
    await world.write((attack, None))
    assert code in await audited(world)
