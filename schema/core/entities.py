"""How the archive's entities appear in the schema: their types, their ids' columns, the class that admits a row."""

from consent.vocabulary import DataClass
from credit.subjects.subject import SubjectKind
from queryplan.plan import Entity
from schema.core.global_ids import KEYS

KIND_OF: dict[str, str] = {
    "NaturalPerson": SubjectKind.NATURAL_PERSON.value,
    "LegalPerson": SubjectKind.LEGAL_PERSON.value,
    "SoleTrader": SubjectKind.SOLE_TRADER.value,
    "OtherOrganisation": SubjectKind.OTHER_ORGANISATION.value,
}
"""The concrete types of a subject, and the kind that a row of each has."""

TYPE_OF: dict[Entity, str] = {
    Entity.APPLICATION: "Application",
    Entity.CREDIT_CHECK: "CreditCheck",
    Entity.INCENTIVE_GRANT: "IncentiveGrant",
    Entity.RESTRAINT_CASE: "RestraintCase",
    Entity.AUTHORISATION: "Authorisation",
    Entity.ACCESS_ENTRY: "AccessEntry",
    Entity.DELEGATION: "Delegation",
    Entity.ISSUED_NOTICE: "IssuedNotice",
    Entity.WORK_ITEM: "WorkItem",
    Entity.CONSULTATION: "Consultation",
    Entity.CONSULTATION_LINE: "ConsultationLine",
    Entity.DEFERRAL: "Deferral",
    Entity.COMMITMENT: "Commitment",
    Entity.CASE_STEP: "CaseStep",
    Entity.CASE_STATEMENT: "CaseStatement",
    Entity.FOCUSED_CHECK: "FocusedCheck",
    Entity.CORRECTION: "Correction",
    Entity.CORRECTION_TELLING: "CorrectionTelling",
    Entity.OBJECTION: "Objection",
    Entity.NOTIFICATION: "Notification",
    Entity.TARGET_CHANGE: "TargetChange",
    Entity.DEPARTMENT: "Department",
    Entity.MATTER: "Matter",
    Entity.SECTOR: "Sector",
    Entity.AREA: "Area",
}
"""The one concrete type of every other entity."""

ENTITY_CLASS: dict[Entity, DataClass] = {
    Entity.SUBJECT: DataClass.SUBJECT,
    Entity.APPLICATION: DataClass.APPLICATION,
    Entity.CREDIT_CHECK: DataClass.CREDIT_FINDING,
    Entity.INCENTIVE_GRANT: DataClass.APPLICATION,
    Entity.RESTRAINT_CASE: DataClass.RESTRAINT_PARTICULARS,
    Entity.AUTHORISATION: DataClass.AUTHORISATION,
    Entity.ACCESS_ENTRY: DataClass.ACCESS_LOG,
    Entity.DELEGATION: DataClass.DELEGATION,
    Entity.ISSUED_NOTICE: DataClass.NOTICE,
    Entity.WORK_ITEM: DataClass.WORKLIST,
    Entity.CONSULTATION: DataClass.CONSULTATION,
    Entity.CONSULTATION_LINE: DataClass.CONSULTATION,
    Entity.DEFERRAL: DataClass.APPLICATION,
    Entity.COMMITMENT: DataClass.APPLICATION,
    Entity.CASE_STEP: DataClass.CASE_PROCEDURE,
    Entity.CASE_STATEMENT: DataClass.STATEMENT,
    Entity.FOCUSED_CHECK: DataClass.FOCUSED_CHECK,
    Entity.CORRECTION: DataClass.CASE_PROCEDURE,
    Entity.CORRECTION_TELLING: DataClass.CASE_PROCEDURE,
    Entity.OBJECTION: DataClass.OBJECTION,
    Entity.NOTIFICATION: DataClass.NOTIFICATION,
    Entity.TARGET_CHANGE: DataClass.RESTRAINT_PARTICULARS,
    Entity.DEPARTMENT: DataClass.REFERENCE,
    Entity.MATTER: DataClass.REFERENCE,
    Entity.SECTOR: DataClass.REFERENCE,
    Entity.AREA: DataClass.REFERENCE,
}
"""The class that one must be allowed to read before a row of the entity is looked for by its id."""

OWNED = frozenset(entity for entity, keys in KEYS.items() if keys[0] == "subject_id")
"""The entities that belong to a subject."""

SCOPED = OWNED | {Entity.CONSULTATION}
"""The entities of which a caller sees only the rows in its scopes: what is about nobody can still be somebody's own."""
