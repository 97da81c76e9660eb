"""The same seed is the same district on every database, made by what the law allows [5.1.4] [5.1.6] [5.2.1]."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.authorisation import Status, status_of
from consent.authorisations.records import ON_PAPER
from consent.leaves.consent_events import ConsentEvent, Event
from consent.leaves.provenance import COLUMNS as PROVENANCE
from consent.leaves.provenance import provenance_of
from consent.vocabulary import Purpose
from credit.calendar.calendar import shipped
from credit.calendar.deadlines import civil_date
from credit.cases.status import IN_FORCE, CaseDates, CaseStatus
from credit.subjects.subject import SubjectKind
from gateway.demo.bootstrap import DemoRefused, seed_demo
from gateway.demo.district.district import AREAS, DEPARTMENTS, SECTORS
from gateway.demo.district.matters import MATTERS
from gateway.demo.records.timelines import AGES, timeline
from gateway.demo.seed.seed import Seeded, seed
from gateway.demo.seed.seeded_random import from_seed
from gateway.demo.seed.well_known_ids import (
    ALL,
    ANSWERABLE,
    COMMITTED,
    DEFAULTED,
    MYSELF,
    OVERDUE,
    OWED,
    REPAIRED,
    TO_CORRECT,
    TO_NOTICE,
    TO_REVIEW,
    TO_VERIFY,
    UNMET,
    WATCHED,
)
from gateway.notices.factory import notice_service
from gateway.quotas import rate_limiter
from gateway.settings.settings import read
from storage import tables
from storage.database.database import Database
from storage.repositories.deadlines.due_days import recount
from storage.repositories.deadlines.working_days import CalendarInForce
from tests.gateway.demo.seed_calls import (
    COUNT,
    NOW,
    SEED,
    TODAY,
    District,
    noted_statements,
    rows,
    seeded,
    shape,
    tools,
)
from tests.hypothesis_profiles import examples
from tests.schema.shared_databases import shared_url, template
from tests.storage.access_record import pending, stored_disclosures

__all__ = ["shared_url", "template"]

pytestmark = pytest.mark.slow

CASE_FACTS = (
    "verified_at", "noticed_on", "served_on", "stated_on", "reviewed_on", "determined_on", "published_on", "ends_on",
    "timely_claim_on", "timely_claim_answered_on", "rectified_on", "removed_on", "dropped_on", "referred_on",
    "paused_on", "resumed_on",
)  # fmt: skip
AUTHORISATION_FACTS = (
    "granted_at", "refused_at", "withdrawn_at", "contested_at", "held_at", "confirmed_at",
    "expires_on", "uses_allowed", "uses_made",
)  # fmt: skip


async def test_every_step_writes_the_due_days_that_follow_from_it(settled: Database) -> None:
    """[5.1.4] The district is made by the actions of every role; to count it once more changes nothing."""
    async with settled.writing() as session:
        calendar = await CalendarInForce(session, settled.periods).get()
        assert await recount(session, calendar) == 0


@dataclass(frozen=True)
class Again:
    """A database in which seeding broke off, was run again like the district's, and once more with another seed."""

    database: Database
    left_by_the_first: int
    """How many rows were on record after seeding broke off."""
    made: Seeded | None
    made_by_the_third: Seeded | None


@pytest.fixture(scope="module")
async def again(shared_url: str, key_file: Path) -> AsyncIterator[Again]:
    """Seed a database of each kind."""
    database = Database.open(shared_url)

    def stop(what: str, done: int, total: int) -> None:
        if what == "写入数据库" and done > total // 2:
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        await seed(tools(database, key_file), count=40, seed_number=1, now=NOW, today=TODAY, progress=stop)
    left = sum(map(len, (await shape(database)).values()))
    made = await seeded(database, key_file)
    yield Again(database, left, made, await seeded(database, key_file, number=8, count=50))
    await database.close()


# --- the same for each seed -------------------------------------------------------------------------------------------


async def test_the_same_seed_is_the_same_district_on_every_database(
    again: Again, district: District, settled: Database
):
    assert again.made == district.made
    assert await shape(again.database) == await shape(settled)


async def test_another_seed_is_another_district(another: Database, settled: Database, key_file: Path):
    await seeded(another, key_file, number=1, count=40)
    one, two = await rows(settled, tables.subjects), await rows(another, tables.subjects)
    shared = {row["subject_id"] for row in one} & {row["subject_id"] for row in two}
    assert MYSELF.subject_id in shared, "whom an example names is there whatever the seed"
    assert shared == {known.subject_id for known in ALL}


