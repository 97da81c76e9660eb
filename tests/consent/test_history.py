"""For every sequence of actions: only the recorded consent of the subject opens data [5.1.6]."""

from collections.abc import Coroutine
from dataclasses import replace
from functools import partial
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from consent.authorisation import ContestFinding
from consent.authorisations import actions
from consent.errors import ConsentError
from consent.leaves.consent_events import Event
from consent.rules import Bounds, Paper
from consent.vocabulary import FieldGroup, Purpose
from credit.core.context import Caller
from tests.consent.samples import (
    AGENT,
    ASSOCIATION,
    CLERK,
    OTHER_SUBJECT,
    OTHER_SUBJECT_ID,
    SUBJECT,
    SUBJECT_ID,
    TEMPLATES,
    day,
    delegated,
    moment,
)
from tests.fakes import Memory
from tests.hypothesis_profiles import examples

IMPOSTOR = replace(CLERK, subject=SUBJECT_ID)
HEAD = Caller("head-1", "head", CLERK.department)
ACTORS = st.sampled_from(
    [SUBJECT, OTHER_SUBJECT, AGENT, CLERK, ASSOCIATION, IMPOSTOR, HEAD, Caller("nobody", "anonymous")]
)
SUBJECTS = st.sampled_from([SUBJECT_ID, OTHER_SUBJECT_ID])
BOUNDS = st.builds(
    Bounds,
    groups=st.none() | st.integers(0, 31).map(FieldGroup),
    expires_on=st.none() | st.integers(-2, 400).map(day),
    uses=st.none() | st.integers(0, 110),
)
ANSWERS = {
    "grant": actions.grant_authorisation,
    "narrow": actions.narrow_authorisation,
    "refuse": actions.refuse_authorisation,
    "withdraw": actions.withdraw_authorisation,
    "contest": actions.contest_authorisation,
    "confirm": actions.confirm_paper_authorisation,
    "decide": partial(actions.decide_contest, finding=ContestFinding.GIVEN, evidence="finding-1"),
}


def run(steps: Coroutine[Any, Any, Any]) -> Any:
    """Run what never really waits, as the fakes do not, without an event loop."""
    try:
        steps.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("the fakes waited for something")


class Requests(RuleBasedStateMachine):
    asked = Bundle("asked")

    def __init__(self):
        super().__init__()
        self.memory = Memory(subjects={SUBJECT_ID, OTHER_SUBJECT_ID})
        run(self.memory.delegate(delegated(expires_on=day(20))))
        self.after = 0

    def attempt(self, action, *arguments, **more):
        async def steps():
            async with self.memory.work() as work:
                return await action(work, *arguments, **more)

        try:
            return run(steps())
        except ConsentError:
            return None

    @rule(days=st.integers(0, 15))
    def time_passes(self, days):
        self.after += days

    @rule(target=asked, by=ACTORS, subject_id=SUBJECTS, purpose=st.sampled_from(Purpose), bounds=BOUNDS)
    def ask(self, by, subject_id, purpose, bounds):
        asked = self.attempt(
            actions.request_authorisation,
            *(moment(self.after).acting_as(by), TEMPLATES),
            subject_id=subject_id,
            purpose=purpose,
            bounds=bounds,
        )
        return asked.authorisation_id if asked else multiple()

    @rule(target=asked, by=st.just(CLERK), subject_id=SUBJECTS)
    def ask_properly(self, by, subject_id):
        return self.ask(by, subject_id, Purpose.CREDIT_CHECK, Bounds(expires_on=day(self.after + 30), uses=3))

    @rule(target=asked, by=ACTORS, subject_id=SUBJECTS, evidence=st.sampled_from(["", "LZ-2026-0012"]))
    def record(self, by, subject_id, evidence):
        recorded = self.attempt(
            actions.record_paper_authorisation,
            *(moment(self.after).acting_as(by), TEMPLATES),
            subject_id=subject_id,
            purpose=Purpose.CREDIT_CHECK,
            paper=Paper(evidence, day(self.after)),
            bounds=Bounds(expires_on=day(self.after + 30), uses=3),
        )
        return recorded.authorisation_id if recorded else multiple()

    @rule(by=ACTORS, subject_id=SUBJECTS, which=asked, action=st.sampled_from(sorted(ANSWERS)), bounds=BOUNDS)
    def answer(self, by, subject_id, which, action, bounds):
        needs_bounds = action in {"grant", "narrow"}
        self.attempt(
            ANSWERS[action],
            *(moment(self.after).acting_as(by), *([TEMPLATES] if needs_bounds else [])),
            subject_id=subject_id,
            authorisation_id=which,
            **({"bounds": bounds} if needs_bounds else {}),
        )

    @rule(which=asked, subject_id=SUBJECTS)
    def grant_properly(self, which, subject_id):
        self.answer(replace(SUBJECT, subject=subject_id), subject_id, which, "grant", Bounds())

    @invariant()
    def what_opens_data_is_on_record(self):
        state = self.memory.state
        assert [leaf.entry for leaf in state.pending] == [event.commitment() for event in state.events]
        for (subject_id, authorisation_id), stored in state.authorisations.items():
            history = [event for event in state.events if event.authorisation_id == authorisation_id]
            assert [event.facts["version"] for event in history] == list(range(1, stored.version + 1))
            assert {event.subject_id for event in history} == {subject_id} == {stored.subject_id}
            if not stored.is_live(day(self.after)):
                continue
            opened = next(event for event in history if event.event in {Event.GRANTED, Event.RECORDED_ON_PAPER})
            if opened.event is Event.RECORDED_ON_PAPER:
                assert (opened.actor_ref, stored.recipient_code) == (CLERK.ref, CLERK.department)
                assert opened.facts["paper_evidence"]
                contested = [
                    one for one in state.authorisations.values() if one.contested_at and one.subject_id == subject_id
                ]
                assert stored.confirmed_by == HEAD.ref or not contested
            else:
                own = {SUBJECT_ID: {SUBJECT.ref, AGENT.ref}, OTHER_SUBJECT_ID: {SUBJECT.ref, OTHER_SUBJECT.ref}}
                assert opened.actor_ref in own[subject_id]
                assert opened.role in {"subject", "agent"}
            assert TEMPLATES[stored.purpose].allowed | stored.groups == TEMPLATES[stored.purpose].allowed


TestRequests = Requests.TestCase
TestRequests.settings = settings(max_examples=examples(60), stateful_step_count=25, deadline=None)
