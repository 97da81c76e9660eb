"""What the steps of a case say of its row: the audit and the decisions compare the two [5.1.4] [5.1.5] [5.1.6].

Every day that a rule decides by is a fact of a step, so that a day which somebody changed in the row contradicts the
steps. A column that the steps leave open is left out: steps from before a fact was kept do not have it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from credit.calendar.deadlines import civil_date
from credit.cases.case import Claim, Fact, day, instant
from credit.cases.publicity import LISTED_WHILE_IN_FORCE, Publicity, Repair
from credit.cases.steps import STEP_OF, StepName, claims_of, fact_of_step
from credit.core import late_entries
from credit.core.recorded_step import RecordedStep

Columns = Mapping[str, Any]
"""Values of columns by their names, as the database has them."""

_PAUSES: Final = frozenset({StepName.REOPENED, StepName.REVIEWED, StepName.RUN_ANEW, StepName.CORRECTED})
"""The steps that write the pauses of the case, where it has any."""
_FORMER: Final = {name: f"former_{name}" for name in ("determined_on", "published_on", "ends_on")}
_RECOLLECTED: Final = {**_FORMER, "citation": "period_basis"}
"""The names under which a later file's changes are stored, with the columns that they are of."""
_BEGINS: Final = frozenset({StepName.COLLECTED, StepName.TAKEN_OVER})
_RANK: Final[Mapping[str, int]] = {name: rank for rank, name in enumerate(StepName)}
_DAYS: Final = (
    "noticed",
    "served",
    "reviewed",
    "determined",
    "published",
    "rectified",
    "removed",
    "dropped",
    "referred",
)


@dataclass(slots=True)
class _Folded:
    """The facts of a case by the steps so far. *known* has the columns that are no days of facts."""

    facts: dict[str, Fact | None] = field(default_factory=lambda: dict.fromkeys((*_DAYS, "collected", "verified")))
    statements: list[Fact] = field(default_factory=list)
    publicity: Publicity = LISTED_WHILE_IN_FORCE
    pauses: Sequence[Columns] = ()
    known: dict[str, Any] = field(default_factory=dict)


def case_columns(steps: Iterable[RecordedStep], attested: Columns | None = None) -> Columns:
    """Return what the *steps* of one case say of its row; nothing without the one that begins it.

    Of a row that was *attested* they are the later steps, which change what it was then.
    Raises ValueError, TypeError or LookupError for facts that no step has.
    """
    taken = _in_order(steps)
    if attested:
        return _since(attested, taken)
    if not any(step.step in _BEGINS for step in taken):
        return {}
    state = _Folded()
    state.known = {
        "taken_over_on": None, "former_determined_on": None, "former_published_on": None, "former_ends_on": None,
        "service_means": None, "review_outcome": None, "reviewer_ref": None, "ends_on": None, "removal": None,
        "confidential": False,
    }  # fmt: skip
    return _folded(state, taken)


def _folded(state: _Folded, taken: Sequence[RecordedStep], claims: Sequence[Claim] = ()) -> Columns:
    for step in taken:
        _take(state, step)
    made = claims_of(taken, claims)
    return {**state.known, **_days(state, made), **_publicity(state), **_pauses(state.pauses)}


def _since(attested: Columns, taken: Sequence[RecordedStep]) -> Columns:
    """Return the columns of an attested row, with what the later steps changed, and without what they left open."""
    before = _folded(_state_of(attested), (), _claims_in(attested))
    after = _folded(_state_of(attested), taken, _claims_in(attested))
    changed = {name: value for name, value in after.items() if name not in before or before[name] != value}
    return {name: value for name, value in {**attested, **changed}.items() if name not in before or name in after}


def _state_of(row: Columns) -> _Folded:
    state = _Folded()
    state.known = dict(row)
    for name in _DAYS:
        state.facts[name] = _fact_in(row, f"{name}_on")
    for name in ("collected", "verified"):
        state.facts[name] = _fact_in(row, f"{name}_at")
    state.statements = [fact for fact in [_fact_in(row, "stated_on")] if fact is not None]
    return state


