"""What waited for the sequencer before revision 25 is converted: each leaf to its commitment, or kept and named."""

import asyncio
import json
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from consent.disclosures.pending_groups import split_leaves, split_sources
from storage.database import migrate
from storage.database.column_types import Instant
from storage.tables import metadata
from tests.storage.database.test_migrations import look

FOLDER = Path(__file__).parents[2] / "vectors"
ENTRIES = json.loads((FOLDER / "entries.json").read_text(encoding="utf-8"))["entries"]
LATER = {
    "attested-row/1",
    "disclosure-opened/1",
    "entry-opened/1",
    "erased-access-entry/1",
    "guard-refusals/1",
    "subject-event/1",
    "subject-secret/1",
}
"""Formats from after revision 33."""
FORMATS = [
    each
    for each in json.loads((FOLDER / "log_entries.json").read_text(encoding="utf-8"))["formats"]
    if each["type"].endswith("/1") and each["type"] not in LATER  # which are from after revision 33
]
NOW = datetime(2026, 11, 29, 1, 2, 3, tzinfo=UTC)

SOURCES = {
    "access-entry/1": ("access_entries", "entry_id"),
    "consent-event/1": ("consent_events", "event_id"),
    "delegation-event/1": ("delegation_events", "event_id"),
    "case-step/1": ("case_steps", "step_id"),
    "application-step/1": ("application_steps", "step_id"),
    "hearing-step/1": ("hearing_steps", "step_id"),
    "issued-notice/1": ("issued_notices", "notice_id"),
    "focused-check/1": ("focused_checks", "check_id"),
    "consultation-line/1": ("consultation_lines", "line_id"),
    "clock-recount/1": ("clock_recounts", "recount_id"),
    "number-lookup/1": ("number_lookups", "entry_id"),
    "file-attachment/1": ("file_attachments", "attachment_id"),
    "registration/1": ("registrations", "registration_id"),
}
"""The table of each format, and the id that its leaf waited under."""
OLD = sa.table(
    "pending_entries",
    sa.column("place", sa.BigInteger),
    sa.column("log", sa.String),
    sa.column("entry_id", sa.Uuid),
    sa.column("leaf_hash", sa.LargeBinary),
    sa.column("appended_at", Instant),
)


def vectors():
    """Give one vector of each format: its type, its fields, its salt and its canonical text."""
    found = {}
    for each in ENTRIES:
        kind = json.loads(each["canonical"])["type"]
        found.setdefault(kind, (each["entry"], each["salt"], each["canonical"]))
    for each in FORMATS:
        found.setdefault(each["type"], (each["fields"], each["salt"], each["canonical"]))
    return found


def leaf_of(entry):
    return sha256(b"\0" + entry).digest()


def stored(name, value, kind):
    """Read a field of a vector as its column has it; fill in what no format commits to."""
    if value is None:
        blank = {sa.Integer: 1, sa.LargeBinary: b"", sa.Boolean: False, sa.JSON: [], sa.Uuid: UUID(int=1)}
        days = {Instant: NOW, sa.Date: NOW.date()}
        return next((blank for of, blank in {**blank, **days}.items() if isinstance(kind, of)), "")
    if isinstance(kind, sa.Uuid):
        return UUID(value)
    if isinstance(kind, Instant):
        return datetime.fromisoformat(value)
    if isinstance(kind, sa.Date):
        return date.fromisoformat(value)
    if isinstance(kind, sa.LargeBinary):
        return value if isinstance(value, bytes) else bytes.fromhex(value)
    return "\n".join(value) if name == "evidence" and isinstance(kind, sa.Text) else value


def put(connection, name, fields):
    """Insert a row with the columns that the table has at this revision."""
    there = {each["name"]: each for each in sa.inspect(connection).get_columns(name)}
    columns = [sa.column(each, metadata.tables[name].c[each].type) for each in there]
    needed = [each for each in columns if each.name in fields or not there[each.name]["nullable"]]
    row = {each.name: stored(each.name, fields.get(each.name), each.type) for each in needed}
    row |= {each: None for each in fields if each in there and fields[each] is None}
    connection.execute(sa.insert(sa.table(name, *columns)), row)


