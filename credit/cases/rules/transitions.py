"""The steps from collection to publication [5.1.3] [5.1.4] [5.1.5]: pure, each from a case to the case after it.

    collect → verify → notice → serve → (state → assign_reviewer → review) → determine → publish

A step is a dated fact. A step that the procedure forbids raises a named refusal. A step that is only too late for a
clock of the authority is taken, and `credit.cases.rules.deadlines` shows the miss. **Reading**: a day counted through a
year without a table of working days is a guess, and nobody's right ends by a guess: such a period counts as open until
the table is there.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from credit.calendar.calendar import Calendar
from credit.calendar.deadlines import review_due, statement_closes
from credit.cases.case import Case, Fact, HandOver, Pause, ReviewOutcome, ServiceMeans, Severity
from credit.cases.publicity import LISTED_WHILE_IN_FORCE, Publicity, Repair
from credit.cases.refusals import (
    ALREADY_ENDED,
    ALREADY_TAKEN,
    AMENDMENT_MISSING,
    BASIC_INFORMATION_MISSING,
    NOT_CONFIRMED,
    NOT_DETERMINED,
    NOT_NOTICED,
    NOT_SERVED,
    NOT_STATED,
    NOT_THE_REVIEWER,
    NOT_VERIFIED,
    OWN_FACTS_MISSING,
    PROOF_OF_SERVICE_MISSING,
    REPAIRED_ALREADY,
    REVIEW_OPEN,
    REVIEWER_HANDLED_THE_CASE,
    STATEMENT_PERIOD_OPEN,
    WAIVED_BY_SILENCE,
    DayOutOfOrder,
    Lacking,
    NotTheirs,
    NotYet,
    TooLate,
)
from credit.cases.rules import grounds as rules_grounds
from credit.cases.rules.grounds import Grounds, as_recorded
from credit.cases.rules.period import reckon
from credit.cases.rules.preconditions import (
    require_authority,
    require_collector,
    require_evidence,
    require_first,
    require_not_before,
    require_open_record,
    require_running,
    require_today,
)
from credit.cases.rules.severity import require_short_of
from credit.cases.rules.term import Term
from credit.cases.status import CaseStatus, UnrectifiedPolicy
from credit.core.errors import InconsistentFacts, InvalidItem, Problem, StepNotWellFormed
from credit.core.flaws import Flaw

_DAY = timedelta(days=1)


def collect(case: Case, *, calendar: Calendar, today: date, agents_case: Case | None = None) -> Case:
    """Open *case*, which has only its particulars and its collection so far [5.1.3].

    A case against the principal of an agent names the *agents_case* and needs facts of its own: it never follows by
    default [3.2]. **Reading**: of a breach pushed by a platform, the department whose handler takes it in collects.
    """
    require_open_record(case, case.collected, today)
    if case.collected.department not in {None, case.department_code}:
        require_authority(case, case.collected)
    missing = [name for name in ("number", "basis", "handler_ref") if not getattr(case, name).strip()]
    if missing:
        raise Lacking(BASIC_INFORMATION_MISSING, items=", ".join(missing))
    if case.occurred_on is not None and case.occurred_on > case.collected.on:
        raise DayOutOfOrder(case.collected.on)
    _require_grounds(case, case.grounds, case.collected, calendar, collecting=True)
    if agents_case is None:
        return case
    _require_own_facts(case, agents_case)
    return replace(case, agents_case_id=agents_case.case_id)


def hand_over(case: Case, fact: Fact, to_ref: str, to_department: str, *, today: date) -> Case:
    """Give *case* to another handler of the same department, who then counts as its collector [5.1.4(1)]."""
    require_running(case, fact, today)
    require_authority(case, fact)
    require_authority(case, replace(fact, by=to_ref, department=to_department))
    if to_ref == case.handler_ref:
        raise InconsistentFacts
    if to_ref == case.reviewer_ref:
        raise NotTheirs(REVIEWER_HANDLED_THE_CASE)
    handover = HandOver(fact, case.handler_ref, to_ref)
    return replace(case, handler_ref=to_ref, handovers=(*case.handovers, handover))


def verify(
    case: Case, fact: Fact, severity: Severity, *, calendar: Calendar, today: date, grounds: Grounds | None = None
) -> Case:
    """Complete the verification, by the collector [5.1.4(1)]. *grounds* that it established replace the earlier ones.

    A case that deserves a penalty or another measure is referred instead; an unfounded case is dropped.
    """
    require_running(case, fact, today)
    require_collector(case, fact)
    if case.awaits_confirmation:
        raise NotYet(NOT_CONFIRMED)
    require_first(CaseStatus.VERIFIED, case.verified)
    require_first(CaseStatus.DETERMINED, case.determined)
    require_evidence(fact)
    require_short_of(case.circumstance, severity)
    found = case.grounds if grounds is None else as_recorded(grounds, case.grounds, today)
    _require_grounds(case, found, fact, calendar)
    return replace(case, verified=fact, grounds=found)


def notice(case: Case, fact: Fact, *, today: date) -> Case:
    """Hand over or post the written notice, by the collector [5.1.4(2)] [A]. Later than 3 working days is a miss.

    **Reading**: its clock stops when the notice is handed over or posted; the subject's own starts with the receipt.
    """
    require_running(case, fact, today)
    require_collector(case, fact)
    if case.verified is None:
        raise NotYet(NOT_VERIFIED)
    require_first(CaseStatus.NOTICED, case.noticed)
    require_not_before(fact, case.verified)
    return replace(case, noticed=fact)


def serve(case: Case, fact: Fact, means: ServiceMeans, *, today: date) -> Case:
    """Record the receipt of the notice, with its proof [5.1.4(2)]. A letter that was returned may be handed over."""
    require_running(case, fact, today)
    require_collector(case, fact)
    if case.noticed is None:
        raise NotYet(NOT_NOTICED)
    require_first(CaseStatus.SERVED, case.served)
    require_not_before(fact, case.noticed)
    if not any(piece.strip() for piece in fact.evidence):
        raise Lacking(PROOF_OF_SERVICE_MISSING)
    return replace(case, served=fact, means=means)


def state(
    case: Case, fact: Fact, *, calendar: Calendar, today: date, unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS
) -> Case:
    """Record a statement and defence by the subject or its delegate [5.1.4(3)].

    Its day is that of posting or handing in.

    **Reading**: proof of service may come in after it. A statement in time counts whenever it arrives: after a review,
    the case needs another one. After the determination it reopens the case: from *today* on restraint and listing rest
    until the review is closed, and the time counts towards the period.
    """
    require_running(case, fact, today, unrectified)
    if case.noticed is None:
        raise NotYet(NOT_NOTICED)
    require_not_before(fact, case.noticed)
    if case.served is not None:
        closes = statement_closes(case.served.on, calendar)
        if closes.is_missed(fact.on) and not closes.provisional:
            raise TooLate(WAIVED_BY_SILENCE, since=closes.on)
    statements = tuple(sorted((*case.statements, fact), key=lambda each: each.on))
    reopens = case.determined is not None and case.open_pause is None
    pauses = (*case.pauses, Pause(today)) if reopens else case.pauses
    return replace(case, statements=statements, pauses=pauses, reviewed=None, outcome=None)


def assign_reviewer(case: Case, fact: Fact, reviewer_ref: str, *, today: date) -> Case:
    """Assign the review to an officer of the authority who did not handle the case [5.1.4(4)]."""
    require_running(case, fact, today)
    require_authority(case, fact)
    _require_reviewable(case)
    if reviewer_ref in case.handled_by:
        raise NotTheirs(REVIEWER_HANDLED_THE_CASE)
    return replace(case, reviewer_ref=reviewer_ref)


def review(
    case: Case,
    fact: Fact,
    outcome: ReviewOutcome,
    *,
    today: date,
    amended: Collection[str] = (),
    basis: str | None = None,
) -> Case:
    """Close the review: uphold, amend or drop [5.1.4(4)]. Late is a miss, not a refusal.

    *amended* names what it amends, `facts` or `basis`: at least one if it amends, and none otherwise. The facts are
    sealed, so only the amended *basis* is given here.

    The review of a case that was determined already changes the list, so it counts from *today* [5.1.4(3)].
    """
    require_running(case, fact, today)
    require_authority(case, fact)
    _require_reviewable(case)
    if fact.by in case.handled_by:
        raise NotTheirs(REVIEWER_HANDLED_THE_CASE)
    if case.reviewer_ref not in {None, fact.by}:
        raise NotTheirs(NOT_THE_REVIEWER)
    require_not_before(fact, *case.statements)
    _require_amendment(case, outcome, amended, basis)
    pauses = case.pauses
    if case.open_pause is not None:
        require_today(fact, today)
        pauses = (*pauses[:-1], replace(case.open_pause, until=today))
    return replace(
        case,
        reviewed=fact,
        reviewer_ref=fact.by,
        outcome=outcome,
        pauses=pauses,
        basis=case.basis if basis is None else basis,
        dropped=fact if outcome is ReviewOutcome.DROPPED else None,
    )


def determine(
    case: Case,
    fact: Fact,
    severity: Severity,
    legal_document: str,
    term: Term,
    *,
    calendar: Calendar,
    today: date,
    publicity: Publicity = LISTED_WHILE_IN_FORCE,
) -> Case:
    """Determine the restraint: verified, served, and the statement period over or the review closed [5.1.4].

    If there was a statement, the review decides, whether or not the period is over. The caller confirms again that the
    breach is short of a penalty, or of discipline [5.1.2]. *term* is how long it will last after publication [5.1.3].
    **Reading**: what is rectified already, and by the rule *publicity* of that day would be repaired on application, is
    dropped and not determined: it could not be published [5.1.5].
    """
    require_running(case, fact, today)
    require_authority(case, fact)
    require_first(CaseStatus.DETERMINED, case.determined)
    if case.rectified is not None and publicity.repair is Repair.ON_APPLICATION:
        raise TooLate(REPAIRED_ALREADY, since=case.rectified.on)
    if case.verified is None:
        raise NotYet(NOT_VERIFIED)
    if case.served is None:
        raise NotYet(NOT_SERVED)
    _require_heard(case, fact, calendar)
    require_short_of(case.circumstance, severity)
    require_not_before(fact, case.verified, case.served, case.reviewed)
    _require_grounds(case, case.grounds, fact, calendar)
    if not legal_document.strip():
        raise Lacking(BASIC_INFORMATION_MISSING, items="legal_document")
    term.require_citation(fact.on)
    return replace(case, determined=fact, legal_document=legal_document, term=term)


@dataclass(frozen=True, slots=True)
class Publication:
    """A published *case*, and the subject's other cases whose period restarts because of it [5.1.5].

    Save all of them together.
    """

    case: Case
    restarted_period: tuple[Case, ...]


def publish(
    case: Case,
    fact: Fact,
    others: Iterable[Case],
    *,
    calendar: Calendar,
    today: date,
    unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS,
    publicity: Publicity = LISTED_WHILE_IN_FORCE,
) -> Publication:
    """Publish a determination: its period begins, and the periods of the subject's *others* restart [5.1.5].

    *publicity* says whether it is listed. Where it is not, its announcement to the subject stands for publication.
    """
    require_open_record(case, fact, today)
    if case.dates.is_repaired_unpublished and case.rectified is not None:
        raise TooLate(REPAIRED_ALREADY, since=case.rectified.on)
    require_running(case, fact, today, unrectified)
    require_authority(case, fact)
    if case.determined is None:
        raise NotYet(NOT_DETERMINED)
    require_first(CaseStatus.PUBLISHED, case.published)
    if case.open_pause is not None:
        raise review_open(case, calendar)
    require_today(fact, today)
    case = replace(case, published=fact, publicity=publicity)
    start = case.period_from or fact.on
    case.term.require_citation(start)
    ends_on = case.term.last_day(start)
    if case.is_repaired_on_application and case.rectified is not None:
        raise TooLate(REPAIRED_ALREADY, since=case.rectified.on)
    if ends_on < fact.on:
        raise TooLate(ALREADY_ENDED, since=ends_on + _DAY, status=CaseStatus.ENDED.value)
    return published_with(replace(case, ends_on=ends_on), others, today, unrectified)


def published_with(public: Case, others: Iterable[Case], today: date, unrectified: UnrectifiedPolicy) -> Publication:
    """Return the published case *public* and the subject's *others*, with the periods that it changes [5.1.5]."""
    rest = tuple(other for other in others if other.case_id != public.case_id)
    if any(other.subject_id != public.subject_id for other in rest):
        raise InconsistentFacts
    changed = {each.case_id: each for each in reckon((public, *rest), today, unrectified)}
    return Publication(changed.pop(public.case_id, public), tuple(changed.values()))


