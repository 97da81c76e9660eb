"""How a step of a case is taken: loaded, admitted, refused by name or kept, recorded, told. The caller commits [5.1.4].

Who may is decided here once more, whatever the policy tables say. What the caller may not know about is not found,
whether or not it exists.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from credit.calendar.calendar import Calendar
from credit.cases.case import Case, Fact
from credit.cases.refusals import NotTheCollector
from credit.cases.status import UnrectifiedPolicy
from credit.cases.steps import Step, StepName, decided
from credit.core.cells import clean
from credit.core.errors import CaseChangedMeanwhile, InvalidItem, Problem, StepNotWellFormed, UnknownCase
from credit.core.flaws import Flaw
from credit.core.ports import By, CaseWork, Moment
from credit.core.references import LONGEST_NAME, parse_reference

SALT_BYTES: Final = 16
LONGEST_TEXT: Final = 10_000
SHORT: Final = frozenset({"handler", "reviewer", "helper", "commitment"})
"""What is told of names: staff, and written commitments."""
SUBJECT, AGENT, HANDLER, REVIEWER, HEAD = "subject", "agent", "handler", "reviewer", "head"

LIST: Final = ("platform", "supervisors")
"""Who keeps the list of restraints in force: the city platform, and the supervisors of the sector [5.2.2]."""
RECIPIENTS: Final[Mapping[StepName, tuple[str, ...]]] = {
    StepName.HANDED_OVER: ("department",),
    StepName.NOTICED: ("subject",),
    StepName.REVIEWED: ("subject",),
    StepName.DETERMINED: ("platform", "subject"),
    StepName.PUBLISHED: (*LIST, "subject"),
    StepName.RUN_ANEW: (*LIST, "subject"),
    StepName.RECTIFIED: (*LIST, "subject"),
    StepName.RECTIFICATION_REFUSED: ("subject",),
}
"""Who is told of a step: the subject of what concerns it, the others of what is on their list [5.1.4(5)].

A department is told of a case that one of its handlers takes over."""
TAKEN_DOWN: Final = "taken-down"
"""The topic of a case that those who keep the list are to take down, whatever the reason: it does not say which."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the steps are counted by: the official working days, and what a deployment does with the unrectified."""

    calendar: Calendar
    lapse: UnrectifiedPolicy = UnrectifiedPolicy.STAYS


