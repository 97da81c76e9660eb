"""Example queries of the personas for the procedures, ready to copy: steps of cases, promises, documents, figures.

An example that changes data finds its data in the demo's stories, and can be run once; a second run shows the refusal
and its reason.
"""

from datetime import date

from consent.vocabulary import Purpose
from gateway.auth.dev_issuer import Example
from gateway.demo.district.district import MARKET
from gateway.demo.district.matters import MATTERS_OF
from gateway.demo.seed.well_known_ids import (
    ANSWERABLE,
    CAST,
    CLIENT,
    CORRECTION,
    DEFAULTED,
    ENDED_OF_MYSELF,
    IN_FORCE_OF_MYSELF,
    MYSELF,
    OBJECTION,
    OVERDUE,
    OWED,
    PRINCIPAL,
    RATED,
    REPAIRED,
    REVIEWER,
    TO_ASSIGN,
    TO_DETERMINE,
    TO_NOTICE,
    TO_REVIEW,
    TRADING,
)
from queryplan.entities import Entity
from schema.core.global_ids import encode

FIRST, _, THIRD, _, FIFTH, SIXTH, SEVENTH = (known.subject_id for known in CAST[:7])
_REFUSAL = "... on Refusal { code message }"


def _step(title: str, purpose: Purpose, mutation: str, shown: str, **given: object) -> Example:
    """Return an example of a mutation: its input is a variable, as clients send it."""
    kind = f"{mutation[0].upper()}{mutation[1:]}Input"
    query = f"""mutation Step($input: {kind}!) @purpose(is: {purpose.name}) {{
  {mutation}(input: $input) {{
    __typename
    {shown}
    {_REFUSAL}
  }}
}}"""
    return Example(title, query, variables={"input": given})


def _todo(purpose: Purpose, where: str) -> Example:
    return Example(
        "我的待办：先看将到期和逾期的 · My worklist: what waits, what is soon due, what is late",
        f"""query Worklist @purpose(is: {purpose.name}) {{
  worklist(first: 10) {{
    totalCount
    nodes {{ label clause since isLate due {{ on state daysLeft }} {where} }}
  }}
}}""",
    )


_CASE = "... on CaseChanged { case { number status version } }"
_PAPER = "... on NoticeIssued { notice { kind number issuedOn pdf } }"
_DEFERRAL = "... on DeferralChanged { deferral { state suppliedOn documents { document handedInOn } } }"

EVERYBODY = (
    Example(
        "政策公开：情形、措施、权利、修复办法（无需令牌） · The rules in plain words, without a token",
        "{ policyTexts { __typename topic version startsOn title intro items { __typename } } }",
    ),
)

CLERK = (
    _todo(Purpose.APPLICATION_HANDLING, "application { number status }"),
    _step(
        "登记办件 · File an application",
        Purpose.APPLICATION_HANDLING,
        "fileApplication",
        "... on ApplicationChanged { application { id number status filedAt } }",
        subject=encode(Entity.SUBJECT, MYSELF.subject_id),
        matter=encode(Entity.MATTER, MATTERS_OF[MARKET][1].code),
    ),
    _step(
        "容缺材料：收齐最后一份 · Deferred documents: take in the last one",
        Purpose.APPLICATION_HANDLING,
        "handInDocument",
        _DEFERRAL,
        application=encode(Entity.APPLICATION, FIRST, OWED),
        document="健康证明",
        receipt="演示收件单第2号",
    ),
    _step(
        "容缺逾期：制作催告书（PDF，Base64） · Overdue documents: issue the reminder, a PDF in Base64",
        Purpose.APPLICATION_HANDLING,
        "issueReminder",
        _PAPER,
        application=encode(Entity.APPLICATION, SEVENTH, OVERDUE),
        number="演示催〔1912〕第9号",
    ),
)

SUBJECT = (
    _step(
        "陈述申辩（期限未过） · State and defend, while the period runs",
        Purpose.SELF_ACCESS,
        "stateDefence",
        _CASE,
        case=encode(Entity.RESTRAINT_CASE, MYSELF.subject_id, ANSWERABLE),
        text="（演示）材料由中介代为准备，本人并不知情。",
        evidence=["演示往来记录"],
    ),
    _step(
        "对生效中的认定提出异议 · Contest the restraint in force",
        Purpose.SELF_ACCESS,
        "raiseObjection",
        "... on ObjectionChanged { objection { record raisedOn dueOn { on state } department { name } } }",
        record=encode(Entity.RESTRAINT_CASE, MYSELF.subject_id, IN_FORCE_OF_MYSELF),
        text="（演示）认定的事实与实际不符，请予核实。",
    ),
    _step(
        "领取信用修复证明（PDF，Base64） · My repair certificate, a PDF in Base64",
        Purpose.SELF_ACCESS,
        "issueNotice",
        _PAPER,
        case=encode(Entity.RESTRAINT_CASE, MYSELF.subject_id, ENDED_OF_MYSELF),
        kind="REPAIR_CERTIFICATE",
    ),
    Example(
        "我的待办，谁在评优前征求过意见 · What waits for me, and who consulted on me",
        """query Waiting @purpose(is: SELF_ACCESS) {
  worklist(first: 5) { nodes { label clause due { on state daysLeft } case { number } } }
  myConsultations(first: 5) { nodes { at kind recipient { name } reply ground citation } }
}""",
    ),
)

