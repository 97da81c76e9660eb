"""What officers enter: letters of the subject; and who decides after a contest [5.1.6]."""

from dataclasses import replace

import pytest

from consent.authorisation import Status
from consent.authorisations.records import ON_PAPER
from consent.errors import (
    CONTEST_OPEN,
    FILE_UNKNOWN,
    NOT_LIVE,
    NOT_YOURS,
    RECORDER_CANNOT_CONFIRM,
    RECORDER_CANNOT_DECIDE,
    NotFound,
)
from consent.leaves.consent_events import Event
from consent.rules import Bounds, Letter
from credit.core.context import Caller
from tests.consent.authorisations.action_calls import (
    CONTEST,
    GRANT,
    HEAD,
    NARROW,
    REFUSE,
    WITHDRAW,
    act,
    ask,
    confirm,
    decide,
    last_events,
    ready_for,
    record,
    stored,
)
from tests.consent.samples import (
    AGENT,
    ASSOCIATION,
    CLERK,
    OTHER_BUREAU,
    OTHER_SUBJECT,
    OTHER_SUBJECT_ID,
    SUBJECT,
    SUBJECT_ID,
    TODAY,
    day,
)
from tests.refusals import refuses

# --- on paper, by an officer of the recipient ----------------------------------------------------------------------

LETTER = Letter("来信-1", TODAY)
BY_LETTER = [REFUSE, NARROW, WITHDRAW, CONTEST]
LONG = Bounds(uses=1, expires_on=day(7))
PAST = {REFUSE: "REFUSED", NARROW: "NARROWED", WITHDRAW: "WITHDRAWN", CONTEST: "CONTESTED"}
COLLEAGUE = replace(CLERK, ref="staff-3")


@pytest.mark.parametrize("action", BY_LETTER)
async def test_a_letter_notifies_the_subject_alone(memory, action):
    """[5.1.6] Of a refusal not even the department of the officer is notified."""
    authorisation = await ready_for(memory, action)
    await act(memory, action, authorisation, by=COLLEAGUE, letter=LETTER)
    event, message = memory.state.events[-1], memory.state.outbox[-1]
    assert (event.event, event.actor_ref, event.role) == (ON_PAPER[Event[PAST[action]]], "staff-3", "clerk")
    assert "来信-1" in event.facts.values()
    assert (message.topic, message.about["to"]) == (f"authorisation.{PAST[action].lower()}-on-paper", "subject")


@pytest.mark.parametrize("action", BY_LETTER)
@pytest.mark.parametrize(
    ("case", "by", "refused"),
    [
        ("the subject does it itself", SUBJECT, NOT_YOURS),
        ("its delegate too", AGENT, NOT_YOURS),
        ("the head", replace(CLERK, role="head"), NOT_YOURS),
        ("another department", replace(CLERK, department=OTHER_BUREAU), NotFound),
        ("an association that did not ask", ASSOCIATION, NotFound),
    ],
)
async def test_only_an_officer_of_the_recipient_enters_a_letter(memory, action, case, by, refused):
    """[5.1.6]"""
    authorisation = await ready_for(memory, action)
    with refuses(refused):
        await act(memory, action, authorisation, by=by, letter=LETTER)


async def test_a_letter_about_a_refused_request_is_one_about_an_unanswered_request(memory):
    """[5.1.6] decision 23: whichever letter is tried, and whichever version is named, the answer is the same."""
    waiting, refused = (
        await ask(memory),
        await ask(memory, subject_id=OTHER_SUBJECT_ID, application_id=None, bounds=LONG),
    )
    await act(memory, REFUSE, refused, by=OTHER_SUBJECT)
    for version in (None, 1, 2):
        for action in (NARROW, WITHDRAW):
            for each in (waiting, refused):
                with refuses(NOT_LIVE):
                    await act(memory, action, each, by=CLERK, letter=LETTER, expected_version=version)
    for each in (waiting, refused):
        assert (await act(memory, REFUSE, each, by=CLERK, letter=LETTER)).refused_on == TODAY


