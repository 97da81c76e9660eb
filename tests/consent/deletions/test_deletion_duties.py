"""What a recipient has to delete, from when on, who acknowledges it, and what the record says [5.1.6] [PIPL 47]."""

from dataclasses import replace
from datetime import timedelta

import pytest

from consent import rules
from consent.authorisation import Authorisation
from consent.authorisations import actions
from consent.deletions.actions import acknowledge_deletion
from consent.deletions.deletion_duty import DeletionCause, DeletionOutcome, end_of, of_first_use, of_narrowing
from consent.deletions.recorded_state import duty_columns
from consent.errors import (
    DELETION_ACKNOWLEDGED_BEFORE,
    EVIDENCE_NOT_A_REFERENCE,
    KEPT_WITHOUT_GROUND,
    NOT_THE_RECIPIENT,
    STILL_IN_FORCE,
    VERSION_CONFLICT,
    NotFound,
)
from consent.leaves.consent_events import Event
from consent.recorded_state import RecordedEvent, authorisation_columns
from consent.rules import Bounds
from credit.core.context import Caller
from tests.consent.samples import (
    APPLICATION_ID,
    BUREAU,
    CLERK,
    CREDIT_CHECK,
    IDENTITY,
    NOW,
    OTHER_BUREAU,
    RESTRAINT,
    SUBJECT,
    SUBJECT_ID,
    TEMPLATES,
    TODAY,
    day,
    moment,
    requested,
)
from tests.fakes import Memory
from tests.refusals import refuses

KEPT, DELETED = DeletionOutcome.USE_ENDED, DeletionOutcome.DELETED
LATER = NOW + timedelta(days=3)
HEAD = Caller("head-1", "head", department=BUREAU)


def given(**changes: object) -> Authorisation:
    granted = rules.grant(requested(), CREDIT_CHECK, Bounds(expires_on=day(10)), by="account-1", at=NOW, today=TODAY)
    return replace(granted, uses_made=1, **changes)  # type: ignore[arg-type]  # names of fields


@pytest.mark.parametrize(
    ("case", "authorisation", "cause", "since"),
    [
        ("its last day passes", given(), "EXPIRED", day(11)),
        ("withdrawn", given(withdrawn_at=LATER), "WITHDRAWN", day(3)),
        ("by a letter of before", given(withdrawn_at=LATER, withdrawn_on=day(1)), "WITHDRAWN", day(1)),
        ("a paper is contested", given(contested_at=NOW), "CONTESTED", day(0)),
        ("first contested, then withdrawn", given(contested_at=NOW, withdrawn_at=LATER), "CONTESTED", day(0)),
        ("contested after it was over", given(contested_at=NOW + timedelta(days=20)), "EXPIRED", day(11)),
    ],
)  # fmt: skip
def test_what_was_received_is_deleted_from_the_first_end_on(case, authorisation, cause, since):
    assert end_of(authorisation) == (cause, since), case


def test_only_lost_groups_of_what_was_used_are_deleted_before_the_end():
    less = replace(given(), groups=RESTRAINT)
    duty = of_narrowing(given(), less, moment().new_id, TODAY)
    assert duty is not None
    assert (duty.cause, duty.groups, duty.since_on) == (DeletionCause.NARROWED, IDENTITY, TODAY)
    for before, after in ((given(), given()), (given(), replace(less, uses_made=0))):
        assert of_narrowing(before, after, moment().new_id, TODAY) is None


@pytest.fixture
def memory() -> Memory:
    return Memory(subjects={SUBJECT_ID})


async def granted(memory: Memory, uses: int = 1) -> Authorisation:
    async with memory.work() as work:
        asked = await actions.request_authorisation(
            work, moment().acting_as(CLERK), TEMPLATES,
            subject_id=SUBJECT_ID, purpose=CREDIT_CHECK.purpose, application_id=APPLICATION_ID,
        )  # fmt: skip
        which = {"subject_id": SUBJECT_ID, "authorisation_id": asked.authorisation_id}
        found = await actions.grant_authorisation(work, moment().acting_as(SUBJECT), TEMPLATES, **which)
    for _ in range(uses):
        await memory.count_use(SUBJECT_ID, found.authorisation_id)
    return found


