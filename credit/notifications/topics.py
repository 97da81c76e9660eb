"""In-app notifications of subjects and departments: which outbox messages become one, and their sentences.

A notification says *that* something happened, about which record, and when; a reader with access to the record follows
the link. So the sentence contains no personal data and is the same for everybody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from credit.core.labels import Labelled


class Audience(Labelled):
    """The audience of a notification."""

    SUBJECT = "SUBJECT", "申报主体", "5.1.6"
    DEPARTMENT = "DEPARTMENT", "部门", "6.2"


class NotificationTopic(Labelled):
    """The topic of a notification: wire name, Chinese sentence, clause, English sentence, topic of the outbox."""

    en: str
    topic: str

    def __new__(cls, value: str, zh: str = "", clause: str = "", en: str = "", topic: str = "") -> Self:
        """Make a member whose value is the wire name; the rest are attributes."""
        # An enum's `__new__` is not inherited by way of `super()`: it is written out.
        member = str.__new__(cls, value)
        member._value_ = value
        member.zh = zh
        member.clause = clause
        member.en = en
        member.topic = topic
        return member

    # fmt: off
    CASE_NOTICED = ("CASE_NOTICED", "有一份失信行为告知书，您可以陈述申辩。", "5.1.4(2)",
        "There is a notice to you; you may state and defend.", "restraint-case.noticed")
    STATEMENT_ENTERED = ("STATEMENT_ENTERED", "已登记您书面提交的陈述申辩。", "5.1.4(3)",
        "Your statement on paper was entered.", "restraint-case.stated")
    CLAIM_ENTERED = ("CLAIM_ENTERED", "已登记您书面提交的整改申请。", "5.1.5",
        "Your claim of rectification on paper was entered.", "restraint-case.rectification-claimed")
    CASE_REVIEWED = ("CASE_REVIEWED", "您的陈述申辩已复核。", "5.1.4(4)",
        "Your statement has been reviewed.", "restraint-case.reviewed")
    CASE_REOPENED = ("CASE_REOPENED", "您按期寄出的陈述申辩在认定后收到，现予复核，期间中止制约和公示。", "5.1.4(3)",
        "Your statement, posted in time, arrived after the determination; the restraint rests while it is reviewed.",
        "restraint-case.reopened")
    CASE_DETERMINED = ("CASE_DETERMINED", "已作出失信制约认定。", "5.1.4",
        "A restraint has been determined.", "restraint-case.determined")
    CASE_PUBLISHED = ("CASE_PUBLISHED", "失信制约已生效；是否公示和管理期限，以案件所列为准。", "5.1.5",
        "A restraint is in force; the case shows whether it is listed, and its last day.", "restraint-case.published")
    TAKEN_OVER_CONFIRMED = ("TAKEN_OVER_CONFIRMED", "您此前的一条失信制约记录已作为历史数据接收并确认。", "5.1.4",
        "A former record of a restraint on you was taken over and confirmed.", "restraint-case.taken-over-confirmed")
    PERIOD_RUN_ANEW = ("PERIOD_RUN_ANEW", "管理期限已重新计算，以案件所列期限为准。", "5.1.5",
        "The period has been calculated anew; the case shows its last day.", "restraint-case.run-anew")
    RECTIFICATION_CONFIRMED = ("RECTIFICATION_CONFIRMED", "您的整改已确认。", "5.1.5",
        "Your rectification has been confirmed.", "restraint-case.rectified")
    RECTIFICATION_REFUSED = ("RECTIFICATION_REFUSED", "您的整改未予确认。", "5.1.5",
        "Your rectification was not confirmed.", "restraint-case.rectification-refused")
    CASE_DROPPED = ("CASE_DROPPED", "案件已撤销，不予认定。", "5.1.4",
        "The case was dropped; nothing is determined.", "restraint-case.dropped")
    CASE_HANDED_OVER = ("CASE_HANDED_OVER", "有案件移交经办人。", "5.1.4(1)",
        "A case was handed over to its handler.", "restraint-case.handed-over")
    RECTIFICATION_REPORTED = ("RECTIFICATION_REPORTED", "监管部门核查发现失信行为已整改，请确认。", "5.2.2",
        "A supervisor saw the breach rectified; please confirm.", "focused-check.rectified")
    INFORMATION_CORRECTED = ("INFORMATION_CORRECTED", "您的信息已更正。", "5.1.4(6)",
        "What is kept about you was corrected.", "correction.corrected")
    CASE_REMOVED = ("CASE_REMOVED", "您已被移出失信制约名单。", "5.1.4(6)",
        "You were taken off the restraint list.", "correction.removed")
    NOTICE_ISSUED = ("NOTICE_ISSUED", "有一份给您的文书。", "A", "A document was issued to you.", "notice.issued")
    OBJECTION_RAISED = ("OBJECTION_RAISED", "有当事人提出异议，请指定人员答复。", "5.1.4(6)",
        "A subject objects; somebody has to be chosen to answer.", "objection.raised")
    OBJECTION_ENTERED = ("OBJECTION_ENTERED", "已登记您书面提出的异议。", "5.1.4(6)",
        "Your objection on paper was entered.", "objection.entered")
    OBJECTION_GRANTED = ("OBJECTION_GRANTED", "异议成立，请在两个工作日内更正或者移除。", "5.1.4(6)",
        "An objection was granted; correct or remove within two working days.", "objection.granted")
    ACCESS_UNJUSTIFIED = ("ACCESS_UNJUSTIFIED", "有当事人不认可的访问经核实为误查或者无正当理由，请处理。", "5.1.6",
        "A read that its subject did not recognise was found mistaken or unjustified; please act on it.",
        "objection.access-unjustified")
    OBJECTION_ANSWERED = ("OBJECTION_ANSWERED", "您的异议已答复。", "5.1.4(6)",
        "Your objection was answered.", "objection.answered")
    APPLICATION_ACCEPTED = ("APPLICATION_ACCEPTED", "您的申请已受理。", "4.2",
        "Your application was accepted.", "application.accepted")
    INCENTIVE_GRANTED = ("INCENTIVE_GRANTED", "您的申请已获守信激励。", "4.2",
        "An incentive was granted to your application.", "application.granted")
    APPLICATION_DECIDED = ("APPLICATION_DECIDED", "您的申请已办结。", "4.2",
        "Your application was decided.", "application.decided")
    APPLICATION_WITHDRAWN = ("APPLICATION_WITHDRAWN", "申请已撤回；若非申请人本人撤回，可以提出异议。", "4.2",
        "An application was withdrawn; its applicant may contest a withdrawal that is not its own.",
        "application.withdrawn")
    WITHDRAWAL_CONTESTED = ("WITHDRAWAL_CONTESTED", "申请人对登记的书面撤回提出异议，该办件恢复办理。", "4.2",
        "An applicant contests a withdrawal on paper; the application goes on.", "application.withdrawal-contested")
    DEFERRAL_WITHDRAWN = ("DEFERRAL_WITHDRAWN", "已登记您书面撤回的容缺承诺；若非您本人撤回，可以提出异议。", "4.2.2",
        "Your withdrawal from deferred documents was entered from paper; contest it if it is not yours.",
        "promise.deferral-withdrawn")
    COMMITMENT_WITHDRAWN = ("COMMITMENT_WITHDRAWN",
        "已登记您书面撤回的告知承诺；若非您本人撤回，可以提出异议。", "4.2.3",
        "Your withdrawal of a commitment was entered from paper; contest it if it is not yours.",
        "promise.commitment-withdrawn")
    DOCUMENTS_DEMANDED = ("DOCUMENTS_DEMANDED", "请补交容缺材料：已发出催告。", "5.1.2c",
        "Please hand in the missing documents: a reminder was issued.", "promise.reminded")
    AUTHORISATION_REQUESTED = ("AUTHORISATION_REQUESTED", "有部门请求您授权，您可以拒绝。", "5.1.6",
        "A department asks for your authorisation; you may refuse.", "authorisation.requested")
    AUTHORISATION_RECORDED = ("AUTHORISATION_RECORDED", "已登记您的纸质授权；若非您本人授权，可以提出异议。", "5.1.6",
        "An authorisation of yours was recorded from paper; contest it if you never gave it.",
        "authorisation.recorded-on-paper")
    AUTHORISATION_GRANTED = ("AUTHORISATION_GRANTED", "有当事人同意授权。", "5.1.6",
        "An authorisation was granted.", "authorisation.granted")
    AUTHORISATION_NARROWED = ("AUTHORISATION_NARROWED", "有当事人缩小授权。", "5.1.6",
        "An authorisation was narrowed.", "authorisation.narrowed")
    AUTHORISATION_WITHDRAWN = ("AUTHORISATION_WITHDRAWN", "有当事人撤回授权，不得再据此查询。", "5.1.6",
        "An authorisation was withdrawn; nothing may be read on it any more.", "authorisation.withdrawn")
    WITHDRAWAL_ENTERED = ("WITHDRAWAL_ENTERED", "已登记您书面撤回的授权。", "5.1.6",
        "Your withdrawal of an authorisation was entered from paper.", "authorisation.withdrawn-on-paper")
    REFUSAL_ENTERED = ("REFUSAL_ENTERED", "已登记您书面拒绝的授权请求；您仍可以同意。", "5.1.6",
        "Your refusal of an authorisation was entered from paper; you may still grant it.",
        "authorisation.refused-on-paper")
    NARROWING_ENTERED = ("NARROWING_ENTERED", "已登记您书面缩小的授权。", "5.1.6",
        "Your narrowing of an authorisation was entered from paper.", "authorisation.narrowed-on-paper")
    CONTEST_ENTERED = ("CONTEST_ENTERED", "已登记您对纸质授权的书面异议，不得再据此查询。", "5.1.6",
        "Your contest of a paper authorisation was entered from paper; nothing may be read on it any more.",
        "authorisation.contested-on-paper")
    AUTHORISATION_CONTESTED = ("AUTHORISATION_CONTESTED", "有当事人对纸质授权提出异议，不得再据此查询。", "5.1.6",
        "A paper authorisation is contested; nothing may be read on it any more.", "authorisation.contested")
    DELEGATION_RECORDED = ("DELEGATION_RECORDED", "已登记代您办理的代理人；可以随时终止或者提出异议。", "5.1.6",
        "Somebody was recorded who may act for you; end it at any time, or contest it.", "delegation.recorded")
    DELEGATION_ENDED = ("DELEGATION_ENDED", "有代您办理的代理已终止。", "5.1.6",
        "An authority to act for you has ended.", "delegation.ended")
    GUARDIANSHIP_CONTESTED = ("GUARDIANSHIP_CONTESTED", "监护登记被提出异议，处理前暂停监护人代理。", "5.1.6",
        "A recorded guardianship is contested; it rests until that is decided.", "delegation.contested")
    GUARDIANSHIP_DECIDED = ("GUARDIANSHIP_DECIDED", "对监护登记提出的异议已处理。", "5.1.6",
        "The contest of a recorded guardianship was decided.", "delegation.contest-decided")
    AUTHORISATION_OFFERED = ("AUTHORISATION_OFFERED", "有当事人主动授权。", "5.1.6",
        "An authorisation was offered with an application.", "authorisation.offered")
    PAPER_CONFIRMED = ("PAPER_CONFIRMED", "您的纸质授权已由他人确认，自此有效；若非您本人授权，可以提出异议。", "5.1.6",
        "A second person confirmed a paper authorisation of yours; contest it if you never gave it.",
        "authorisation.confirmed")
    CONTEST_DECIDED = ("CONTEST_DECIDED", "您对纸质授权提出的异议已处理。", "5.1.6",
        "Your contest of a paper authorisation was decided.", "authorisation.contest-decided")
    DELETION_ACKNOWLEDGED = ("DELETION_ACKNOWLEDGED", "有接收方已登记删除或者停止使用依您的授权收到的信息。", "5.1.6",
        "A recipient has deleted what it received on an authorisation of yours, or uses it no more.",
        "deletion.acknowledged")
    DELETION_OVERDUE = ("DELETION_OVERDUE", "依授权收到的信息逾期未登记删除，请立即删除或者停止使用并登记。", "5.1.6",
        "What was received on an authorisation is not acknowledged as deleted in time: delete it, and acknowledge it.",
        "deletion.overdue")
    # fmt: on


BY_TOPIC: Final[Mapping[str, NotificationTopic]] = {one.topic: one for one in NotificationTopic}
_AUDIENCE: Final[Mapping[str, Audience]] = {
    "subject": Audience.SUBJECT,
    "department": Audience.DEPARTMENT,
    "recipient": Audience.DEPARTMENT,
}
"""The audience of a message, by its `to`; `recipient` is the recipient of an authorisation."""


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification to be stored: references only. *department_code* is the recipient, or the actor."""

    subject_id: UUID
    audience: Audience
    topic: NotificationTopic
    at: datetime
    department_code: str | None
    case_id: UUID | None = None
    application_id: UUID | None = None
    authorisation_id: UUID | None = None
    objection_id: UUID | None = None
    issued_notice_id: UUID | None = None
    delegation_id: UUID | None = None


def notification_of(topic: str, about: Mapping[str, Any], at: datetime) -> Notification | None:
    """Return the in-app notification of an outbox message; None if another recipient delivers it.

    A topic without a sentence here stays in the outbox, where operators see it, instead of being lost.
    """
    audience, found = _AUDIENCE.get(str(about.get("to"))), BY_TOPIC.get(topic)
    # A correction's recipient may have any code, even one of these words, so its route decides who delivers it.
    if audience is None or found is None or "route" in about or "subject_id" not in about:
        return None

    def of(name: str) -> UUID | None:
        value = about.get(name)
        return UUID(str(value)) if value else None

    code = about.get("recipient_code") or about.get("department_code")
    return Notification(
        subject_id=UUID(str(about["subject_id"])),
        audience=audience,
        topic=found,
        at=at,
        department_code=None if code is None else str(code),
        case_id=of("case_id"),
        application_id=of("application_id"),
        authorisation_id=of("authorisation_id"),
        objection_id=of("objection_id"),
        issued_notice_id=of("notice_id"),
        delegation_id=of("delegation_id"),
    )
