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
from schema.core.viewer_steps.step_names import ViewerStepName
from schema.core.words.enum_terms import ZH
from schema.core.words.refusal_codes import CODES, CodedReason


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


class RestraintCaseOrder(StrEnum):
    """The orders of `restraintCases`."""

    CHANGED_AT_DESC = "CHANGED_AT_DESC"
    CHANGED_AT_ASC = "CHANGED_AT_ASC"
    COLLECTED_AT_DESC = "COLLECTED_AT_DESC"
    COLLECTED_AT_ASC = "COLLECTED_AT_ASC"
    PUBLISHED_ON_DESC = "PUBLISHED_ON_DESC"
    PUBLISHED_ON_ASC = "PUBLISHED_ON_ASC"


class FocusedCheckTargetOrder(StrEnum):
    """The orders of `focusedCheckTargets`."""

    PUBLISHED_ON_DESC = "PUBLISHED_ON_DESC"
    PUBLISHED_ON_ASC = "PUBLISHED_ON_ASC"
    CHANGED_AT_DESC = "CHANGED_AT_DESC"
    CHANGED_AT_ASC = "CHANGED_AT_ASC"


class FocusedCheckOrder(StrEnum):
    """The orders of `focusedChecks`."""

    RECORDED_AT_DESC = "RECORDED_AT_DESC"
    RECORDED_AT_ASC = "RECORDED_AT_ASC"
    CHECKED_ON_DESC = "CHECKED_ON_DESC"
    CHECKED_ON_ASC = "CHECKED_ON_ASC"


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


class RoleName(StrEnum):
    """A role, and the operator of the gateway, who acts at the command line without an account."""

    ANONYMOUS = "ANONYMOUS"
    SUBJECT = "SUBJECT"
    AGENT = "AGENT"
    CLERK = "CLERK"
    HANDLER = "HANDLER"
    REVIEWER = "REVIEWER"
    HEAD = "HEAD"
    REGULATOR = "REGULATOR"
    ASSOCIATION = "ASSOCIATION"
    PLATFORM = "PLATFORM"
    OFFICE = "OFFICE"
    AUDITOR = "AUDITOR"
    ADMIN = "ADMIN"
    OPERATOR = "OPERATOR"


class WithheldReasonName(StrEnum):
    """Why a value is withheld (`policy.decisions.WithheldReason`)."""

    ROLE = "ROLE"
    NECESSITY = "NECESSITY"
    CONSENT = "CONSENT"
    UNCLASSIFIED = "UNCLASSIFIED"
    DAMAGED = "DAMAGED"


class CapacityName(StrEnum):
    """A capacity in which a subject acts for others [3.2]."""

    AGENT = "AGENT"
    AGENCY = "AGENCY"
    INTERMEDIARY = "INTERMEDIARY"


ENUMS: tuple[tuple[type[Enum], str, str], ...] = (
    *((codes, codes.__name__, f"The codes of the refusal {name}.") for name, codes in CODES.items()),
    (Purpose, "Purpose", "What a read is for. It has no default: no purpose, no personal data [5.1.6]."),
    (Form, "Form", "How a value is shown: as it is, or as its mask."),
    (Basis, "Basis", "What in law allows a read [5.1.6]."),
    (DataClass, "DataClass", "The kind of data that a field shows. The policy speaks of classes, never of fields."),
    (AccessOutcome, "AccessOutcome", "The decision of the policy for one field of a document."),
    (
        WithheldReasonName,
        "WithheldReason",
        "Why a value is withheld. Errors of code WITHHELD have it in lower case [5.1.6].",
    ),
    (
        RoleName,
        "Role",
        "The role in which somebody acts; a request has one. Tokens and `Acting-Role` have it in lower case.",
    ),
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
    (ViewerStepName, "ViewerStepName", "The steps that a viewer may take on a record, each named after its mutation."),
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
    (
        RestraintCaseOrder,
        "RestraintCaseOrder",
        "The orders of restraint cases; by publication, of those that are published. Only who sees a day orders by it.",
    ),
    (FocusedCheckTargetOrder, "FocusedCheckTargetOrder", "The orders of focused-check targets [5.2.2]."),
    (FocusedCheckOrder, "FocusedCheckOrder", "The orders of focused checks [5.2.2]."),
)
for _enum, _name, _description in ENUMS:
    strawberry.enum(_enum, name=_name, description=_description)


