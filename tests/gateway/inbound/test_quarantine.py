"""[5.1.3] [5.1.6] Quarantined messages are sealed; each look is recorded, and a decision destroys the text."""

import orjson
import pytest
from sqlalchemy import select

from gateway.import_export.errors import ExchangeRefused
from gateway.inbound.accept import accept
from gateway.inbound.quarantine import DISCARDED, NotThere, settle, show
from policy.actors import Actor, Role
from storage import tables
from storage.unit_of_work import SqlUnitOfWork
from tests.builders import SCJG, WJJ
from tests.gateway.outbox_relay.relay_and_peer import RelayAndPeer

PLATFORM = Actor("city-platform", Role.PLATFORM)
HANDLER, ELSEWHERE, CLERK = (
    Actor("handler-1", Role.HANDLER, SCJG),
    Actor("handler-5", Role.HANDLER, WJJ),
    Actor("clerk-1", Role.CLERK, SCJG),
)
SENT = orjson.dumps({"schema": "chengxin/collected-case/1", "department": SCJG, "name": "演示辛"})


async def test_it_is_shown_to_its_department_and_the_look_is_recorded(relay_and_peer: RelayAndPeer) -> None:
    came = (await accept(relay_and_peer.services, PLATFORM, "q-1", SENT)).came
    assert came.item_id is not None
    for refused, actor in ((NotThere, ELSEWHERE), (ExchangeRefused, CLERK)):
        with pytest.raises(refused):
            await show(relay_and_peer.services, actor, came.item_id)
    item, text = await show(relay_and_peer.services, HANDLER, came.item_id)
    assert text.encode() == SENT
    assert "identifier:REQUIRED" in item.reasons
    table = tables.outbox.c
    looks = await relay_and_peer.services.database.fetch(select(table.about).where(table.topic == "quarantine.shown"))
    assert [about["by"] for (about,) in looks] == ["handler-1"]


async def test_settled_it_is_gone(relay_and_peer: RelayAndPeer) -> None:
    came = (await accept(relay_and_peer.services, PLATFORM, "q-1", SENT)).came
    assert came.item_id is not None
    with pytest.raises(NotThere):
        await settle(relay_and_peer.services, ELSEWHERE, came.item_id, DISCARDED)
    await settle(relay_and_peer.services, HANDLER, came.item_id, DISCARDED)
    for act in (
        show(relay_and_peer.services, HANDLER, came.item_id),
        settle(relay_and_peer.services, HANDLER, came.item_id, DISCARDED),
    ):
        with pytest.raises(NotThere):
            await act
    columns = tables.quarantine.c.body_sealed, tables.quarantine.c.wrapped, tables.quarantine.c.settled_by
    assert await relay_and_peer.services.database.fetch(select(*columns)) == [(None, b"", "handler-1")]
    async with SqlUnitOfWork(relay_and_peer.services.database) as work:
        assert await work.inbound.count() == 0
    # The key still says what became of it.
    assert (await accept(relay_and_peer.services, PLATFORM, "q-1", SENT)).again
