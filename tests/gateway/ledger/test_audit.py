"""The audit names what somebody changed by plain SQL, and nothing on a database that nobody touched [5.1.6].

An attack runs in a transaction that is rolled back, and is looked for in the same transaction.
"""

from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Boolean, Date, Integer, LargeBinary, SmallInteger, String, Text, Uuid, select, update
from sqlalchemy.types import JSON

from consent.leaves.canonical_form import instant
from consent.leaves.provenance import Provenance
from consent.ports import Log
from consent.vocabulary import Channel, ErasureReason, KnownBy
from credit.applications.actions import file
from credit.calendar.calendar import shipped
from credit.calendar.deadlines import civil_date
from credit.cases.status import UnrectifiedPolicy
from credit.core.context import ActionContext
from credit.core.errors import RecordContradictsLedger
from credit.core.record_refs import ApplicationRef
from credit.credit_checks.actions import look
from credit.incentives.incentive import GrantingRules
from credit.incentives.incentive import shipped as incentives
from credit.joint_measures.source_answer import Finding
from credit.notices.actions import Whose, put_on_record
from credit.notices.facts import NoticeKind
from credit.notices.issued_notice import RenderedNotice
from credit.subjects.record_events import RecordEvent
from credit.subjects.registration_record import RegistrationChannel, registration_record
from credit.subjects.subject import Place
from gateway.demo.seed.well_known_ids import IN_FORCE_OF_MYSELF, LIVE, MYSELF
from gateway.demo.stories.story_runner import CLERK, MATTER
from gateway.jobs.job_lease import JobLease
from gateway.ledger.audit.daily_audit import JOB, DailyAudit
from gateway.ledger.audit.run import all_walks, findings_of
from gateway.runtime import runtime
from gateway.subjects.erase import MattersOpen, SubjectEraser
from gateway.subjects.sealing_unit_of_work import SealingUnitOfWork
from storage.access_log.recorder_chain import RecorderChain
from storage.database.column_types import Id, Instant
from storage.database.session import Session
from storage.ledger.audit.findings import Contradiction, ContradictionCode
from storage.ledger.audit.known_entries import known_entries
from storage.ledger.audit.positions import AuditProgress, read_audit
from storage.ledger.audit.recent import recent_walks
from storage.ledger.audit.rows_and_entries import compare
from storage.ledger.entry_sources import SOURCES
from storage.ledger.integrate import Integrator
from storage.ledger.on_the_spot import LedgerComparer
from storage.ledger.recomputed_entries import Key, keys_after, recomputed, source_rows, tables_of
from storage.repositories.ledger_leaves import LedgerSession
from storage.tables import pending_entries, subject_keys, subjects
from tests.gateway.demo.districts import District, seeded_district
from tests.gateway.ledger.attacks import ATTACKS, attacked
from tests.gateway.ledger.audit.take_over import check_acts_after_it, check_what_is_taken_over
from tests.hypothesis_profiles import examples
from tests.schema.shared_databases import shared_url, template
from tests.storage.access_record import pending

__all__ = ["shared_url", "template"]

NOW = datetime(2026, 11, 20, 4, 30, tzinfo=UTC)
CODE = ContradictionCode
ATTACK_OF = {each[0]: each[-1] for each in ATTACKS}
LOGS: tuple[Log, ...] = ("access", "consent")
RULES = GrantingRules(incentives())
ACT = ActionContext(CLERK, NOW, civil_date(NOW), uuid4, bytes, shipped(), UnrectifiedPolicy.STAYS, RULES)


