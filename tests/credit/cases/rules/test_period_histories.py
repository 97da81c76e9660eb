"""The management period over thousands of random histories, against a clerk who walks through them day by day [5.1.5].

The clerk below keeps a list by hand: enters, strikes out, and looks at every entry each morning. It knows nothing of
`reckon`. For every history, the rules have to show what the clerk's list showed, on every single day,
also when it is asked about it later.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import UUID

from hypothesis import example, given, settings
from hypothesis import strategies as st

from credit.cases.case import Case, Fact, RemovalCause
from credit.cases.refusals import ProcedureRefused
from credit.cases.rules.closing import rectify, refer
from credit.cases.rules.term import Term
from credit.cases.rules.transitions import publish
from credit.cases.status import IN_FORCE, CaseStatus, UnrectifiedPolicy
from credit.corrections.correction import RecordItem, Remedy, discover, remove
from tests.credit.cases.one_case import CALENDAR, HEAD, a_case, by
from tests.hypothesis_profiles import examples

START = date(2026, 1, 1)
ONE_DAY = timedelta(days=1)
HORIZON = 700
"""How many days are looked at; events happen in the first half of them."""
NUMBERS = range(1, 5)
TERMS = [Term(6), Term(2), Term(1), Term(8, citation="某某条例")]


@dataclass(frozen=True)
class Event:
    """Something tried on a day: with which of the subject's cases, and for a determination, when the breach was."""

    on: date
    what: str
    number: int
    back: int = 0


@dataclass
class Entry:
    """A line of the clerk's list."""

    term: Term
    since: date
    last: date
    rectified: bool = False
    periods: list[tuple[date, date]] = field(default_factory=list)
    """The first and the last day of each time that it ran; a restart while it runs prolongs the last."""

    def __post_init__(self) -> None:
        self.periods = [(self.since, self.last)]

    def run_from(self, today: date) -> None:
        begin, end = self.periods[-1]
        self.last = self.term.last_day(today)
        self.periods[-1:] = [(begin, self.last)] if today <= end + ONE_DAY else [(begin, end), (today, self.last)]


@dataclass
class Clerk:
    """Keeps the list by hand. *without* are cases that are to be thought away, because they were wrong."""

    unrectified: UnrectifiedPolicy
    without: frozenset[int] = frozenset()
    determined: dict[int, tuple[date, date]] = field(default_factory=dict)
    listed: dict[int, Entry] = field(default_factory=dict)
    ended: dict[int, Entry] = field(default_factory=dict)
    """Struck out because their time was over; a new breach of that time brings them back."""
    rectified: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)
    taken_off: set[int] = field(default_factory=set)
    """Referred or removed, listed or not."""
    known: list[Event] = field(default_factory=list)
    shown: dict[date, frozenset[int]] = field(default_factory=dict)

    def live(self, events: list[Event], until: date) -> "Clerk":
        due = defaultdict(list)
        for event in events:
            due[event.on].append(event)
        today = START
        while today <= until:
            self._strike_out(today)
            for event in due[today]:
                getattr(self, event.what)(event)
                self.known.append(event)
                self._strike_out(today)
            self.shown[today] = frozenset(self.listed)
            today += ONE_DAY
        return self

    def _strike_out(self, today: date) -> None:
        for number, entry in list(self.listed.items()):
            if today > entry.last and (entry.rectified or self.unrectified is UnrectifiedPolicy.LAPSE):
                self.ended[number] = self.listed.pop(number)

    def _leave(self, number: int) -> None:
        self.listed.pop(number, None)
        self.ended.pop(number, None)
        self.gone.add(number)

    def determine(self, event: Event) -> None:
        self.determined.setdefault(event.number, (event.on, event.on - timedelta(days=event.back)))

    def publish(self, event: Event) -> None:
        number = event.number
        if number not in self.determined or number in self.listed or number in self.ended or number in self.gone:
            return
        if number not in self.without:
            self._restart_others(number, event.on)
            term = TERMS[number % len(TERMS)]
            self.listed[number] = Entry(term, event.on, term.last_day(event.on), number in self.rectified)

    def _restart_others(self, number: int, today: date) -> None:
        _, breach_on = self.determined[number]
        for older, entry in [*self.listed.items(), *self.ended.items()]:
            if entry.since < today and any(begin <= breach_on <= end for begin, end in entry.periods):
                self.listed[older] = entry
                self.ended.pop(older, None)
                entry.run_from(today)

    def rectify(self, event: Event) -> None:
        if event.number in self.determined and event.number not in self.gone | set(self.ended):
            self.rectified.add(event.number)
            if event.number in self.listed:
                self.listed[event.number].rectified = True

    def refer(self, event: Event) -> None:
        if event.number not in self.ended:
            self.remove_changed(event)

    def remove_changed(self, event: Event) -> None:
        if event.number in self.determined and event.number not in self.taken_off:
            self.taken_off.add(event.number)
            self._leave(event.number)

    def remove_wrong(self, event: Event) -> None:
        """Strike it out, and think the whole history through again without it, for those that are still listed."""
        if event.number not in self.determined or event.number in self.taken_off:
            return
        self.remove_changed(event)
        self.without |= {event.number}
        again = Clerk(self.unrectified, self.without).live(self.known, event.on)
        for number, entry in list(self.listed.items()):
            if number in again.ended:  # without it, its time was over before
                self.ended[number] = self.listed.pop(number)
            elif number not in again.listed:
                self._leave(number)
            else:
                entry.last, entry.periods = again.listed[number].last, again.listed[number].periods
        for number, entry in self.ended.items():
            entry.periods = (again.ended | again.listed)[number].periods


