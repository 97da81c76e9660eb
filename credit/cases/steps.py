"""The recorded steps of a case, with actors and evidence, which the row of a case does not store [5.1.1] [5.1.4].

A case read from its row has the handler as the actor of every fact. Its steps, in the order of recording, restore the
actors, the evidence and the decisions.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date
from typing import Any, Final
from uuid import UUID

from credit.calendar.deadlines import civil_date
from credit.cases.case import (
    Case,
    Claim,
    EntryDelay,
    Fact,
    FormerRecord,
    HandOver,
    Pause,
    Restart,
    ReviewOutcome,
    ServiceMeans,
)
from credit.cases.publicity import LISTED_WHILE_IN_FORCE, Publicity
from credit.cases.rules.grounds import CommitmentCheck, DeferredDocuments, Grounds, Impersonation
from credit.cases.rules.term import Term
from credit.core.labels import Labelled
from credit.core.late_entries import LateEntry, days_of
from credit.core.recorded_step import RecordedStep
from credit.joint_measures.source_answer import DatedAnswer

BETWEEN: Final = "\n"
"""The separator of references that are stored as one text; no reference contains a line break."""


class StepName(Labelled):
    """The steps that are recorded with their actors."""

    COLLECTED = "COLLECTED", "采集", "5.1.3"
    RECOLLECTED = "RECOLLECTED", "重新采集", "5.1.3"
    TAKEN_OVER = "TAKEN_OVER", "接收历史数据", "5.1.4"
    TAKEN_OVER_CONFIRMED = "TAKEN_OVER_CONFIRMED", "确认历史数据", "5.1.4"
    HANDED_OVER = "HANDED_OVER", "移交经办人", "5.1.4(1)"
    VERIFIED = "VERIFIED", "完成核实", "5.1.4(1)"
    NOTICED = "NOTICED", "书面告知", "5.1.4(2)"
    SERVED = "SERVED", "送达", "5.1.4(2)"
    STATED = "STATED", "陈述申辩", "5.1.4(3)"
    REVIEWER_ASSIGNED = "REVIEWER_ASSIGNED", "指定复核人员", "5.1.4(4)"
    REVIEWED = "REVIEWED", "复核", "5.1.4(4)"
    DETERMINED = "DETERMINED", "作出认定", "5.1.4"
    PUBLISHED = "PUBLISHED", "公布", "5.1.5"
    REOPENED = "REOPENED", "因陈述申辩恢复复核", "5.1.4(3)"
    RUN_ANEW = "RUN_ANEW", "管理期限重新计算", "5.1.5"
    RECTIFICATION_CLAIMED = "RECTIFICATION_CLAIMED", "申请确认整改", "5.1.5"
    RECTIFICATION_REFUSED = "RECTIFICATION_REFUSED", "未予确认整改", "5.1.5"
    RECTIFIED = "RECTIFIED", "确认整改", "5.1.5"
    DROPPED = "DROPPED", "撤销", "5.1.4"
    REFERRED = "REFERRED", "移送", "5.1.2"
    ENTRIES_DELAYED = "ENTRIES_DELAYED", "延期公开访问记录", "5.1.6"
    DELAY_EXTENDED = "DELAY_EXTENDED", "延长访问记录公开期限", "5.1.6"
    MARKED = "MARKED", "标注涉密", "5.1.6"
    UNMARKED = "UNMARKED", "解除涉密标注", "5.1.6"
    CORRECTION_DISCOVERED = "CORRECTION_DISCOVERED", "发现信息有误或变更", "5.1.4(6)"
    CORRECTED = "CORRECTED", "修改", "5.1.4(6)"
    REMOVED = "REMOVED", "移除", "5.1.4(6)"
    RECIPIENT_TOLD = "RECIPIENT_TOLD", "告知信息接收单位", "5.1.4(6)"
    OBJECTED = "OBJECTED", "提出异议", "5.1.4(4)"
    OBJECTION_ASSIGNED = "OBJECTION_ASSIGNED", "指定异议办理人员", "5.1.4(4)"
    OBJECTION_ANSWERED = "OBJECTION_ANSWERED", "答复异议", "5.1.4(4)"


_FACT_OF: Final[Mapping[str, str]] = {
    StepName.COLLECTED: "collected",
    StepName.TAKEN_OVER: "collected",
    StepName.VERIFIED: "verified",
    StepName.NOTICED: "noticed",
    StepName.SERVED: "served",
    StepName.REVIEWED: "reviewed",
    StepName.DETERMINED: "determined",
    StepName.PUBLISHED: "published",
    StepName.RECTIFIED: "rectified",
    StepName.DROPPED: "dropped",
    StepName.REFERRED: "referred",
    StepName.REMOVED: "removed",
}
"""The field of a case that holds the fact of each step."""

STEP_OF: Final[Mapping[str, StepName]] = {
    "verified_at": StepName.VERIFIED,
    "noticed_on": StepName.NOTICED,
    "served_on": StepName.SERVED,
    "stated_on": StepName.STATED,
    "reviewed_on": StepName.REVIEWED,
    "determined_on": StepName.DETERMINED,
    "dropped_on": StepName.DROPPED,
    "claimed_on": StepName.RECTIFICATION_CLAIMED,
    "claim_answered_on": StepName.RECTIFICATION_REFUSED,
}
"""The columns of steps that may be recorded late, and the step under which the row keeps both days of each."""

_ANSWERS: Final = frozenset({StepName.RECTIFICATION_REFUSED, StepName.RECTIFIED})
"""The steps that answer a claim of rectification."""

_CAPACITY_SHOWN: Final = frozenset({StepName.VERIFIED, StepName.DETERMINED})
"""The steps that may show that a minor lives on its own work [Civil Code 18]."""


def with_steps(case: Case, steps: Iterable[RecordedStep]) -> Case:
    """Return *case*, read from its row, with the actors, the evidence and the decisions of its *steps*.

    A step whose day is no longer in the row has been corrected since, and is left out.
    """
    taken = sorted(steps, key=lambda step: (step.at, step.step_id))
    statements = tuple(fact_of_step(step) for step in taken if step.step == StepName.STATED)
    if case.stated is not None and statements:
        case = replace(case, statements=tuple(sorted(statements, key=lambda fact: fact.on)))
    claims = claims_of(taken)
    if claims:
        case = replace(case, claims=claims)
    for step in taken:
        case = _with(case, step)
    return case


def decided(step: StepName, case: Case) -> dict[str, Any]:  # noqa: C901, PLR0912 - one branch for each kind of step
    """Return what *step* decided in *case*, as it is stored: references, days and choices."""
    found: dict[str, Any] = {}
    match step:
        case StepName.COLLECTED:
            record = written_record(
                case.number, case.department_code, case.circumstance, case.channel, case.basis, case.handler_ref
            )
            found = {**record, **_written_ground(case)}
        case StepName.VERIFIED:
            found = _written_ground(case)
        case StepName.HANDED_OVER:
            found = {"from_ref": case.handovers[-1].from_ref, "to_ref": case.handovers[-1].to_ref}
        case StepName.SERVED if case.means is not None:
            found = {"means": case.means.value}
        case StepName.REVIEWER_ASSIGNED:
            found = {"reviewer_ref": case.reviewer_ref}
        case StepName.REVIEWED if case.outcome is not None:
            found = {"outcome": case.outcome.value, "basis": case.basis, **_written_pauses(case)}
        case StepName.REOPENED:
            found = _written_pauses(case)
        case StepName.DETERMINED:
            found = {"legal_document": case.legal_document, "term": _written_term(case.term)}
        case StepName.TAKEN_OVER | StepName.TAKEN_OVER_CONFIRMED if case.taken_over:
            found = {**_former_days(case.taken_over), **_written_publicity(case)}
            if case.rectified is not None:
                found["rectified_on"] = case.rectified.on.isoformat()
            if case.published is not None:
                found["runs_until"] = _written_day(case.ends_on)
        case StepName.ENTRIES_DELAYED | StepName.DELAY_EXTENDED:
            found = _written_delay(case.delays[-1])
        case StepName.PUBLISHED:
            found = {"ends_on": _written_day(case.ends_on), **_written_publicity(case)}
        case StepName.RUN_ANEW | StepName.CORRECTED:
            restarts = [{"by_case_id": str(each.by_case_id), "on": each.on.isoformat()} for each in case.restarts]
            found = {"ends_on": _written_day(case.ends_on), "term": _written_term(case.term), "restarts": restarts}
            found |= _written_pauses(case)
            if step is StepName.CORRECTED:
                found |= {"basis": case.basis, "legal_document": case.legal_document}
        case StepName.RECTIFIED:
            found = {"ends_on": _written_day(case.ends_on)}
    return found | _written_capacity(step, case)


def written_record(
    number: str, department_code: str, circumstance: str, channel: str, basis: str, handler_ref: str
) -> dict[str, Any]:
    """Return what a case says from its beginning on, which no day of a step tells."""
    written = {
        "number": number,
        "department_code": department_code,
        "circumstance": str(circumstance),
        "channel": str(channel),
        "basis": basis,
        "handler_ref": handler_ref,
    }
    return {"record": written}


def _written_ground(case: Case) -> dict[str, Any]:
    return {} if case.grounds is None else {"grounds": _written_grounds(case.grounds)}


def _written_delay(act: EntryDelay) -> dict[str, str]:
    return {"delay_id": str(act.delay_id), "opens_on": act.opens_on.isoformat(), "ground": act.citation}


def _former_days(former: FormerRecord) -> dict[str, str]:
    return {name: getattr(former, name).isoformat() for name in ("determined_on", "published_on", "ends_on")}


def fact_of_step(step: RecordedStep) -> Fact:
    """Return a step as a fact, which counts from the day of its record if it is a late entry of the authority."""
    days = days_of(step.step, step.on, civil_date(step.at))
    at = step.at if civil_date(step.at) == days.counts_on else None
    return Fact(days.counts_on, step.actor_ref, step.department_code, step.evidence, at, days.late)


def claims_of(taken: Iterable[RecordedStep], before: Iterable[Claim] = ()) -> tuple[Claim, ...]:
    """Return the claims of rectification, each with its answer: a refusal, or the confirmation itself [5.1.5].

    *before* are those that were made before these steps.
    """
    claims = list(before)
    for step in taken:
        if step.step == StepName.RECTIFICATION_CLAIMED:
            claims.append(Claim(fact_of_step(step)))
        elif step.step in _ANSWERS:
            claims = [each if each.answered else replace(each, answered=fact_of_step(step)) for each in claims]
    return tuple(claims)


def _with(case: Case, step: RecordedStep) -> Case:
    changes: dict[str, Any]
    match step.step:
        case StepName.RUN_ANEW | StepName.CORRECTED:
            restarts = tuple(Restart(UUID(each["by_case_id"]), _day(each["on"])) for each in step.facts["restarts"])
            changes = {"restarts": restarts, "term": _term(step.facts["term"]), **_pauses(case, step)}
        case StepName.REOPENED:
            changes = _pauses(case, step)
        case StepName.HANDED_OVER:
            handover = HandOver(fact_of_step(step), step.facts["from_ref"], step.facts["to_ref"])
            changes = {"handovers": (*case.handovers, handover)}
        case StepName.ENTRIES_DELAYED | StepName.DELAY_EXTENDED:
            act = EntryDelay(
                UUID(step.facts["delay_id"]), _day(step.facts["opens_on"]), step.facts["ground"], fact_of_step(step)
            )
            changes = {"delays": (*case.delays, act)}
        case StepName.TAKEN_OVER_CONFIRMED:
            changes = {"confirmed": fact_of_step(step), **_publicity(step), **_former_rectification(case, step)}
        case StepName.MARKED:
            changes = {"marked": fact_of_step(step), "unmarked": None}
        case StepName.UNMARKED:
            changes = {"unmarked": fact_of_step(step)}
        case _:
            changes = _of_the_row(case, step)
    return replace(case, **changes)


def _of_the_row(case: Case, step: RecordedStep) -> dict[str, Any]:
    """Return what *step* adds to the fact that the row has of it: nothing if the row has none of that day."""
    name = _FACT_OF.get(step.step)
    found: Fact | None = None if name is None else getattr(case, name)
    taken = fact_of_step(step)
    if name is None or found is None or found.on not in {taken.on, taken.own_day}:
        return {}
    # The row decides from which day it counts: late entries of before this rule counted from their own day.
    return {name: taken if found.on == taken.on else replace(taken, on=found.on, at=None)} | _decisions(case, step)


def _decisions(case: Case, step: RecordedStep) -> dict[str, Any]:
    """Return the particulars of *case* that *step* decided, by name."""
    found: dict[str, Any] = {}
    match step.step:
        case StepName.COLLECTED | StepName.VERIFIED if "grounds" in step.facts:
            found = {"grounds": _grounds(step.facts["grounds"])}
        case StepName.SERVED:
            found = {"means": ServiceMeans(step.facts["means"])}
        case StepName.REVIEWED:
            outcome = ReviewOutcome(step.facts["outcome"])
            is_end = outcome is ReviewOutcome.DROPPED and case.dropped is not None
            found = {
                "outcome": outcome,
                "dropped": fact_of_step(step) if is_end else case.dropped,
                **_pauses(case, step),
            }
        case StepName.DETERMINED:
            found = {"term": _term(step.facts["term"])}
        case StepName.PUBLISHED:
            found = _publicity(step)
    if step.step in _CAPACITY_SHOWN and "self_support" in step.facts:
        found["self_support"] = tuple(step.facts["self_support"])
    return found


def written_answer(answered: DatedAnswer) -> dict[str, Any]:
    """Return what the joint module answered before a determination, as the step stores it [3.3]."""
    answer = answered.answer
    return {
        "answer_source": answer.source.value,
        "answered_at": answered.at.astimezone(UTC).isoformat(timespec="seconds"),
        "finding": answer.finding.value,
        "memorandum": answer.memorandum,
        "memorandum_kind": answer.kind and answer.kind.value,
    }


def _written_term(term: Term) -> dict[str, Any]:
    return {"months": term.months, "until": _written_day(term.until), "citation": term.citation}


def _term(written: Mapping[str, Any]) -> Term:
    return Term(written["months"], _day_or_none(written["until"]), written["citation"])


def _written_publicity(case: Case) -> dict[str, Any]:
    """Return the publicity as it is stored; what the governing document says itself is not."""
    return {} if case.publicity == LISTED_WHILE_IN_FORCE else {"publicity": case.publicity.written()}


def _publicity(step: RecordedStep) -> dict[str, Any]:
    return {"publicity": Publicity.read(step.facts["publicity"])} if "publicity" in step.facts else {}


def _former_rectification(case: Case, step: RecordedStep) -> dict[str, Any]:
    """Return the rectification of a former record, with the papers by which the head confirmed it."""
    if case.rectified is None or step.facts.get("rectified_on") != case.rectified.on.isoformat():
        return {}
    return {"rectified": Fact(case.rectified.on, step.actor_ref, step.department_code, step.evidence)}


def _written_capacity(step: StepName, case: Case) -> dict[str, Any]:
    """Return the evidence that a minor lives on its own work, as it is stored with the step that it was shown for."""
    return {"self_support": list(case.self_support)} if step in _CAPACITY_SHOWN and case.self_support else {}


def _written_pauses(case: Case) -> dict[str, Any]:
    """Return the pauses as they are stored; a case without one stores nothing."""
    written = [
        {"on": each.on.isoformat(), "until": _written_day(each.until), "is_return": each.is_return}
        for each in case.pauses
    ]
    return {"pauses": written} if written else {}


def _pauses(case: Case, step: RecordedStep) -> dict[str, Any]:
    written = step.facts.get("pauses")
    if written is None:
        return {"pauses": case.pauses}
    return {
        "pauses": tuple(
            Pause(_day(each["on"]), _day_or_none(each["until"]), each.get("is_return", False)) for each in written
        )
    }


def _written_grounds(grounds: Grounds) -> dict[str, Any]:
    match grounds:
        case Impersonation(victim_id=victim):
            return {"kind": "IMPERSONATION", "victim_id": None if victim is None else str(victim)}
        case DeferredDocuments():
            return {
                "kind": "DEFERRED_DOCUMENTS",
                "promised_for": grounds.promised_for.isoformat(),
                "reminded_on": _written_day(grounds.reminded_on),
                "supplied_on": _written_day(grounds.supplied_on),
                **_written_late("reminded", grounds.reminded_late),
            }
        case CommitmentCheck():
            return {
                "kind": "COMMITMENT",
                "committed_on": grounds.committed_on.isoformat(),
                "verified_on": _written_day(grounds.verified_on),
                "met": grounds.met,
                **_written_late("verified", grounds.verified_late),
            }


def _written_late(name: str, late: LateEntry | None) -> dict[str, str]:
    """Return both days of an act that was recorded late, as a ground stores them; nothing for any other."""
    return {} if late is None else {f"{name}_own_day": late.on.isoformat()}


def _grounds(written: Mapping[str, Any]) -> Grounds:
    match written["kind"]:
        case "IMPERSONATION":
            return Impersonation(None if written["victim_id"] is None else UUID(written["victim_id"]))
        case "DEFERRED_DOCUMENTS":
            reminded_on, supplied_on = _day_or_none(written["reminded_on"]), _day_or_none(written["supplied_on"])
            late = _late(written.get("reminded_own_day"), reminded_on)
            return DeferredDocuments(_day(written["promised_for"]), reminded_on, supplied_on, late)
        case _:
            verified_on = _day_or_none(written["verified_on"])
            late = _late(written.get("verified_own_day"), verified_on)
            return CommitmentCheck(_day(written["committed_on"]), verified_on, written["met"], late)


def _late(own_day: str | None, counts_on: date | None) -> LateEntry | None:
    return None if own_day is None or counts_on is None else LateEntry(_day(own_day), counts_on)


def _written_day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _day_or_none(text: str | None) -> date | None:
    return None if text is None else _day(text)
