"""Run by test_crash: records reads as fast as it can, and prints each one that is reported durable."""

import asyncio
import os
from uuid import uuid4

from storage.access_log.authorisation_uses import granted_by_its_row
from storage.access_log.recorder import GroupCommitRecorder
from storage.database.database import Database
from tests.consent.samples import OTHER_SUBJECT_ID, SUBJECT_ID, TODAY
from tests.storage.access_log.pages import page


async def caller(recorder: GroupCommitRecorder) -> None:
    while True:
        read_id = uuid4()
        both = [page(of, disclosure_id=uuid4(), request_id=read_id) for of in (SUBJECT_ID, OTHER_SUBJECT_ID)]
        await recorder.record(both, today=TODAY)
        os.write(1, f"{read_id}\n".encode())


async def main(url: str) -> None:
    recorder = GroupCommitRecorder(Database.open(url), granted=granted_by_its_row)
    await asyncio.gather(*(caller(recorder) for _ in range(8)))
