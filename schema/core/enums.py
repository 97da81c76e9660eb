"""The words of the schema: enums as GraphQL shows them, each value with its Chinese term and its source."""

from collections.abc import Mapping
from enum import Enum, StrEnum

import strawberry
from graphql import GraphQLEnumType, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema

from consent.authorisation import ContestFinding, Status
from consent.delegation import DelegationKind, GuardianshipFinding, Power
from consent.deletions.deletion_duty import DeletionCause, DeletionOutcome
from consent.vocabulary import Basis, DataClass, Form, Purpose
from credit.applications.application import ApplicationStatus, Facilitation, Outcome
from credit.cases.case import RemovalCause, ReviewOutcome, ServiceMeans, Severity
from credit.cases.publicity import CountedFrom, Listing, Repair
from credit.cases.rules.deadlines import ClockName, ClockState
from credit.cases.rules.next_steps import Side, Task
from credit.cases.status import CaseStatus, Circumstance, CollectionChannel
from credit.cases.steps import StepName
from credit.consultations.consultation import ConsultationGround, ConsultationKind, RecipientKind, Reply
from credit.core.labels import Labelled
from credit.core.values.identifiers import IdentifierKind
from credit.corrections.correction import RecordItem, Remedy, Route
from credit.focused_checks.focused_check import ChangeKind, CheckOutcome
from credit.joint_measures.source_answer import Finding, MemorandumKind, Source, Unanswered
from credit.notices.facts import NoticeKind
from credit.notifications.topics import Audience, NotificationTopic
from credit.objections.objection import ObjectionAnswer, RecordKind
from credit.policy_texts.policy_texts import Topic
from credit.promises.commitment import CommitmentState, VerificationOutcome
from credit.promises.deferral import DeferralState
from credit.subjects.registration_record import RegistrationChannel
from credit.subjects.subject import Capacity, SubjectKind


class AccessOutcome(StrEnum):
    """What the policy shows of a field of a document."""

    CLEAR = "CLEAR"
    MASKED = "MASKED"
    MIXED = "MIXED"
    """Clear for some rows, masked for others: a handler's own cases and those of the same department."""
    WITHHELD = "WITHHELD"


class ListOrder(StrEnum):
    """The order of a list."""

    LISTED = "LISTED"
    REVERSED = "REVERSED"


class Group(StrEnum):
    """A group of fields that an authorisation may cover."""

    IDENTITY = "IDENTITY"
    CONTACT = "CONTACT"
    RESTRAINT = "RESTRAINT"
    FACTS = "FACTS"
    APPLICATIONS = "APPLICATIONS"


class PowerName(StrEnum):
    """What a delegate may do for a subject, besides reading."""

    CONSENT = "CONSENT"
    DEFENCE = "DEFENCE"
    OBJECTION = "OBJECTION"
    APPLICATIONS = "APPLICATIONS"


class CapacityName(StrEnum):
    """A capacity in which a subject acts for others [3.2]."""

    AGENT = "AGENT"
    AGENCY = "AGENCY"
    INTERMEDIARY = "INTERMEDIARY"