@pytest.fixture(scope="module")
async def district(shared_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[District]:
    async with seeded_district(shared_url, tmp_path_factory.mktemp("keys"), NOW) as made:
        await add_what_the_demo_has_not(made)
        yield made


async def add_what_the_demo_has_not(district: District) -> None:
    """Link accounts with a subject of the demo, end the link of one, and issue a document of its case."""
    request = Provenance(Channel.ACCOUNT_LINK, KnownBy.TOKEN, uuid4())
    whose = Whose(MYSELF.subject_id, CLERK.department or "", IN_FORCE_OF_MYSELF)
    document = b"%PDF"
    rendered = RenderedNotice(b64encode(document).decode(), sha256(document).digest(), "x", bytes(32), is_signed=False)
    async with SealingUnitOfWork(district.database, district.keyring, request) as work:
        await work.link(bytes(32), registration_record(ACT, MYSELF.subject_id, RegistrationChannel.ACCOUNT))
        await put_on_record(work, ACT, NoticeKind.NOTICE, "X", rendered, whose)
        await work.commit()
    later = replace(ACT, now=NOW + timedelta(seconds=1))
    async with SealingUnitOfWork(district.database, district.keyring, replace(request, request_id=uuid4())) as work:
        await work.link(bytes([1]) * 32, registration_record(later, MYSELF.subject_id, RegistrationChannel.ACCOUNT))
        await work.account_links.remove([bytes([1]) * 32])
        ended = {"linked_at": instant(later.now)}
        await work.record_event(later, MYSELF.subject_id, RecordEvent.ACCOUNT_UNLINKED, ended)
        await work.commit()


async def found(district: District, session: Session, walk: str = "", limit: int = 500) -> list[Contradiction]:
    """Run the walks whose names begin so over what the session sees."""
    findings: list[Contradiction] = []
    for each in all_walks(district.database, district.keyring):
        after = None
        while each.name.startswith(walk):
            some, after = await each.page(session, after, limit)
            findings += some
            if after is None:
                break
    return findings


async def owners(district: District) -> dict[UUID, UUID]:
    """Give the subject of each row of the log `consent`."""
    known = {}
    for source in SOURCES:
        if source.is_owned:
            rows = await district.database.fetch(select(source.table.c[source.key], source.table.c.subject_id))
            known |= {row[0]: row[1] for row in rows}
    return known


# --- a database that nobody touched -----------------------------------------------------------------------------------


async def test_a_database_that_nobody_touched_has_no_contradiction(district):
    assert [finding async for finding in findings_of(district.database, district.keyring)] == []


@pytest.mark.parametrize("knows_owners", [False, True])
async def test_every_entry_is_recomputed_from_its_row(district, knows_owners):
    known = await owners(district)
    for log in LOGS:
        waiting = {source: entry for of_log, source, entry in await pending(district.database) if of_log == log}
        of = [known.get(source) for source in waiting] if knows_owners else None
        async with district.database.snapshot() as session:
            assert await recomputed(session, log, list(waiting), of) == waiting


async def test_a_walk_gives_every_row_once_in_pages_of_any_size(district):
    waiting = {source for log, source, _ in await pending(district.database) if log in LOGS}
    walked: list[UUID] = []
    async with district.database.snapshot() as session:
        for log in LOGS:
            for table in tables_of(log):
                after: Key | None = None
                while page := await keys_after(session, table, after, 7 if len(walked) < 70 else 500):
                    walked += [key[-1] for key in page]
                    after = page[-1]
    assert len(walked) == len(set(walked))
    assert set(walked) == waiting


async def test_an_unknown_source_has_no_entry(district):
    unknown = uuid4()
    async with district.database.snapshot() as session:
        for log in LOGS:
            assert await recomputed(session, log, [unknown]) == {unknown: None}
            assert await source_rows(session, log, [unknown], [uuid4()]) == {}
        assert await recomputed(session, "consent", []) == {}


# --- attacks ----------------------------------------------------------------------------------------------------------


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("walk", "code", "table", "columns", "attack"), [each[1:] for each in ATTACKS], ids=[each[0] for each in ATTACKS]
)
async def test_each_attack_is_named(district, walk, code, table, columns, attack):
    async with attacked(district, attack) as session:
        findings = await found(district, session, walk)
    named = [one for one in findings if (one.code, one.table) == (code, table)]
    assert named
    assert set(columns.split()) <= {name for one in named for name in one.columns}


