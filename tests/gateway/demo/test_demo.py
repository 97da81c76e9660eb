"""The demo's district: the same for each seed, plainly made up, lawful, and worth asking."""

import os
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Executable, Table, select

from consent.authorisation import Status, status_of
from consent.authorisations.records import ON_PAPER
from consent.leaves.consent_events import ConsentEvent, Event
from consent.leaves.provenance import COLUMNS as PROVENANCE
from consent.leaves.provenance import provenance_of
from consent.templates import catalogue
from consent.vocabulary import Purpose
from credit.calendar.calendar import shipped
from credit.calendar.deadlines import civil_date
from credit.cases.status import IN_FORCE, CaseDates, CaseStatus
from credit.core.values.identifiers import IdNumber, SocialCreditCode
from credit.core.values.telephones import parse_phone
from credit.subjects.subject import SubjectKind
from gateway.auth.dev_issuer import DevIssuer, Example, Persona
from gateway.demo.bootstrap import DemoRefused, seed_demo
from gateway.demo.district.district import AREAS, DEPARTMENTS, SECTORS
from gateway.demo.district.matters import MATTERS
from gateway.demo.district.people import name
from gateway.demo.personas.examples import public_examples
from gateway.demo.personas.personas import personas
from gateway.demo.records.timelines import AGES, timeline
from gateway.demo.seed.numbers import CODE_PREFIX, LARGEST, id_number, phone, social_credit_code
from gateway.demo.seed.seed import Seeded, Tools, seed
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
    WARD,
    WATCHED,
)
from gateway.notices.factory import notice_service
from gateway.quotas import rate_limiter
from gateway.settings.settings import read
from gateway.wiring import build_application, build_services
from policy.crypto.keyring import Keyring
from policy.decisions import Decisions, load
from storage import tables
from storage.database.database import Database
from storage.database.statements import DriverStatement, StatementCompiler
from storage.repositories.deadlines.due_days import recount
from storage.repositories.deadlines.working_days import CalendarInForce
from tests.hypothesis_profiles import examples
from tests.schema.shared_databases import shared_url, template
from tests.storage.access_record import pending, stored_disclosures

__all__ = ["shared_url", "template"]

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 20, 4, 30, tzinfo=UTC)
TODAY = civil_date(NOW)
COUNT, SEED = 300, 7
"""The size and the seed of the district that most tests read."""
CASE_FACTS = (
    "verified_at", "noticed_on", "served_on", "stated_on", "reviewed_on", "determined_on", "published_on", "ends_on",
    "timely_claim_on", "timely_claim_answered_on", "rectified_on", "removed_on", "dropped_on", "referred_on",
    "paused_on", "resumed_on",
)  # fmt: skip
AUTHORISATION_FACTS = (
    "granted_at", "refused_at", "withdrawn_at", "contested_at", "held_at", "confirmed_at",
    "expires_on", "uses_allowed", "uses_made",
)  # fmt: skip
SECRET = frozenset({"wrapped", "kek", "term", "salt", "seed", "leaves", "tag", "content", "commitment"})
"""What differs from time to time: keys, nonces, salts, and what is made with them."""
HIDDEN = SECRET | {"context_id", "ground_id"}
"""Also the numbers of contexts and grounds: PostgreSQL gives none of them again after seeding broke off."""
Row = Mapping[str, Any]


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "kek.key"
    Keyring.create(path, os.urandom)
    return path


@cache
def table() -> Decisions:
    """Give the table of the shipped policy."""
    return load(read({}).policy_dir)


def tools(database: Database, key_file: Path) -> Tools:
    return Tools(database, Keyring.load(key_file, os.urandom), table(), catalogue(), os.urandom)


async def seeded(database: Database, key_file: Path, *, number: int = SEED, count: int = COUNT) -> Seeded | None:
    return await seed(tools(database, key_file), count=count, seed_number=number, now=NOW, today=TODAY)


async def rows(database: Database, table: Table) -> list[Row]:
    async with database.snapshot() as session:
        found = await session.fetch(select(table).order_by(*table.primary_key))
    return [dict(zip(table.c.keys(), row, strict=True)) for row in found]


async def shape(database: Database) -> dict[str, list[str]]:
    """Everything on record but what is secret, and what each database numbers or looks up in its own way."""
    shown = {
        table.name: sorted(
            str({key: value for key, value in row.items() if key not in HIDDEN and not key.endswith("_sealed")})
            for row in await rows(database, table)
        )
        for table in tables.metadata.sorted_tables
        if table not in {tables.disclosed_subjects, tables.unindexed_disclosures}
    }
    shown["subject_secrets"] = [str(row["secret_id"]) for row in await rows(database, tables.subject_secrets)]
    return shown | {"disclosures": [str(replace(one, seed=b"")) for one in await stored_disclosures(database)]}