def _require_grounds(
    case: Case, grounds: Grounds | None, fact: Fact, calendar: Calendar, *, collecting: bool = False
) -> None:
    rules_grounds.require(
        case.circumstance,
        grounds,
        subject_id=case.subject_id,
        application_id=case.application_id,
        on=fact.own_day,
        calendar=calendar,
        collecting=collecting,
    )


def _require_own_facts(case: Case, agents_case: Case) -> None:
    """Refuse a case that rests on nothing but the agent's case [3.2]."""
    if agents_case.subject_id == case.subject_id:
        raise InconsistentFacts
    against_agent = {
        piece for fact in (agents_case.collected, agents_case.verified) if fact is not None for piece in fact.evidence
    }
    if not set(case.collected.evidence) - against_agent:
        raise Lacking(OWN_FACTS_MISSING)


def _require_amendment(case: Case, outcome: ReviewOutcome, amended: Collection[str], basis: str | None) -> None:
    """Refuse to amend nothing, and to change what is upheld or dropped [5.1.4(4)]."""
    if outcome is not ReviewOutcome.AMENDED:
        problems = [Problem.of(name, InvalidItem(Flaw.NOT_AMENDED)) for name in ("facts", "basis") if name in amended]
        if problems:
            raise StepNotWellFormed(tuple(problems))
        return
    if "facts" not in amended and basis in {None, case.basis}:
        raise Lacking(AMENDMENT_MISSING)


