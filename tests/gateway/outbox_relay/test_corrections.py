"""[5.1.4(6)] Who was given what is wrong is told what is right, through the same route; then it is complete."""

from datetime import timedelta

from sqlalchemy import select

from credit.cases.case import RemovalCause
from credit.core.context import ActionContext
from credit.core.record_refs import CaseRef, CorrectionRef
from credit.corrections import actions
from credit.corrections.actions import CorrectionValues, DiscoverError
from credit.corrections.correction import Correction, RecordItem, Remedy
from gateway.subjects.sealing_unit_of_work import SealingUnitOfWork
from storage import tables
from tests.action_context import NOBODY
from tests.builders import Case
from tests.credit.subjects.synthetic_numbers import id_number
from tests.gateway.outbox_relay.relay_and_peer import RelayAndPeer
from tests.gateway.subjects.test_corrections import HANDLER, PAPER

RIGHT = id_number(born="19050607", sequence="983")
MINUTE = timedelta(minutes=1)


async def find(post: RelayAndPeer, case: Case, remedy: Remedy, items: frozenset[RecordItem]) -> Correction:
    which = CaseRef(case.subject_id, case.case_id)
    async with SealingUnitOfWork(post.services.database, post.services.keyring) as work:
        found = await actions.discover_error(
            work, now(post).acting_as(HANDLER), DiscoverError(which, PAPER, remedy, RemovalCause.WRONG, items)
        )
        await work.commit()
    return found


def now(post: RelayAndPeer) -> ActionContext:
    post.clock.at += MINUTE
    return post.services.graphql_service.action_context(NOBODY, post.clock.at)


async def completed(post: RelayAndPeer, correction: Correction) -> bool:
    table = tables.corrections.c
    own = select(table.completed_on).where(table.correction_id == correction.correction_id)
    ((day,),) = await post.services.database.fetch(own)
    return day is not None


async def test_a_wrong_number_is_put_right_in_every_case_that_the_platform_was_given(post: RelayAndPeer):
    """One correction, two cases of the same subject: each is told anew, after what its lane held before."""
    one, other = post.world.case("in-force"), post.world.case("unpublished")
    await post.leave(one, "published")
    await post.leave(one, "published", to="supervisors")
    await post.leave(other, "determined")
    assert (await post.round()).sent == 3
    wrong = post.peer.cases[str(one.case_id)]
    assert await post.services.database.fetch(select(tables.deliveries.c.recipient, tables.deliveries.c.route)) != []

    found = await find(post, one, Remedy.CORRECT, frozenset({RecordItem.NUMBER}))
    which = CorrectionRef(found.subject_id, found.correction_id)
    async with SealingUnitOfWork(post.services.database, post.services.keyring) as work:
        await actions.correct(work, now(post).acting_as(HANDLER), which, PAPER, CorrectionValues(number=RIGHT))
        await work.commit()
    assert not await completed(post, found)
    await post.round(MINUTE)
    assert post.got(one).sequences[-1] > 1
    assert wrong.topics[-1] == "correction.tell"
    assert post.got(other).topics == ["restraint-case.determined", "correction.tell"]
    told = [(row[0], row[1]) for row in await post.services.database.fetch(
        select(tables.correction_told.c.recipient, tables.correction_told.c.told_by)
    )]  # fmt: skip
    assert sorted(told) == [("city-platform", "courier"), ("supervisors:market", "courier")]
    assert await completed(post, found)
    # Supervisors and platform share one peer here; whoever came last, what it shows is the right number.
    assert post.got(one).restraint["subject"]["identifier"] in {RIGHT, RIGHT[0] + "*" * 16 + RIGHT[-1]}
    assert (await post.round(MINUTE)).sent == 0


async def test_a_removed_case_is_taken_down_where_it_went(post: RelayAndPeer):
    case = post.world.case("in-force")
    await post.leave(case, "published")
    await post.round()
    found = await find(post, case, Remedy.REMOVE, frozenset())
    which = CorrectionRef(found.subject_id, found.correction_id)
    async with SealingUnitOfWork(post.services.database, post.services.keyring) as work:
        await actions.remove_case(work, now(post).acting_as(HANDLER), which, PAPER)
        await work.commit()
    await post.round(MINUTE)
    assert (post.got(case).state, post.got(case).restraint) == ("ENDED", None)
    assert await completed(post, found)


async def test_what_arrived_is_kept_as_a_delivery_with_its_items(small_post: RelayAndPeer):
    post, case = small_post, small_post.world.case("in-force")
    message = await post.leave(case, "published")
    await post.round()
    table = tables.deliveries.c
    columns = table.recipient, table.route, table["items"], table.message_id
    ((recipient, route, items, carried),) = await post.services.database.fetch(select(*columns))
    assert (recipient, route, carried) == ("city-platform", "CITY_PLATFORM", message)
    assert set(items) == {
        "NAME", "NUMBER", "ADDRESS", "FACTS", "AUTHORITY", "BASIS", "DETERMINED_ON", "VALIDITY", "LEGAL_DOCUMENT",
    }  # fmt: skip