def _fact_in(row: Columns, column: str) -> Fact | None:
    """Return a fact of which a row has the day or the instant, with its late entry."""
    value = row[column]
    if value is None:
        return None
    late = late_entries.of_step(row["late_entries"], STEP_OF[column]) if column in STEP_OF else None
    return Fact(civil_date(value), at=value, late=late) if isinstance(value, datetime) else Fact(value, late=late)


def _claims_in(row: Columns) -> Sequence[Claim]:
    """Return the claims of which a row has the days: the last one, and the one that can outlast the period."""
    made = []
    for name in ("timely_claim", "claim"):
        on = row["claimed_on" if name == "claim" else "timely_claim_on"]
        answered = row[f"{name}_answered_on"]
        if on is not None:
            late = late_entries.of_step(row["late_entries"], STEP_OF["claimed_on"])
            made.append(Claim(Fact(on, late=late), None if answered is None else Fact(answered)))
    return made


def timely_claim(steps: Iterable[RecordedStep], ends_on: date | None, attested: Columns | None = None) -> Columns:
    """Return the claim of rectification that can outlast the period with this last day, by column."""
    taken = _in_order(steps)
    before = _claims_in(attested) if attested else ()
    made = [claim for claim in claims_of(taken, before) if ends_on is not None and claim.made.on <= ends_on]
    last = made[-1] if made else None
    return {
        "timely_claim_on": None if last is None else last.made.on,
        "timely_claim_answered_on": None if last is None else day(last.answered),
    }


def _in_order(steps: Iterable[RecordedStep]) -> list[RecordedStep]:
    """Return steps as they were taken; those of one instant in the order of the procedure."""
    return sorted(steps, key=lambda step: (step.at, _RANK[step.step], step.step_id))


def _take(state: _Folded, step: RecordedStep) -> None:  # noqa: C901, PLR0912 - one branch for each kind of step
    fact, facts, known = fact_of_step(step), step.facts, state.known
    match step.step:
        case StepName.COLLECTED | StepName.TAKEN_OVER:
            state.facts["collected"] = fact
            known |= facts.get("record", {})
            if step.step == StepName.TAKEN_OVER:
                known["taken_over_on"] = fact.on
                known |= {column: _day(facts.get(name)) for name, column in _FORMER.items()}
        case StepName.RECOLLECTED:
            known |= _recollected(facts)
        case StepName.HANDED_OVER:
            known["handler_ref"] = facts["to_ref"]
        case StepName.VERIFIED | StepName.NOTICED:
            state.facts[step.step.lower()] = fact
        case StepName.SERVED:
            state.facts["served"], known["service_means"] = fact, facts["means"]
        case StepName.STATED:
            state.statements.append(fact)
            state.facts["reviewed"] = known["review_outcome"] = None
        case StepName.REVIEWER_ASSIGNED:
            known["reviewer_ref"] = facts["reviewer_ref"]
        case StepName.REVIEWED:
            is_dropped = facts["outcome"] == "DROPPED"
            state.facts |= {"reviewed": fact, "dropped": fact if is_dropped else None}
            known |= {"review_outcome": facts["outcome"], "reviewer_ref": step.actor_ref, "basis": facts["basis"]}
        case StepName.DETERMINED:
            state.facts["determined"] = fact
            known |= {"legal_document": facts["legal_document"], "period_basis": facts["term"]["citation"]}
        case StepName.PUBLISHED:
            state.facts["published"], known["ends_on"] = fact, _day(facts["ends_on"])
            state.publicity = _read_publicity(facts)
        case StepName.TAKEN_OVER_CONFIRMED:
            _confirm(state, facts)
        case StepName.RUN_ANEW | StepName.CORRECTED:
            known |= {"ends_on": _day(facts["ends_on"]), "period_basis": facts["term"]["citation"]}
            _correct(known, step)
        case StepName.RECTIFIED:
            state.facts["rectified"] = fact
            _end(state, facts)
        case StepName.REMOVED:
            state.facts["removed"], known["removal"] = fact, facts["cause"]
        case StepName.DROPPED | StepName.REFERRED:
            state.facts[step.step.lower()] = fact
        case StepName.MARKED | StepName.UNMARKED:
            known["confidential"] = step.step == StepName.MARKED
            known.pop("number", None)  # it has another one while it is marked, and may have another one afterwards
    if step.step in _PAUSES and "pauses" in facts:
        state.pauses = facts["pauses"]


