"""What a subject can do now, and until when: what the service says it can, with the clocks of its own list of work."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

TASKS: Final = {"STATE_DEFENCE": "STATE", "CLAIM_RECTIFICATION": "RECTIFY"}
"""The task in the list of work that a step of a case fulfils: its last day is that of the step."""


@dataclass(frozen=True, slots=True)
class PossibleStep:
    """A step that may be taken now. *name* is a value of *enum*; *record* is the case or the application.

    *due* is its last day as the service counts it, None for a step without a clock. *matter* is what is applied for.
    """

    enum: str
    name: str
    record: Mapping[str, Any]
    due: Mapping[str, Any] | None = None
    matter: str | None = None


def possible_steps(
    cases: Sequence[Mapping[str, Any]], applications: Sequence[Mapping[str, Any]], work: Sequence[Mapping[str, Any]]
) -> Sequence[PossibleStep]:
    """Return the steps, the next last day first, and those without a clock at the end.

    What is to be done in a case is there only where this visitor can do it; what is owed to a window always is.
    """
    clocks = {_place(each["step"], each["case"]): each["due"] for each in work if each["case"] is not None}
    steps = [
        PossibleStep("ViewerStepName", name, case, clocks.get(_place(TASKS.get(name), case)))
        for case in cases
        for name in _allowed(case)
    ]
    steps += [
        PossibleStep("Task", each["step"], each["application"], each["due"])
        for each in work
        if each["application"] is not None
    ]
    steps += [
        PossibleStep("ViewerStepName", name, each, matter=None if each["matter"] is None else each["matter"]["name"])
        for each in applications
        for name in _allowed(each)
    ]
    return sorted(steps, key=_last_day)


def _allowed(record: Mapping[str, Any]) -> Iterator[str]:
    return (step["name"] for step in record["viewerCan"] or () if step["allowed"])


def _place(step: str | None, record: Mapping[str, Any]) -> tuple[str | None, ...]:
    department = record["department"]
    return step, record["number"], None if department is None else department["name"]


def _last_day(step: PossibleStep) -> date:
    return date.max if step.due is None else date.fromisoformat(step.due["on"])