@dataclass(frozen=True, slots=True)
class Which:
    """Which case, and at which version the caller saw it; None where the caller does not care."""

    subject_id: UUID
    case_id: UUID
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What the caller says about a step: its day, today by default, and references to its evidence."""

    on: date | None = None
    evidence: tuple[str, ...] = ()


TODAY: Final = Said()

Take = Callable[[Case, Fact], Case]
Admit = Callable[[Case | None, By], Case]


async def take(
    work: CaseWork, by: By, moment: Moment, which: Which, said: Said, name: StepName, admit: Admit, step: Take
) -> Case:
    """Carry out one step of one case: admitted, at the version that the caller saw, refused by name or kept."""
    fact = fact_of(by, moment, said)
    case = current(admit(await work.procedure.load(which.subject_id, which.case_id), by), which)
    return await keep(work, by, moment, name, fact, step(case, fact), over=case.version)


def current(case: Case, which: Which) -> Case:
    """Return *case* where it stands as the caller saw it; raises CaseChangedMeanwhile."""
    if which.expected_version not in {None, case.version}:
        raise CaseChangedMeanwhile
    return case


def fact_of(by: By, moment: Moment, said: Said) -> Fact:
    """Return what was said as a fact, by whom."""
    on = said.on or moment.today
    department = None if by.role in {SUBJECT, AGENT} else by.department
    return Fact(on, by.ref, department, references(said.evidence), moment.now if on == moment.today else None)


# --- what is said ---------------------------------------------------------------------------------------------------


def reference(field: str, raw: str) -> str:
    """Read the reference of a paper or of staff, kept in clear: raises StepNotWellFormed where it tells of a person."""
    try:
        return parse_reference(raw, LONGEST_NAME) if field in SHORT else parse_reference(raw)
    except InvalidItem as error:
        raise StepNotWellFormed((Problem.of(field, error),)) from None


def references(raw: Iterable[str]) -> tuple[str, ...]:
    """Read references to evidence; blank ones are left out."""
    return tuple(reference("evidence", each) for each in raw if each.strip())


def text_of(field: str, raw: str | None) -> str | None:
    """Read a text that will be kept sealed, None for a blank one; raises StepNotWellFormed for one too long."""
    text = clean(raw, lines=True)
    if len(text) > LONGEST_TEXT:
        raise StepNotWellFormed((Problem.of(field, InvalidItem(Flaw.TOO_LONG)),))
    return text or None


# --- who may --------------------------------------------------------------------------------------------------------


async def require_own(work: CaseWork, by: By, moment: Moment, subject_id: UUID) -> None:
    """Refuse anybody but the subject itself, or a delegate whose authority is recorded and live [5.1.6].

    INVARIANT: settled before anything is loaded, so that not even its time says whether a case exists.
    """
    if by.role == SUBJECT:
        may = by.subject == subject_id
    else:
        may = by.role == AGENT and await work.delegations.live_delegation(subject_id, by.ref, moment.today)
    if not may:
        raise UnknownCase


def its_handler(case: Case | None, by: By) -> Case:
    """Admit the handler with whom the case is; colleagues, who see it, are refused by name [5.1.1]."""
    found = of_department(case, by, HANDLER)
    if found.handler_ref != by.ref:
        raise NotTheCollector
    return found


def its_head(case: Case | None, by: By) -> Case:
    """Admit the head of the determining authority [5.1.1]."""
    return of_department(case, by, HEAD)


def its_reviewer(case: Case | None, by: By) -> Case:
    """Admit the reviewer whom the head chose. Who handled the case knows it, and is refused by name [5.1.4(4)]."""
    found = of_department(case, by, REVIEWER)
    if found.reviewer_ref != by.ref and by.ref not in found.handled_by:
        raise UnknownCase
    return found


def its_subject(case: Case | None, _: By) -> Case:
    """Admit to a case of which its subject has been told: before, it is an open investigation [5.1.4(2)]."""
    found = _open(case)
    if all(fact is None for fact in (found.noticed, found.served, found.determined, found.published)):
        raise UnknownCase
    return found


def of_department(case: Case | None, by: By, role: str) -> Case:
    """Admit whoever acts in *role* for the determining authority; for all others there is no such case."""
    found = _open(case)
    if by.role != role or by.department is None or found.department_code != by.department:
        raise UnknownCase
    return found


def _open(case: Case | None) -> Case:
    # A record marked confidential is refused on every interface, as if it were not there [5.1.6].
    if case is None or case.confidential:
        raise UnknownCase
    return case


# --- keeping --------------------------------------------------------------------------------------------------------


async def keep(work: CaseWork, by: By, moment: Moment, name: StepName, fact: Fact, case: Case, *, over: int) -> Case:
    """Save *case* over the version *over*, and record the step."""
    await work.procedure.save(case, over, moment.now)
    await record(work, by, moment, name, fact, case)
    return case


async def record(work: CaseWork, by: By, moment: Moment, name: StepName, fact: Fact, case: Case) -> UUID:
    """Append the step that led to *case* as it now stands, and tell whom it concerns. Return the step's id."""
    step_id = moment.new_id()
    await work.procedure.append(
        Step(
            subject_id=case.subject_id,
            step_id=step_id,
            case_id=case.case_id,
            step=name,
            on=fact.on,
            at=moment.now,
            actor_ref=by.ref,
            role=by.role,
            department_code=fact.department,
            evidence=fact.evidence,
            facts=decided(name, case),
            salt=moment.random(SALT_BYTES),
        )
    )
    for topic, told in _messages(name, case, moment.today):
        about = {
            "to": told,
            "subject_id": str(case.subject_id),
            "case_id": str(case.case_id),
            "department_code": case.department_code,
        }
        await work.outbox("restraint-case." + topic, about, moment.new_id(), moment.now)
    return step_id


def _messages(name: StepName, case: Case, today: date) -> list[tuple[str, str]]:
    """Return what is to be told and to whom: the last word of the topic, as `run-anew`, and whose message it is."""
    if name is StepName.MARKED:
        # Whoever has it takes it down, and is not told why [5.1.6].
        return [(TAKEN_DOWN, told) for told in _listed(case)]
    if case.confidential:
        return []
    if name is StepName.UNMARKED:
        # What had to be taken down is announced anew, as far as it still stands.
        ended = case.removed or case.dropped or case.referred
        announced = StepName.DETERMINED if case.published is None else StepName.PUBLISHED
        stands = ended is None and (case.published is None or case.is_in_force(today))
        return [(_word(announced), told) for told in _listed(case) if stands]
    if name is StepName.REFERRED:
        return [(_word(name), told) for told in _listed(case)]
    if name is StepName.DROPPED:
        return [(_word(name), "subject")] if case.noticed is not None else []
    return [(_word(name), told) for told in RECIPIENTS.get(name, ())]


def _listed(case: Case) -> tuple[str, ...]:
    """Return who has the case on a list: of a determination the platform alone knows before it is published."""
    return LIST if case.published is not None else LIST[:1] if case.determined is not None else ()


def _word(name: StepName) -> str:
    return name.lower().replace("_", "-")