@dataclass
class Rules:
    """The same, by the rules under test: cases, and nothing that runs between the events."""

    unrectified: UnrectifiedPolicy
    cases: dict[UUID, Case] = field(default_factory=dict)
    stood: list[tuple[date, tuple[Case, ...]]] = field(default_factory=list)
    """The cases from a day on, until the next one."""
    taken: list[Event] = field(default_factory=list)
    """The steps that were not refused."""

    def live(self, events: list[Event]) -> "Rules":
        for event in events:
            try:
                getattr(self, event.what)(event)
            except ProcedureRefused:
                continue
            self.taken.append(event)
            self.stood.append((event.on, tuple(self.cases.values())))
        return self

    def listed(self, on: date, cases: Iterable[Case] | None = None) -> frozenset[int]:
        """Return who is on the list on a day, by the cases as they stand now or stood then."""
        listed_cases = self.cases.values() if cases is None else cases
        return frozenset(_number(case) for case in listed_cases if case.is_in_force(on, self.unrectified))

    def listed_then(self, on: date) -> frozenset[int]:
        return self.listed(on, next((cases for since, cases in reversed(self.stood) if since <= on), ()))

    def turns(self) -> set[date]:
        """Return the days on which anything can change, by any case as it ever stood, with the days beside them."""
        facts = {
            day
            for _, cases in self.stood
            for case in cases
            for day in (case.ends_on, *(fact.on for fact in _facts(case) if fact is not None))
            if day is not None
        }
        return {day + n * ONE_DAY for day in facts for n in (-1, 0, 1)} & EVERY_DAY

    def _case(self, event: Event) -> Case | None:
        return self.cases.get(UUID(int=1000 + event.number))

    def _keep(self, *cases: Case) -> None:
        self.cases |= {case.case_id: case for case in cases}

    def determine(self, event: Event) -> None:
        if self._case(event) is None:
            fact, term = by(HEAD, event.on), TERMS[event.number % len(TERMS)]
            breach_on = event.on - timedelta(days=event.back)
            self._keep(a_case(event.number, collected=by(HEAD, breach_on), determined=fact, term=term))

    def publish(self, event: Event) -> None:
        case = self._case(event)
        if case is not None:
            done = publish(
                case,
                by(HEAD, event.on),
                self.cases.values(),
                calendar=CALENDAR,
                today=event.on,
                unrectified=self.unrectified,
            )
            self._keep(done.case, *done.restarted_period)

    def rectify(self, event: Event) -> None:
        case = self._case(event)
        if case is not None:
            self._keep(rectify(case, by(HEAD, event.on), today=event.on, unrectified=self.unrectified))

    def refer(self, event: Event) -> None:
        case = self._case(event)
        if case is not None:
            self._keep(refer(case, by(HEAD, event.on), today=event.on, unrectified=self.unrectified))

    def remove_wrong(self, event: Event) -> None:
        self._remove(event, RemovalCause.WRONG)

    def remove_changed(self, event: Event) -> None:
        self._remove(event, RemovalCause.CHANGED)

    def _remove(self, event: Event, cause: RemovalCause) -> None:
        case = self._case(event)
        if case is None:
            return
        fact = by(HEAD, event.on)
        found = discover(
            case,
            fact,
            correction_id=UUID(int=1),
            remedy=Remedy.REMOVE,
            cause=cause,
            items=frozenset(RecordItem),
            today=event.on,
        )
        mended = remove(case, found, fact, self.cases.values(), today=event.on, unrectified=self.unrectified)
        self._keep(mended.case, *mended.reckoned)


def _facts(case: Case) -> tuple[Fact | None, ...]:
    return case.published, case.rectified, case.removed, case.referred


def _number(case: Case) -> int:
    return case.case_id.int - 1000


ENDINGS = ["refer", "remove_wrong", "remove_wrong", "remove_changed"]
early, waits = st.integers(0, 240), st.sampled_from([0, 0, 1, 2, 5, 20, 45])


