"""The vocabulary that justifies a read: its purpose, the class of data, the form shown, the legal basis.

The values are the names used on the wire, in the policy tables and in the ledger.
"""

from datetime import date, datetime, timedelta, timezone
from enum import IntFlag, StrEnum
from typing import Final

CHINA: Final = timezone(timedelta(hours=8))
"""The zone of all days; China has had no summer time since authorisations exist."""


def civil_date(at: datetime) -> date:
    """Return the day of an instant in China."""
    return at.astimezone(CHINA).date()


class Purpose(StrEnum):
    """What a read or an action is for. There is no default: no purpose, no personal data [5.1.6]."""

    CREDIT_CHECK = "CREDIT_CHECK"
    APPLICATION_HANDLING = "APPLICATION_HANDLING"
    DETERMINATION = "DETERMINATION"
    REVIEW = "REVIEW"
    FOCUSED_CHECK = "FOCUSED_CHECK"
    CONSULTATION = "CONSULTATION"
    PLATFORM_EXCHANGE = "PLATFORM_EXCHANGE"
    SELF_ACCESS = "SELF_ACCESS"
    SUPERVISION = "SUPERVISION"
    AUDIT = "AUDIT"
    PUBLICITY = "PUBLICITY"


class Channel(StrEnum):
    """By which way a read was asked for."""

    GRAPHQL = "GRAPHQL"
    DOCUMENT = "DOCUMENT"
    """A notice or a file, fetched by its own address."""
    COMMAND_LINE = "COMMAND_LINE"
    PUSH = "PUSH"
    """A case that another platform pushed."""
    ACCOUNT_LINK = "ACCOUNT_LINK"
    """A person links its account to its record."""
    DELIVERY = "DELIVERY"
    """A message that the gateway sends to another platform or to the supervisors."""
    PORTAL = "PORTAL"
    """A page that the gateway makes for a browser."""
    SUBSCRIPTION = "SUBSCRIPTION"
    """An event of a subscription, for which its subscriber did nothing."""


class KnownBy(StrEnum):
    """How it was known who acts."""

    TOKEN = "TOKEN"  # noqa: S105 - a word, no secret
    """A token of the identity provider."""
    DEMO_TOKEN = "DEMO_TOKEN"  # noqa: S105 - as above
    """A token that the demo issues to anybody."""
    LOGIN = "LOGIN"
    """A session of a browser, begun by a login at the identity provider."""
    DEMO_LOGIN = "DEMO_LOGIN"
    """The same in a demo, where anybody logs in as anybody."""
    OPERATOR = "OPERATOR"
    """The operator of the gateway acts at the command line, on behalf of the account."""
    CONFIGURED = "CONFIGURED"
    """A recipient or sender that the operator has configured: nobody acts in person."""


class Form(StrEnum):
    """How a value is shown."""

    CLEAR = "CLEAR"
    MASKED = "MASKED"


class Basis(StrEnum):
    """What in law allows a read."""

    STATUTE = "STATUTE"
    CONSENT = "CONSENT"
    OWN_APPLICATION = "OWN_APPLICATION"
    OWN_RIGHT = "OWN_RIGHT"
    PUBLICATION = "PUBLICATION"


class ErasureReason(StrEnum):
    """Why the records of a subject are erased [PIPL 47]."""

    PURPOSE_ACHIEVED = "PURPOSE_ACHIEVED"
    PERIOD_OVER = "PERIOD_OVER"
    CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN"
    UNLAWFUL_HANDLING = "UNLAWFUL_HANDLING"
    OTHER_LAW = "OTHER_LAW"


