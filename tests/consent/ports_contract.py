"""What `consent.ports` requires, as checks that run against the fakes and against SQL alike.

    @pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
    async def test_contract(check, stores):
        await check(stores)

`Stores` is an empty store that knows the subjects SUBJECT_ID and OTHER_SUBJECT_ID and the recipient BUREAU.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Protocol
from uuid import UUID

import pytest

from consent.authorisation import Authorisation, ContestFinding
from consent.delegation import Delegation, DelegationKind, Power
from consent.errors import VERSION_CONFLICT, NotFound
from consent.leaves.consent_events import ConsentEvent, Event
from consent.ports import StoredResult, Work
from tests.consent.samples import (
    AUTHORISATION_ID,
    NOW,
    OTHER_SUBJECT_ID,
    SUBJECT_ID,
    TODAY,
    day,
    delegated,
    live,
    on_paper,
)
from tests.consent.samples import requested as asked
from tests.refusals import refuses


class Stores(Protocol):
    def work(self) -> AbstractAsyncContextManager[Work]: ...

    async def delegate(self, delegation: Delegation) -> None: ...

    async def count_use(self, subject_id: UUID, authorisation_id: UUID) -> None:
        """Add one to uses_made, as the reading side does."""

    async def rows(self) -> Mapping[str, int]:
        """Count the rows in consent_events, pending_entries and outbox."""


class DeliberateError(Exception):
    """Raised to leave a unit of work in the middle."""


async def put(stores: Stores, authorisation: Authorisation, over: int = 0) -> None:
    async with stores.work() as work:
        await work.authorisations.save(authorisation, over)


async def get(stores: Stores, subject_id: UUID = SUBJECT_ID) -> Authorisation | None:
    async with stores.work() as work:
        return await work.authorisations.load(subject_id, AUTHORISATION_ID)


async def what_is_saved_is_loaded(stores: Stores) -> None:
    await put(stores, asked())
    assert await get(stores) == asked()


async def every_fact_comes_back(stores: Stores) -> None:
    full = replace(
        on_paper(),
        narrowed_at=NOW,
        withdrawn_at=NOW,
        withdrawn_by="account-1",
        contested_at=NOW,
        contest_decided_at=NOW,
        contest_decided_by="head-1",
        contest_finding=ContestFinding.GIVEN,
        contest_evidence="finding-1",
        held_at=NOW,
        confirmed_at=NOW,
        confirmed_by="head-1",
    )
    await put(stores, full)
    assert await get(stores) == full


async def a_change_is_loaded(stores: Stores) -> None:
    await put(stores, asked())
    await put(stores, live(), over=1)
    assert await get(stores) == live()


async def all_of_a_subject_are_listed(stores: Stores) -> None:
    for subject_id, number in ((SUBJECT_ID, 1), (SUBJECT_ID, 2), (OTHER_SUBJECT_ID, 3)):
        await put(stores, replace(asked(), subject_id=subject_id, authorisation_id=UUID(int=number)))
    await put(stores, replace(live(), authorisation_id=UUID(int=2)), over=1)
    async with stores.work() as work:
        found = await work.authorisations.of_subject(SUBJECT_ID)
    assert {(one.authorisation_id.int, one.version) for one in found} == {(1, 1), (2, 2)}


async def nothing_is_there(stores: Stores) -> None:
    assert await get(stores) is None


async def nothing_is_there_for_another_subject(stores: Stores) -> None:
    await put(stores, asked())
    assert await get(stores, OTHER_SUBJECT_ID) is None


async def a_new_one_is_new(stores: Stores) -> None:
    await put(stores, asked())
    with refuses(VERSION_CONFLICT):
        await put(stores, asked())


async def a_change_needs_what_it_changes(stores: Stores) -> None:
    with refuses(VERSION_CONFLICT):
        await put(stores, live(), over=1)


async def the_second_of_two_changes_is_refused(stores: Stores) -> None:
    await put(stores, asked())
    await put(stores, live(), over=1)
    with refuses(VERSION_CONFLICT):
        await put(stores, replace(asked(), refused_at=NOW, version=2), over=1)
    assert await get(stores) == live()


async def a_subject_that_is_not_there(stores: Stores) -> None:
    with pytest.raises(NotFound):
        await put(stores, replace(asked(), subject_id=UUID(int=99)))


async def a_use_counted_meanwhile_stays(stores: Stores) -> None:
    await put(stores, live())
    await stores.count_use(SUBJECT_ID, AUTHORISATION_ID)
    await put(stores, replace(live(), withdrawn_at=NOW, version=3), over=2)
    stored = await get(stores)
    assert stored is not None
    assert (stored.uses_made, stored.withdrawn_at) == (1, NOW)


async def delegations_hold_for_their_days(stores: Stores) -> None:
    def of(number: int, ref: str) -> Delegation:
        return delegated(ref, delegation_id=UUID(int=number))

    await stores.delegate(of(1, "agent-1"))
    await stores.delegate(replace(of(2, "agent-2"), withdrawn_at=NOW))
    await stores.delegate(replace(of(3, "reader"), powers=Power.OBJECTION))
    for subject_id, ref, today, power, may in (
        (SUBJECT_ID, "agent-1", TODAY, "CONSENT", True),
        (SUBJECT_ID, "agent-1", day(10), "DEFENCE", True),
        (SUBJECT_ID, "agent-1", day(-1), "CONSENT", False),
        (SUBJECT_ID, "agent-1", day(11), "CONSENT", False),
        (SUBJECT_ID, "agent-2", TODAY, "CONSENT", False),
        (SUBJECT_ID, "agent-3", TODAY, "CONSENT", False),
        (SUBJECT_ID, "reader", TODAY, "CONSENT", False),
        (SUBJECT_ID, "reader", TODAY, "OBJECTION", True),
        (OTHER_SUBJECT_ID, "agent-1", TODAY, "CONSENT", False),
    ):
        async with stores.work() as work:
            assert await work.delegations.live_delegation(subject_id, ref, today, power) is may


async def a_ward_is_one_for_the_days_of_its_guardian(stores: Stores) -> None:
    guardian = delegated("mother", delegation_id=UUID(int=1), kind=DelegationKind.GUARDIAN, starts_on=day(-5))
    await stores.delegate(guardian)
    await stores.delegate(delegated("agent-1"))
    async with stores.work() as work:
        held = work.delegations
        assert {one.delegate_ref for one in await held.of_subject(SUBJECT_ID)} == {"mother", "agent-1"}
        assert not await held.of_subject(OTHER_SUBJECT_ID)
        assert [await held.is_guarded(SUBJECT_ID, day(after)) for after in (-6, -5, 10, 11)] == [
            False, True, True, False,
        ]  # fmt: skip
        assert not await held.is_guarded(OTHER_SUBJECT_ID, TODAY)


async def a_delegation_is_saved_over_the_version_that_was_read(stores: Stores) -> None:
    new = delegated()
    ended = replace(new, withdrawn_at=NOW, ended_by="account-1", ended_as="subject", end_evidence="E-1", version=2)
    async with stores.work() as work:
        await work.delegations.save(new, 0)
        assert await work.delegations.load(SUBJECT_ID, new.delegation_id) == new
        assert await work.delegations.load(OTHER_SUBJECT_ID, new.delegation_id) is None
    async with stores.work() as work:
        await work.delegations.save(ended, 1)
    for over in (0, 1):
        with refuses(VERSION_CONFLICT):
            async with stores.work() as work:
                await work.delegations.save(ended, over)
    with pytest.raises(NotFound):
        async with stores.work() as work:
            await work.delegations.save(replace(new, subject_id=UUID(int=99)), 0)
    async with stores.work() as work:
        assert await work.delegations.load(SUBJECT_ID, new.delegation_id) == ended


async def write_everything(work: Work) -> None:
    event = ConsentEvent(
        SUBJECT_ID, UUID(int=20), AUTHORISATION_ID, NOW, "a", "subject", Event.GRANTED, {"version": 2}, bytes(16)
    )
    await work.authorisations.save(asked(), 0)
    await work.authorisations.append_event(event)
    await work.outbox("authorisation.granted", {"to": "recipient"}, UUID(int=21), NOW)
    await work.remember("a", "key", StoredResult("h", {"subject_id": "s"}), NOW)


async def all_becomes_durable_together(stores: Stores) -> None:
    async with stores.work() as work:
        await write_everything(work)
    assert await get(stores) == asked()
    assert dict(await stores.rows()) == {"consent_events": 1, "pending_entries": 1, "outbox": 1}


async def or_not_at_all(stores: Stores) -> None:
    with pytest.raises(DeliberateError):  # noqa: PT012 - leaving the unit of work is what is tested
        async with stores.work() as work:
            await write_everything(work)
            raise DeliberateError
    assert await get(stores) is None
    assert dict(await stores.rows()) == {"consent_events": 0, "pending_entries": 0, "outbox": 0}
    async with stores.work() as work:
        assert await work.recall("a", "key") is None


async def a_unit_of_work_sees_its_own_writes(stores: Stores) -> None:
    async with stores.work() as work:
        await work.authorisations.save(asked(), 0)
        assert await work.authorisations.load(SUBJECT_ID, AUTHORISATION_ID) == asked()


async def keys_are_remembered_for_each_actor(stores: Stores) -> None:
    done = StoredResult("hash", {"subject_id": "s", "authorisation_id": "a"})
    async with stores.work() as work:
        assert await work.recall("a", "key") is None
        await work.remember("a", "key", done, NOW)
    async with stores.work() as work:
        assert await work.recall("a", "key") == done
        assert await work.recall("b", "key") is None
        assert await work.recall("a", "other") is None


async def a_key_is_taken_once(stores: Stores) -> None:
    async with stores.work() as work:
        await work.remember("a", "key", StoredResult("one", {}), NOW)
    with refuses(VERSION_CONFLICT):
        async with stores.work() as work:
            await work.remember("a", "key", StoredResult("two", {}), NOW)


CONTRACT = (
    what_is_saved_is_loaded,
    every_fact_comes_back,
    a_change_is_loaded,
    all_of_a_subject_are_listed,
    nothing_is_there,
    nothing_is_there_for_another_subject,
    a_new_one_is_new,
    a_change_needs_what_it_changes,
    the_second_of_two_changes_is_refused,
    a_subject_that_is_not_there,
    a_use_counted_meanwhile_stays,
    delegations_hold_for_their_days,
    a_ward_is_one_for_the_days_of_its_guardian,
    a_delegation_is_saved_over_the_version_that_was_read,
    all_becomes_durable_together,
    or_not_at_all,
    a_unit_of_work_sees_its_own_writes,
    keys_are_remembered_for_each_actor,
    a_key_is_taken_once,
)