ENUMS: tuple[tuple[type[Enum], str, str], ...] = (
    (Purpose, "Purpose", "What a read is for. It has no default: no purpose, no personal data [5.1.6]."),
    (Form, "Form", "How a value is shown: as it is, or as its mask."),
    (Basis, "Basis", "What in law allows a read [5.1.6]."),
    (DataClass, "DataClass", "The kind of data that a field shows. The policy speaks of classes, never of fields."),
    (AccessOutcome, "AccessOutcome", "The decision of the policy for one field of a document."),
    (Group, "FieldGroup", "The scope of an authorisation, in the groups in which a person is asked [5.1.6]."),
    (DelegationKind, "DelegationKind", "The ground on which somebody acts for a subject [5.1.6]."),
    (PowerName, "DelegatedPower", "What a delegate may do for the subject, besides reading [5.1.6]."),
    (CapacityName, "Capacity", "A capacity in which a subject acts for others: agent, agency, intermediary [3.2]."),
    (SubjectKind, "SubjectKind", "What a subject is: a natural person, a company, a sole trader, or another [3.2]."),
    (RegistrationChannel, "RegistrationChannel", "By which way a subject was put on record [5.1.3]."),
    (IdentifierKind, "IdentifierKind", "The kind of an identifier. It is always stated, never guessed [5.1.3]."),
    (Circumstance, "Circumstance", "The five circumstances in which a subject is listed [5.1.2]."),
    (CollectionChannel, "CollectionChannel", "How a breach of trust came to light [5.1.3]."),
    (CaseStatus, "CaseStatus", "How far a case has come, read off its dated facts [5.1.4] [5.1.5]."),
    (ClockName, "ClockName", "The legal clocks of a case, its corrections and its objections [5.1.4]."),
    (ClockState, "ClockState", "The state of a legal clock on a day [5.1.4]. A clock of the subject is never missed."),
    (NoticeKind, "NoticeKind", "The documents that a person is handed in the course of a case [A]."),
    (Task, "Task", "待办事项：a step that is still to be taken [5.1.4]."),
    (Side, "Side", "Whose step it is."),
    (RecordItem, "CaseItem", "The items of basic information that can be found wrong [5.1.3] [5.1.4(6)]."),
    (Remedy, "Remedy", "What is done about wrong or changed information [5.1.4(6)]."),
    (RemovalCause, "CorrectionCause", "Why information is put right: it was wrong, or has changed [5.1.4(6)]."),
    (Route, "Route", "A way on which information about a case went out, or came in [5.1.4(6)]."),
    (NotificationTopic, "NotificationTopic", "The events that notifications are about [5.1.4] [5.1.6]."),
    (Audience, "NotificationAudience", "Whom a notification is for."),
    (RecordKind, "RecordKind", "The records that a subject can object to: all records about it."),
    (ObjectionAnswer, "ObjectionAnswer", "How an objection is answered."),
    (Topic, "PolicyTopic", "What the published policy texts are about [6.3]."),
    (MemorandumKind, "MemorandumKind", "Whether a national memorandum is one of penalties or of rewards [3.3]."),
    (Severity, "Severity", "Whether a breach is short of a penalty, or of discipline, as listings have to be [5.1.2]."),
    (ServiceMeans, "ServiceMeans", "How a notice reached its addressee, in writing in either way [5.1.4(2)]."),
    (ReviewOutcome, "ReviewOutcome", "What a review does with a case [5.1.4(4)]."),
    (RemovalCause, "RemovalCause", "Why a restraint left the list before its time [5.1.4(6)]."),
    (Listing, "Listing", "Whether a restraint is on the public list [5.1.5]."),
    (CountedFrom, "CountedFrom", "The day from which the period of a restraint is counted [5.1.5]."),
    (Repair, "RepairRule", "When credit is repaired [5.1.5]."),
    (StepName, "StepName", "The recorded steps of a case [5.1.3] [5.1.4] [5.1.5]."),
    (Facilitation, "Facilitation", "The channel in which an application is handled [4.2]."),
    (Outcome, "ApplicationOutcome", "How an application ended."),
    (ApplicationStatus, "ApplicationStatus", "How far an application has come, read off its dated facts."),
    (ChangeKind, "TargetChangeKind", "What became of a target since the last visit [5.2.2]."),
    (CheckOutcome, "CheckOutcome", "What a focused check found [5.2.2]."),
    (ConsultationKind, "ConsultationKind", "What the answer to a consultation is for [5.2.3]."),
    (RecipientKind, "ConsultationRecipient", "Who consults: part of government, or outside it [5.2.3]."),
    (
        ConsultationGround,
        "ConsultationGround",
        "On what a name is answered: a statute, or the subject's authorisation [5.2.3].",
    ),
    (Reply, "ConsultationReply", "All that a recipient ever learns of a name [5.2.3]."),
    (DeferralState, "DeferralState", "The state of a promise of missing documents, read off its dated facts [4.2.2]."),
    (CommitmentState, "CommitmentState", "The state of a commitment, read off its dated facts [4.2.3]."),
    (VerificationOutcome, "VerificationOutcome", "What a department found when it verified a commitment [4.2.3]."),
    (Finding, "CreditFinding", "What a credit check found, in one source or in all [4.1] [3.3]."),
    (Source, "CreditSource", "The two modules that a credit check asks [4.1]."),
    (
        Unanswered,
        "CreditUnanswered",
        "Why a source is unknown; the reason concerns the source, never the subject [4.1].",
    ),
    (ContestFinding, "ContestFinding", "How the contest of a paper authorisation was decided [5.1.6]."),
    (GuardianshipFinding, "GuardianshipFinding", "How the contest of a recorded guardianship was decided [5.1.6]."),
    (DeletionCause, "DeletionCause", "Why a recipient may not use any more what it received [5.1.6] [PIPL 47]."),
    (DeletionOutcome, "DeletionOutcome", "What a recipient did with what it may not use any more [5.1.6] [PIPL 47]."),
    (Status, "AuthorisationStatus", "Whether an authorisation is in force, read off its dated facts [5.1.6]."),
    (ListOrder, "ListOrder", "Whether a list begins at the end that its description says, or at the other one."),
)
for _enum, _name, _description in ENUMS:
    strawberry.enum(_enum, name=_name, description=_description)