@dataclass(frozen=True)
class District:
    """The district that most tests read: the file of its database, and what seeding it returned."""

    path: Path
    made: Seeded | None
    statements: int
    """How many statements that took."""


@contextmanager
def noted_statements() -> Iterator[list[Executable]]:
    """Note every statement that is run, whatever the number of its rows."""
    noted: list[Executable] = []
    prepare = StatementCompiler.prepare

    def note(compiler: StatementCompiler, statement: Executable, parameters: Any) -> DriverStatement:
        noted.append(statement)
        return prepare(compiler, statement, parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StatementCompiler, prepare.__name__, note)
        yield noted


@pytest.fixture(scope="module")
async def district(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, key_file: Path) -> District:
    path = tmp_path_factory.mktemp("district") / "demo.db"
    shutil.copy(migrated_sqlite, path)
    database = Database.open(f"sqlite:///{path}", tag=Keyring.load(key_file, os.urandom).pending_tag)
    with noted_statements() as statements:
        made = await seeded(database, key_file)
    await database.close()
    return District(path, made, len(statements))


@pytest.fixture
async def settled(district: District) -> AsyncIterator[Database]:
    """Give the district of the module, for what only reads."""
    database = Database.open(f"sqlite:///{district.path}")
    yield database
    await database.close()


async def test_every_step_writes_the_due_days_that_follow_from_it(settled: Database) -> None:
    """[5.1.4] The district is made by the actions of every role; to count it once more changes nothing."""
    async with settled.writing() as session:
        calendar = await CalendarInForce(session, settled.periods).get()
        assert await recount(session, calendar) == 0


@pytest.fixture
async def another(migrated_sqlite: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """Give an empty database."""
    shutil.copy(migrated_sqlite, tmp_path / "another.db")
    opened = Database.open(f"sqlite:///{tmp_path}/another.db")
    yield opened
    await opened.close()


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


# --- plainly made up --------------------------------------------------------------------------------------------------


@given(st.integers(0, LARGEST))
def test_an_identity_number_is_well_formed_and_nobodys(index: int):
    number = IdNumber.parse(id_number(index))
    assert not number.derived
    assert date(1900, 1, 1) <= number.born <= date(1912, 12, 31)
    assert number.area == "370305"


@given(st.sampled_from(sorted(CODE_PREFIX)), st.integers(0, LARGEST))
def test_a_code_is_well_formed_and_nobodys(kind: SubjectKind, index: int):
    code = SocialCreditCode.parse(social_credit_code(kind, index))
    assert code.text[8:10] == "YY", "no organisation code that is issued begins so"
    assert code.is_sole_trader is (kind is SubjectKind.SOLE_TRADER)


@given(st.integers(0, LARGEST))
def test_a_telephone_number_is_well_formed_and_nobodys(index: int):
    assert parse_phone(phone(index)).startswith("179"), "a prefix of dial-in codes, which no mobile number has"


def test_numbers_and_names_never_repeat():
    for kind, most in ((SubjectKind.NATURAL_PERSON, 6_000), (SubjectKind.LEGAL_PERSON, 500)):
        numbers = {
            id_number(i) if kind is SubjectKind.NATURAL_PERSON else social_credit_code(kind, i) for i in range(most)
        }
        names = {name(kind, index) for index in range(most)}
        assert len(numbers) == len(names) == most
        assert all(each.startswith(("演示", "临淄演示")) for each in names)


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


# --- the personas' examples -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Open:
    """A demo that is open, and whom it asks."""

    client: httpx.AsyncClient
    issuer: DevIssuer

    async def ask(self, persona: Persona | None, example: Example) -> dict[str, Any]:
        headers = {} if persona is None else {"Authorization": f"Bearer {self.issuer.mint(persona.name)}"}
        if example.purpose:
            headers["Access-Purpose"] = example.purpose
        asked = {"query": example.query, "variables": example.variables}
        answer: dict[str, Any] = (await self.client.post("/graphql", json=asked, headers=headers)).json()
        return answer


@pytest.fixture
async def demo(district: District, tmp_path: Path, key_file: Path) -> AsyncIterator[Open]:
    """Open a demo on a copy of the district: an example may change what is in it."""
    shutil.copy(district.path, tmp_path / "demo.db")
    asked = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/demo.db",
        "KEK_FILE": str(key_file),
        "DEV_KEY_FILE": str(district.path.with_name("dev-issuer.json")),
    }
    settings = read({f"CHENGXIN_{name}": value for name, value in asked.items()})
    issuer = DevIssuer(settings, personas(TODAY), lambda: NOW)
    services = build_services(settings, lambda: NOW)
    transport = httpx.ASGITransport(build_application(services, issuer, public_examples()))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield Open(client, issuer)
    await services.close()