async def test_a_text_of_an_earlier_day_that_is_put_back_is_found(district):
    """It opens at its place, and is not what the last act sealed."""
    async with attacked(district) as session:
        ((row,),) = [
            await session.fetch(
                select(subjects.c.subject_id, subjects.c.version, subject_keys.c.wrapped)
                .join(subject_keys, subject_keys.c.subject_id == subjects.c.subject_id)
                .where(subjects.c.subject_id == MYSELF.subject_id)
            )
        ]
        place = Place("subjects", "address", row[0], row[0], row[1])
        older = district.keyring.seal("演示旧址", place, bytes(row[2]))
        await session.execute(update(subjects).where(subjects.c.subject_id == row[0]).values(address_sealed=older))
        codes = {one.code for one in await found(district, session, "sealed subjects") if one.columns == ("address",)}
    assert codes == {CODE.CONTENT_DIFFERS}


async def test_pages_of_any_size_find_the_same(district):
    async with attacked(district, "UPDATE restraint_cases SET published_on = NULL") as session:
        few, many = [await found(district, session, "records restraint_cases", limit) for limit in (3, 500)]
    assert few == many


@pytest.mark.sampled
@pytest.mark.parametrize("seed", range(4))
async def test_a_column_that_is_changed_at_random_is_always_found(district, seed):
    """Any committed column of any row of a table of entries, whatever is written there."""
    chance = Random(seed)  # noqa: S311 - the same columns at each run
    for source in SOURCES:
        rows = await district.database.fetch(select(*(source.table.c[name] for name in source.keys)).limit(40))
        if not rows:
            continue
        key = chance.choice(rows)
        column = source.table.c[chance.choice([*source.columns, "salt"])]
        async with attacked(district) as session:
            known = await known_entries(session, [key[-1]])
            own = [source.table.c[name] == value for name, value in zip(source.keys, key, strict=True)]
            ((before,),) = await session.fetch(select(column).where(*own))
            changed = other_value(chance, column, before)
            await session.execute(update(source.table).where(*own).values({column.name: changed}))
            (finding,) = await compare(session, source.log, list(known.values()))
        assert (finding.code, finding.table) == (CODE.ROW_CHANGED, source.table.name), column


WORDS = {
    "reply": ["RESTRAINED", "NOT_RESTRAINED"],
    "channel": ["WINDOW", "CASE"],
    "outcome": ["NEW_BREACH", "RECTIFIED"],
}


def other_value(chance: Random, column: Any, before: Any) -> Any:
    """Give another value that the column can have."""
    values: list[Any]
    kind = column.type
    if column.name in WORDS:
        return chance.choice([value for value in WORDS[column.name] if value != before])
    match kind:
        case Uuid() | Id():
            values = [uuid4()]
        case Instant():
            values = [(before or NOW) + timedelta(microseconds=chance.choice([1, -1, 10**9]))]
        case Date():
            values = [(before or civil_date(NOW)) + timedelta(days=chance.choice([1, -1, 365]))]
        case Boolean():
            values = [not before]
        case Integer() | SmallInteger():
            values = [(before or 0) + 1]
        case LargeBinary():
            values = [bytes([before[0] ^ 1]) + before[1:]]
        case JSON():
            values = [[], {"another": 1}, "text", 0]
        case String() | Text():
            values = [f"{before or ''}x"[-(kind.length or 99) :], "x"]
        case _:
            raise TypeError(kind)
    return chance.choice([value for value in values if value != before])


