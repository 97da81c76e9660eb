"""A grant is bound to the notice that its subject was shown, over HTTP [5.1.6]."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from storage import tables
from tests.builders import SCJG
from tests.databases import on_both
from tests.journeys.applications.test_at_the_window import answer
from tests.journeys.running_server import RunningServer, open_server
from tests.journeys.support.documents import GRANT
from tests.journeys.support.grants import NOTICE, grant, notice_of
from tests.schema.service import settings_for


@pytest.fixture
async def server(database_url: str, kek: Path) -> AsyncIterator[RunningServer]:
    """Give a server that demands the notice, as a production does."""
    async with open_server(settings_for(kek, database_url, NOTICE_REQUIRED="on", LOG_FORMAT="json")) as opened:
        yield opened


@on_both
async def test_what_was_shown_is_kept_once_and_named_by_the_grant_and_its_event(server: RunningServer):
    held = server.world.authorisation("requested")
    notice = notice_of(server, "person-2", held.gid)
    assert notice is not None
    assert notice["lines"][0] == "请求方：临淄区市场监督管理局（LZ-SCJG）。"
    assert (notice["version"], notice["language"]) == ("authorisation-notice/1", "zh-CN")
    assert answer(server, "person-2", GRANT, held.gid)["code"] == "NOTICE_NOT_SHOWN"
    assert answer(server, "person-2", GRANT, held.gid, notice="0" * 64)["code"] == "NOTICE_CHANGED"

    # Less than was asked is granted on the notice of what was asked.
    assert grant(server, "person-2", held.gid, uses=1)["authorisation"]["status"] == "LIVE"
    shown = server.ask("person-2", NOTICE, {"id": held.gid}).data["node"]
    assert shown == {"notice": None, "noticeShown": {"digest": notice["digest"], "lines": notice["lines"]}}
    event = tables.consent_events.c
    granted = await server.database.fetch(
        select(event.facts).where(event.authorisation_id == held.row_id, event.event == "GRANTED")
    )
    assert [facts["notice"] for (facts,) in granted] == [notice["digest"]]
    kept = await server.database.fetch(select(tables.authorisation_notices.c.digest))
    assert [digest for (digest,) in kept] == [notice["digest"]]


@on_both
async def test_a_notice_that_changed_meanwhile_is_read_again(server: RunningServer):
    held = server.world.authorisation("requested")
    before = notice_of(server, "person-2", held.gid)
    assert before is not None
    renamed = update(tables.departments).where(tables.departments.c.code == SCJG).values(name_zh="临淄区市场监管局")
    await server.database.write((renamed, None))
    refused = answer(server, "person-2", GRANT, held.gid, notice=before["digest"])
    assert (refused["__typename"], refused["code"]) == ("NotNow", "NOTICE_CHANGED")
    assert grant(server, "person-2", held.gid)["authorisation"]["status"] == "LIVE"