def _recollected(facts: Columns) -> Columns:
    """Return the columns that a later file changed, as far as they are days or words."""
    changed = {_RECOLLECTED.get(name, name): value for name, value in facts.items() if name not in _OF_THE_VERSION}
    return {name: _read(name, value) for name, value in changed.items()}


def _read(column: str, written: str | None) -> object:
    if written is None:
        return None
    return _day(written) if column.endswith("_on") else UUID(written) if column.endswith("_id") else written


_OF_THE_VERSION: Final = frozenset({"version", "sealed_facts", "collected_at", "verified_at", "changed_at"})


def _confirm(state: _Folded, facts: Columns) -> None:
    """Let a former record count: its days are those of the papers, which the head confirmed."""
    state.facts |= {"determined": Fact(_must(facts["determined_on"])), "published": Fact(_must(facts["published_on"]))}
    if facts.get("rectified_on") is not None:
        state.facts["rectified"] = Fact(_must(facts["rectified_on"]))
    state.publicity = _read_publicity(facts)
    _know(state.known, "ends_on", facts, "runs_until")


def _correct(known: dict[str, Any], step: RecordedStep) -> None:
    if step.step == StepName.CORRECTED:
        _know(known, "basis", step.facts)
        _know(known, "legal_document", step.facts)


def _end(state: _Folded, facts: Columns) -> None:
    """Take the end that a rectification gives: before it was kept, only what ends by date alone is known."""
    if "ends_on" in facts:
        state.known["ends_on"] = _day(facts["ends_on"])
    elif state.facts["published"] is None or state.publicity.repair is Repair.ON_APPLICATION:
        state.known.pop("ends_on", None)


def _know(known: dict[str, Any], column: str, facts: Columns, name: str | None = None) -> None:
    """Take a column from the facts of a step; where they do not have it, it is not known any more."""
    name = name or column
    if name not in facts:
        known.pop(column, None)
    else:
        known[column] = _day(facts[name]) if column.endswith("_on") else facts[name]


def _days(state: _Folded, claims: Sequence[Claim]) -> Columns:
    stated = min(state.statements, key=lambda fact: fact.on, default=None)
    claim = claims[-1] if claims else None
    facts = state.facts
    dropped = None if facts["dropped"] == facts["reviewed"] else facts["dropped"]
    answered = None if claim is None else claim.answered
    late: dict[str, Fact | None] = {
        "verified_at": facts["verified"],
        **{f"{name}_on": facts[name] for name in ("noticed", "served", "reviewed", "determined")},
        "stated_on": stated,
        "dropped_on": dropped,
        "claimed_on": None if claim is None else claim.made,
        "claim_answered_on": answered,
    }
    entries = ((STEP_OF[column], fact.late) for column, fact in late.items() if fact is not None)
    return {
        **{f"{name}_on": day(facts[name]) for name in _DAYS},
        "collected_at": instant(facts["collected"]),
        "verified_at": instant(facts["verified"]),
        "stated_on": day(stated),
        "claimed_on": None if claim is None else claim.made.on,
        "claim_answered_on": day(answered),
        "late_entries": late_entries.column(entries),
    }


def _publicity(state: _Folded) -> Columns:
    determined, published = state.facts["determined"], state.facts["published"]
    if published is None:
        return {"unlisted": False, "listed_until": None}
    start = state.publicity.period_from((determined or published).on, published.on)
    return {"unlisted": state.publicity.is_unlisted, "listed_until": state.publicity.listed_until(start, start)}


def _pauses(written: Sequence[Columns]) -> Columns:
    last = written[-1] if written else None
    review = next((each for each in reversed(written) if not each.get("is_return", False)), None)
    return {
        "paused_on": None if last is None else _day(last["on"]),
        "resumed_on": None if last is None else _day(last["until"]),
        "reopened_on": None if review is None else _day(review["on"]),
        "reopened_until": None if review is None else _day(review["until"]),
    }


def _read_publicity(facts: Columns) -> Publicity:
    return Publicity.read(facts["publicity"]) if "publicity" in facts else LISTED_WHILE_IN_FORCE


def _day(written: str | None) -> date | None:
    return None if written is None else date.fromisoformat(written)


def _must(written: str) -> date:
    return date.fromisoformat(written)