@pytest.mark.slow
@pytest.mark.parametrize("garbage", ["2026-13-45", "{"])
async def test_what_no_act_can_have_written_is_a_finding_and_no_crash(district, garbage):
    """SQLite stores any text in any column."""
    if district.database.dialect.name != "sqlite":
        return
    attacks = [
        f"UPDATE case_steps SET \"on\" = '{garbage}' WHERE case_id = '{{case}}' AND step = 'SERVED'",
        f"UPDATE case_steps SET facts = '{garbage}' WHERE case_id = '{{case}}' AND step = 'NOTICED'",
        f"UPDATE restraint_cases SET ends_on = '{garbage}' WHERE case_id <> '{{case}}'",
        f"UPDATE authorisations SET granted_at = '{garbage}' WHERE authorisation_id = '{{live}}'",
        f"UPDATE consent_events SET facts = '{garbage}' WHERE authorisation_id = '{{live}}'",
        f"UPDATE access_grounds SET fields = '{garbage}' WHERE ground_id = 1",
    ]
    async with attacked(district, *(each.replace("'{'", "'{{'") for each in attacks)) as session:
        tables = {one.table for walk in ("records", "entries") for one in await found(district, session, walk)}
    assert {"case_steps", "restraint_cases", "authorisations", "consent_events", "disclosures"} <= tables


# --- what waits, and what is integrated -------------------------------------------------------------------------------


async def test_a_group_that_is_missing_is_named_by_its_number(district):
    chain = RecorderChain(uuid4, district.keyring.pending_tag)
    rows = []
    for _ in range(3):
        group = chain.group([])
        chain.committed(group)
        rows.append(dict(zip(("recorder", "number", "log", "sources", "leaves", "tag"), group.row(), strict=True)))
    async with attacked(district) as session:
        await session.execute(pending_entries.insert(), rows)
        assert await found(district, session, "groups") == []
    async with attacked(district) as session:
        await session.execute(pending_entries.insert(), [rows[0], rows[2]])
        (finding,) = await found(district, session, "groups")
        assert (finding.code, finding.leaf_index) == (CODE.GROUP_MISSING, 2)


INTEGRATED = [
    ("entries are changed", CODE.TREE_DIFFERS,
     "UPDATE ledger_entries SET leaf = (SELECT leaf FROM ledger_entries WHERE log = 0 AND leaf_index = 8)"),
    ("an entry is deleted", CODE.TREE_DIFFERS, "DELETE FROM ledger_entries WHERE log = 1 AND leaf_index = 3"),
    ("the last entry is deleted", CODE.TREE_DIFFERS,
     "DELETE FROM ledger_entries WHERE log = 1 AND leaf_index + 1 = (SELECT size FROM ledger_trees WHERE log = 1)"),
    ("the tree is another", CODE.TREE_DIFFERS, "UPDATE ledger_trees SET size = size - 1"),
    ("an entry is another row's", CODE.ROW_DELETED,
     "UPDATE ledger_entries SET source = {new_page} WHERE log = 0 AND leaf_index = 7"),
    ("an entry is another subject's", CODE.ROW_CHANGED,
     "UPDATE ledger_entries SET owner = {new_page} WHERE log = 0 AND leaf_index = 7"),
]  # fmt: skip


SINCE = [
    "a restraint is unpublished",
    "a step of a case is added",
    "an authorisation is made longer",
    "a read is deleted",
]


async def test_what_changed_since_an_instant_is_compared_alone(district):
    """Here every entry waits, so everybody's records are among it; with nothing appended nobody's are."""
    walks = recent_walks(district.database.dialect, district.keyring.pending_tag, NOW)
    for name in ("", *SINCE):
        async with attacked(district, *([ATTACK_OF[name]] if name else [])) as session:
            codes = {one.code for walk in walks for one in (await walk.page(session, None, 1_000))[0]}
        assert codes >= {each[2] for each in ATTACKS if each[0] == name}
        assert bool(codes) == bool(name)
    async with attacked(district, "DELETE FROM pending_entries", ATTACK_OF[SINCE[0]]) as session:
        (page,) = (walk.page for walk in walks if walk.name == "records of subjects")
        assert await page(session, None, 1_000) == ([], None)


# --- rows from before acts were kept ---------------------------------------------------------------------------------


async def test_what_was_taken_over_at_an_upgrade_is_compared_from_then_on(district):
    await check_what_is_taken_over(district)


async def test_acts_after_a_take_over_give_what_all_acts_give(district):
    await check_acts_after_it(district)


# --- on the spot ------------------------------------------------------------------------------------------------------