ZH: Mapping[str, Mapping[str, str]] = {
    "ListOrder": {"LISTED": "按说明的顺序", "REVERSED": "按相反的顺序"},
    "Purpose": {
        "CREDIT_CHECK": "事前信用查询 [4.1]",
        "APPLICATION_HANDLING": "办件 [4.2]",
        "DETERMINATION": "失信认定 [5.1.1]",
        "REVIEW": "复核与异议 [5.1.4(4)]",
        "FOCUSED_CHECK": "重点核查 [5.2.2]",
        "CONSULTATION": "征求意见 [5.2.3]",
        "PLATFORM_EXCHANGE": "市平台共享 [5.1.4(5)] [6.2]",
        "SELF_ACCESS": "本人查询 [5.1.6]",
        "SUPERVISION": "监督考核 [6.1]",
        "AUDIT": "审计 [5.1.6] [6.1]",
        "PUBLICITY": "公示 [5.1.5]",
    },
    "Form": {"CLEAR": "明文", "MASKED": "脱敏"},
    "Basis": {
        "STATUTE": "法定职责",
        "CONSENT": "本人授权",
        "OWN_APPLICATION": "本人申请",
        "OWN_RIGHT": "本人权利",
        "PUBLICATION": "依法公示",
    },
    "DataClass": {
        "REFERENCE": "机构、事项、领域、区域等非个人信息",
        "SESSION": "调用者自身与规则",
        "SUBJECT": "申报主体的存在、类型与所属镇街 [3.2]",
        "SUBJECT_SEARCH": "按完整证件号码查找主体 [5.1.6]",
        "PERSON_NAME": "个人或者个体工商户的名称 [5.1.3]",
        "ORGANISATION_NAME": "法人或者其他组织的名称 [5.1.3]",
        "IDENTITY_NUMBER": "身份证号；个体工商户的统一社会信用代码 [5.1.3]",
        "IDENTITY_NUMBER_REVEALED": "本人明确要求查看的完整号码 [5.1.6]",
        "ORGANISATION_CODE": "法人或者其他组织的统一社会信用代码 [5.1.3]",
        "PHONE": "联系电话",
        "PERSON_ADDRESS": "个人或者个体工商户的住址 [5.1.3]",
        "PERSON_AREA": "个人或者个体工商户所在镇街 [5.1.3]",
        "ORGANISATION_ADDRESS": "注册地址 [5.1.3]",
        "RESTRAINT_FLAG": "今日是否处于失信制约期内 [5.1.5]",
        "RESTRAINT_PARTICULARS": "失信制约的情形、日期、依据与认定单位 [5.1.3]",
        "PERSON_RESTRAINTS": "同一自然人或者个体工商户的各项失信制约 [5.1.5] [5.1.6]",
        "RESTRAINT_OUTLASTING": "期满未整改是否延续 [5.1.5]",
        "CASE_PROCEDURE": "案件的办理环节、采集途径与经办人 [5.1.4]",
        "FACTS": "失信事实 [5.1.3]",
        "EVIDENCE": "证据 [5.1.1]",
        "EVIDENCE_FILE": "证据文件 [5.1.1]",
        "STATEMENT": "陈述申辩内容 [5.1.4(3)]",
        "INTERNAL_NOTES": "认定单位的内部记录 [5.1.1]",
        "APPLICATION": "办件 [4.2]",
        "CREDIT_FINDING": "信用核查结果 [4.1]",
        "AUTHORISATION": "授权及其变动 [5.1.6]",
        "DELETION": "接收方应当删除的信息、期限与办理结果 [5.1.6]",
        "AUTHORISATION_REFUSAL": "本人是否拒绝授权 [5.1.6]",
        "ACCESS_LOG": "访问记录 [5.1.6]",
        "ACCESS_DETAIL": "访问记录中的具体内容：字段和查询文本的摘要 [5.1.6]",
        "NOTIFICATION": "站内通知：告知何事、关于何案件或者办件、是否已阅 [5.1.6]",
        "FIGURES": "监督考核的统计数据，不含个人信息 [6.1]",
        "OUTBOX": "向其他平台推送信息的情况，不含个人信息 [6.2]",
        "WORKLIST": "待办事项：下一步由谁在何时前办理 [5.1.4] [6.1]",
        "DELEGATION": "代理授权 [5.1.6]",
        "OBJECTION": "异议及其办理期限与答复 [5.1.4(6)]",
        "OBJECTION_TEXT": "异议内容与答复理由 [5.1.4(6)]",
        "NOTICE": "已制作的书面文书：种类、文号、日期 [A]",
        "NOTICE_CONTENT": "书面文书的内容 [A]",
        "CONSULTATION": "征求意见 [5.2.3]",
        "CONSULTATION_REPLY": "征求意见的答复 [5.2.3]",
        "FOCUSED_CHECK": "重点核查记录 [5.2.2]",
    },
    "AccessOutcome": {"CLEAR": "明文", "MASKED": "脱敏", "MIXED": "部分明文、部分脱敏", "WITHHELD": "不提供"},
    "FieldGroup": {
        "IDENTITY": "身份信息",
        "CONTACT": "联系方式",
        "RESTRAINT": "失信制约信息",
        "FACTS": "失信事实",
        "APPLICATIONS": "办件信息",
    },
    "DelegationKind": {
        "AGENT": "委托代理人：凭本人授权委托书",
        "GUARDIAN": "监护人：未成年人或者不具有完全民事行为能力的成年人的监护人",
        "OFFICER": "法定代表人或者负责人",
        "CLOSE_RELATIVE": "近亲属：死者的近亲属，可以查阅、请求更正，不得代为同意",
    },
    "DelegatedPower": {
        "CONSENT": "答复、缩小、撤回授权 [5.1.6]",
        "DEFENCE": "陈述申辩、申请确认整改、领取案件文书 [5.1.4(3)] [5.1.5]",
        "OBJECTION": "提出异议 [5.1.4(6)]",
        "APPLICATIONS": "撤回申请和承诺 [4.2]",
    },
    "Capacity": {"AGENT": "代理人", "AGENCY": "代理机构", "INTERMEDIARY": "中介服务机构"},
    "SubjectKind": {
        "NATURAL_PERSON": "自然人",
        "LEGAL_PERSON": "法人",
        "SOLE_TRADER": "个体工商户",
        "OTHER_ORGANISATION": "其他组织",
    },
    "IdentifierKind": {"ID_NUMBER": "身份证号", "SOCIAL_CREDIT_CODE": "统一社会信用代码"},
    "GuardianshipFinding": {"HOLDS": "监护关系成立，恢复代理", "NEVER_HELD": "监护关系自始不成立，终止"},
    "ContestFinding": {"NEVER_GIVEN": "异议成立，授权并非本人作出", "GIVEN": "异议不成立，授权系本人作出"},
    "DeletionCause": {
        "EXPIRED": "授权到期",
        "WITHDRAWN": "授权已撤回",
        "CONTESTED": "本人否认作出授权",
        "NARROWED": "授权范围已缩小",
        "ERASED": "本人的信息已删除",
    },
    "DeletionOutcome": {"DELETED": "已删除", "USE_ENDED": "依法保存，停止除存储和安全保护之外的使用"},
    "AuthorisationStatus": {
        "UNCONFIRMED": "待他人确认",
        "REQUESTED": "待答复",
        "LIVE": "有效",
        "REFUSED": "已拒绝",
        "EXPIRED": "已到期",
        "WITHDRAWN": "已撤回",
        "CONTESTED": "有异议",
        "USED_UP": "次数已用完",
        "LAPSED": "逾期未答复",
    },
}
"""The Chinese term of each value, where the enum itself does not carry it."""


