"""What the steps of an application say of its deferral and of its commitment: the audit compares the two [4.2].

A column that the steps leave open is left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from credit.calendar.deadlines import civil_date
from credit.core.late_entries import days_of
from credit.core.recorded_step import RecordedStep
from credit.promises.take_step import PromiseStep

Columns = Mapping[str, Any]
"""Values of columns by their names; `is_ended` says whether there is an `ended_on`."""
_RANK: Final[Mapping[str, int]] = {name: rank for rank, name in enumerate(PromiseStep)}


def deferral_columns(steps: Iterable[RecordedStep], attested: Columns | None = None) -> Columns:
    """Return what the *steps* of one application say of its deferral; nothing without its promise.

    Of a row that was *attested* they are the later steps, which change what it was then.
    Raises ValueError, TypeError or LookupError for facts that no step has.
    """
    documents: dict[str, dict[str, Any]] = {each["document"]: each for each in (attested or {}).get("documents", ())}
    reminders: list[dict[str, Any]] = [dict(each) for each in (attested or {}).get("reminders", ())]
    found: dict[str, Any] = dict(attested or {})
    are_reminders_known = True  # a step of before its facts were kept does not say which were served anew
    for step in _in_order(steps):
        if not found and step.step != PromiseStep.DEFERRED:
            continue
        counts_on = days_of(step.step, step.on, civil_date(step.at)).counts_on
        match step.step:
            case PromiseStep.DEFERRED:
                missing = step.facts["missing"]
                documents = {name: _document(name) for name in missing}
                found = _promised(step) | {"due_on": date.fromisoformat(step.facts["due_on"])}
            case PromiseStep.HANDED_IN:
                (receipt,) = step.evidence
                name = step.facts["document"]
                documents[name] = _document(name, counts_on.isoformat(), step.actor_ref, receipt)
            case PromiseStep.REMINDED:
                (paper,) = step.evidence
                sent = {"sent_on": step.on.isoformat(), "by": step.actor_ref, "paper": paper}
                reminders.append({**sent, "served_on": None, "proof": None})
            case PromiseStep.REMINDER_SERVED:
                (proof,) = step.evidence
                reminders[-1] |= {"served_on": counts_on.isoformat(), "proof": proof}
            case PromiseStep.DEFERRAL_WITHDRAWN | PromiseStep.DEFERRAL_ENDED:
                found["is_ended"] = True
            case PromiseStep.DEFERRAL_RESUMED:
                found["is_ended"] = False
                are_reminders_known = are_reminders_known and "served_on" in step.facts
                reminders = [_served_anew(each, step.facts.get("served_on")) for each in reminders]
    if not found:
        return {}
    found.pop("reminders", None)
    return found | {"documents": list(documents.values())} | ({"reminders": reminders} if are_reminders_known else {})


def _served_anew(reminder: Columns, on: str | None) -> dict[str, Any]:
    """Return a reminder whose period begins anew on this day, unless it reached the applicant later, or never."""
    served_on = reminder["served_on"]
    is_anew = on is not None and served_on is not None and served_on < on
    return {**reminder, "served_on": on if is_anew else served_on}


def commitment_columns(steps: Iterable[RecordedStep], attested: Columns | None = None) -> Columns:
    """Return what the *steps* of one application say of its commitment; nothing without it.

    Of a row that was *attested* they are the later steps, which change what it was then.
    Raises ValueError, TypeError or LookupError for facts that no step has.
    """
    found: dict[str, Any] = dict(attested or {})
    for step in _in_order(steps):
        if not found and step.step != PromiseStep.COMMITTED:
            continue
        counts_on = days_of(step.step, step.on, civil_date(step.at)).counts_on
        match step.step:
            case PromiseStep.COMMITTED:
                limits = {name: step.facts[name] for name in ("limit_days", "verify_days")}
                open_yet = dict.fromkeys(("completed_on", "verified_on", "verified_by", "outcome", "evidence"))
                found = {**_promised(step), **limits, **open_yet}
            case PromiseStep.COMPLETED:
                found["completed_on"] = counts_on
            case PromiseStep.COMMITMENT_VERIFIED:
                found |= {
                    "verified_on": counts_on,
                    "verified_by": step.actor_ref,
                    "outcome": step.facts["outcome"],
                    "evidence": list(step.evidence),
                }
            case PromiseStep.COMMITMENT_WITHDRAWN | PromiseStep.COMMITMENT_ENDED:
                found["is_ended"] = True
            case PromiseStep.COMMITMENT_RESUMED:
                found["is_ended"] = False
    return found


def _in_order(steps: Iterable[RecordedStep]) -> Sequence[RecordedStep]:
    own = (step for step in steps if step.step in _RANK)
    return sorted(own, key=lambda step: (step.at, _RANK[step.step], step.step_id))


def _promised(step: RecordedStep) -> dict[str, Any]:
    (paper,) = step.evidence
    return {
        "department_code": step.department_code,
        "commitment_ref": paper,
        "committed_on": step.on,
        "is_ended": False,
    }


def _document(
    name: str, handed_in_on: str | None = None, received_by: str | None = None, receipt: str | None = None
) -> dict[str, Any]:
    return {"document": name, "handed_in_on": handed_in_on, "received_by": received_by, "receipt": receipt}
