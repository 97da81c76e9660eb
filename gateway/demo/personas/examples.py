"""Example queries of the personas, ready to copy: they run on the demo's own district.

The title says where an example is refused on purpose. An example that changes data finds its data in the demo's
stories, and can be run once; a second run shows the refusal and its reason.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

from consent.vocabulary import Purpose
from gateway.auth.dev_issuer import Example
from gateway.demo.district.district import MARKET
from gateway.demo.district.matters import MATTERS_OF
from gateway.demo.district.people import AREA_NAMES, name
from gateway.demo.seed import well_known_ids as ids
from gateway.demo.seed.well_known_ids import CLIENT, MYSELF, PRINCIPAL, RATED, UNASKED, Known
from queryplan.entities import Entity
from schema.core.global_ids import encode

DOCUMENTS = Path(__file__).with_name("documents.graphql")
FIRST, _, THIRD, _, FIFTH, SIXTH, SEVENTH = ids.CAST[:7]
COMPANY = ids.TRADING[0]
CASE = "... on CaseChanged { case { number status version } }"
PAPER_OBJECTION = (
    "... on ObjectionChanged { objection { record raisedOn recordedOn due { on state } department { name } } }"
)
NOTICE = "... on NoticeIssued { notice { kind number issuedOn pdf } }"
DEFERRAL = "... on DeferralChanged { deferral { state suppliedOn documents { document handedInOn } } }"
CONSULTATION = "... on ConsultationAnswered { lines { line reply } }"
DECIDED = "... on DelegationChanged { delegation { kind isLive contestFinding contestDecidedBy } }"
DELEGATION = "... on DelegationChanged { delegation { kind delegate scope powers expiresOn isLive endedInRole } }"
UNSEEN = "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets { nodes { facts subject { name phone } } } }"
"""A document that asks for personal data, for the persona that sees none."""


def public_examples() -> Sequence[Example]:
    """Return the examples for callers without a token."""
    return (
        example("查公示名单（无需令牌） · The public list, without a token", "PublicList"),
        example("查部门与窗口（无需目的） · Departments and windows, without a purpose", "Departments"),
        example("政策公开：情形、措施、权利、修复办法（无需令牌） · The rules in plain words, without a token",
                 "PolicyTexts"),
    )  # fmt: skip


def examples_of_personas(today: date) -> Mapping[str, Sequence[Example]]:
    """Return the examples of each persona, by its name: a visit has a date, figures belong to a year."""
    return {
        "clerk": (
            example("事前信用查询：已获授权 · Credit check, on a live authorisation", "CreditCheck",
                     number=MYSELF.number),
            example("事前信用查询：未获授权，应被拒绝 · Credit check without authorisation: refused", "CreditCheck",
                     number=UNASKED.number),
            example("事前信用核查：两个来源，随办件留存 · "
                     "Check both sources for an application, and keep the answers with it",
                     "Check", application=_application(PRINCIPAL, ids.FILED_BY_PRINCIPAL)),
            example("给予绿色通道（须先核查） · Grant the green channel, on that check",
                     "GrantIncentive", application=_application(PRINCIPAL, ids.FILED_BY_PRINCIPAL)),
            example("请求授权 · Ask a subject for an authorisation", "Ask",
                     subject=_subject(UNASKED), application=_application(UNASKED, ids.FILED)),
            Example("本窗口的办件 · Applications at this window", _documents()["Applications"],
                    Purpose.APPLICATION_HANDLING.value),
            _worklist(Purpose.APPLICATION_HANDLING, "application { number status }"),
            _step("登记办件：凭完整证件号码 · File an application, with the full number",
                  Purpose.APPLICATION_HANDLING, "fileApplication",
                  "... on ApplicationChanged { application { id number status filedAt subject { name phone } } }",
                  person=_person(MYSELF), matter=encode(Entity.MATTER, MATTERS_OF[MARKET][1].code)),
            _step("姓名与登记不一致：应被拒绝 · Another name for a number on record: refused",
                  Purpose.APPLICATION_HANDLING, "registerSubject",
                  "... on SubjectRegistered { subjectId } ... on NameConflict { wayOut }",
                  **_person(MYSELF) | {"name": "演示另名"}),
            _step("容缺材料：收齐最后一份 · Deferred documents: take in the last one",
                  Purpose.APPLICATION_HANDLING, "handInDocument", DEFERRAL,
                  application=_application(FIRST, ids.OWED), document="健康证明", receipt="演示收件单第2号"),
            _step("容缺逾期：制作催告书（PDF，Base64） · Overdue documents: issue the reminder, a PDF in Base64",
                  Purpose.APPLICATION_HANDLING, "issueReminder", NOTICE,
                  application=_application(SEVENTH, ids.OVERDUE), number="演示催〔1912〕第9号"),
            _step("登记书面异议（按交寄日期计算） · Enter an objection on paper: it counts from its posting",
                  Purpose.APPLICATION_HANDLING, "enterObjection", PAPER_OBJECTION,
                  record=_application(PRINCIPAL, ids.FILED_BY_PRINCIPAL), on=today.isoformat(),
                  evidence=["演示异议信函第1号"]),
            _step("登记书面缩小授权（今日届满） · Enter a narrowing on paper: the authorisation ends today",
                  Purpose.CREDIT_CHECK, "enterAuthorisationNarrowing",
                  "... on AuthorisationChanged { authorisation { status expiresOn narrowedOn narrowingEvidence } }",
                  authorisation=_authorisation(MYSELF, ids.LIVE), on=today.isoformat(),
                  evidence="演示缩小授权函第1号", expiresOn=today.isoformat()),
        ),
        "subject": (
            example("我的信息、我的授权、谁看过我 · My data, my authorisations, who looked", "Mine"),
            example("撤回授权（之后窗口再查将被拒绝） · Withdraw: the clerk's next check is refused", "Withdraw",
                     authorisation=_authorisation(MYSELF, ids.LIVE)),
            example("同意授权，但缩小范围 · Say yes to a request, to less than was asked", "Grant",
                     authorisation=_authorisation(MYSELF, ids.AWAITED)),
            example("查看完整证件号码（留痕） · Reveal my own number: recorded", "Reveal"),
            _step("陈述申辩（期限未过） · State and defend, while the period runs",
                  Purpose.SELF_ACCESS, "stateDefence", CASE, case=_case(MYSELF, ids.ANSWERABLE),
                  text="（演示）材料由中介代为准备，本人并不知情。", evidence=["演示往来记录"]),
            _step("对生效中的认定提出异议 · Contest the restraint in force", Purpose.SELF_ACCESS, "raiseObjection",
                  "... on ObjectionChanged { objection { record raisedOn due { on state } department { name } } }",
                  record=_case(MYSELF, ids.IN_FORCE_OF_MYSELF), text="（演示）认定的事实与实际不符，请予核实。"),
            _step("对登记的书面撤回提出异议：办件恢复办理 · Contest a withdrawal on paper: the application goes on",
                  Purpose.SELF_ACCESS, "contestWithdrawal",
                  "... on ApplicationChanged { application { number status paperWithdrawal { on contestedOn } } }",
                  application=_application(MYSELF, ids.WITHDRAWN_ON_PAPER)),
            _step("领取信用修复证明（PDF，Base64） · My repair certificate, a PDF in Base64",
                  Purpose.SELF_ACCESS, "issueNotice", NOTICE,
                  case=_case(MYSELF, ids.ENDED_OF_MYSELF), kind="REPAIR_CERTIFICATE"),
            _step("登记委托代理人（只读，有期限） · Record an agent: reads only, until a day",
                  Purpose.SELF_ACCESS, "recordDelegation", DELEGATION,
                  subject=_subject(MYSELF), kind="AGENT", delegate="agent-9", scope=["RESTRAINT"],
                  evidence=["演示委托书第 7 号"], expiresOn=(today + timedelta(days=90)).isoformat()),
            _step("终止代理（受托账号的下一次访问即被拒绝） · End an authority to act: the next request finds nothing",
                  Purpose.SELF_ACCESS, "endDelegation", DELEGATION,
                  delegation=encode(Entity.DELEGATION, MYSELF.subject_id, ids.DEPUTY)),
            example("我的待办，谁在评优前征求过意见 · What waits for me, and who consulted on me", "Waiting"),
        ),
        "handler": (
            example("本人经办的案件 · The cases assigned to me", "MyCases", me=ids.HANDLER),
            _worklist(Purpose.DETERMINATION, "case { number status }"),
            _step("制作失信制约认定告知书（PDF，Base64） · Issue the notice of the annex, a PDF in Base64",
                  Purpose.DETERMINATION, "issueNotice", NOTICE,
                  case=_case(FIFTH, ids.TO_NOTICE), kind="NOTICE", number="演示告〔1912〕第1号"),
            _step("复核维持后作出认定 · Determine, once the review has upheld the case",
                  Purpose.DETERMINATION, "determineCase", CASE,
                  case=_case(FIRST, ids.TO_DETERMINE),
                  severity="SHORT_OF_PENALTY", legalDocument="演示决〔1912〕第1号"),
            _step("催告后仍未补交：采集为案件 · Documents still missing after the reminder: collect the case",
                  Purpose.DETERMINATION, "collectDefault", CASE,
                  application=_application(COMPANY, ids.DEFAULTED), number="演示容缺认〔1912〕第2号"),
            _step("登记书面整改申请（按交寄日期计算） · Enter a claim of rectification that came by post",
                  Purpose.DETERMINATION, "enterRectificationClaim",
                  "... on CaseChanged { case { number status lateEntries { step on recordedOn } } }",
                  case=_case(THIRD, ids.WATCHED), on=(today - timedelta(days=2)).isoformat(),
                  evidence=["演示整改申请书第1号"]),
            _step("更正有误的事实（两个工作日内） · Put right what was found wrong, within 2 working days",
                  Purpose.DETERMINATION, "correctCase",
                  "... on CorrectionMade { correction { doneOn due { on state } } }",
                  correction=encode(Entity.CORRECTION, SIXTH.subject_id, ids.CORRECTION),
                  facts="（演示）提交的场所证明的面积一栏与实际不符。", evidence=["演示核对表"]),
        ),
        "reviewer": (
            example("待复核的案件 · The cases that I review, none of which I handled", "ToReview"),
            _step("复核：变更失信事实，原内容留存为版本 · Close the review: amend the facts, the earlier text is kept",
                  Purpose.REVIEW, "reviewCase",
                  "... on CaseChanged { case { number facts factsVersions { nodes { number step on facts } } } }",
                  case=_case(SIXTH, ids.TO_REVIEW), outcome="AMENDED", evidence=["演示复核意见"],
                  facts="（演示）提交的材料中有一份与实际不符，其余属实。"),
            _step("答复异议：不成立，说明理由 · Answer an objection: rejected, and why",
                  Purpose.REVIEW, "answerObjection", "... on ObjectionChanged { objection { answer answeredOn } }",
                  objection=encode(Entity.OBJECTION, THIRD.subject_id, ids.OBJECTION),
                  answer="REJECTED", reasons="（演示）经核对，认定依据和事实无误。"),
        ),
        "head": (
            example("本部门案件的各项时限（不显示姓名） · My department's clocks, without names", "Clocks"),
            _step("指定复核人（不得为经办人） · Give a review to somebody who did not handle the case",
                  Purpose.DETERMINATION, "assignReviewer", "... on CaseChanged { case { number status reviewer } }",
                  case=_case(COMPANY, ids.TO_ASSIGN), reviewer=ids.REVIEWER),
            example("有异议的监护登记 · Contested guardianships", "Guardianships"),
            _step("处理对监护登记的异议：成立 · Decide such a contest: it holds",
                  Purpose.SUPERVISION, "decideGuardianship", DECIDED,
                  delegation=encode(Entity.DELEGATION, ids.WARD.subject_id, ids.GUARDIANSHIP), finding="HOLDS",
                  evidence=["演示核查笔录第1号"]),
            _step("评优前征求意见：依法定职责 · Consult before a selection, by statute",
                  Purpose.CONSULTATION, "consult", CONSULTATION,
                  kind="SELECTION", occasion="演示先进单位推荐（第二批）", statute="《演示评优办法》第三条",
                  names=[{"subject": _subject(known)} for known in (CLIENT, RATED)]),
        ),
        "regulator": (
            example("本行业、本辖区的重点核查对象 · Focused-check targets of my sector and area", "Targets"),
            example("上次查看以来的变化 · What has changed since my last visit", "Changes"),
            _step("登记一次重点核查的结果 · Record what a focused check found",
                  Purpose.FOCUSED_CHECK, "recordFocusedCheck",
                  "... on FocusedCheckRecorded { check { outcome checkedOn } }",
                  subject=_subject(THIRD), checkedOn=today.isoformat(),
                  outcome="NOTHING_FOUND", evidence=["演示现场检查表"]),
        ),
        "agent": (
            example("委托人的授权与办件 · My principals' authorisations and applications", "ForMyPrincipals",
                     principal=_subject(CLIENT)),
            example("代委托人答复授权请求 · Answer a request for my principal", "Grant",
                     authorisation=_authorisation(PRINCIPAL, ids.AWAITED_OF_PRINCIPAL)),
            _step("代领信用修复证明（PDF，Base64） · My principal's repair certificate, a PDF in Base64",
                  Purpose.SELF_ACCESS, "issueNotice", NOTICE,
                  case=_case(PRINCIPAL, ids.REPAIRED), kind="REPAIR_CERTIFICATE"),
        ),
        "association": (
            _step("批量征求意见：未授权的不予答复 · Consult on several: who did not authorise it is not told of",
                  Purpose.CONSULTATION, "consult", CONSULTATION, kind="AWARD", occasion="演示诚信商户评选（第二批）",
                  names=[{"kind": "SOCIAL_CREDIT_CODE", "number": known.number} for known in (RATED, CLIENT)]),
        ),
        "platform": (example("共享生效中的失信制约 · Restraints in force, for exchange", "Exchange"),),
        "office": (
            example("全区案件时限监督 · Clocks of the whole district", "Supervision"),
            example("年度统计：案件、时限、激励 · The year's figures: cases, clocks, incentives", "Figures",
                     year=today.year),
            example("逾期与推送：谁晚了，什么还没送到 · Who is late, and what has not been delivered", "Late"),
        ),
        "auditor": (example("全区访问记录 · Every read of personal data in the district", "WhoReadWhat"),),
        "admin": (
            example("我能看什么：没有任何个人信息 · What I may see: nobody's data", "Nothing", document=UNSEEN),
        ),
    }  # fmt: skip


def example(title: str, name: str, **variables: object) -> Example:
    """Return an example with the document *name* of `documents.graphql`."""
    return Example(title, _documents()[name], variables=variables or None)


@cache
def _documents() -> Mapping[str, str]:
    """Return the documents of `documents.graphql`, by the name in the line above each."""
    _, *parts = re.split(r"^# (\w+)\n", DOCUMENTS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: document.strip() for name, document in zip(parts[::2], parts[1::2], strict=True)}


def _step(title: str, purpose: Purpose, mutation: str, shown: str, **given: object) -> Example:
    """Return an example of a mutation: its input is a variable, as clients send it."""
    kind = f"{mutation[0].upper()}{mutation[1:]}Input"
    query = f"""mutation Step($input: {kind}!) @purpose(is: {purpose.name}) {{
  {mutation}(input: $input) {{
    __typename
    {shown}
    ... on Refusal {{ code message }}
  }}
}}"""
    return Example(title, query, variables={"input": given})


def _worklist(purpose: Purpose, where: str) -> Example:
    return Example(
        "我的待办：先看将到期和逾期的 · My worklist: what waits, what is soon due, what is late",
        f"""query Worklist @purpose(is: {purpose.name}) {{
  worklist(first: 10) {{
    totalCount
    nodes {{ label clause since isLate due {{ on state daysLeft }} {where} }}
  }}
}}""",
    )


def _person(known: Known) -> dict[str, object]:
    """Return what stands on the document of *known*, for a subject on record: the first area is as good as its own."""
    named = {"kind": known.kind.value, "name": name(known.kind, known.index), "number": known.number}
    return {**named, "area": encode(Entity.AREA, next(iter(AREA_NAMES)))}


def _subject(known: Known) -> str:
    return encode(Entity.SUBJECT, known.subject_id)


def _application(known: Known, application_id: UUID) -> str:
    return encode(Entity.APPLICATION, known.subject_id, application_id)


def _authorisation(known: Known, authorisation_id: UUID) -> str:
    return encode(Entity.AUTHORISATION, known.subject_id, authorisation_id)


def _case(known: Known, case_id: UUID) -> str:
    return encode(Entity.RESTRAINT_CASE, known.subject_id, case_id)