# --- contests ------------------------------------------------------------------------------------------------------

OTHER_HEAD = Caller("head-2", "head", OTHER_BUREAU)
OFFICE = Caller("office-1", "office", "LZ-OFFICE")


async def test_a_contest_holds_every_paper_of_one_person_for_the_same_purpose(memory):
    other, contested = await record(memory), await record(memory)
    given = await act(memory, GRANT, await ask(memory))
    await act(memory, CONTEST, contested)
    assert stored(memory, other).status(TODAY) is Status.UNCONFIRMED
    assert stored(memory, given).is_live(TODAY)
    assert last_events(memory, 2) == [(Event.CONTESTED, SUBJECT.ref), (Event.HELD, SUBJECT.ref)]


@pytest.mark.parametrize("by", [HEAD, OFFICE], ids=["the head", "the office"])
async def test_after_a_contest_a_second_person_decides_and_confirms(memory, by):
    contested = await act(memory, CONTEST, await record(memory))
    again = await record(memory)
    assert again.status(TODAY) is Status.UNCONFIRMED
    with refuses(CONTEST_OPEN):
        await confirm(memory, again, by)
    await decide(memory, contested, by)
    assert (await confirm(memory, again, by)).is_live(TODAY)
    assert last_events(memory, 2) == [(Event.CONTEST_DECIDED, by.ref), (Event.CONFIRMED, by.ref)]
    facts = [event.facts for event in memory.state.events[-2:]]
    assert [fact.get("contest_finding") for fact in facts] == ["NEVER_GIVEN", None]
    assert [fact["signed_on"] for fact in facts] == [TODAY.isoformat()] * 2
    assert [message.about["to"] for message in memory.state.outbox[-2:]] == ["subject", "subject"]


@pytest.mark.parametrize(
    ("case", "by", "refused"),
    [
        ("the clerk who recorded it", CLERK, NotFound),
        ("the same person, as head", replace(HEAD, ref=CLERK.ref), None),
        ("the head of another department", OTHER_HEAD, NotFound),
        ("the subject", SUBJECT, NotFound),
    ],
)
async def test_who_recorded_a_paper_neither_decides_nor_confirms(memory, case, by, refused):
    contested = await act(memory, CONTEST, await record(memory))
    again = await record(memory)
    with refuses(refused or RECORDER_CANNOT_DECIDE):
        await decide(memory, contested, by)
    await decide(memory, contested)
    with refuses(refused or RECORDER_CANNOT_CONFIRM):
        await confirm(memory, again, by)


@pytest.mark.parametrize("recorder", [CLERK.ref, "staff-9"])
async def test_after_a_contest_a_paper_needs_a_second_person_at_every_department(memory, recorder):
    """[5.1.6] Whoever records it there; what was recorded there before the contest stays as it is."""
    there = replace(CLERK, ref=recorder, department=OTHER_BUREAU)
    before = await record(memory, there)
    await act(memory, CONTEST, await record(memory))
    assert stored(memory, before).is_live(TODAY)
    waiting = await record(memory, there)
    assert waiting.status(TODAY) is Status.UNCONFIRMED
    assert (await confirm(memory, waiting, OTHER_HEAD)).is_live(TODAY)


async def test_what_was_not_recorded_from_paper_is_nobodys_to_confirm(memory):
    with refuses(NotFound):
        await confirm(memory, await ask(memory))


async def test_a_paper_may_be_an_uploaded_file(memory):
    with refuses(FILE_UNKNOWN):
        await record(memory, evidence="file:unknown")
    assert memory.state.authorisations == {}
    memory.state.files["file:known"] = []
    recorded = await record(memory, evidence="file:known")
    assert memory.state.files["file:known"] == [(SUBJECT_ID, "AUTHORISATION", recorded.authorisation_id)]
