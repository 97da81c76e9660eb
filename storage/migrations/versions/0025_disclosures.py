"""One access record for each page that was shown, in place of a row for each of its subjects [5.1.6].

A page of twenty subjects took twenty rows in two tables. The new tables take one. `access_entries` stays with what it
holds, and gets no new row.

On PostgreSQL `disclosures` is partitioned by the month of its ids, so that old months can be vacuumed, backed up and
one day archived by themselves. Here it gets the partition for whatever has no month of its own; the process that serves
makes the months ahead.

`pending_entries` held leaf hashes, from which no tree of entries can be built. It gets the commitments, recomputed
from the rows themselves, and only where their leaf is the one that was kept: every other leaf goes as it is to
`mismatched_leaves`, which `chengxin db migrate` names. Steps, notices and consultation lines, which waited under
`access`, go to `consent`: no tree of either was published. Formats of entries never change, so that this uses the
functions of the release. It takes about a minute for a million leaves. The release before cannot write to the new
`pending_entries`: stop it before the migration.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from consent.disclosures.pending_groups import joined_leaves, joined_sources, split_leaves, split_sources
from consent.leaves.access_entries import AccessEntry
from consent.leaves.canonical_form import NOBODY, commitment, leaf_hash
from consent.leaves.clock_recounts import clock_recount_bytes
from consent.leaves.consent_events import ConsentEvent
from consent.leaves.delegation_events import DelegationEvent
from consent.leaves.documents import file_attachment_bytes, issued_notice_bytes
from consent.leaves.effects import consultation_line_bytes, focused_check_bytes
from consent.leaves.number_lookups import Entrance, LookupOutcome, NumberLookup
from consent.leaves.registrations import registration_bytes
from consent.leaves.steps import application_step_bytes, case_step_bytes, hearing_step_bytes
from consent.vocabulary import Purpose
from storage.database.column_types import Id, Ids, Instant

revision = "0025"
down_revision = "0024"

INSTANT = sa.DateTime(timezone=True)


APPENDED_ONLY = "disclosures_appended_only"
AT_ONCE = 1_000
IN_ROW = 256
"""How many rows one statement reads, and how many entries one row of the new table gets."""


def upgrade() -> None:
    """Create the tables, and convert what waits for the sequencer."""
    _interned()
    _disclosures()
    _convert()


def downgrade() -> None:
    """Drop the tables; refuse while they hold a record, which the release before cannot read."""
    connection = op.get_bind()
    if connection.execute(sa.text("SELECT 1 FROM disclosures LIMIT 1")).first() is not None:
        raise RuntimeError("disclosures has records of access, which the release before cannot show")
    _convert_back(connection)
    for table in ("ledger_recorders", "disclosed_subjects", "disclosures", "access_grounds", "access_contexts"):
        op.drop_table(table)


def _interned() -> None:
    op.create_table(
        "access_contexts",
        sa.Column("context_id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("department_code", sa.String(32)),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("known_by", sa.String(16), nullable=False),
        sa.Column("document_hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("context_id", name="pk_access_contexts"),
        sa.UniqueConstraint("digest", name="uq_access_contexts_digest"),
    )
    op.create_table(
        "access_grounds",
        sa.Column("ground_id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("basis", sa.String(24), nullable=False),
        sa.Column("citation", sa.Text, nullable=False),
        sa.Column("fields", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("ground_id", name="pk_access_grounds"),
        sa.UniqueConstraint("digest", name="uq_access_grounds_digest"),
    )


def _disclosures() -> None:
    op.create_table(
        "disclosures",
        sa.Column("disclosure_id", Id, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("request_id", Id, nullable=False),
        sa.Column("context_id", sa.Integer, nullable=False),
        sa.Column("ground_id", sa.Integer),
        sa.Column("actor_ref", sa.String(64), nullable=False),
        sa.Column("subjects", Ids, nullable=False),
        sa.Column("parts", sa.LargeBinary),
        sa.Column("seed", sa.LargeBinary(16)),
        sa.Column("opened", sa.LargeBinary),
        sa.Column("delay_id", Id),
        sa.Column("opens_on", sa.Date),
        sa.PrimaryKeyConstraint("disclosure_id", name="pk_disclosures"),
        postgresql_partition_by="RANGE (disclosure_id)",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "disclosed_subjects",
        sa.Column("subject_id", Id, nullable=False),
        sa.Column("disclosure_id", Id, nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "disclosure_id", name="pk_disclosed_subjects"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE INDEX ix_disclosures_subjects ON disclosures USING gin (subjects)")
        op.execute("CREATE INDEX ix_disclosures_at ON disclosures USING brin (at)")
        op.execute("CREATE TABLE disclosures_other PARTITION OF disclosures DEFAULT")
        # For each row, so that a statement on a partition is refused like one on the whole table.
        op.execute(
            f"CREATE TRIGGER {APPENDED_ONLY} BEFORE UPDATE ON disclosures FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    else:
        op.execute(
            f"CREATE TRIGGER {APPENDED_ONLY} BEFORE UPDATE ON disclosures "
            "BEGIN SELECT RAISE(ABORT, 'disclosures is appended only'); END"
        )
    op.create_table(
        "ledger_recorders",
        sa.Column("recorder", Id, nullable=False),
        sa.Column("next_number", sa.BigInteger, nullable=False),
        sa.Column("last_tag", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("recorder", name="pk_ledger_recorders"),
    )


# --- what waits for the sequencer -------------------------------------------------------------------------------------

_OLD = sa.table(
    "pending_leaves",
    sa.column("place", sa.BigInteger),
    sa.column("log", sa.String),
    sa.column("entry_id", sa.Uuid),
    sa.column("leaf_hash", sa.LargeBinary),
    sa.column("appended_at", Instant),
)
_NEW = sa.table(
    "pending_entries",
    sa.column("log", sa.String),
    sa.column("sources", sa.LargeBinary),
    sa.column("leaves", sa.LargeBinary),
)
_RECOMPUTED = sa.table(
    "recomputed_commitments",
    sa.column("source", Id),
    sa.column("log", sa.String),
    sa.column("commitment", sa.LargeBinary),
    sa.column("counts", sa.Boolean),
)
_MISMATCHED = sa.table(
    "mismatched_leaves",
    sa.column("entry_id", Id),
    sa.column("log", sa.String),
    sa.column("leaf_hash", sa.LargeBinary),
    sa.column("appended_at", Instant),
    sa.column("reason", sa.String),
)


@dataclass(frozen=True)
class _Source:
    """A table whose rows have entries in a log: its id, its other committed columns, and how an entry is written."""

    table: str
    key: str
    columns: str
    write: Callable[[Mapping[str, Any]], bytes]
    log: str = "consent"
    joined: str = ""
    owned: bool = True


def _without(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in {"salt", *names}}


def _number_lookup(row: Mapping[str, Any]) -> bytes:
    words = {
        "purpose": Purpose(row["purpose"]),
        "entrance": Entrance(row["entrance"]),
        "outcome": LookupOutcome(row["outcome"]),
    }
    return NumberLookup(**{**row, **words}).canonical_bytes()


def _step(row: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a step, by its fields
    papers = row["evidence"]
    return SimpleNamespace(**{**row, "evidence": tuple(papers.split("\n")) if papers else ()})


STEP = "step on at actor_ref role department_code evidence:text facts"
SOURCES = (
    _Source(
        "access_entries",
        "entry_id",
        "read_id at actor_ref role department_code purpose basis citation authorisation_id document_hash fields",
        lambda row: AccessEntry(**row).canonical_bytes(),
        "access",
    ),
    _Source(
        "number_lookups",
        "entry_id",
        "at caller role department_code purpose entrance outcome neighbourhood is_repeated",
        _number_lookup,
        "access",
        owned=False,
    ),
    _Source(
        "consent_events",
        "event_id",
        "authorisation_id at actor_ref role event facts",
        lambda row: ConsentEvent(**row).canonical_bytes(),
    ),
    _Source(
        "delegation_events",
        "event_id",
        "delegation_id at actor_ref role department_code event facts",
        lambda row: DelegationEvent(**row).canonical_bytes(),
    ),
    _Source("case_steps", "step_id", f"case_id {STEP}", lambda row: case_step_bytes(_step(row), row["case_id"])),
    _Source(
        "application_steps",
        "step_id",
        f"application_id {STEP}",
        lambda row: application_step_bytes(_step(row), row["application_id"]),
    ),
    _Source(
        "hearing_steps",
        "step_id",
        f"about record record_id {STEP}",
        lambda row: hearing_step_bytes(_step(row), row["about"], row["record"], row["record_id"]),
    ),
    _Source(
        "issued_notices",
        "notice_id",
        "kind number case_id application_id department_code issued_on issued_at issued_by issued_as code_hash template "
        "digest is_signed",
        lambda row: issued_notice_bytes(**_without(row)),
    ),
    _Source(
        "focused_checks",
        "check_id",
        "department_code sector_code area_code checked_on by_ref outcome evidence recorded_at case_id",
        lambda row: focused_check_bytes(**_without(row)),
    ),
    _Source(
        "consultation_lines",
        "line_id",
        "consultation_id line kind recipient_code at ground citation authorisation_id reply",
        lambda row: consultation_line_bytes(**_without(row)),
    ),
    _Source(
        "clock_recounts",
        "recount_id",
        "about clock started_on due_before due_after year at",
        lambda row: clock_recount_bytes(**_without(row)),
    ),
    _Source(
        "file_attachments",
        "attachment_id",
        "file_id record record_id attached_at attached_by attached_as",
        lambda row: file_attachment_bytes(**_without(row)),
        joined="reference digest",
    ),
    _Source(
        "registrations",
        "registration_id",
        "at actor_ref role department_code channel case_id",
        lambda row: registration_bytes(**_without(row)),
    ),
)

_TYPES: Mapping[str, Any] = {
    **dict.fromkeys(("on", "due_before", "due_after"), sa.Date),
    **dict.fromkeys(("salt", "digest", "code_hash"), sa.LargeBinary),
    **dict.fromkeys(("is_signed", "is_repeated"), sa.Boolean),
    **dict.fromkeys(("facts", "fields", "evidence"), sa.JSON),
    **dict.fromkeys(("line", "year"), sa.Integer),
    "about": sa.Uuid,
    "at": Instant,
}
_ENDS: Mapping[str, Any] = {"_id": sa.Uuid, "_at": Instant, "_on": sa.Date}


def _column(named: str) -> sa.ColumnClause[Any]:
    """Return a column with the type that its name tells, or text where that is stated after a colon."""
    name, _, is_text = named.partition(":")
    kind = sa.Text if is_text else _TYPES.get(name)
    return sa.column(name, kind or next((kind for end, kind in _ENDS.items() if name.endswith(end)), sa.String))


def _convert() -> None:
    op.rename_table("pending_entries", "pending_leaves")
    op.create_table(
        "pending_entries",
        sa.Column("recorder", Id),
        sa.Column("number", sa.BigInteger),
        sa.Column("log", sa.String(16), nullable=False),
        sa.Column("sources", sa.LargeBinary, nullable=False),
        sa.Column("leaves", sa.LargeBinary, nullable=False),
        sa.Column("tag", sa.LargeBinary(32)),
        sa.CheckConstraint("log IN ('consent','access')", name="log"),
    )
    op.create_table(
        "mismatched_leaves",
        sa.Column("entry_id", Id, nullable=False),
        sa.Column("log", sa.String(16), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("appended_at", INSTANT, nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name="pk_mismatched_leaves"),
        sa.CheckConstraint("reason IN ('CHANGED','MISSING')", name="reason"),
    )
    connection = op.get_bind()
    if connection.execute(sa.select(_OLD.c.place).limit(1)).first() is not None:
        op.create_table(
            _RECOMPUTED.name,
            sa.Column("source", Id, primary_key=True),
            sa.Column("log", sa.String(16)),
            sa.Column("commitment", sa.LargeBinary),
            sa.Column("counts", sa.Boolean),
        )
        for source in SOURCES:
            _recompute(connection, source)
        _compare(connection)
        op.drop_table(_RECOMPUTED.name)
    op.drop_table("pending_leaves")


def _recompute(connection: sa.Connection, source: _Source) -> None:
    for rows in _rows(connection, source):
        made = [
            {
                "source": row[source.key],
                "log": source.log,
                "commitment": commitment(row["salt"], source.write(row)),
                "counts": source.owned,
            }
            for row in rows
        ]
        connection.execute(sa.insert(_RECOMPUTED), made)


def _rows(connection: sa.Connection, source: _Source) -> Iterator[list[dict[str, Any]]]:
    """Give the rows of a source, a thousand at a time, in the order of its key."""
    keys = ["subject_id", source.key] if source.owned else [source.key]
    table = sa.table(source.table, *(_column(name) for name in [*keys, *source.columns.split(), "salt"]))
    wanted = sa.select(*table.c)
    if source.joined:
        files = sa.table("files", *(_column(name) for name in ["subject_id", "file_id", *source.joined.split()]))
        both = (files.c.subject_id == table.c.subject_id) & (files.c.file_id == table.c.file_id)
        wanted = sa.select(*table.c, *(files.c[name] for name in source.joined.split())).join_from(table, files, both)
    order = [table.c[name] for name in keys]
    wanted = wanted.order_by(*order).limit(AT_ONCE)
    after: Sequence[UUID] | None = None
    while True:
        page = wanted if after is None else wanted.where(sa.tuple_(*order) > sa.tuple_(*(_id(key) for key in after)))
        rows = [dict(row) for row in connection.execute(page).mappings()]
        if rows:
            yield rows
        if len(rows) < AT_ONCE:
            return
        after = [rows[-1][name] for name in keys]


def _id(value: UUID) -> sa.BindParameter[UUID]:
    return sa.bindparam(None, value, sa.Uuid)


def _compare(connection: sa.Connection) -> None:
    """Move every leaf: with its commitment where both agree, else as it is."""
    place = 0
    old, new = _OLD.c, _RECOMPUTED.c
    while True:
        leaves = connection.execute(
            sa.select(old.place, old.log, old.entry_id, old.leaf_hash, old.appended_at)
            .where(old.place > place)
            .order_by(old.place)
            .limit(IN_ROW)
        ).all()
        if not leaves:
            return
        place = leaves[-1][0]
        recomputed = {
            row[0]: row[1:]
            for row in connection.execute(
                sa.select(new.source, new.log, new.commitment, new.counts).where(
                    new.source.in_([row[2] for row in leaves])
                )
            )
        }
        groups: dict[str, list[tuple[UUID, bytes]]] = {}
        for _, log, entry_id, kept, appended_at in leaves:
            found = recomputed.get(entry_id)
            if found is None or leaf_hash(bytes(found[1])) != bytes(kept):
                _keep(connection, entry_id, log, bytes(kept), appended_at, "MISSING" if found is None else "CHANGED")
                continue
            entry = bytes(found[1]) if found[2] else NOBODY + bytes(found[1])
            groups.setdefault(found[0], []).append((entry_id, entry))
        for log, entries in sorted(groups.items()):
            row = {
                "log": log,
                "sources": joined_sources([entry_id for entry_id, _ in entries]),
                "leaves": joined_leaves([entry for _, entry in entries]),
            }
            connection.execute(sa.insert(_NEW), row)


def _keep(connection: sa.Connection, entry_id: UUID, log: str, kept: bytes, appended_at: datetime, reason: str) -> None:
    row = {"entry_id": entry_id, "log": log, "leaf_hash": kept, "appended_at": appended_at, "reason": reason}
    connection.execute(sa.insert(_MISMATCHED), row)


def _convert_back(connection: sa.Connection) -> None:
    """Write a leaf hash for each entry again: events of authorisations and delegations under `consent`."""
    waiting = connection.execute(sa.select(_NEW.c.log, _NEW.c.sources, _NEW.c.leaves)).all()
    mismatched = connection.execute(sa.select(_MISMATCHED)).mappings().all()
    events = set[UUID]()
    for table in ("consent_events", "delegation_events") if waiting else ():
        of = sa.table(table, sa.column("event_id", sa.Uuid))
        events.update(row[0] for row in connection.execute(sa.select(of.c.event_id)))
    op.drop_table("mismatched_leaves")
    op.drop_table("pending_entries")
    op.create_table(
        "pending_entries",
        sa.Column("place", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("log", sa.String(16), nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("appended_at", INSTANT, nullable=False),
        sa.CheckConstraint("log IN ('consent','access')", name="log"),
    )
    old = sa.table("pending_entries", *(sa.column(column.name, column.type) for column in _OLD.c))
    at = connection.execute(sa.select(sa.func.current_timestamp(type_=Instant))).scalar_one()
    rows = [
        {
            "log": "consent" if source in events else "access",
            "entry_id": source,
            "leaf_hash": leaf_hash(entry.removeprefix(NOBODY) if len(entry) > _COMMITMENT else entry),
            "appended_at": at,
        }
        for _, sources, leaves in waiting
        for source, entry in zip(split_sources(bytes(sources)), split_leaves(bytes(leaves)), strict=True)
    ]
    rows += [{name: row[name] for name in ("log", "entry_id", "leaf_hash", "appended_at")} for row in mismatched]
    if rows:
        connection.execute(sa.insert(old), rows)


_COMMITMENT = 32
