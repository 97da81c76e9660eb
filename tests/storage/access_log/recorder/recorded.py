"""An authorisation on record, its uses, and the chain that a recorder leaves."""

import hmac
from uuid import UUID

from sqlalchemy import insert, select

from consent.authorisation import Authorisation
from storage.database.database import Database
from storage.repositories.authorisations import COLUMNS
from storage.tables import authorisations, pending_entries


async def authorise(database: Database, authorisation: Authorisation) -> None:
    row = {name: getattr(authorisation, name) for name in COLUMNS}
    await database.write((insert(authorisations), row))


async def uses_made(database: Database) -> int:
    rows = await database.fetch(select(authorisations.c.uses_made))
    made: int = rows[0][0]
    return made


# --- the chain --------------------------------------------------------------------------------------------------------

KEY = b"the recorder's key"


def tag(written: bytes) -> bytes:
    return hmac.digest(KEY, written, "sha256")


async def chain_of(database: Database) -> dict[UUID | None, list[tuple[int, bytes]]]:
    """Give the numbers and tags of each recorder, after checking that the tags are those of the rows."""
    found: dict[UUID | None, list[tuple[int, bytes]]] = {}
    names = "recorder", "number", "log", "sources", "leaves", "tag"
    for recorder, number, log, sources, leaves, made in await database.fetch(
        select(*(pending_entries.c[name] for name in names)).order_by(pending_entries.c.number)
    ):
        before = found.setdefault(recorder, [])
        if made is not None:
            previous = before[-1][1] if before else bytes(32)
            written = b"chengxin/pending/1" + recorder.bytes + number.to_bytes(8, "big") + b"\x01" + previous
            written += len(sources).to_bytes(4, "big") + sources + leaves
            assert (log, made) == ("access", tag(written))
        before.append((number, made))
    return found
