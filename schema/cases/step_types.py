"""The steps of a case, and the statements of its subject [5.1.4]."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

import strawberry

from credit.calendar.deadlines import civil_date
from credit.cases.steps import BETWEEN, StepName
from credit.core import late_entries
from queryplan.entities import Entity
from schema.core.day import EvaluationDay
from schema.core.enums import RoleName
from schema.core.fields import (
    acting_role,
    filled_column,
    function,
    global_id,
    one,
    operator_act,
    role_text,
    sealed,
    structure,
)
from schema.reference.types import Department, Node

OWN_PAPERS: Final = frozenset({StepName.STATED.value, StepName.SERVED.value, StepName.RECTIFICATION_CLAIMED.value})
"""The steps whose papers are the subject's own: papers that it submitted, and the receipt that it signed."""

ENTERED_AS: Final = "In which role: subject, agent, or the handler who opened the letter."
WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "means": ("means", "送达方式"),
    "outcome": ("outcome", "复核结论"),
    "basis": ("basis", "认定依据"),
    "answer_source": ("memorandumSource", "备忘录查询来源"),
    "answered_at": ("memorandumAnsweredAt", "备忘录查询时间"),
    "finding": ("memorandumFinding", "备忘录查询结果"),
    "memorandum": ("memorandum", "国家联合奖惩备忘录"),
    "memorandum_kind": ("memorandumKind", "备忘录类别"),
    "circumstance": ("circumstance", "失信情形"),
    "channel": ("channel", "采集途径"),
    "version": ("factsVersion", "失信事实版本"),
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
    "reminded_own_day": ("reminderReceivedOn", "催告收到日期"),
    "verified_own_day": ("commitmentVerificationOwnDay", "承诺核验实际日期"),
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


def _recorded_on(at: datetime, _day: EvaluationDay) -> date:
    return civil_date(at)


def _is_late_entry(on: date, at: datetime, _day: EvaluationDay) -> bool:
    return civil_date(at) > on


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


@strawberry.type(description="补录：a step that was recorded on a later day than its own [5.1.4].")
class LateEntry:
    step: StepName = structure("step", "Which step.")
    on: date = structure("on", "Its own day, in Asia/Shanghai.")
    recorded_on: date = structure("recordedOn", "The day on which it was recorded.")


def late_entries_of(
    stored: Mapping[str, Any] | None, _collected: datetime, _day: EvaluationDay
) -> list[dict[str, Any]]:
    """Return the late entries of a case, first recorded first."""
    found = [(step, entry) for step in stored or {} if (entry := late_entries.of_step(stored, step)) is not None]
    listed = sorted(found, key=lambda each: (each[1].recorded_on, each[1].on, each[0]))
    return [{"step": step, "on": entry.on, "recordedOn": entry.recorded_on} for step, entry in listed]


@strawberry.type(
    description="办理环节：one step of a case: who took it, in which role, from which day it counts, when it was "
    "recorded, on what evidence, and its decisions. Steps are never changed [5.1.1] [5.1.4]."
)
class CaseStep(Node):
    id: strawberry.ID = global_id(Entity.CASE_STEP, "The global id.")
    step: StepName | None = filled_column("step", "办理环节：which step.")
    on: date | None = filled_column("on", "The own day of the act, in Asia/Shanghai.")
    at: datetime | None = filled_column("at", "When it was recorded (UTC).")
    recorded_on: date | None = function(
        _recorded_on,
        "at",
        description="补录日期：the day in Asia/Shanghai on which it was recorded. An act of the authority counts from "
        "it, an act of the subject from its own day [5.1.4].",
    )
    late_entry: bool | None = function(
        _is_late_entry, "on", "at", description="补录：whether it was recorded on a later day than its own [5.1.4]."
    )
    actor: str | None = filled_column("actor_ref", "Who took it, by staff or account reference, never by name.")
    operator_act: str | None = operator_act()
    acting_role: RoleName | None = acting_role()
    role: str | None = role_text(filled_column)
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
    description="失信事实版本：the facts and the basis of a case as one step left them. A review that amends, a "
    "correction, and a later import of a case that is only collected each add a version; the case shows the last one, "
    "and an earlier one stays on record [5.1.4(4)] [5.1.4(6)]."
)
class FactsVersion(Node):
    id: strawberry.ID = global_id(Entity.FACTS_VERSION, "The global id.")
    number: int | None = filled_column("number", "Counts the versions from 1, as collected.")
    step: StepName | None = filled_column(
        "step", "办理环节：the step that left it: COLLECTED, RECOLLECTED, REVIEWED or CORRECTED."
    )
    on: date | None = filled_column("on", "The day of that step, in Asia/Shanghai.")
    at: datetime | None = filled_column("at", "When it was recorded (UTC).")
    by: str | None = filled_column("by_ref", "Who took that step, by reference, never by name.")
    basis: str | None = filled_column("basis", "认定依据：the legal basis of this version [5.1.3].")
    facts: str | None = sealed("facts_versions", "facts", "失信事实：the facts of this version [5.1.3].")


@strawberry.type(
    description="陈述申辩：a statement and defence in its own words, sealed like all that is personal [5.1.4(3)]."
)
class CaseStatement(Node):
    id: strawberry.ID = global_id(Entity.CASE_STATEMENT, "The global id.")
    stated_on: date | None = filled_column("stated_on", "The day of handing in or posting, in Asia/Shanghai.")
    entered_at: datetime | None = filled_column("entered_at", "When it was recorded (UTC).")
    entered_by: str | None = filled_column("entered_by", "Who recorded it, by account or staff reference.")
    entered_in_role: RoleName | None = acting_role("entered_as", ENTERED_AS)
    entered_as: str | None = role_text(filled_column, "entered_as", ENTERED_AS, "enteredInRole")
    text: str | None = sealed("case_statements", "text", "What was stated. Null where only papers were handed in.")
