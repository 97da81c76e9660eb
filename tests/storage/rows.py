"""Each function gives a complete row of a table; a test passes the columns that it is about."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import JSON, Date, Integer, LargeBinary, Table, Uuid, insert, update
from sqlalchemy.types import TypeEngine

from credit.calendar.calendar import shipped
from queryplan.plan import QueryPlan, Result, SelectPlan
from storage import tables
from storage.database.column_types import Instant
from storage.database.database import Database
from storage.database.session import Session
from storage.queries.query_runner import SqlQueryRunner
from storage.repositories.deadlines.due_days import recount

NAMESPACE = UUID(int=0)
TODAY = date(2026, 3, 2)
EARLIER = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)

Row = tuple[Table, Mapping[str, Any]]


def key(name: str) -> UUID:
    """The same name gives the same id, so that a test can speak of `key("first case")`."""
    return uuid5(NAMESPACE, name)


def subject(name: str, kind: str = "NATURAL_PERSON", **values: Any) -> Row:
    row = {
        "subject_id": key(name),
        "kind": kind,
        "area_code": "370305001",
        "name_sealed": f"sealed name of {name}".encode(),
        "name_mask": f"masked name of {name}",
        "registered_at": EARLIER,
        "registered_by": "import",
        "changed_at": EARLIER,
    }
    return tables.subjects, row | values


def registration(name: str, of: str, **values: Any) -> Row:
    row = {
        "subject_id": key(of),
        "registration_id": key(name),
        "at": EARLIER,
        "actor_ref": "clerk-1",
        "role": "clerk",
        "department_code": "D1",
        "channel": "WINDOW",
        "salt": bytes(16),
    }
    return tables.registrations, row | values


def subject_key(name: str) -> Row:
    return tables.subject_keys, {
        "subject_id": key(name),
        "wrapped": f"key of {name}".encode(),
        "kek": "kek-1",
        "created_at": EARLIER,
    }


def identifier(name: str, kind: str = "ID_NUMBER", **values: Any) -> Row:
    row = {
        "subject_id": key(name),
        "identifier_id": key(f"{kind} of {name}"),
        "kind": kind,
        "version": 3,
        "number_sealed": f"sealed {kind} of {name}".encode(),
        "number_mask": f"masked {kind} of {name}",
    }
    return tables.identifiers, row | values


def application(name: str, of: str, **values: Any) -> Row:
    row = {
        "subject_id": key(of),
        "application_id": key(name),
        "matter_code": "M1",
        "department_code": "D1",
        "filed_at": EARLIER,
    }
    return tables.applications, row | values


def restraint(name: str, of: str, **values: Any) -> Row:
    """A restraint in force on TODAY, unless *values* say otherwise."""
    row = {
        "subject_id": key(of),
        "case_id": key(name),
        "number": name,
        "department_code": "D1",
        "sector_code": "S1",
        "area_code": "370305001",
        "circumstance": "FALSE_MATERIAL",
        "channel": "FACT_FINDING",
        "basis": "[5.1.2b]",
        "handler_ref": "handler-1",
        "collected_at": EARLIER,
        "determined_on": date(2026, 1, 12),
        "published_on": date(2026, 1, 12),
        "ends_on": date(2026, 7, 12),
        "changed_at": EARLIER,
        "facts_sealed": f"sealed facts of {name}".encode(),
        "facts_mask": f"masked facts of {name}",
    }
    return tables.restraint_cases, row | values


def case_step(name: str, of: str, case: str, **values: Any) -> Row:
    row = {
        "subject_id": key(of),
        "step_id": key(name),
        "case_id": key(case),
        "step": "VERIFIED",
        "on": date(2026, 1, 6),
        "at": EARLIER,
        "actor_ref": "handler-1",
        "role": "handler",
        "department_code": "D1",
        "evidence": "file-1",
        "facts": {},
        "salt": bytes(16),
    }
    return tables.case_steps, row | values


def facts_version(name: str, of: str, case: str, **values: Any) -> Row:
    row = {
        "subject_id": key(of),
        "version_id": key(name),
        "case_id": key(case),
        "number": 1,
        "step": "COLLECTED",
        "on": date(2026, 1, 6),
        "at": EARLIER,
        "by_ref": "handler-1",
        "basis": "五（一）2",
    }
    return tables.facts_versions, row | values


def case_statement(name: str, of: str, case: str, **values: Any) -> Row:
    row = {
        "subject_id": key(of),
        "statement_id": key(name),
        "case_id": key(case),
        "stated_on": date(2026, 1, 8),
        "entered_at": EARLIER,
        "entered_by": "account-1",
        "entered_as": "subject",
    }
    return tables.case_statements, row | values


def authorisation(name: str, of: str, **values: Any) -> Row:
    """An authorisation of D1 for a credit check, live on TODAY, unless *values* say otherwise."""
    row = {
        "subject_id": key(of),
        "authorisation_id": key(name),
        "purpose": "CREDIT_CHECK",
        "recipient_code": "D1",
        "groups": 5,
        "means": "reading",
        "template": "credit-check/1",
        "requested_at": EARLIER,
        "requested_by": "clerk-1",
        "granted_at": EARLIER,
        "granted_by": "subject",
        "starts_on": date(2026, 1, 5),
        "expires_on": date(2026, 12, 31),
        "uses_allowed": 5,
    }
    return tables.authorisations, row | values


def deletion_duty(name: str, of: str, **values: Any) -> Row:
    """What D1 received on an authorisation that has expired, unless *values* say otherwise."""
    row = {
        "subject_id": key(of),
        "duty_id": key(name),
        "authorisation_id": key(name),
        "recipient_code": "D1",
        "cause": "EXPIRED",
        "since_on": date(2026, 1, 5),
        "counts_from_on": date(2026, 1, 5),
        "due_on": date(2026, 1, 26),
    }
    return tables.deletion_duties, row | values


def access_entry(name: str, of: str, **values: Any) -> Row:
    row = {
        "subject_id": key(of),
        "entry_id": key(name),
        "read_id": key("a read"),
        "at": EARLIER,
        "actor_ref": "clerk-1",
        "role": "clerk",
        "department_code": "D1",
        "purpose": "CREDIT_CHECK",
        "basis": "CONSENT",
        "citation": "[4.1]",
        "document_hash": "0" * 64,
        "fields": [["NaturalPerson.name", "PERSON_NAME", "CLEAR"]],
        "salt": bytes(16),
    }
    return tables.access_entries, row | values


def entry_delay(name: str, of: str, **values: Any) -> Row:
    row = {
        "subject_id": key(of),
        "delay_id": key(name),
        "case_id": key("case"),
        "department_code": "D1",
        "ordered_at": EARLIER,
        "opens_on": date(2026, 3, 1),
        "acts": [{"at": EARLIER.isoformat(), "by": "head-1", "ground": "a law", "opens_on": "2026-03-01"}],
    }
    return tables.entry_delays, row | values


def delegation(name: str, of: str, **values: Any) -> Row:
    row = {
        "subject_id": key(of),
        "delegation_id": key(name),
        "delegate_ref": "agent-1",
        "evidence": "power-1",
        "granted_at": EARLIER,
        "expires_on": date(2026, 12, 31),
    }
    return tables.delegations, row | values


def correction(name: str, of: str, case: str, **values: Any) -> Row:
    row = {
        "subject_id": key(of),
        "correction_id": key(name),
        "case_id": key(case),
        "department_code": "D1",
        "remedy": "CORRECT",
        "cause": "WRONG",
        "items": ["NAME"],
        "discovered_on": TODAY,
        "discovered_at": EARLIER,
        "discovered_by": "handler-1",
    }
    return tables.corrections, row | values


def telling(name: str, of: str, correction: str, case: str, **values: Any) -> Row:
    row = {
        "subject_id": key(of),
        "telling_id": key(name),
        "correction_id": key(correction),
        "case_id": key(case),
        "department_code": "D1",
        "recipient": "D2",
        "route": "EXPORT",
        "items": ["NAME"],
        "left_at": EARLIER,
        "message_id": key(name),
    }
    return tables.correction_told, row | values


def objection(name: str, of: str, case: str, **values: Any) -> Row:
    row = {
        "subject_id": key(of),
        "objection_id": key(name),
        "record": "RESTRAINT_CASE",
        "record_id": key(case),
        "case_id": key(case),
        "department_code": "D1",
        "raised_on": TODAY,
        "raised_at": EARLIER,
        "raised_by": "account-1",
        "raised_as": "subject",
    }
    return tables.objections, row | values


def file(name: str, of: str, record: str, to: str, **values: Any) -> tuple[Row, Row]:
    """Give a file, and its attachment to one record."""
    row = {
        "subject_id": key(of),
        "file_id": key(name),
        "reference": f"file:{name}",
        "media_type": "image/png",
        "size": 1,
        "digest": bytes(32),
        "scan": "CLEAN",
        "uploaded_at": EARLIER,
        "uploaded_by": "staff-1",
        "uploaded_as": "handler",
        "content_mask": "masked",
    }
    attachment = {
        "subject_id": key(of),
        "attachment_id": key(f"{name} to {to}"),
        "file_id": key(name),
        "record": record,
        "record_id": key(to),
        "attached_at": EARLIER,
        "attached_by": "staff-1",
        "attached_as": "handler",
        "salt": bytes(16),
    }
    return (tables.files, row | values), (tables.file_attachments, attachment)


def issued_notice(name: str, of: str, case: str, **values: Any) -> Row:
    row = {
        "subject_id": key(of),
        "notice_id": key(name),
        "kind": "NOTICE",
        "number": name,
        "case_id": key(case),
        "department_code": "D1",
        "issued_on": date(2026, 1, 8),
        "issued_at": EARLIER,
        "issued_by": "handler-1",
        "issued_as": "handler",
        "code_hash": bytes(32),
        "template": "0" * 64,
        "digest": bytes(32),
        "salt": bytes(16),
        "pdf_sealed": f"sealed pdf of {name}".encode(),
        "pdf_mask": "masked",
    }
    return tables.issued_notices, row | values


CHOSEN: Mapping[str, Any] = {
    "department_code": "D1",
    "recipient_code": "D1",
    "sector_code": "S1",
    "area_code": "370305001",
    "finding": "CLEAN",
    "outcome": "NOTHING_FOUND",
    "reply": "NO_AUTHORISATION",
}
"""What a column holds where any text would not do."""


def filled(table: Table, name: str, of: str | None = None, **values: Any) -> Row:
    """A row of any table with what the table demands, and nothing that a test would look at."""
    row: dict[str, Any] = {} if of is None else {"subject_id": key(of)}
    for column in table.c:
        if column.name in row or column.nullable or column.server_default is not None:
            continue
        row[column.name] = CHOSEN.get(column.name, _any(column.type, name))
    return table, row | values


def _any(kind: TypeEngine[Any], name: str) -> Any:
    for type_, value in (
        (Uuid, key(name)), (Instant, EARLIER), (Date, TODAY), (Integer, 1), (JSON, []), (LargeBinary, bytes(16)),
    ):  # fmt: skip
        if isinstance(kind, type_):
            return value
    return "X"


REFERENCE: list[Row] = [
    *((tables.sectors, {"code": code, "name_zh": code, "name_en": code}) for code in ("S1", "S2")),
    *(
        (tables.areas, {"code": code, "name_zh": code, "name_en": code})
        for code in ("370305", "370305001", "370305002", "370306")
    ),
    *(
        (tables.departments, {"code": code, "name_zh": code, "name_en": code, "sector_code": sector})
        for code, sector in (("D1", "S1"), ("D2", "S2"))
    ),
    *(
        (
            tables.matters,
            {"code": code, "name_zh": code, "name_en": code, "department_code": department, "sector_code": "S1"},
        )
        for code, department in (("M1", "D1"), ("M2", "D1"), ("M3", "D2"))
    ),
]


async def count_days(session: Session) -> None:
    """Count the due days of all records, where rows were written without the steps that count them."""
    await session.execute(update(tables.restraint_cases).values(counted_version=None))
    await recount(session, shipped())


async def insert_rows(database: Database, *rows: Row) -> None:
    """Insert the reference rows, then *rows*, in the order given."""
    async with database.writing() as session:
        for table, values in (*REFERENCE, *rows):
            await session.execute(insert(table), values)


async def put(database: Database, *rows: Row) -> None:
    """Insert the reference rows, then *rows*, in the order given, and count their due days."""
    async with database.writing() as session:
        for table, values in (*REFERENCE, *rows):
            await session.execute(insert(table), values)
        await count_days(session)


ACTOR: Mapping[str, Any] = {
    "actor_ref": "handler-1",
    "actor_department": "D1",
    "actor_sector": "S1",
    "actor_area": "370305",
    "actor_area_end": "370306",
    "actor_subject": key("one"),
    "today": TODAY,
    "registered_from": EARLIER.date(),
}


async def read(query_runner: SqlQueryRunner, *statements: SelectPlan, **binds: Any) -> Result:
    """Prepare and read a plan of *statements* as ACTOR, but for what *binds* say otherwise."""
    return await query_runner.read(query_runner.prepare(QueryPlan(statements)), {**ACTOR, **binds})


async def found(query_runner: SqlQueryRunner, statement: SelectPlan, **binds: Any) -> list[Any]:
    """Read one statement; gives the first column of its rows."""
    return [row[0] for row in (await read(query_runner, statement, **binds)).rows[0]]