SPOT = [
    ("unpublished", "cases", ["UPDATE restraint_cases SET published_on = NULL WHERE case_id = '{case}'"]),
    ("removed", "cases", ["UPDATE restraint_cases SET removed_on = published_on WHERE case_id = '{case}'"]),
    ("ended", "cases", ["UPDATE restraint_cases SET ends_on = published_on WHERE case_id = '{case}'"]),
    ("unpublished, its step deleted", "cases",
     ["UPDATE restraint_cases SET published_on = NULL, ends_on = NULL WHERE case_id = '{case}'",
      "DELETE FROM case_steps WHERE case_id = '{case}' AND step IN ('PUBLISHED', 'RECTIFIED')"]),
    ("deleted with its steps", "cases",
     ["DELETE FROM restraint_cases WHERE case_id = '{case}'", "DELETE FROM case_steps WHERE case_id = '{case}'"]),
    ("a step of removal is added", "cases",
     ["COPY case_steps | case_id = '{case}' AND step = 'PUBLISHED' | step_id='{new}' | step='REFERRED'",
      "UPDATE restraint_cases SET referred_on = published_on WHERE case_id = '{case}'"]),
    ("longer", "authorisation", ["UPDATE authorisations SET expires_on = {later} WHERE authorisation_id = '{live}'"]),
    ("more uses", "authorisation",
     ["UPDATE authorisations SET uses_allowed = 1000000 WHERE authorisation_id = '{live}'"]),
    ("its grant is gone", "authorisation",
     ["DELETE FROM consent_events WHERE authorisation_id = '{live}' AND event = 'GRANTED'"]),
    ("its grant is another", "authorisation",
     ["UPDATE consent_events SET actor_ref = 'x' WHERE authorisation_id = '{live}' AND event = 'GRANTED'"]),
]  # fmt: skip


async def is_refused_on_the_spot(district: District) -> None:
    reported: list[str] = []
    for name, kind, attacks in SPOT:
        async with attacked(district, *attacks) as session:
            compares = LedgerComparer(session, district.keyring.pending_tag, lambda table, _: reported.append(table))
            with pytest.raises(RecordContradictsLedger):
                await (
                    compares.require_cases(MYSELF.subject_id)
                    if kind == "cases"
                    else compares.require_authorisation(MYSELF.subject_id, LIVE)
                )
            assert reported.pop() == ("restraint_cases" if kind == "cases" else "authorisations"), name
    async with attacked(district) as session:
        compares = LedgerComparer(session, district.keyring.pending_tag)
        for (subject_id,) in await session.fetch(select(subjects.c.subject_id).limit(15)):
            await compares.require_cases(subject_id)


async def test_what_a_decision_rests_on_is_refused_where_it_differs(district):
    await is_refused_on_the_spot(district)


async def test_a_credit_check_of_a_restrained_applicant_whose_restraint_was_hidden_is_refused(district):
    """[4.1] [5.1.6] With its case it is adverse; with the case hidden it is refused, and never clean."""
    hidden = ["UPDATE restraint_cases SET published_on = NULL WHERE case_id = '{case}'"]
    for attacks in ((), hidden):
        async with attacked(district, *attacks) as session:
            work = SealingUnitOfWork(district.database, district.keyring)
            work._session = LedgerSession(session, district.keyring.pending_tag)
            filed = await file(work, ACT, subject_id=MYSELF.subject_id, matter_code=MATTER.code)
            which = ApplicationRef(MYSELF.subject_id, filed.application_id)
            if attacks:
                with pytest.raises(RecordContradictsLedger):
                    await look(work, ACT, which)
            else:
                looked = await look(work, ACT, which)
                assert looked is not None
                assert looked.own.finding is Finding.ADVERSE