@st.composite
def histories(draw):
    """Draw the lives of one subject's cases: each determined, most published, many rectified, some taken off by hand.

    Beside them events that make no sense, such as publishing twice: they are refused, or change nothing.
    """
    events = []
    for number in range(1, draw(st.integers(1, len(NUMBERS))) + 1):
        determined = draw(early)
        published = determined + draw(waits)
        events.append(at(determined, "determine", number, draw(st.sampled_from([0, 0, 5, 40]))))
        events.append(at(published, "publish", number))
        if draw(st.booleans()):
            events.append(at(published + draw(st.integers(0, 90)), "rectify", number))
        if draw(st.integers(0, 2)) == 0:
            events.append(at(published + draw(st.integers(0, 200)), draw(st.sampled_from(ENDINGS)), number))
    nonsense = st.builds(
        at, early, st.sampled_from(["determine", "publish", "rectify", *ENDINGS]), st.sampled_from(NUMBERS)
    )
    events += draw(st.lists(nonsense, max_size=2))
    # Of one day, in any order.
    return sorted(draw(st.permutations(events)), key=lambda event: event.on)


def at(days, what, number, back=0):
    return Event(START + timedelta(days=days), what, number, back)


UNTIL = START + timedelta(days=HORIZON)
EVERY_DAY = {START + timedelta(days=n) for n in range(HORIZON + 1)}
lapses = st.sampled_from(UnrectifiedPolicy)


@settings(max_examples=examples(2000), deadline=None)
@given(histories(), lapses)
@example(
    # Overdue, restarted and rectified on one day; later something else is reckoned.
    [
        at(0, "determine", 2), at(0, "publish", 2), at(25, "determine", 1), at(40, "publish", 1), at(40, "rectify", 2),
        at(45, "determine", 4), at(46, "publish", 4),
    ],
    UnrectifiedPolicy.STAYS,
)  # fmt: skip
def test_the_list_equals_the_list_that_a_clerk_writes_by_hand(events, unrectified):
    """[5.1.5] Around every day on which anything can change: as seen on it, and as answered about it afterwards."""
    rules = Rules(unrectified).live(events)
    turns = rules.turns()
    clerk = Clerk(unrectified).live(events, max(turns, default=START))
    for today in turns:
        assert rules.listed_then(today) == clerk.shown[today], today
        assert rules.listed(today) == clerk.shown[today], f"{today}, asked later"


@settings(max_examples=examples(200), deadline=None)
@given(histories(), lapses)
def test_nobody_is_shown_after_the_end_and_nobody_leaves_without_the_conditions(events, unrectified):
    """[5.1.5] On every day. The conditions: the period over and rectified (or `lapse`), removed, or referred."""
    for case in Rules(unrectified).live(events).cases.values():
        if case.published is None:
            continue
        assert case.ends_on >= case.term.last_day(case.published.on), "recidivism only lengthens"
        assert all(case.ends_on >= case.term.last_day(case.published.on, each.on) for each in case.restarts)
        free = case.free_on(unrectified)
        for today in EVERY_DAY:
            if today < case.published.on:
                continue
            rectified = case.rectified is not None and case.rectified.on <= today
            taken_off = any(fact is not None and fact.on <= today for fact in (case.removed, case.referred))
            is_free = taken_off or (today > case.ends_on and (rectified or unrectified is UnrectifiedPolicy.LAPSE))
            rests = any(pause.covers(today) for pause in case.pauses)
            assert case.is_in_force(today, unrectified) is not (is_free or rests)
            assert case.is_public(today, unrectified) is not (is_free or rests), "hidden by date alone"
            assert is_free is (free is not None and today >= free)


@settings(max_examples=examples(200), deadline=None)
@given(histories(), lapses)
def test_status_and_force_agree_on_every_day(events, unrectified):
    """[5.1.5]"""
    cases = Rules(unrectified).live(events).cases.values()
    for today in EVERY_DAY:
        standing = [case.status(today, unrectified) in IN_FORCE for case in cases]
        assert standing == [case.is_in_force(today, unrectified) for case in cases]


@settings(max_examples=examples(200), deadline=None)
@given(histories())
def test_the_milder_setting_never_restrains_longer(events):
    """[5.1.5] Of the same steps: a case that has lapsed is not referred any more, and so can return."""
    mild = Rules(UnrectifiedPolicy.LAPSE).live(events)
    strict = Rules(UnrectifiedPolicy.STAYS).live(mild.taken)
    assert all(mild.listed_then(today) <= strict.listed_then(today) for today in mild.turns())


def test_an_overdue_restraint_stays_until_rectified():
    """[5.1.5] As far as anybody cares to look."""
    events = [at(0, "determine", 1), at(0, "publish", 1)]
    (case,) = Rules(UnrectifiedPolicy.STAYS).live(events).cases.values()
    assert case.status(date(2099, 1, 1)) is CaseStatus.OVERDUE_FOR_RECTIFICATION
    assert replace(case, rectified=by(HEAD, "2026-02-02")).status(date(2099, 1, 1)) is CaseStatus.ENDED