def describe_values(schema: GraphQLSchema) -> None:
    """Give every enum value its description: the term that users read, and its clause."""
    for enum, name, _ in ENUMS:
        graphql_type = schema.type_map.get(name)
        if not isinstance(graphql_type, GraphQLEnumType):
            continue
        for member in enum:
            said = f"{member.zh} {member.en}" if isinstance(member, CodedReason) else term_of(name, member)
            graphql_type.values[member.name].description = said or None


def term_of(enum_name: str, member: Enum) -> str:
    """Return the Chinese term of *member*, with its clause in brackets if it has one; empty where there is none."""
    if isinstance(member, Labelled) and member.zh:
        return f"{member.zh} [{member.clause}]" if member.clause else member.zh
    return ZH.get(enum_name, {}).get(member.name, "")


ARGUMENTS: Mapping[str, str] = {
    "id": "Its global id.",
    "mySubject.id": "Which one, where the caller acts for several.",
    "ids": "Their global ids; how many is a limit of the service.",
    "kind": "The kind of the identifier. It is always stated, never guessed [5.1.3].",
    "subjectByIdentifier.number": "The whole number. Give it as a variable, not in the document.",
    "number": "Only the case with this number of the determining authority.",
    "handler": "Only the cases of the handler with this staff reference.",
    "reviewer": "Only the cases of the reviewer with this staff reference.",
    "status": "Only those in this status, or in one of these, today.",
    "state": "Only those in this state, or in one of these, today [4.2.3].",
    "applications.facilitation": "Only applications in this channel [4.2].",
    "creditChecks.finding": "Only checks with this result [4.1].",
    "corrections.isOpen": "Only those that are not completed, or only the others [5.1.4(6)].",
    "corrections.remedy": "Only corrections, or only removals [5.1.4(6)].",
    "objections.isOpen": "Only those that are not answered, or only the others [5.1.4(6)].",
    "objections.answer": "Only those with this answer.",
    "deletionDuties.cause": "Only those of this cause.",
    "deletionDuties.outcome": "Only those that the recipient answered so.",
    "deletionDuties.since": "Only what may not be used any more from this day or a later one on.",
    "deletionDuties.until": "Only what may not be used any more from this day or an earlier one on.",
    "requestedSince": "Only those requested at this instant or later; with a zone.",
    "requestedUntil": "Only those requested before this instant; with a zone.",
    "orderedSince": "Only those ordered at this instant or later; with a zone.",
    "orderedUntil": "Only those ordered before this instant; with a zone.",
    "uploadedSince": "Only files uploaded at this instant or later; with a zone.",
    "uploadedUntil": "Only files uploaded before this instant; with a zone.",
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
    "labels.of": "The names of enums of this schema; all of them where none is given.",
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


def role_name(role: str) -> str | None:
    """Return the name of a role, as the wire has it; None for a text that names none."""
    found = RoleName.__members__.get(role.upper())
    return None if found is None else found.value


def groups_of(bits: int) -> list[str]:
    """Return the names of the field groups in *bits*, as the wire has them."""
    return [group.value for at, group in enumerate(Group) if bits & (1 << at)]


def powers_of(bits: int) -> list[str]:
    """Return the names of the powers in *bits*, as the wire has them."""
    return [name.value for name in PowerName if bits & Power[name.name]]


def capacities_of(bits: int) -> list[str]:
    """Return the names of the capacities in *bits*, as the wire has them."""
    return [name.value for name in CapacityName if bits & Capacity[name.name]]
