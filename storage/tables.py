"""The database on one page.

Three kinds of table: *reference* (about nobody, small, the same on every shard), *subject-owned* (primary key and
every unique constraint begin with `subject_id`, so that a shard holds whole subjects), and *house* (messages and
the ledger's queue, without personal data). `Table.info["kind"]` says which; a test holds it.

Personal text is kept as `<item>_sealed` (opened only by policy) beside `<item>_mask` (what a masked reader sees).
A status is never stored: it is read off dated facts.
"""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
)

from storage.types import Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

REFERENCE, OWNED, HOUSE = {"kind": "reference"}, {"kind": "subject-owned"}, {"kind": "house"}


def _subject(**options: Any) -> Column[Any]:  # noqa: ANN401 - passes on whatever Column takes
    """Return the owning subject's id; always the first column of the primary key."""
    return Column("subject_id", Uuid, ForeignKey("subjects.subject_id"), primary_key=True, **options)


# --- reference ---------------------------------------------------------------------------------------------------

sectors = Table(
    "sectors",
    metadata,
    Column("code", String(32), primary_key=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    info=REFERENCE,
)

areas = Table(
    "areas",
    metadata,
    # A division code; an area is part of every area whose code is a prefix of its own (370305 is all of Linzi).
    Column("code", String(12), primary_key=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    info=REFERENCE,
)

departments = Table(
    "departments",
    metadata,
    Column("code", String(32), primary_key=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("sector_code", ForeignKey("sectors.code"), nullable=False),
    Column("window_zh", Text),  # the service window named in notices [A]
    Column("telephone", Text),
    info=REFERENCE,
)

matters = Table(
    "matters",
    metadata,
    Column("code", String(32), primary_key=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("department_code", ForeignKey("departments.code"), nullable=False),
    Column("sector_code", ForeignKey("sectors.code"), nullable=False),
    Column("green_channel", Boolean, nullable=False, server_default=false()),  # [4.2.1]
    Column("deferred_documents", Boolean, nullable=False, server_default=false()),  # [4.2.2]
    Column("commitment", Boolean, nullable=False, server_default=false()),  # [4.2.3]
    Column("facilitation_basis", Text),  # the document that allows it
    info=REFERENCE,
)

identifier_terms = Table(
    # Blind index: a keyed hash of an identifier, to find its subject. One identifier belongs to one subject,
    # whatever the shard, so this small table stands on every shard. Shredding deletes the subject's rows.
    "identifier_terms",
    metadata,
    Column("kind", String(24), primary_key=True),
    Column("term", LargeBinary(33), primary_key=True),  # version byte + HMAC-SHA-256
    Column("subject_id", Uuid, nullable=False, index=True),
    info=REFERENCE,
)

# --- subject-owned ------------------------------------------------------------------------------------------------

subjects = Table(
    "subjects",
    metadata,
    Column("subject_id", Uuid, primary_key=True),
    Column("kind", String(24), nullable=False),
    Column("capacities", SmallInteger, nullable=False, server_default="0"),  # Capacity bits [3.2]
    Column("area_code", ForeignKey("areas.code"), nullable=False, index=True),
    Column("version", Integer, nullable=False, server_default="1"),  # bound into the sealed values below
    Column("name_sealed", LargeBinary),
    Column("name_mask", Text),
    Column("phone_sealed", LargeBinary),
    Column("phone_mask", Text),
    Column("address_sealed", LargeBinary),
    Column("address_mask", Text),
    Column("registered_at", Instant, nullable=False),
    Column("registered_by", String(64), nullable=False),
    Column("changed_at", Instant, nullable=False),
    CheckConstraint("kind IN ('NATURAL_PERSON','LEGAL_PERSON','SOLE_TRADER','OTHER_ORGANISATION')", name="kind"),
    info=OWNED,
)

subject_keys = Table(
    # The subject's key, wrapped under the KEK. Deleting the row shreds everything sealed for the subject.
    "subject_keys",
    metadata,
    _subject(),
    Column("wrapped", LargeBinary, nullable=False),
    Column("kek", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    info=OWNED,
)

identifiers = Table(
    "identifiers",
    metadata,
    _subject(),
    Column("identifier_id", Uuid, primary_key=True),
    Column("kind", String(24), nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("number_sealed", LargeBinary),
    Column("number_mask", Text),
    Column("derived", Boolean, nullable=False, server_default=false()),  # upgraded from a 15-digit number
    UniqueConstraint("subject_id", "kind"),
    CheckConstraint("kind IN ('ID_NUMBER','SOCIAL_CREDIT_CODE')", name="kind"),
    info=OWNED,
)

delegations = Table(
    # A delegate whose own authority is recorded may act for the subject [5.1.6].
    "delegations",
    metadata,
    _subject(),
    Column("delegation_id", Uuid, primary_key=True),
    Column("delegate_ref", String(64), nullable=False, index=True),
    Column("evidence", Text, nullable=False),  # a reference to the recorded power of attorney
    Column("granted_at", Instant, nullable=False),
    Column("expires_on", Date, nullable=False),
    Column("withdrawn_at", Instant),
    info=OWNED,
)

applications = Table(
    "applications",
    metadata,
    _subject(),
    Column("application_id", Uuid, primary_key=True),
    Column("matter_code", ForeignKey("matters.code"), nullable=False),
    Column("department_code", ForeignKey("departments.code"), nullable=False, index=True),
    Column("channel", String(24), nullable=False, server_default="ORDINARY"),
    Column("clerk_ref", String(64)),
    Column("filed_at", Instant, nullable=False),
    Column("accepted_at", Instant),
    Column("decided_at", Instant),
    Column("outcome", String(24)),  # APPROVED, REFUSED, WITHDRAWN
    Column("confidential", Boolean, nullable=False, server_default=false()),
    CheckConstraint("channel IN ('ORDINARY','GREEN_CHANNEL','DEFERRED_DOCUMENTS','COMMITMENT')", name="channel"),
    CheckConstraint("outcome IN ('APPROVED','REFUSED','WITHDRAWN')", name="outcome"),
    info=OWNED,
)

restraint_cases = Table(
    # One case from collection to repair [5.1]. Each step is a dated fact; the status is read off them.
    "restraint_cases",
    metadata,
    _subject(),
    Column("case_id", Uuid, primary_key=True),
    Column("number", String(40), nullable=False),  # the authority's own case number, free of personal data
    Column("application_id", Uuid),
    Column("department_code", ForeignKey("departments.code"), nullable=False, index=True),  # determining authority
    Column("sector_code", ForeignKey("sectors.code"), nullable=False),
    Column("area_code", ForeignKey("areas.code"), nullable=False),  # of the subject, when collected
    Column("circumstance", String(32), nullable=False),  # [5.1.2]
    Column("channel", String(32), nullable=False),  # [5.1.3]
    Column("basis", Text, nullable=False),  # legal basis [5.1.3]
    Column("legal_document", Text),  # document number
    Column("handler_ref", String(64), nullable=False),
    Column("reviewer_ref", String(64)),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("facts_sealed", LargeBinary),
    Column("facts_mask", Text),
    Column("evidence_sealed", LargeBinary),  # references to evidence, a JSON list of text
    Column("evidence_mask", Text),
    Column("notes_sealed", LargeBinary),
    Column("notes_mask", Text),
    Column("collected_at", Instant, nullable=False),
    Column("verified_at", Instant),
    Column("noticed_on", Date),
    Column("served_on", Date),
    Column("stated_on", Date),
    Column("reviewed_on", Date),
    Column("determined_on", Date),
    Column("published_on", Date),
    Column("ends_on", Date),  # the last day in force [5.1.5]
    Column("period_basis", Text),  # the law, where the period is not six months
    Column("rectified_on", Date),
    Column("removed_on", Date),  # taken off the list by correction or early repair
    Column("dropped_on", Date),
    Column("referred_on", Date),  # an administrative penalty: another procedure
    Column("confidential", Boolean, nullable=False, server_default=false()),
    Column("changed_at", Instant, nullable=False),
    # Counts every change. `version` is bound into the sealed values, so a step that seals nothing may not touch it.
    Column("step_version", Integer, nullable=False, server_default="1"),
    UniqueConstraint("subject_id", "number"),
    Index("ix_restraint_cases_list", "sector_code", "published_on", "case_id"),
    Index("ix_restraint_cases_published", "published_on", "case_id"),
    Index("ix_restraint_cases_changed", "sector_code", "changed_at"),
    Index("ix_restraint_cases_handler", "handler_ref"),
    CheckConstraint(
        "circumstance IN ('IMPERSONATION','FALSE_MATERIAL','DOCUMENTS_NOT_SUPPLIED','COMMITMENT_NOT_MET','OTHER')",
        name="circumstance",
    ),
    CheckConstraint(
        "channel IN ('FACT_FINDING','PLATFORM_QUERY','SUPERVISION_PUSH','PUBLIC_REPORT','OTHER')", name="channel"
    ),
    CheckConstraint("published_on IS NULL OR determined_on IS NOT NULL", name="published_after_determined"),
    CheckConstraint("published_on IS NULL OR ends_on IS NOT NULL", name="published_ends"),
    info=OWNED,
)

case_steps = Table(
    # Who took which step of a case, when, and on what evidence [5.1.1] [5.1.4]. Appended only.
    "case_steps",
    metadata,
    _subject(),
    Column("step_id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("step", String(24), nullable=False),  # VERIFIED, NOTICED, SERVED, STATED, ...
    Column("on", Date, nullable=False),  # the day it counts from, in Asia/Shanghai
    Column("at", Instant, nullable=False),  # when it was recorded
    Column("actor_ref", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("department_code", String(32)),  # of an officer; a subject has none
    Column("evidence", Text),  # references to papers, one a line
    Column("facts", JSON, nullable=False),  # means, outcome, term: no personal data
    Column("salt", LargeBinary(16), nullable=False),  # of the ledger's commitment to this row
    Index("ix_case_steps_case", "subject_id", "case_id", "at"),
    info=OWNED,
)

authorisations = Table(
    # One row per request or grant, with its history in dated facts [5.1.6]. Never for life: expires_on is not null.
    "authorisations",
    metadata,
    _subject(),
    Column("authorisation_id", Uuid, primary_key=True),
    Column("purpose", String(32), nullable=False),
    Column("recipient_code", ForeignKey("departments.code"), nullable=False),
    Column("groups", SmallInteger, nullable=False),  # FieldGroup bits
    Column("means", Text, nullable=False),
    Column("template", String(64), nullable=False),  # name and version of the template that bounded it
    Column("application_id", Uuid),  # where it is for a single application
    Column("requested_at", Instant, nullable=False),
    Column("requested_by", String(64), nullable=False),
    Column("granted_at", Instant),
    Column("granted_by", String(64)),
    Column("starts_on", Date),
    Column("expires_on", Date, nullable=False),  # of a request: the last day on which it would hold
    Column("uses_allowed", Integer, nullable=False),
    Column("uses_made", Integer, nullable=False, server_default="0"),
    Column("refused_at", Instant),
    Column("narrowed_at", Instant),
    Column("withdrawn_at", Instant),
    Column("withdrawn_by", String(64)),
    Column("paper_evidence", Text),  # reference to the scanned paper, where staff recorded it
    Column("contested_at", Instant),
    Column("version", Integer, nullable=False, server_default="1"),
    Index("ix_authorisations_live", "subject_id", "purpose", "recipient_code"),
    Index("ix_authorisations_recipient", "recipient_code", "requested_at"),
    CheckConstraint("groups > 0", name="scope_named"),
    CheckConstraint("uses_made <= uses_allowed", name="uses_bounded"),
    CheckConstraint("granted_at IS NULL OR refused_at IS NULL", name="granted_or_refused"),
    info=OWNED,
)

access_entries = Table(
    # Every read of personal data, as its subject will see it. Appended only.
    "access_entries",
    metadata,
    _subject(),
    Column("entry_id", Uuid, primary_key=True),
    Column("read_id", Uuid, nullable=False),  # the same for all subjects of one answer
    Column("at", Instant, nullable=False),
    Column("actor_ref", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("department_code", String(32)),
    Column("purpose", String(32), nullable=False),
    Column("basis", String(24), nullable=False),
    Column("citation", Text, nullable=False),
    Column("authorisation_id", Uuid),
    Column("document_hash", String(64), nullable=False),
    Column("fields", JSON, nullable=False),  # [["RestraintCase.facts", "FACTS", "CLEAR"], ...]
    Column("salt", LargeBinary(16), nullable=False),  # of the ledger's commitment to this row
    Index("ix_access_entries_entry", "entry_id"),
    info=OWNED,
)

consent_events = Table(
    # What happened to an authorisation, in order; what the consent ledger commits to. Appended only.
    "consent_events",
    metadata,
    _subject(),
    Column("event_id", Uuid, primary_key=True),
    Column("authorisation_id", Uuid, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor_ref", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("event", String(24), nullable=False),  # REQUESTED, GRANTED, NARROWED, REFUSED, WITHDRAWN, ...
    Column("facts", JSON, nullable=False),  # purpose, groups, dates: no personal data
    Column("salt", LargeBinary(16), nullable=False),
    Index("ix_consent_events_authorisation", "subject_id", "authorisation_id", "at"),
    info=OWNED,
)

idempotency_keys = Table(
    # The answer to a mutation that was already carried out, so that trying again does nothing twice.
    "idempotency_keys",
    metadata,
    Column("actor_ref", String(64), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("request_hash", String(64), nullable=False),
    Column("result", JSON, nullable=False),  # entity ids, no personal data
    Column("at", Instant, nullable=False),
    info=HOUSE,
)

# --- house --------------------------------------------------------------------------------------------------------

pending_entries = Table(
    # Leaf hashes that wait for the sequencer. Nothing here points back at a person.
    "pending_entries",
    metadata,
    # In the order of arrival, so that appending touches the end of one index only.
    Column("place", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("log", String(16), nullable=False),  # 'consent' or 'access'
    Column("entry_id", Uuid, nullable=False),
    Column("leaf_hash", LargeBinary(32), nullable=False),
    Column("appended_at", Instant, nullable=False),
    CheckConstraint("log IN ('consent','access')", name="log"),
    info=HOUSE,
)

outbox = Table(
    # What is to be told to others, written with the fact itself; opened and filled in only when it is sent.
    "outbox",
    metadata,
    Column("message_id", Uuid, primary_key=True),
    Column("topic", String(64), nullable=False),
    Column("about", JSON, nullable=False),  # entity references, never particulars
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Index("ix_outbox_unsent", "sent_at", "created_at"),
    info=HOUSE,
)

imports = Table(
    # Which row of which file has been taken in: running an import again does nothing twice.
    "imports",
    metadata,
    Column("file_hash", String(64), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("outcome", String(24), nullable=False),
    info=HOUSE,
)
