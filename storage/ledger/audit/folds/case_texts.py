"""Versions of the facts of a case, and delays of its access entries, against their steps [5.1.4] [5.1.6]."""

from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from credit.calendar.deadlines import civil_date
from credit.cases.steps import StepName
from storage.ledger.audit.folds.records import STEP, Columns, History, RecordTable, Row
from storage.tables import case_steps, entry_delays, facts_versions

COLLECTED: Final = 1
"""The number of the version as collected, which is kept when the facts are first changed."""
_DELAYED: Final = frozenset({StepName.ENTRIES_DELAYED, StepName.DELAY_EXTENDED})


def _version(row: Row, steps: Sequence[Row], attested: Columns) -> Columns:
    if row["number"] == COLLECTED:
        return {"step": StepName.COLLECTED.value}
    for step in steps:
        if step["facts"].get("version") == row["number"]:
            return {
                "step": step["step"],
                "at": step["at"],
                "by_ref": step["actor_ref"],
                "sealed_facts": step["facts"]["sealed_facts"],
            }
    return attested


def _version_row(row: Row) -> Row:
    box = row.get("facts_sealed")
    return {**row, "sealed_facts": None if box is None else sha256(bytes(box)).hexdigest()}


def _delay(row: Row, steps: Sequence[Row], attested: Columns) -> Columns:
    acts: list[dict[str, Any]] = list(attested.get("acts", ()))
    opens_on: date | None = attested.get("opens_on")
    for step in sorted(steps, key=lambda step: (step["at"], step["step"] != StepName.ENTRIES_DELAYED)):
        facts = step["facts"]
        if step["step"] in _DELAYED and facts["delay_id"] == str(row["delay_id"]):
            opens_on = date.fromisoformat(facts["opens_on"])
            acts.append({"at": step["at"], "by": step["actor_ref"], "ground": facts["ground"], "opens_on": opens_on})
        elif step["step"] == StepName.NOTICED and opens_on is not None:
            opens_on = min(opens_on, civil_date(step["at"]))
    return {} if not acts else {**attested, "acts": acts, "opens_on": opens_on}


def _delay_row(row: Row) -> Row:
    acts = [
        {
            "at": datetime.fromisoformat(act["at"]),
            "by": act["by"],
            "ground": act["ground"],
            "opens_on": date.fromisoformat(act["opens_on"]),
        }
        for act in row["acts"]
    ]
    return {**row, "acts": acts}


def _ordered(step: Row) -> UUID | None:
    return UUID(step["facts"]["delay_id"]) if step["step"] == StepName.ENTRIES_DELAYED else None


VERSIONS: Final = RecordTable(
    facts_versions,
    "version_id",
    [History(case_steps, "case_id", STEP, "case_id", lambda _: None)],
    _version,
    _version_row,
    frozenset({"sealed_facts", "version"}),
    with_sealed=("facts_sealed",),
)
DELAYS: Final = RecordTable(
    entry_delays, "delay_id", [History(case_steps, "case_id", STEP, "case_id", _ordered)], _delay, _delay_row
)
KINDS: Final = (VERSIONS, DELAYS)
