"""Reference rows and a recorder for each test."""

import pytest

from storage.access_log.authorisation_uses import granted_by_its_row
from storage.access_log.recorder import GroupCommitRecorder
from storage.database.database import Database
from tests.storage.access_log.recorder.recorded import tag
from tests.storage.reference_fixtures import lay, settle


@pytest.fixture(autouse=True)
async def settled(database):
    await lay(database)
    await settle(database)


@pytest.fixture
async def recorder(database):
    opened = GroupCommitRecorder(database, granted=granted_by_its_row)
    yield opened
    await opened.close()


@pytest.fixture
async def keyed(database_url):
    opened = Database.open(database_url, tag=tag)
    yield opened
    await opened.close()