async def test_a_read_on_an_authorisation_that_nobody_gave_is_refused(district):
    """[5.1.6] The recorder counts no use of an authorisation for ten years and a million uses."""
    left = {}
    for attacks in ((), [ATTACK_OF["an authorisation is made longer"]], [ATTACK_OF["uses are given back"]]):
        async with attacked(district, *attacks) as session:
            granted = LedgerComparer(session, district.keyring.pending_tag)
            left[len(left)] = await granted.is_granted(MYSELF.subject_id, LIVE)
    assert left == {0: True, 1: False, 2: True}  # uses are the audit's to compare


# --- in the background ------------------------------------------------------------------------------------------------


@pytest.mark.slow
async def test_the_audit_in_the_background_goes_on_where_it_was_and_begins_again_when_it_is_due(district):
    clock = [NOW]

    def audit() -> DailyAudit:
        lease = JobLease(district.database, JOB, uuid4())
        return DailyAudit(district.database, district.keyring, lease, timedelta(hours=24), lambda: clock[0])

    first = audit()
    for _ in range(5):
        assert await first.go_on() < 60
    again, pages = audit(), 5
    while await again.go_on() < 60:
        pages += 1
    assert pages >= len(all_walks(district.database, district.keyring))
    clock[0] += timedelta(hours=23)
    assert await again.go_on() == 60
    clock[0] += timedelta(hours=2)
    assert await again.go_on() < 60
    async with district.database.snapshot() as session:
        kept = await read_audit(session)
    assert kept is not None
    assert (kept.started_at, kept.clean_since, kept.finished_findings) == (clock[0], NOW, 0)


@pytest.mark.parametrize(("findings", "clean_since"), [(0, NOW), (1, NOW - timedelta(days=2))])
def test_an_audit_that_found_nothing_is_what_the_next_one_by_hand_goes_on_from(findings, clean_since):
    before = AuditProgress(NOW - timedelta(days=1), None, clean_since=NOW - timedelta(days=2))
    ended = replace(before.begun(NOW, "groups"), findings=findings).finished(NOW + timedelta(hours=3))
    assert (ended.clean_since, ended.finished_findings) == (clean_since, findings)


# --- once everything is integrated ---------------------------------------------------------------------------------


@pytest.mark.slow
async def test_what_is_integrated_is_compared_as_well(database_url, tmp_path):
    """A district of its own: its entries are integrated, and stay so."""
    async with seeded_district(database_url, tmp_path, NOW) as district:
        await compare_integrated(district)


async def compare_integrated(district: District) -> None:
    integrator = Integrator(district.database, recomputed, uuid4)
    trees = await integrator.read_trees()
    while (done := await integrator.integrate(trees, NOW)).groups:
        trees = done.trees
        assert not done.findings
    assert await pending(district.database) == []
    assert [finding async for finding in findings_of(district.database, district.keyring)] == []
    for name, code, attack in INTEGRATED:
        async with attacked(district, attack) as session:
            findings = [*await found(district, session, "tree"), *await found(district, session, "entries")]
        assert code in {one.code for one in findings}, name
    for _, walk, code, table, _, attack in ATTACKS[: 12 : 12 // examples(12, few=3)]:
        async with attacked(district, attack) as session:
            findings = await found(district, session, walk.replace("waiting ", ""))
        assert (code, table) in {(one.code, one.table) for one in findings}, attack
    await is_refused_on_the_spot(district)
    await erase_somebody(district)
    assert [finding async for finding in findings_of(district.database, district.keyring)] == []
    async with attacked(
        district, "UPDATE ledger_entries SET owner = {nobody} WHERE log = 0 AND leaf_index = 7"
    ) as session:
        assert CODE.ERASED_DIFFER in {one.code for one in await found(district, session, "erasures")}


async def erase_somebody(district: District) -> None:
    """Erase a subject of whom nothing is open."""
    eraser = SubjectEraser(district.database, district.keyring, runtime(lambda: NOW), UnrectifiedPolicy.STAYS)
    for (subject_id,) in await district.database.fetch(select(subjects.c.subject_id).distinct().limit(40)):
        try:
            await eraser.erase(subject_id, "operator/head-1", ErasureReason.PERIOD_OVER, "paper 7")
        except MattersOpen:
            continue
        return
    raise AssertionError
