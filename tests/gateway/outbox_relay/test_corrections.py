"""[5.1.4(6)] Each recipient of wrong data gets the corrected data by the same route; then it is complete."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from credit.cases.case import RemovalCause
from credit.core.context import ActionContext
from credit.core.record_refs import CaseRef, CorrectionRef
from credit.corrections import actions
from credit.corrections.actions import CorrectionValues, DiscoverError
from credit.corrections.correction import Correction, RecordItem, Remedy
from gateway.subjects.sealing_unit_of_work import SealingUnitOfWork
from storage import tables
from storage.repositories.messages.outbox_queue import OutboxQueue
from tests.action_context import NOBODY
from tests.builders import Case
from tests.credit.subjects.synthetic_numbers import id_number
from tests.gateway.outbox_relay.relay_and_peer import RelayAndPeer
from tests.gateway.subjects.test_corrections import HANDLER, PAPER

pytestmark = pytest.mark.slow

RIGHT = id_number(born="19050607", sequence="983")
MINUTE = timedelta(minutes=1)


async def find(relay_and_peer: RelayAndPeer, case: Case, remedy: Remedy, items: frozenset[RecordItem]) -> Correction:
    which = CaseRef(case.subject_id, case.case_id)
    async with SealingUnitOfWork(relay_and_peer.services.database, relay_and_peer.services.keyring) as work:
        found = await actions.discover_error(
            work, now(relay_and_peer).acting_as(HANDLER), DiscoverError(which, PAPER, remedy, RemovalCause.WRONG, items)
        )
        await work.commit()
    return found


def now(relay_and_peer: RelayAndPeer) -> ActionContext:
    relay_and_peer.clock.at += MINUTE
    return relay_and_peer.services.graphql_service.action_context(NOBODY, relay_and_peer.clock.at)


async def completed(relay_and_peer: RelayAndPeer, correction: Correction) -> bool:
    table = tables.corrections.c
    own = select(table.completed_on).where(table.correction_id == correction.correction_id)
    ((day,),) = await relay_and_peer.services.database.fetch(own)
    return day is not None


async def test_a_wrong_number_is_put_right_in_every_case_that_the_platform_was_given(
    relay_and_peer: RelayAndPeer, monkeypatch: pytest.MonkeyPatch
):
    """One correction, two cases of the same subject: each is sent again, after the earlier messages of its lane."""
    is_last_of = OutboxQueue.is_last_of

    async def slow(queue: OutboxQueue, telling_id: str, message_id: UUID) -> bool:
        found = await is_last_of(queue, telling_id, message_id)
        await asyncio.sleep(0.2)  # the other part arrives meanwhile: each would take the other one for the last
        return found

    monkeypatch.setattr(OutboxQueue, "is_last_of", slow)
    one, other = relay_and_peer.world.case("in-force"), relay_and_peer.world.case("unpublished")
    await relay_and_peer.enqueue(one, "published")
    await relay_and_peer.enqueue(one, "published", to="supervisors")
    await relay_and_peer.enqueue(other, "determined")
    assert (await relay_and_peer.round()).sent == 3
    wrong = relay_and_peer.peer.cases[str(one.case_id)]
    assert (
        await relay_and_peer.services.database.fetch(select(tables.deliveries.c.recipient, tables.deliveries.c.route))
        != []
    )

    found = await find(relay_and_peer, one, Remedy.CORRECT, frozenset({RecordItem.NUMBER}))
    which = CorrectionRef(found.subject_id, found.correction_id)
    async with SealingUnitOfWork(relay_and_peer.services.database, relay_and_peer.services.keyring) as work:
        await actions.correct(
            work, now(relay_and_peer).acting_as(HANDLER), which, PAPER, CorrectionValues(number=RIGHT)
        )
        await work.commit()
    assert not await completed(relay_and_peer, found)
    await relay_and_peer.round(MINUTE)
    assert relay_and_peer.got(one).sequences[-1] > 1
    assert wrong.topics[-1] == "correction.tell"
    assert relay_and_peer.got(other).topics == ["restraint-case.determined", "correction.tell"]
    notified = [(row[0], row[1]) for row in await relay_and_peer.services.database.fetch(
        select(tables.correction_told.c.recipient, tables.correction_told.c.told_by)
    )]  # fmt: skip
    assert sorted(notified) == [("city-platform", "courier"), ("supervisors:market", "courier")]
    assert await completed(relay_and_peer, found)
    # Supervisors and platform share one peer here; whoever came last, what it shows is the right number.
    assert relay_and_peer.got(one).restraint["subject"]["identifier"] in {RIGHT, RIGHT[0] + "*" * 16 + RIGHT[-1]}
    assert (await relay_and_peer.round(MINUTE)).sent == 0


async def test_a_removed_case_is_taken_down_where_it_went(relay_and_peer: RelayAndPeer):
    case = relay_and_peer.world.case("in-force")
    await relay_and_peer.enqueue(case, "published")
    await relay_and_peer.round()
    found = await find(relay_and_peer, case, Remedy.REMOVE, frozenset())
    which = CorrectionRef(found.subject_id, found.correction_id)
    async with SealingUnitOfWork(relay_and_peer.services.database, relay_and_peer.services.keyring) as work:
        await actions.remove_case(work, now(relay_and_peer).acting_as(HANDLER), which, PAPER)
        await work.commit()
    await relay_and_peer.round(MINUTE)
    assert (relay_and_peer.got(case).state, relay_and_peer.got(case).restraint) == ("ENDED", None)
    assert await completed(relay_and_peer, found)


async def test_what_arrived_is_saved_as_a_delivery_with_its_items(sqlite_relay_and_peer: RelayAndPeer):
    relay_and_peer, case = sqlite_relay_and_peer, sqlite_relay_and_peer.world.case("in-force")
    message = await relay_and_peer.enqueue(case, "published")
    await relay_and_peer.round()
    table = tables.deliveries.c
    columns = table.recipient, table.route, table["items"], table.message_id
    ((recipient, route, items, carried),) = await relay_and_peer.services.database.fetch(select(*columns))
    assert (recipient, route, carried) == ("city-platform", "CITY_PLATFORM", message)
    assert set(items) == {
        "NAME", "NUMBER", "ADDRESS", "FACTS", "AUTHORITY", "BASIS", "DETERMINED_ON", "VALIDITY", "LEGAL_DOCUMENT",
    }  # fmt: skip
