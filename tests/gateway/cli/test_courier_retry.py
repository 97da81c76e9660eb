"""The operator sends a message again, and the log of its subject says so [6.2]."""

import asyncio
import os
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from credit.subjects.record_events import RecordEvent
from gateway.cli import run
from policy.crypto.keyring import Keyring
from storage.database.database import Database
from storage.tables import pending_entries, subject_events
from storage.unit_of_work import SqlUnitOfWork
from tests.builders import NOW
from tests.storage.rows import key, put, subject

MESSAGE = UUID(int=7)


@pytest.fixture
async def dead(database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up a message about a subject, and give the command line its database and a key file."""
    monkeypatch.setenv("CHENGXIN_DATABASE_URL", database_url)
    monkeypatch.setenv("CHENGXIN_KEK_FILE", str(tmp_path / "kek.key"))
    Keyring.create(tmp_path / "kek.key", os.urandom)
    await put(database, subject("one"))
    about = {"to": "platform", "subject_id": str(key("one")), "case_id": str(UUID(int=8))}
    async with SqlUnitOfWork(database) as work:
        await work.outbox("restraint-case.published", about, MESSAGE, NOW)
        await work.outbox_queue.died(MESSAGE, "REFUSED_422", NOW)
        await work.commit()


async def test_it_leaves_an_entry_with_a_tag_in_the_log_of_its_subject(dead: None, database: Database) -> None:
    assert await in_thread("courier", "retry", str(MESSAGE)) == 0
    row = subject_events.c
    found = await database.fetch(select(row.subject_id, row.event, row.facts, row.role, row.request_channel))
    facts = {"message_id": str(MESSAGE), "case_id": str(UUID(int=8))}
    assert found == [(key("one"), RecordEvent.MESSAGE_RESENT, facts, "operator", "COMMAND_LINE")]
    waits = pending_entries.c
    [(owners, tag)] = await database.fetch(select(waits.owners, waits.tag).where(waits.log == "consent"))
    assert (bytes(owners), len(tag)) == (key("one").bytes, 32)
    assert await in_thread("courier", "retry", str(MESSAGE)) == 1, "it waits to be sent, and is given up no more"


async def in_thread(*words: str) -> int:
    """Carry out a command, which has an event loop of its own."""
    return await asyncio.to_thread(run, list(words))