EXAMPLES = [(None, example) for example in public_examples()]
EXAMPLES += [(persona, example) for persona in personas(TODAY) for example in persona.examples]
NAMES = [f"{persona.name if persona else 'everybody'}: {example.title}" for persona, example in EXAMPLES]


def empty(value: object) -> bool:
    """Whether nothing at all was shown."""
    if isinstance(value, dict):
        return all(empty(item) for key, item in value.items() if key not in {"totalCount", "pageInfo"})
    if isinstance(value, list):
        return all(map(empty, value))
    return value is None


@pytest.mark.sampled
@pytest.mark.parametrize(("persona", "example"), EXAMPLES, ids=NAMES)
async def test_every_example_is_answered_or_refused_as_it_says(demo: Open, persona: Persona | None, example: Example):
    answer = await demo.ask(persona, example)
    if "应被拒绝" in example.title and "mutation" in example.query:
        assert {field["code"] for field in answer["data"].values()} == {"NAME_CONFLICT"}
        return
    if "应被拒绝" in example.title:
        assert [error["extensions"]["reason"] for error in answer["errors"]] == ["consent"]
        assert empty(answer["data"])
        return
    assert "errors" not in answer, answer["errors"]
    assert not empty(answer["data"]), answer
    for field in answer["data"].values():
        if "mutation" in example.query:
            # What needs a check first says so where the example of the check was not run before it [4.1].
            refused = "须先核查" in example.title
            assert ("code" in field) is refused, field
            assert field["__typename"] == "CheckMissing" or not refused


async def test_the_journey_of_one_authorisation(demo: Open):
    """The clerk looks, the subject sees it and withdraws, and the clerk's next look is refused [5.1.6]."""
    by_name = {persona.name: persona for persona in personas(TODAY)}
    clerk, subject = by_name["clerk"], by_name["subject"]
    look, mine, withdraw = clerk.examples[0], subject.examples[0], subject.examples[1]
    assert "errors" not in await demo.ask(clerk, look)
    log = (await demo.ask(subject, mine))["data"]["myAccessLog"]["nodes"]
    assert [(log[0]["actor"], log[0]["purpose"], log[0]["basis"])] == [("demo-clerk", "CREDIT_CHECK", "CONSENT")]
    await demo.ask(subject, withdraw)
    refused = await demo.ask(clerk, look)
    assert refused["errors"][0]["extensions"]["reason"] == "consent"
    assert refused["data"] == {"subjectByIdentifier": None}


async def test_a_contested_guardianship_waits_for_the_head(demo: Open, settled: Database):
    """[5.1.6] [3.2]: its ward has no case, and no authorisation; decided on, it leaves the worklist."""
    head = next(persona for persona in personas(TODAY) if persona.name == "head")
    waiting, decide = (each for each in head.examples if "监护" in each.title)
    answer = (await demo.ask(head, waiting))["data"]["worklist"]
    assert [(node["label"], node["delegation"]["isLive"]) for node in answer["nodes"]] == [
        ("处理对监护登记的异议", False)
    ]
    [held] = [row for row in await rows(settled, tables.delegations) if row["kind"] == "GUARDIAN"]
    assert held["subject_id"] == WARD.subject_id
    for without in (tables.restraint_cases, tables.authorisations):
        assert WARD.subject_id not in {row["subject_id"] for row in await rows(settled, without)}
    await demo.ask(head, decide)
    assert (await demo.ask(head, waiting))["data"]["worklist"]["totalCount"] == 0


async def test_what_is_confidential_is_nowhere(demo: Open, settled: Database):
    """[5.1.6]: no list of anybody's has a record that is marked confidential."""
    secret = {row["number"] for row in await rows(settled, tables.restraint_cases) if row["confidential"]}
    assert len(secret) == 2
    shown: set[str] = set()
    for persona in personas(TODAY):
        for purpose in Purpose:
            asked = Example("", "{ restraintCases(first: 100) { nodes { number } } }", purpose.value)
            data = (await demo.ask(persona, asked)).get("data") or {}
            shown |= {node["number"] for node in (data.get("restraintCases") or {}).get("nodes", ())}
    assert len(shown) > 90
    assert not shown & secret
