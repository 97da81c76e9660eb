"""The law behind every transition: no sequence widens, prolongs, or revives [5.1.6]."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from consent import rules
from consent.authorisation import ContestFinding, Status
from consent.errors import ConsentError
from consent.rules import Bounds
from consent.templates import CEILING_DAYS, catalogue
from consent.vocabulary import FieldGroup, Purpose
from tests.consent.samples import CLERK, NOW, SUBJECT, TODAY, day, requested
from tests.hypothesis_profiles import examples

# A refusal is not among them: the subject can change its mind while the request runs.
OVER = {Status.LAPSED, Status.WITHDRAWN, Status.EXPIRED, Status.CONTESTED, Status.USED_UP}
FACTS = (
    "granted_at",
    "withdrawn_at",
    "contested_at",
    "paper_evidence",
    "signed_on",
    "held_at",
    "confirmed_at",
    "confirmed_by",
    "contest_decided_at",
    "contest_finding",
)

BOUNDS = st.builds(
    Bounds,
    groups=st.none() | st.integers(0, 63).map(FieldGroup),
    expires_on=st.none() | st.integers(-5, 500).map(day),
    uses=st.none() | st.integers(-1, 120),
)


class History(RuleBasedStateMachine):
    """Anybody may try anything at any time, under any setting; what was given only ever shrinks."""

    @initialize(bounds=BOUNDS)
    def ask(self, bounds):
        self.today = TODAY
        self.was_live = self.was_over = False
        try:
            self.now = requested(bounds)
        except ConsentError:
            self.now = requested()
        self.before = self.now

    def attempt(self, transition):
        try:
            after = transition(self.now)
        except ConsentError:
            return
        assert after.version in {self.now.version, self.now.version + 1}
        self.now = after

    @rule(days=st.integers(0, 40))
    def time_passes(self, days):
        self.today += timedelta(days=days)

    @rule(bounds=BOUNDS, longest=st.integers(1, CEILING_DAYS))
    def grant(self, bounds, longest):
        template = catalogue(longest)[Purpose.CREDIT_CHECK]
        self.attempt(lambda a: rules.grant(a, template, bounds, by=SUBJECT.ref, at=NOW, today=self.today))

    @rule(bounds=BOUNDS, longest=st.integers(1, CEILING_DAYS))
    def narrow(self, bounds, longest):
        template = catalogue(longest)[Purpose.CREDIT_CHECK]
        self.attempt(lambda a: rules.narrow(a, template, bounds, at=NOW, today=self.today))

    @rule()
    def refuse(self):
        self.attempt(lambda a: rules.refuse(a, at=NOW, today=self.today))

    @rule()
    def withdraw(self):
        self.attempt(lambda a: rules.withdraw(a, by=SUBJECT.ref, at=NOW, today=self.today))

    @rule()
    def record_paper(self):
        template = catalogue()[Purpose.CREDIT_CHECK]
        paper = rules.Paper("LZ-2026-0012", self.today)
        self.attempt(lambda a: rules.record_paper(a, template, paper, (), today=self.today))

    @rule()
    def hold(self):
        self.attempt(lambda a: rules.hold(a, at=NOW) if rules.can_be_held(a, self.today) else a)

    @rule(by=st.sampled_from([CLERK.ref, "head-1"]))
    def confirm(self, by):
        self.attempt(lambda a: rules.confirm(a, (), by=by, at=NOW, today=self.today))

    @rule(finding=st.sampled_from(ContestFinding), by=st.sampled_from([CLERK.ref, "head-1"]))
    def decide(self, finding, by):
        self.attempt(lambda a: rules.decide_contest(a, finding, "finding-1", by=by, at=NOW))

    @rule()
    def contest(self):
        self.attempt(lambda a: rules.contest(a, by="account-1", at=NOW, today=TODAY))

    @precondition(lambda self: self.now.is_live(self.today))
    @rule()
    def use(self):
        self.now = replace(self.now, uses_made=self.now.uses_made + 1)

    @invariant()
    def only_ever_less(self):
        if not hasattr(self, "now"):
            return
        before, now, status = self.before, self.now, self.now.status(self.today)
        assert now.groups | before.groups == before.groups
        assert now.groups > 0
        assert now.expires_on <= before.expires_on
        assert now.uses_made <= now.uses_allowed <= before.uses_allowed
        assert not (self.was_live and status in {Status.REQUESTED, Status.REFUSED, Status.LAPSED})
        assert not (self.was_over and status not in OVER), "revived"
        for fact in FACTS:
            assert getattr(before, fact) in {None, getattr(now, fact)}, "a fact was taken back"
        assert now.status(self.today) is not Status.LIVE or now.held_at is None or now.confirmed_by != now.requested_by
        self.before = now
        self.was_live |= status is Status.LIVE
        self.was_over |= status in OVER


TestHistory = History.TestCase
TestHistory.settings = settings(max_examples=examples(150), stateful_step_count=20, deadline=None)