async def withdraw(memory: Memory, it: Authorisation, after: int = 1) -> None:
    async with memory.work() as work:
        which = {"subject_id": SUBJECT_ID, "authorisation_id": it.authorisation_id}
        await actions.withdraw_authorisation(work, moment(after).acting_as(SUBJECT), **which)


async def acknowledge(memory: Memory, duty_id, by=CLERK, outcome=DELETED, reference=None, after=2, **more):
    async with memory.work() as work:
        which = {"subject_id": SUBJECT_ID, "duty_id": duty_id} | more
        return await acknowledge_deletion(work, moment(after).acting_as(by), outcome, reference, **which)


@pytest.mark.parametrize(
    ("case", "how", "refusal"),
    [
        ("by the clerk", {}, None),
        ("by the head", {"by": HEAD}, None),
        ("kept by a law", {"outcome": KEPT, "reference": "档案法 第12条"}, None),
        ("kept by none", {"outcome": KEPT, "reference": " "}, KEPT_WITHOUT_GROUND),
        ("no reference at all", {"reference": "一" * 300}, EVIDENCE_NOT_A_REFERENCE),
        ("another department", {"by": replace(CLERK, department=OTHER_BUREAU)}, NotFound.reason),
        ("another duty", {"duty_id": SUBJECT_ID}, NotFound.reason),
        ("the subject itself", {"by": SUBJECT}, NOT_THE_RECIPIENT),
        ("before it has ended", {"after": 0}, STILL_IN_FORCE),
        ("another version", {"expected_version": 7}, VERSION_CONFLICT),
    ],
)
async def test_the_recipient_acknowledges_what_it_may_not_use_any_more(memory, case, how, refusal):
    it = await granted(memory)
    await withdraw(memory, it)
    how = {"duty_id": it.authorisation_id} | how
    if refusal is not None:
        with refuses(refusal):
            await acknowledge(memory, **how)
        assert memory.state.events[-1].event is Event.WITHDRAWN, case
        return
    done = await acknowledge(memory, **how)
    assert (done.acknowledged_on, done.since_on) == (day(2), day(1)), case
    assert memory.state.events[-1].event is Event.DELETION_ACKNOWLEDGED
    assert memory.state.outbox[-1].topic == "deletion.acknowledged"
    with refuses(DELETION_ACKNOWLEDGED_BEFORE):
        await acknowledge(memory, **how)


async def test_nothing_was_received_where_nothing_was_read(memory):
    it = await granted(memory, uses=0)
    await withdraw(memory, it)
    assert memory.state.duties == {}


async def test_the_events_say_what_the_duties_are(memory):
    """[5.1.6] So a row that somebody changed is named by the audit; also where the authorisation was taken over."""
    it = await granted(memory)
    async with memory.work() as work:
        which = {"subject_id": SUBJECT_ID, "authorisation_id": it.authorisation_id}
        less = Bounds(groups=RESTRAINT)
        await actions.narrow_authorisation(work, moment().acting_as(SUBJECT), TEMPLATES, bounds=less, **which)
    await withdraw(memory, it)
    (whole, part) = memory.state.duties.values()
    await acknowledge(memory, part.duty_id, outcome=KEPT, reference="档案法")
    told = [RecordedEvent(each.event, each.at, each.actor_ref, each.role, each.facts) for each in memory.state.events]
    for duty in memory.state.duties.values():
        columns = duty_columns(duty.duty_id, it.authorisation_id, told)
        assert columns == {name: getattr(duty, name) for name in columns}, duty.cause
        assert {"cause", "since_on", "groups", "outcome", "acknowledged_by"} <= set(columns)
        given, later = authorisation_columns(told[:2]), told[2:]
        assert duty_columns(duty.duty_id, it.authorisation_id, later, given=given) == columns
    assert memory.state.duties[SUBJECT_ID, part.duty_id].reference == "档案法"
    assert duty_columns(SUBJECT_ID, it.authorisation_id, told) == {}
    assert whole.duty_id == of_first_use(SUBJECT_ID, it.authorisation_id, BUREAU, TODAY).duty_id
