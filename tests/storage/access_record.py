"""The access record as tests look at it: what each disclosure showed of each subject, one entry for each right."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from consent.disclosures.formats import AccessContext, Disclosure, Ground, Part
from consent.disclosures.pending_groups import split_leaves, split_sources
from consent.disclosures.stored_parts import decode_parts
from consent.vocabulary import Basis, Channel, KnownBy, Purpose
from storage.database.database import Database
from storage.tables import access_contexts, access_grounds, disclosures, pending_entries

Entry = dict[str, Any]


async def stored_disclosures(database: Database) -> list[Disclosure]:
    """Give every disclosure, in the order of the ids, as it was before it was stored."""
    contexts = {row["context_id"]: row for row in await _rows(database, access_contexts)}
    grounds = {
        row["ground_id"]: Ground(Basis(row["basis"]), row["citation"], tuple(map(tuple, row["fields"])))
        for row in await _rows(database, access_grounds)
    }
    return [
        _disclosure(row, contexts[row["context_id"]], grounds)
        for row in sorted(await _rows(database, disclosures), key=lambda row: row["disclosure_id"])
    ]


async def entries_of(database: Database) -> list[Entry]:
    """Give what each disclosure showed: an entry for each subject and ground, in the order of the page."""
    return [entry for disclosure in await stored_disclosures(database) for entry in entries_in(disclosure)]


def entries_in(disclosure: Disclosure) -> list[Entry]:
    """Give an entry for each subject and ground of one disclosure."""
    return [
        {
            "subject_id": subject_id,
            "entry_id": disclosure.disclosure_id,
            "request_id": disclosure.request_id,
            "at": disclosure.at,
            "actor_ref": disclosure.actor_ref,
            "role": disclosure.context.role,
            "department_code": disclosure.context.department_code,
            "purpose": disclosure.context.purpose.value,
            "channel": disclosure.context.channel.value,
            "known_by": disclosure.context.known_by.value,
            "basis": ground.basis.value,
            "citation": ground.citation,
            "authorisation_id": authorisation_id,
            "document_hash": disclosure.context.document_hash,
            "fields": list(ground.fields),
            "delay_id": disclosure.delay_id,
            "opens_on": disclosure.opens_on,
        }
        for subject_id, part in zip(disclosure.subjects, disclosure.parts, strict=True)
        for ground, authorisation_id in part
    ]


async def pending(database: Database) -> list[tuple[str, UUID, bytes]]:
    """Give the entries of the ledger that wait: log, source, entry."""
    wanted = select(pending_entries.c.log, pending_entries.c.sources, pending_entries.c.leaves)
    return [
        (log, source, entry)
        for log, sources, leaves in await database.fetch(wanted)
        for source, entry in zip(split_sources(bytes(sources)), split_leaves(bytes(leaves)), strict=True)
    ]


def _disclosure(row: Mapping[str, Any], context: Mapping[str, Any], grounds: Mapping[int, Ground]) -> Disclosure:
    subjects: Sequence[UUID] = row["subjects"]
    parts: list[Part] = [
        tuple((grounds[ground_id], used) for ground_id, used in part)
        for part in decode_parts(row["ground_id"], row["parts"], len(subjects))
    ]
    return Disclosure(
        disclosure_id=row["disclosure_id"],
        request_id=row["request_id"],
        at=row["at"],
        actor_ref=row["actor_ref"],
        context=AccessContext(
            context["role"],
            context["department_code"],
            Purpose(context["purpose"]),
            Channel(context["channel"]),
            KnownBy(context["known_by"]),
            context["document_hash"],
        ),
        subjects=subjects,
        parts=parts,
        seed=row["seed"],
        delay_id=row["delay_id"],
        opens_on=row["opens_on"],
    )


async def _rows(database: Database, table: Any) -> list[dict[str, Any]]:
    names = [column.name for column in table.c]
    return [dict(zip(names, row, strict=True)) for row in await database.fetch(select(table))]
