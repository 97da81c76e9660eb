"""A repeated request changes nothing, and shows nothing that the caller may no longer see [5.1.6]."""

from datetime import timedelta
from uuid import UUID

import pytest

from consent.authorisations import actions
from consent.errors import KEY_REUSED, NotCanonical
from consent.idempotency import once_for_ids, request_hash
from consent.vocabulary import Purpose
from tests.consent.samples import APPLICATION_ID, CLERK, NOW, SUBJECT_ID, TEMPLATES, moment
from tests.fakes import Memory
from tests.refusals import refuses

ASKED = request_hash("request", {"subject_id": str(SUBJECT_ID), "purpose": "CREDIT_CHECK"})


@pytest.fixture
def memory():
    return Memory(subjects={SUBJECT_ID})


async def attempt(memory, key, asked=ASKED, actor_ref=CLERK.ref, application_id=APPLICATION_ID):
    async with memory.work() as work:

        async def act():
            done = await actions.request_authorisation(
                work,
                moment().acting_as(CLERK),
                TEMPLATES,
                subject_id=SUBJECT_ID,
                purpose=Purpose.CREDIT_CHECK,
                application_id=application_id,
            )
            return {"subject_id": str(done.subject_id), "authorisation_id": str(done.authorisation_id)}

        return await once_for_ids(work, actor_ref, key, asked=asked, at=NOW, act=act)


async def test_the_same_request_under_the_same_key_is_carried_out_once(memory):
    first, again = await attempt(memory, "key"), await attempt(memory, "key")
    assert first == again
    assert len(memory.state.authorisations) == len(memory.state.events) == len(memory.state.outbox) == 1
    assert set(again) == {"subject_id", "authorisation_id"}  # what they stand for is read under today's rights


@pytest.mark.parametrize(
    ("case", "key", "actor_ref"),
    [("another key", "other", CLERK.ref), ("another actor", "key", "staff-2"), ("no key", None, CLERK.ref)],
)
async def test_otherwise_it_is_carried_out_again(memory, case, key, actor_ref):
    await attempt(memory, "key")
    later = UUID(int=33)
    memory.state.filed[SUBJECT_ID, later] = NOW + timedelta(hours=1)  # a new occasion [5.1.6]
    await attempt(memory, key, actor_ref=actor_ref, application_id=later)
    assert len(memory.state.authorisations) == 2


async def test_another_request_under_the_same_key_is_refused(memory):
    await attempt(memory, "key")
    with refuses(KEY_REUSED):
        await attempt(memory, "key", asked=request_hash("request", {"purpose": "CONSULTATION"}))
    assert len(memory.state.authorisations) == 1


async def test_what_was_refused_is_not_remembered(memory):
    memory.state.subjects.clear()
    with pytest.raises(Exception, match="no such"):
        await attempt(memory, "key")
    memory.state.subjects.add(SUBJECT_ID)
    await attempt(memory, "key")
    assert len(memory.state.authorisations) == 1


def test_different_requests_have_different_hashes():
    hashes = {
        request_hash("grant", {"id": "1"}),
        request_hash("withdraw", {"id": "1"}),
        request_hash("grant", {"id": "2"}),
        request_hash("grant", {"id": "1", "uses": 1}),
    }
    assert len(hashes) == 4
    assert request_hash("grant", {"a": 1, "b": 2}) == request_hash("grant", {"b": 2, "a": 1})
    with pytest.raises(NotCanonical):
        request_hash("grant", {"uses": 1.0})
