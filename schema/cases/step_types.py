"""The steps of a case, and the statements of its subject [5.1.4]."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

import strawberry

from credit.cases.steps import BETWEEN, StepName
from queryplan.entities import Entity
from schema.core.day import EvaluationDay
from schema.core.fields import column, function, global_id, one, sealed, structure
from schema.reference.types import Department, Node

OWN_PAPERS: Final = frozenset({StepName.STATED.value, StepName.SERVED.value, StepName.RECTIFICATION_CLAIMED.value})
"""The steps whose papers are the subject's own: papers that it submitted, and the receipt that it signed."""

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "means": ("means", "送达方式"),
    "outcome": ("outcome", "复核结论"),
    "basis": ("basis", "认定依据"),
    "reviewer_ref": ("reviewer", "复核人员"),
    "legal_document": ("legalDocument", "法律文书"),
    "months": ("months", "管理期限（月）"),
    "until": ("until", "管理期限至"),
    "citation": ("citation", "期限依据"),
    "determined_on": ("determinedOn", "认定日期"),
    "published_on": ("publishedOn", "公布日期"),
    "ends_on": ("endsOn", "有效期至"),
    "opens_on": ("opensOn", "公开日期"),
    "ground": ("ground", "延期依据"),
    "from_ref": ("fromHandler", "原经办人"),
    "to_ref": ("toHandler", "接办经办人"),
    "promised_for": ("promisedFor", "约定补交日期"),
    "reminded_on": ("remindedOn", "催告送达日期"),
    "supplied_on": ("suppliedOn", "补交日期"),
    "committed_on": ("committedOn", "承诺日期"),
    "verified_on": ("commitmentVerifiedOn", "承诺核验日期"),
    "met": ("commitmentMet", "是否达到承诺内容"),
}
"""The shown decisions of a step, by the name under which they are stored: the name on the wire, and in Chinese.

The victim of a used identity, and the other case that restarted a period, concern other subjects and are left out.
"""


@strawberry.type(description="One decision of a step: a choice by its wire name, a day, or a reference.")
class CaseDecision:
    name: str = structure("name", "What was decided, as a stable name: means, outcome, months, endsOn, …")
    label: str = structure("label", "The same in Chinese.")
    value: str = structure("value", "What it was decided to be.")


def references_of(text: str) -> list[str]:
    """Return the references of a text that is a JSON list of them, or the text itself where it is none."""
    try:
        found = json.loads(text)
    except ValueError:
        return [text]
    return [str(one) for one in found] if isinstance(found, list) else [text]


def _evidence(references: str, _day: EvaluationDay) -> list[str]:
    return references.split(BETWEEN)


def _own_evidence(step: str, references: str | None, _day: EvaluationDay) -> list[str]:
    return references.split(BETWEEN) if references and step in OWN_PAPERS else []


def _decided(_step: str, facts: Mapping[str, Any], _day: EvaluationDay) -> list[dict[str, str]]:
    found = ((WORDS[name], value) for name, value in _plain(facts) if name in WORDS and value is not None)
    return [{"name": name, "label": label, "value": _word(value)} for (name, label), value in found]


def _word(value: object) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _plain(facts: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Return the decisions by name; a term and the grounds consist of several."""
    for name, value in facts.items():
        if isinstance(value, Mapping):
            yield from _plain(value)
        else:
            yield name, value


@strawberry.type(
    description="办理环节：one step of a case: who took it, in which role, from which day it counts, when it was "
    "recorded, on what evidence, and its decisions. Steps are never changed [5.1.1] [5.1.4]."
)
class CaseStep(Node):
    id: strawberry.ID = global_id(Entity.CASE_STEP, "The global id.")
    step: StepName | None = column("step", "办理环节：which step.")
    on: date | None = column("on", "The day from which it counts, in Asia/Shanghai.")
    at: datetime | None = column("at", "When it was recorded (UTC).")
    actor: str | None = column("actor_ref", "Who took it, by staff or account reference, never by name.")
    role: str | None = column("role", "In which role.")
    department: Department | None = one(
        "department", Entity.DEPARTMENT, "The department of an officer; null for the subject and its delegates."
    )
    decided: list[CaseDecision] | None = function(
        _decided, "step", "facts", description="决定事项：what it decided, by name and value."
    )
    evidence: list[str] | None = function(
        _evidence,
        "evidence",
        description="证据编号：the papers that show it, by reference [5.1.1]. Shown to the officers of the case; its "
        "subject has `ownEvidence`.",
    )
    own_evidence: list[str] | None = function(
        _own_evidence,
        "step",
        "evidence",
        description="当事人材料：of these, the papers of the subject itself: those that it handed in or posted, and "
        "the receipt that it signed [5.1.4(2)] [5.1.4(3)].",
    )


@strawberry.type(
    description="陈述申辩：a statement and defence in its own words, sealed like all that is personal [5.1.4(3)]."
)
class CaseStatement(Node):
    id: strawberry.ID = global_id(Entity.CASE_STATEMENT, "The global id.")
    stated_on: date | None = column("stated_on", "The day of handing in or posting, in Asia/Shanghai.")
    entered_at: datetime | None = column("entered_at", "When it was recorded (UTC).")
    entered_by: str | None = column("entered_by", "Who recorded it, by account or staff reference.")
    entered_as: str | None = column(
        "entered_as", "In which role: subject, agent, or the handler who opened the letter."
    )
    text: str | None = sealed("case_statements", "text", "What was stated. Null where only papers were handed in.")