def describe_values(schema: GraphQLSchema) -> None:
    """Give every enum value its description: the term that users read, and its clause."""
    for enum, name, _ in ENUMS:
        graphql_type = schema.type_map.get(name)
        if not isinstance(graphql_type, GraphQLEnumType):
            continue
        for member in enum:
            value = graphql_type.values[member.name]
            if isinstance(member, Labelled) and member.zh:
                value.description = f"{member.zh} [{member.clause}]" if member.clause else member.zh
            elif member.name in ZH.get(name, {}):
                value.description = ZH[name][member.name]


ARGUMENTS: Mapping[str, str] = {
    "id": "Its global id.",
    "mySubject.id": "Which one, where the caller acts for several.",
    "ids": "Their global ids; how many is a limit of the service.",
    "kind": "The kind of the identifier. It is always stated, never guessed [5.1.3].",
    "subjectByIdentifier.number": "The whole number. Give it as a variable, not in the document.",
    "number": "Only the case with this number of the determining authority.",
    "handler": "Only the cases of the handler with this staff reference.",
    "inForce": "Only restraints that are in force today, or, if false, only the others; by date [5.1.5].",
    "subject": "Only of this subject, by its global id.",
    "circumstance": "Only of this circumstance [5.1.2].",
    "record": "Only to records of this kind.",
    "assignedTo": "Only those assigned to this staff reference.",
    "sector": "Only of this sector, by its global id.",
    "area": "Only of this area and those that are part of it, by its global id.",
    "department": "Only of this department, by its global id.",
    "since": "Only what was published on this day or later.",
    "myAccessLog.byOthers": "Only reads by others than the subject itself, or, if false, only its own.",
    "myAccessLog.since": "Only reads at this instant or later; with a zone.",
    "growth.since": "The size of the tree at the earlier visit.",
    "page.start": "The place of the first leaf, from 0.",
    "page.first": "How many leaves, at most 100.",
    "until": "Only what was published on this day or earlier.",
    "myAccessLog.until": "Only reads before this instant; with a zone.",
    "creditChecks.since": "Only checks at this instant or later; with a zone.",
    "creditChecks.until": "Only checks before this instant; with a zone.",
    "myNotifications.since": "Only what was written at this instant or later; with a zone.",
    "myNotifications.until": "Only what was written before this instant; with a zone.",
    "departmentNotifications.since": "Only what was written at this instant or later; with a zone.",
    "departmentNotifications.until": "Only what was written before this instant; with a zone.",
    "purpose": "Only for this purpose.",
    "explainAccess.purpose": "The purpose to explain for, where the document states none.",
    "changedSince": "Only what changed at this instant or later; with a zone.",
    "changedUntil": "Only what changed before this instant; with a zone.",
    "isOpen": "Only those with an open task, or only the others.",
    "deletionDuties.isOpen": "Only what has to be deleted by now and is not acknowledged, or only the others.",
    "applications.number": "办件编号：only the application of this number.",
    "applications.matter": "Only applications for this matter, by its global id.",
    "applications.isOpen": "Only those that are neither decided nor withdrawn, or only the others.",
    "applications.outcome": "Only those with this outcome.",
    "commitments.isOverdue": "Only those whose time to complete, or to verify, is over, or only the others [4.2.3].",
    "isOverdue": "Only those whose promised date has passed with documents missing, or only the others [4.2.2].",
    "dueSince": "Only those promised for this day or a later one.",
    "dueUntil": "Only those promised for this day or an earlier one.",
    "committedSince": "Only those made on this day or a later one.",
    "committedUntil": "Only those made on this day or an earlier one.",
    "filedSince": "Only what was filed at this instant or later; with a zone.",
    "filedUntil": "Only what was filed before this instant; with a zone.",
    "foundSince": "Only what was found on this day or later.",
    "foundUntil": "Only what was found on this day or earlier.",
    "raisedSince": "Only those raised on this day or later.",
    "raisedUntil": "Only those raised on this day or earlier.",
    "recipient": "Only those of this recipient, a department or an association, by its global id.",
    "case.number": "The number that its determining authority gave it.",
    "case.department": "The determining authority, by its global id.",
    "application.number": "办件编号：the window's own number.",
    "application.department": "The department of the window, by its global id.",
    "year": "Which year.",
    "on": "The day on which they are in force; today where none is given.",
    "figures.department": "Only of this department, by its global id; default: every one that the caller may see.",
    "late": "Only what is late, or, if false, what is not.",
    "dueBy": "Only what is due on this day or before; what has no last day is left out.",
    "step": "Only this step.",
    "side": "Only the steps of this side.",
    "worklist.handler": "Only the tasks in the cases of the handler with this staff reference.",
    "document": "The GraphQL document. It is not run, and its variables need no values.",
    "operationName": "Which operation of the document, where it holds several.",
    "input": "The arguments of the change.",
    "code": "Its short code.",
    "checkNotice.code": "The code at the foot of the document; hyphens, spaces and case do not matter.",
}
"""What an argument means, by `field.argument` or by its own name."""


def describe_arguments(schema: GraphQLSchema) -> None:
    """Give every argument that has none its description."""
    for named in schema.type_map.values():
        if isinstance(named, GraphQLObjectType | GraphQLInterfaceType) and not named.name.startswith("__"):
            for field_name, field in named.fields.items():
                for name, argument in field.args.items():
                    said = ARGUMENTS.get(f"{field_name}.{name}", ARGUMENTS.get(name))
                    argument.description = argument.description or said


def groups_of(bits: int) -> list[str]:
    """Return the names of the field groups in *bits*, as the wire has them."""
    return [group.value for at, group in enumerate(Group) if bits & (1 << at)]


def powers_of(bits: int) -> list[str]:
    """Return the names of the powers in *bits*, as the wire has them."""
    return [name.value for name in PowerName if bits & Power[name.name]]


def capacities_of(bits: int) -> list[str]:
    """Return the names of the capacities in *bits*, as the wire has them."""
    return [name.value for name in CapacityName if bits & Capacity[name.name]]