def _require_reviewable(case: Case) -> None:
    if case.stated is None:
        raise NotYet(NOT_STATED)
    require_first(CaseStatus.REVIEWED, case.reviewed)
    # A determination without its review is corrected by an objection, except after a statement that arrived late.
    if case.determined is not None and case.open_pause is None:
        raise TooLate(ALREADY_TAKEN, since=case.determined.on, step=CaseStatus.DETERMINED.value)


def _require_heard(case: Case, fact: Fact, calendar: Calendar) -> None:
    """Refuse to determine before the review is closed or the statement period is over [5.1.4(3)] [5.1.4(4)].

    It has to be over on the day from which the determination counts, and by the days of the papers on its own day.
    """
    if case.stated is not None:
        if case.reviewed is None:
            raise review_open(case, calendar)
    elif case.served is not None:
        closes = statement_closes(case.served.on, calendar)
        if closes.provisional or not closes.is_missed(fact.on):
            raise NotYet(STATEMENT_PERIOD_OPEN, until=closes.on, provisional=closes.provisional)
        by_papers = statement_closes(case.served.own_day, calendar)
        if not by_papers.is_missed(fact.own_day):
            raise DayOutOfOrder(by_papers.on + _DAY)


def review_open(case: Case, calendar: Calendar) -> NotYet:
    """Return the refusal of a step that has to wait for the review, with the last day of its period."""
    due = review_due(case.review_from or case.collected.on, calendar)
    return NotYet(REVIEW_OPEN, until=due.on, provisional=due.provisional)
