"""The entities that can be read, one row each. A new entity starts here."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


@dataclass(frozen=True, slots=True)
class EntitySpec:
    """What every layer has to know about an entity.

    *tag* is the first byte of its global ids; None if its rows have no global id. A tag is never reused for another
    entity. *keys* are the columns that make up the id, in order. *graphql_type* is its type in the schema; for a
    subject it is the interface. *data_class* is the data class, by its wire value, that the caller must be allowed to
    read before a row is looked up by its id.
    """

    tag: bytes | None
    keys: tuple[str, ...]
    graphql_type: str
    data_class: str


class Entity(StrEnum):
    """The entities that storage can read, each with its `EntitySpec`."""

    spec: EntitySpec

    def __new__(cls, value: str, spec: EntitySpec) -> Self:
        """Make the member *value* with its spec."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.spec = spec
        return member

    SUBJECT = "subject", EntitySpec(b"S", ("subject_id",), "Subject", "SUBJECT")
    APPLICATION = "application", EntitySpec(b"P", ("subject_id", "application_id"), "Application", "APPLICATION")
    CREDIT_CHECK = "credit_check", EntitySpec(b"Q", ("subject_id", "check_id"), "CreditCheck", "CREDIT_FINDING")
    INCENTIVE_GRANT = "incentive_grant", EntitySpec(b"G", ("subject_id", "grant_id"), "IncentiveGrant", "APPLICATION")
    RESTRAINT_CASE = (
        "restraint_case",
        EntitySpec(b"R", ("subject_id", "case_id"), "RestraintCase", "RESTRAINT_PARTICULARS"),
    )
    AUTHORISATION = (
        "authorisation",
        EntitySpec(b"A", ("subject_id", "authorisation_id"), "Authorisation", "AUTHORISATION"),
    )
    DELETION_DUTY = "deletion_duty", EntitySpec(b"x", ("subject_id", "duty_id"), "DeletionDuty", "DELETION")
    ACCESS_ENTRY = "access_entry", EntitySpec(b"L", ("subject_id", "entry_id"), "AccessEntry", "ACCESS_LOG")
    WORK_ITEM = "work_item", EntitySpec(None, ("subject_id", "about_id", "step"), "WorkItem", "WORKLIST")
    """A step that is still to be taken. It has no table; it is derived from the tables with open steps."""
    ENTRY_DELAY = "entry_delay", EntitySpec(b"l", ("subject_id", "delay_id"), "EntryDelay", "ACCESS_LOG")
    DELEGATION = "delegation", EntitySpec(b"D", ("subject_id", "delegation_id"), "Delegation", "DELEGATION")
    REGISTRATION = "registration", EntitySpec(b"B", ("subject_id", "registration_id"), "Registration", "ACCESS_LOG")
    ISSUED_NOTICE = "issued_notice", EntitySpec(b"N", ("subject_id", "notice_id"), "IssuedNotice", "NOTICE")
    CONSULTATION = "consultation", EntitySpec(b"C", ("consultation_id",), "Consultation", "CONSULTATION")
    CONSULTATION_LINE = (
        "consultation_line",
        EntitySpec(b"c", ("subject_id", "line_id"), "ConsultationLine", "CONSULTATION"),
    )
    DEFERRAL = "deferral", EntitySpec(b"F", ("subject_id", "application_id"), "Deferral", "APPLICATION")
    COMMITMENT = "commitment", EntitySpec(b"K", ("subject_id", "application_id"), "Commitment", "APPLICATION")
    CASE_STEP = "case_step", EntitySpec(b"H", ("subject_id", "step_id"), "CaseStep", "CASE_PROCEDURE")
    FACTS_VERSION = "facts_version", EntitySpec(b"V", ("subject_id", "version_id"), "FactsVersion", "CASE_PROCEDURE")
    CASE_STATEMENT = "case_statement", EntitySpec(b"W", ("subject_id", "statement_id"), "CaseStatement", "STATEMENT")
    FOCUSED_CHECK = "focused_check", EntitySpec(b"f", ("subject_id", "check_id"), "FocusedCheck", "FOCUSED_CHECK")
    CORRECTION = "correction", EntitySpec(b"E", ("subject_id", "correction_id"), "Correction", "CASE_PROCEDURE")
    CORRECTION_TELLING = (
        "correction_telling",
        EntitySpec(b"e", ("subject_id", "telling_id"), "CorrectionTelling", "CASE_PROCEDURE"),
    )
    OBJECTION = "objection", EntitySpec(b"O", ("subject_id", "objection_id"), "Objection", "OBJECTION")
    EVIDENCE_FILE = "evidence_file", EntitySpec(b"v", ("subject_id", "file_id"), "EvidenceFile", "EVIDENCE_FILE")
    NOTIFICATION = "notification", EntitySpec(b"T", ("subject_id", "notification_id"), "Notification", "NOTIFICATION")
    TARGET_CHANGE = "target_change", EntitySpec(None, ("subject_id",), "TargetChange", "RESTRAINT_PARTICULARS")
    DEPARTMENT = "department", EntitySpec(b"d", ("code",), "Department", "REFERENCE")
    MATTER = "matter", EntitySpec(b"m", ("code",), "Matter", "REFERENCE")
    SECTOR = "sector", EntitySpec(b"s", ("code",), "Sector", "REFERENCE")
    AREA = "area", EntitySpec(b"a", ("code",), "Area", "REFERENCE")


REFERENCE = frozenset(entity for entity in Entity if entity.spec.keys == ("code",))
"""The reference tables: no personal data, identified by a code."""

OWNED = frozenset(entity for entity in Entity if entity.spec.keys[0] == "subject_id")
"""The entities that belong to a subject."""

SCOPED = OWNED | {Entity.CONSULTATION}
"""The entities of which a caller sees only the rows in its scopes. A consultation has no subject, but has an owner."""