class DataClass(StrEnum):
    """What kind of data a field shows. `classes.csv` gives every field of the schema exactly one."""

    REFERENCE = "REFERENCE"
    """Departments, matters, sectors, areas, texts: no personal data, open to everybody without a purpose."""
    SESSION = "SESSION"
    """What the caller already knows about itself and about the rules: open to everybody without a purpose."""
    SUBJECT = "SUBJECT"
    """That a subject exists, its kind, its global id; of an organisation also its sub-district."""
    SUBJECT_SEARCH = "SUBJECT_SEARCH"
    """Finding a subject by its exact number: this reveals whose number it is, even if the number is shown masked."""
    PERSON_NAME = "PERSON_NAME"
    """The name of a natural person or of a sole trader."""
    ORGANISATION_NAME = "ORGANISATION_NAME"
    IDENTITY_NUMBER = "IDENTITY_NUMBER"
    """An ID number; also the social credit code of a sole trader, which points at one person."""
    IDENTITY_NUMBER_REVEALED = "IDENTITY_NUMBER_REVEALED"
    """The same number, when its owner asks for it explicitly."""
    ORGANISATION_CODE = "ORGANISATION_CODE"
    """The unified social credit code of a company or other organisation, which counts as published."""
    PHONE = "PHONE"
    PERSON_ADDRESS = "PERSON_ADDRESS"
    PERSON_AREA = "PERSON_AREA"
    """The sub-district where a natural person or sole trader is: what the mask of its address shows."""
    ORGANISATION_ADDRESS = "ORGANISATION_ADDRESS"
    RESTRAINT_FLAG = "RESTRAINT_FLAG"
    """Restrained or not, today, and nothing more."""
    RESTRAINT_PARTICULARS = "RESTRAINT_PARTICULARS"
    """Circumstance, dates, basis and determining authority of a restraint."""
    PERSON_RESTRAINTS = "PERSON_RESTRAINTS"
    """The restraints of one natural person or sole trader, side by side: which listings are of the same person."""
    RESTRAINT_OUTLASTING = "RESTRAINT_OUTLASTING"
    """Whether a restraint outlasts its last day, which tells of a claim of rectification that waits."""
    CASE_PROCEDURE = "CASE_PROCEDURE"
    """The steps of a case that is not (yet) a published restraint, its channel and its handler."""
    FACTS = "FACTS"
    EVIDENCE = "EVIDENCE"
    EVIDENCE_FILE = "EVIDENCE_FILE"
    """An uploaded file that is attached to a record as evidence. Its rows say of which records, for whom."""
    STATEMENT = "STATEMENT"
    """What a subject states in its defence, in its own words."""
    INTERNAL_NOTES = "INTERNAL_NOTES"
    APPLICATION = "APPLICATION"
    """An application for a matter, its dates and state."""
    CREDIT_FINDING = "CREDIT_FINDING"
    """What the sources of a credit check answered, as stored with an application."""
    AUTHORISATION = "AUTHORISATION"
    """An authorisation, its bounds and its history."""
    AUTHORISATION_REFUSAL = "AUTHORISATION_REFUSAL"
    """That the subject refused one: for everybody else it is one that was not granted."""
    DELETION = "DELETION"
    """That a recipient has to delete what it received on an authorisation, until when, and that it did."""
    ACCESS_LOG = "ACCESS_LOG"
    """Who read something about a subject, when and why."""
    ACCESS_DETAIL = "ACCESS_DETAIL"
    """What was read: the fields and the document."""
    DELEGATION = "DELEGATION"
    OBJECTION = "OBJECTION"
    """That a subject contests a record, the clock of the answer, and the answer; not the words."""
    OBJECTION_TEXT = "OBJECTION_TEXT"
    """What a subject contests in its own words, and the reasons of the answer."""
    NOTICE = "NOTICE"
    """That a document was issued to a subject: its kind, number and day."""
    NOTICE_CONTENT = "NOTICE_CONTENT"
    """The document itself."""
    NOTIFICATION = "NOTIFICATION"
    """That a notification was sent, about which record, and whether it was seen; never the content of the record."""
    FIGURES = "FIGURES"
    """Counts for supervisors. They contain no personal data, but are not open to everybody [6.1]."""
    OUTBOX = "OUTBOX"
    """Messages that wait for other platforms or were given up: counts, ids and codes, no personal data."""
    WORKLIST = "WORKLIST"
    """Which step of a case is to be taken, by whom, and until when."""
    CONSULTATION = "CONSULTATION"
    """A consultation before a rating, award or selection: who asked, for what, on which ground; not the reply."""
    CONSULTATION_REPLY = "CONSULTATION_REPLY"
    """What a consultation was answered: restrained or not at that moment, and nothing more."""
    FOCUSED_CHECK = "FOCUSED_CHECK"
    """What a supervisor recorded about a visit to a target; its sealed facts have the class FACTS."""


class FieldGroup(IntFlag):
    """The scope of an authorisation, in the groups that a person is asked to allow."""

    IDENTITY = 1
    CONTACT = 2
    RESTRAINT = 4
    FACTS = 8
    APPLICATIONS = 16


GROUP_OF: dict[DataClass, FieldGroup] = {
    DataClass.SUBJECT: FieldGroup(0),
    DataClass.SUBJECT_SEARCH: FieldGroup(0),
    DataClass.PERSON_NAME: FieldGroup.IDENTITY,
    DataClass.ORGANISATION_NAME: FieldGroup.IDENTITY,
    DataClass.IDENTITY_NUMBER: FieldGroup.IDENTITY,
    DataClass.ORGANISATION_CODE: FieldGroup.IDENTITY,
    DataClass.PHONE: FieldGroup.CONTACT,
    DataClass.PERSON_ADDRESS: FieldGroup.CONTACT,
    DataClass.PERSON_AREA: FieldGroup.CONTACT,
    DataClass.ORGANISATION_ADDRESS: FieldGroup.CONTACT,
    DataClass.RESTRAINT_FLAG: FieldGroup.RESTRAINT,
    DataClass.RESTRAINT_PARTICULARS: FieldGroup.RESTRAINT,
    DataClass.PERSON_RESTRAINTS: FieldGroup.RESTRAINT,
    DataClass.CONSULTATION_REPLY: FieldGroup.RESTRAINT,
    DataClass.FACTS: FieldGroup.FACTS,
    DataClass.EVIDENCE: FieldGroup.FACTS,
    DataClass.APPLICATION: FieldGroup.APPLICATIONS,
}
"""The group that an authorisation must include for a class to be shown on the basis of consent.

A class that is missing here is never shown on that basis.
"""

INVESTIGATING = frozenset({Purpose.DETERMINATION, Purpose.SUPERVISION, Purpose.AUDIT})
"""The purposes whose reads may be of a case that its subject has not been notified of: a delay covers them [5.1.6]."""
WITHOUT_PURPOSE = frozenset({DataClass.REFERENCE, DataClass.SESSION})
"""The classes that anybody may read without a purpose, because they contain no data about others."""

NAMES_NOBODY = frozenset(
    {
        DataClass.AUTHORISATION,
        DataClass.DELETION,
        DataClass.NOTIFICATION,
        DataClass.CONSULTATION,
        DataClass.CONSULTATION_REPLY,
        DataClass.FIGURES,
        DataClass.OUTBOX,
    }
)
"""The classes that may be shown where SUBJECT is not: counts, and answers to requests of the caller's own. Whom a
request was about is a field of its own, of the class SUBJECT."""