async def test_keys_and_salts_are_never_the_same(again: Again, settled: Database):
    both = (again.database, settled)
    for table, column in ((tables.subject_keys, "wrapped"), (tables.subjects, "name_sealed")):
        one, two = [{row[column] for row in await rows(each, table)} for each in both]
        assert not one & two
    salts = [row["seed"] for each in both for row in await rows(each, tables.disclosures)]
    assert len(set(salts)) == len(salts)


async def test_a_second_seed_does_nothing(again: Again, settled: Database):
    assert again.made is not None
    assert again.made_by_the_third is None
    assert await shape(again.database) == await shape(settled)


def test_a_seed_that_breaks_off_leaves_nothing(again: Again):
    assert again.left_by_the_first == 0
    assert again.made is not None


def test_production_is_never_seeded(tmp_path: Path):
    asked = {
        "MODE": "production", "DATABASE_URL": f"sqlite:///{tmp_path}/x.db", "KEK_FILE": "kek",
        "OIDC_AUDIENCE": "chengxin", "OIDC_ISSUER": "https://issuer.example", "OIDC_JWKS_URL": "https://issuer.example/keys",
        "LEDGER_STORE": f"file:{tmp_path}", "LEDGER_ORIGIN": "credit.linzi.example",
    }  # fmt: skip
    settings = read({f"CHENGXIN_{name}": value for name, value in asked.items()})
    with pytest.raises(DemoRefused):
        seed_demo(settings, lambda: NOW, count=20, seed_number=1, progress=lambda *_: None)
    assert not list(tmp_path.iterdir())


# --- worth asking -----------------------------------------------------------------------------------------------------


def test_the_district_is_whole():
    assert len(AREAS) == 13, "the district, five sub-districts and seven towns"
    assert all(code.startswith("370305") for code, _, _ in AREAS)
    assert len(DEPARTMENTS) >= 24
    assert len(SECTORS) >= 12
    assert len(MATTERS) >= 60
    assert {one.code for one in DEPARTMENTS if one.weight} == {one.department_code for one in MATTERS}
    assert {"GREEN_CHANNEL", "DEFERRED_DOCUMENTS", "COMMITMENT"} == {c for one in MATTERS for c in one.channels}


@pytest.mark.parametrize("number", range(SEED, SEED + examples(2, few=1)))
async def test_there_is_something_of_everything(another: Database, settled: Database, key_file: Path, number: int):
    if number == SEED:
        another = settled
    else:
        await seeded(another, key_file, number=number)
    subjects, cases = await rows(another, tables.subjects), await rows(another, tables.restraint_cases)
    assert {row["kind"] for row in subjects} == set(SubjectKind)
    assert {row["area_code"] for row in subjects} == {code for code, _, _ in AREAS[1:]}
    statuses = Counter(CaseDates(**{name: row[name] for name in CASE_FACTS}).status(TODAY) for row in cases)
    assert set(statuses) == set(CaseStatus)
    assert sum(row["confidential"] for row in cases) == 2
    assert len({row["sector_code"] for row in cases}) > 8
    assert len({row["circumstance"] for row in cases}) == 5
    authorised = await rows(another, tables.authorisations)
    assert {status_of(*(row[name] for name in AUTHORISATION_FACTS), TODAY) for row in authorised} == set(Status) - {
        Status.UNCONFIRMED
    }
    # What follows a contest, and an offer, are for whoever tries the demo: the heads' worklists have the contests.
    later = {Event.OFFERED, Event.HELD, Event.CONFIRMED, Event.CONTEST_DECIDED, *ON_PAPER.values()}
    assert {row["event"] for row in await rows(another, tables.consent_events)} == set(Event) - later
    assert {row["purpose"] for row in await rows(another, tables.access_contexts)} > {
        Purpose.CREDIT_CHECK, Purpose.DETERMINATION, Purpose.FOCUSED_CHECK, Purpose.SELF_ACCESS,
    }  # fmt: skip


@given(st.integers(), st.sampled_from(list(AGES)), st.dates(date(2025, 9, 1), date(2029, 12, 31)))
def test_a_timeline_keeps_the_order_of_the_procedure(number: int, wanted: CaseStatus, today: date):
    """[5.1.4]: each step follows the one before, and nothing is dated in the future."""
    found = timeline(from_seed(number), shipped(), wanted, today)
    assert found.status(today) is wanted
    steps = [
        civil_date(found.collected_at),
        found.verified_at and civil_date(found.verified_at),
        found.noticed_on,
        found.served_on,
        found.stated_on,
        found.reviewed_on,
        found.determined_on,
        found.published_on,
    ]
    taken = [step for step in steps if step is not None]
    assert taken == sorted(taken)
    assert taken[-1] < today
    assert (found.reviewed_on is None) or (found.stated_on is not None), "who said nothing is not reviewed [5.1.4(4)]"


