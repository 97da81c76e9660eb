"""Rows of disclosures for tests: a page of subjects, each with its grounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from consent.disclosures.formats import Ground, Part
from consent.disclosures.stored_parts import encode_parts
from storage import tables
from storage.database.database import Database
from tests.storage.rows import EARLIER, key

FIELDS = {name: (name, "PERSON_NAME", form) for name, form in (("a", "CLEAR"), ("b", "MASKED"), ("c", "CLEAR"))}


def id_at(at: datetime, name: str) -> UUID:
    """Return an id of version 7 of this instant; the same name gives the same id."""
    head = int(at.timestamp() * 1000).to_bytes(6, "big") + b"\x70"
    return UUID(bytes=head + sha256(name.encode()).digest()[:1] + b"\x80" + sha256(name.encode()).digest()[1:8])


@dataclass(frozen=True)
class Page:
    """One disclosure: of each subject, in order, its grounds. None: a subject that was erased since."""

    name: str
    parts: Mapping[UUID, Part | None]
    at: datetime = EARLIER
    context: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def disclosure_id(self) -> UUID:
        return id_at(self.at, self.name)


class DisclosureRows:
    """Puts pages into a database, with the contexts and grounds that they need."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, pages: Sequence[Page]) -> None:
        """Insert *pages*; on SQLite every second one with the index rows of its subjects, the others to wait for it."""
        grounds = {one.digest: one for page in pages for part in page.parts.values() for one, _ in part or ()}
        ids = await self._grounds(list(grounds.values()))
        rows, owned, waiting = [], [], []
        for at, page in enumerate(pages):
            context_id = await self._context(page.context)
            ground_id, parts = encode_parts([part or () for part in page.parts.values()], ids)
            erased = any(part is None for part in page.parts.values())
            row = {
                "disclosure_id": page.disclosure_id, "at": page.at, "request_id": key(f"request of {page.name}"),
                "context_id": context_id, "ground_id": ground_id, "actor_ref": "clerk-1",
                "subjects": [UUID(int=0) if part is None else one for one, part in page.parts.items()],
                "parts": parts, "seed": None if erased else bytes(16),
                "opened": bytes(16 + 17 * len(page.parts)) if erased else None, "delay_id": None, "opens_on": None,
            }  # fmt: skip
            rows.append(row | page.values)
            if at % 2:
                waiting.append({"disclosure_id": page.disclosure_id})
                continue
            owned += [
                {"subject_id": one, "disclosure_id": page.disclosure_id}
                for one, part in page.parts.items()
                if part is not None
            ]
        async with self._database.writing() as session:
            await session.execute(insert(tables.disclosures), rows)
            for table, values in ((tables.disclosed_subjects, owned), (tables.unindexed_disclosures, waiting)):
                if self._database.dialect.name == "sqlite" and values:
                    await session.execute(insert(table), values)

    async def _grounds(self, grounds: Sequence[Ground]) -> Mapping[bytes, int]:
        table = tables.access_grounds
        known = {row[0]: row[1] for row in await self._database.fetch(select(table.c.digest, table.c.ground_id))}
        new = [
            {"digest": one.digest, "basis": one.basis.value, "citation": one.citation, "fields": one.fields}
            for one in grounds
            if one.digest not in known
        ]
        if not new:
            return known
        async with self._database.writing() as session:
            await session.execute(insert(table), new)
        return await self._grounds(())

    async def _context(self, values: Mapping[str, Any]) -> int:
        table = tables.access_contexts
        row = {
            "role": "clerk", "department_code": "D1", "purpose": "CREDIT_CHECK", "channel": "GRAPHQL",
            "known_by": "TOKEN", "document_hash": "0" * 64,
        } | values  # fmt: skip
        digest = sha256(repr(sorted(row.items())).encode()).digest()
        found = await self._database.fetch(select(table.c.context_id).where(table.c.digest == digest))
        if found:
            return int(found[0][0])
        async with self._database.writing() as session:
            await session.execute(insert(table), row | {"digest": digest})
        return await self._context(values)