HANDLER = (
    _todo(Purpose.DETERMINATION, "case { number status }"),
    _step(
        "制作失信制约认定告知书（PDF，Base64） · Issue the notice of the annex, a PDF in Base64",
        Purpose.DETERMINATION,
        "issueNotice",
        _PAPER,
        case=encode(Entity.RESTRAINT_CASE, FIFTH, TO_NOTICE),
        kind="NOTICE",
        number="演示告〔1912〕第1号",
    ),
    _step(
        "复核维持后作出认定 · Determine, once the review has upheld the case",
        Purpose.DETERMINATION,
        "determineCase",
        _CASE,
        case=encode(Entity.RESTRAINT_CASE, FIRST, TO_DETERMINE),
        severity="SHORT_OF_PENALTY",
        legalDocument="演示决〔1912〕第1号",
    ),
    _step(
        "催告后仍未补交：采集为案件 · Documents still missing after the reminder: collect the case",
        Purpose.DETERMINATION,
        "collectDefault",
        _CASE,
        application=encode(Entity.APPLICATION, TRADING[0].subject_id, DEFAULTED),
        number="演示容缺认〔1912〕第2号",
    ),
    _step(
        "更正有误的事实（两个工作日内） · Put right what was found wrong, within 2 working days",
        Purpose.DETERMINATION,
        "correctCase",
        "... on CorrectionMade { correction { doneOn dueOn { on state } } }",
        correction=encode(Entity.CORRECTION, SIXTH, CORRECTION),
        facts="（演示）提交的场所证明的面积一栏与实际不符。",
        evidence=["演示核对表"],
    ),
)

REVIEWER_DOES = (
    _step(
        "复核：维持 · Close the review: upheld",
        Purpose.REVIEW,
        "reviewCase",
        _CASE,
        case=encode(Entity.RESTRAINT_CASE, SIXTH, TO_REVIEW),
        outcome="UPHELD",
        evidence=["演示复核意见"],
    ),
    _step(
        "答复异议：不成立，说明理由 · Answer an objection: rejected, and why",
        Purpose.REVIEW,
        "answerObjection",
        "... on ObjectionChanged { objection { answer answeredOn } }",
        objection=encode(Entity.OBJECTION, THIRD, OBJECTION),
        answer="REJECTED",
        reasons="（演示）经核对，认定依据和事实无误。",
    ),
)

HEAD = (
    _step(
        "指定复核人（不得为经办人） · Give a review to somebody who did not handle the case",
        Purpose.DETERMINATION,
        "assignReviewer",
        "... on CaseChanged { case { number status reviewer } }",
        case=encode(Entity.RESTRAINT_CASE, TRADING[0].subject_id, TO_ASSIGN),
        reviewer=REVIEWER,
    ),
    _step(
        "评优前征求意见：依法定职责 · Consult before a selection, by statute",
        Purpose.CONSULTATION,
        "consult",
        "... on ConsultationAnswered { lines { line reply } }",
        kind="SELECTION",
        occasion="演示先进单位推荐（第二批）",
        statute="《演示评优办法》第三条",
        names=[{"subject": encode(Entity.SUBJECT, one.subject_id)} for one in (CLIENT, RATED)],
    ),
)


def regulator(today: date) -> tuple[Example, ...]:
    """Return the regulator's examples: a visit has a date."""
    return (
        Example(
            "上次查看以来的变化 · What has changed since my last visit",
            """query Changes @purpose(is: FOCUSED_CHECK) {
  focusedCheckChanges(first: 5) { totalCount nodes { kind subject { __typename name } } }
}""",
        ),
        _step(
            "登记一次重点核查的结果 · Record what a focused check found",
            Purpose.FOCUSED_CHECK,
            "recordFocusedCheck",
            "... on FocusedCheckRecorded { check { outcome checkedOn } }",
            subject=encode(Entity.SUBJECT, THIRD),
            checkedOn=today.isoformat(),
            outcome="NOTHING_FOUND",
            evidence=["演示现场检查表"],
        ),
    )


AGENT = (
    _step(
        "代领信用修复证明（PDF，Base64） · My principal's repair certificate, a PDF in Base64",
        Purpose.SELF_ACCESS,
        "issueNotice",
        _PAPER,
        case=encode(Entity.RESTRAINT_CASE, PRINCIPAL.subject_id, REPAIRED),
        kind="REPAIR_CERTIFICATE",
    ),
)

ASSOCIATION = (
    _step(
        "批量征求意见：未授权的不予答复 · Consult on several: who did not authorise it is not told of",
        Purpose.CONSULTATION,
        "consult",
        "... on ConsultationAnswered { lines { line reply } }",
        kind="AWARD",
        occasion="演示诚信商户评选（第二批）",
        names=[{"kind": "SOCIAL_CREDIT_CODE", "number": one.number} for one in (RATED, CLIENT)],
    ),
)


def office(today: date) -> tuple[Example, ...]:
    """Return the district office's examples: figures belong to a year."""
    return (
        Example(
            "年度统计：案件、时限、激励 · The year's figures: cases, clocks, incentives",
            """query Figures($year: Int!) @purpose(is: SUPERVISION) {
  figures(year: $year) {
    asOf hiddenBelow
    district { cases byCircumstance { label count } clocks { label met missed running } daysToDecision }
  }
}""",
            variables={"year": today.year},
        ),
        Example(
            "逾期与推送：谁晚了，什么还没送到 · Who is late, and what has not been delivered",
            """query Late @purpose(is: SUPERVISION) {
  worklist(first: 5, late: true) { totalCount nodes { label department { name } handler due { on } } }
  outboxStatus { waiting { route topic count oldest } dead { topic failure } }
}""",
        ),
    )