@pytest.mark.sampled
@pytest.mark.parametrize(
    "now",
    [
        "2026-02-24T01:00:00+00:00",
        "2026-10-08T16:01:00+00:00",
        "2026-11-21T23:59:00+00:00",
        "2027-01-03T16:00:00+00:00",
        "2029-03-02T23:30:00+00:00",
    ],
    ids=["after Spring Festival", "after National Day", "a Sunday", "a year's first working day", "no table yet"],
)
async def test_the_stories_work_on_any_day(another: Database, key_file: Path, now: str):
    at = datetime.fromisoformat(now)
    made = await seed(tools(another, key_file), count=20, seed_number=1, now=at, today=civil_date(at))
    assert made is not None
    filed, cases = await rows(another, tables.applications), await rows(another, tables.restraint_cases)
    assert {OWED, OVERDUE, DEFAULTED, COMMITTED, TO_VERIFY, UNMET} <= {row["application_id"] for row in filed}
    assert {ANSWERABLE, TO_NOTICE, TO_REVIEW, TO_CORRECT, REPAIRED, WATCHED} <= {row["case_id"] for row in cases}


async def test_documents_are_on_record_where_there_is_an_office(another: Database, key_file: Path):
    """[A]: two notices, the receipt of one, a determination."""
    made_by = tools(another, key_file)
    limiter = rate_limiter(read({}), another, lambda: NOW)
    made_by = replace(made_by, notices=notice_service(read({}), another, made_by.keyring, limiter))
    await seed(made_by, count=20, seed_number=1, now=NOW, today=TODAY)
    issued = await rows(another, tables.issued_notices)
    assert sorted(row["kind"] for row in issued) == ["DETERMINATION", "NOTICE", "NOTICE", "RECEIPT_OF_SERVICE"]


async def test_the_district_is_lawful(settled: Database):
    cases, applications = await rows(settled, tables.restraint_cases), await rows(settled, tables.applications)
    assert all(row["reviewer_ref"] != row["handler_ref"] for row in cases), "nobody reviews an own case [5.1.4(4)]"
    in_force = [row for row in cases if CaseDates(**{n: row[n] for n in CASE_FACTS}).status(TODAY) in IN_FORCE]
    restrained = {row["subject_id"]: row["published_on"] for row in in_force}
    of_case = {row["application_id"] for row in cases}
    for row in applications:
        # Those in which the breach happened were granted before it.
        since = restrained.get(row["subject_id"])
        if since is not None and civil_date(row["filed_at"]) >= since and row["application_id"] not in of_case:
            assert row["channel"] == "ORDINARY", "no incentive while restrained [5.2.1]"
    dated = [row["filed_at"] for row in applications] + [row["changed_at"] for row in cases]
    dated += [row["at"] for row in await rows(settled, tables.disclosures)]
    assert max(dated) <= NOW


async def test_every_use_of_an_authorisation_is_in_the_log_and_every_entry_in_the_queue(settled: Database):
    made = await stored_disclosures(settled)
    used = Counter(used for each in made for part in each.parts for _, used in part if used)
    for row in await rows(settled, tables.authorisations):
        assert used[row["authorisation_id"]] == row["uses_made"]
    stored = await rows(settled, tables.consent_events)
    plain = [{name: value for name, value in row.items() if name not in PROVENANCE} for row in stored]
    events = [ConsentEvent(**fields, request=provenance_of(row)) for fields, row in zip(plain, stored, strict=True)]
    waiting = {source: (log, entry) for log, source, entry in await pending(settled)}
    own = {each.disclosure_id: ("access", each.entry()) for each in made} | {
        event.event_id: ("consent", event.commitment()) for event in events
    }
    assert own.items() <= waiting.items()
    keys = [(tables.case_steps, "step_id"), (tables.application_steps, "step_id"), (tables.focused_checks, "check_id")]
    others = {row[key] for table, key in keys for row in await rows(settled, table)}
    others |= {line["line_id"] for line in await rows(settled, tables.consultation_lines)}
    assert others <= waiting.keys() - own.keys(), "every step has its entry"
    seconds = [each.at.replace(microsecond=0) for each in made]  # in the order of their ids
    assert seconds == sorted(seconds), "the log is read by the id of its records, newest first"
    assert min(seconds) > NOW - timedelta(days=150)


async def test_more_subjects_take_hardly_more_statements(another: Database, district: District, key_file: Path):
    """Rows are written 500 at a time; the stories take the most statements, and their number is fixed."""
    with noted_statements() as statements:
        made = await seeded(another, key_file, count=COUNT + 500)
    assert abs(len(statements) - district.statements) < 50
    assert made is not None
    assert made.subjects == COUNT + 500
    assert 1.25 < made.applications / made.subjects < 1.75
    assert 0.325 < made.restraint_cases / made.subjects < 0.45