def fill(connection):
    """Put a row of every format on record with its leaf, one that was changed, and a leaf without a row."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SET session_replication_role = replica"))
    commitments = {}
    for number, (kind, (fields, salt, canonical)) in enumerate(vectors().items(), start=100):
        table, key = SOURCES[kind]
        own = UUID(int=number)
        written = canonical.replace(f'"{key}":"{fields[key]}"', f'"{key}":"{own}"')
        assert written != canonical
        commitments[own] = kind, sha256(bytes.fromhex(salt) + written.encode()).digest()
        if kind == "file-attachment/1":
            put(connection, "files", {name: fields[name] for name in ("subject_id", "file_id", "reference", "digest")})
        changed = {"role": "nobody"} if kind == "registration/1" else {}
        put(connection, table, {**fields, key: str(own), "salt": salt, **changed})
        log = "consent" if kind in {"consent-event/1", "delegation-event/1"} else "access"
        wait(connection, number, log, own, leaf_of(commitments[own][1]))
    wait(connection, 999, "access", UUID(int=999), b"\7" * 32)
    put(connection, "areas", {"code": ""})
    for subject_id in {fields["subject_id"] for fields, *_ in vectors().values() if "subject_id" in fields}:
        put(connection, "subjects", {"subject_id": subject_id, "kind": "NATURAL_PERSON"})
    return commitments


def wait(connection, place, log, entry_id, leaf):
    row = {"place": place, "log": log, "entry_id": entry_id, "leaf_hash": leaf, "appended_at": NOW}
    connection.execute(sa.insert(OLD), row)


def kept(connection):
    new, old = metadata.tables["pending_entries"].c, metadata.tables["mismatched_leaves"].c
    waiting = [
        (log, source, entry)
        for log, sources, leaves, tag in connection.execute(sa.select(new.log, new.sources, new.leaves, new.tag))
        for source, entry in zip(split_sources(bytes(sources)), split_leaves(bytes(leaves)), strict=True)
        if tag is None
    ]
    named = connection.execute(sa.select(old.entry_id, old.log, old.leaf_hash, old.reason)).all()
    return waiting, {row[0]: (row[1], bytes(row[2]), row[3]) for row in named}


def lose_the_row_of_another(connection):
    """Let an entry wait whose row is gone."""
    row = {"log": "consent", "sources": UUID(int=998).bytes, "leaves": b"\0\x20" + bytes(32)}
    connection.execute(sa.insert(metadata.tables["pending_entries"]), row)


def owners(connection):
    """Give the subject of each entry of a row of `consent`; None for a row that names none."""
    row = metadata.tables["pending_entries"].c
    found = connection.execute(sa.select(row.sources, row.owners).where(row.log == "consent"))
    return sorted(
        (
            each and dict(zip(split_sources(bytes(sources)), split_sources(bytes(each)), strict=True))
            for sources, each in found
        ),
        key=bool,
    )


def leaves(connection):
    return {
        row[0]: (row[1], bytes(row[2]))
        for row in connection.execute(sa.select(OLD.c.entry_id, OLD.c.log, OLD.c.leaf_hash))
    }


async def test_each_leaf_becomes_the_commitment_of_its_row_or_is_kept_and_named(empty_url):
    await asyncio.to_thread(migrate.migrate, empty_url, "0024")
    commitments = await look(empty_url, fill)
    before = await look(empty_url, leaves)
    await asyncio.to_thread(migrate.migrate, empty_url, "0025")

    waiting, mismatched = await look(empty_url, kept)
    (changed,) = (own for own, (kind, _) in commitments.items() if kind == "registration/1")
    assert mismatched == {
        changed: ("access", leaf_of(commitments[changed][1]), "CHANGED"),
        UUID(int=999): ("access", b"\7" * 32, "MISSING"),
    }
    expected = {
        own: ("access" if kind in {"access-entry/1", "number-lookup/1"} else "consent",
              (b"\0\0" if kind == "number-lookup/1" else b"") + committed)
        for own, (kind, committed) in commitments.items() if own != changed
    }  # fmt: skip
    assert {source: (log, entry) for log, source, entry in waiting} == expected
    await look(empty_url, lose_the_row_of_another)

    await asyncio.to_thread(migrate.migrate, empty_url, "0034")
    subjects = {
        own: UUID(vectors()[kind][0]["subject_id"])
        for own, (kind, _) in commitments.items() if own != changed and expected[own][0] == "consent"
    }  # fmt: skip
    assert await look(empty_url, owners) == [None, subjects]

    await asyncio.to_thread(migrate.downgrade, empty_url, "0024")
    after = await look(empty_url, leaves)
    assert {entry_id: leaf for entry_id, leaf in after.items() if entry_id != UUID(int=998)} == before
