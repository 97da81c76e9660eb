"""Authorisations and their events, and the access log [5.1.6]."""

from sqlalchemy import JSON, CheckConstraint, Column, Date, ForeignKey, Index, Integer, SmallInteger, String, Text, Uuid

from storage.database.column_types import Instant
from storage.tables.base import one_of, provenance, reference_table, salt, subject_table, version, where

_DELETION_DUE = ("due_on", "counts_from_on", "duty_id")

authorisations = subject_table(
    # One row per request or grant, with its history in dated facts [5.1.6]. Never for life: expires_on is not null.
    "authorisations",
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
    Column("notice_digest", String(64)),  # of authorisation_notices: what was shown for the grant
    Column("expires_on", Date, nullable=False),  # of a request: the last day on which it would hold
    Column("uses_allowed", Integer, nullable=False),
    Column("uses_made", Integer, nullable=False, server_default="0"),
    # What the subject did on paper has the day of posting or handing in, and the reference of that paper.
    Column("refused_at", Instant),
    Column("refused_on", Date),
    Column("refusal_evidence", Text),
    Column("narrowed_at", Instant),
    Column("narrowed_on", Date),
    Column("narrowing_evidence", Text),
    Column("withdrawn_at", Instant),
    Column("withdrawn_by", String(64)),
    Column("withdrawn_on", Date),
    Column("withdrawal_evidence", Text),
    Column("paper_evidence", Text),  # reference to the scanned paper, where an officer recorded it
    Column("signed_on", Date),  # the day of the paper; null for papers recorded before it was asked for
    Column("contested_at", Instant),
    Column("contested_on", Date),
    Column("contest_paper", Text),
    Column("contest_entered_by", String(64)),  # the officer who entered a contest on paper
    Column("contest_decided_at", Instant),
    Column("contest_decided_by", String(64)),  # never who recorded or confirmed the paper, or entered its contest
    Column("contest_finding", String(16)),  # NEVER_GIVEN, GIVEN
    Column("contest_evidence", Text),  # reference to the reasons
    Column("held_at", Instant),  # from then on a paper waits for a second person, because one was contested
    Column("confirmed_at", Instant),
    Column("confirmed_by", String(64)),
    version(),
    Index("ix_authorisations_live", "subject_id", "purpose", "recipient_code"),
    Index("ix_authorisations_recipient", "recipient_code", "requested_at", "authorisation_id"),
    Index("ix_authorisations_requested", "requested_at", "authorisation_id"),
    Index(
        "ix_authorisations_consultations",
        "recipient_code",
        "requested_at",
        "authorisation_id",
        **where("purpose = 'CONSULTATION'"),
    ),
    Index(
        "ix_authorisations_unanswered",
        "recipient_code",
        "requested_at",
        "authorisation_id",
        **where("granted_at IS NULL"),
    ),
    Index("ix_authorisations_subject", "subject_id", "requested_at", "authorisation_id"),
    Index("ix_authorisations_supervised", "recipient_code", **where("contested_at IS NOT NULL OR held_at IS NOT NULL")),
    CheckConstraint("groups > 0", name="scope_named"),
    CheckConstraint("uses_made <= uses_allowed", name="uses_bounded"),
    CheckConstraint("granted_at IS NULL OR refused_at IS NULL", name="granted_or_refused"),
)

deletion_duties = subject_table(
    # What a recipient has to delete, or to stop using, and that it did [5.1.6] [PIPL 47]. Made by the first use.
    "deletion_duties",
    Column("duty_id", Uuid, primary_key=True),  # that of the authorisation, where everything is to be deleted
    Column("authorisation_id", Uuid, nullable=False),
    Column("recipient_code", ForeignKey("departments.code"), nullable=False),
    Column("cause", String(16), nullable=False),
    Column("groups", SmallInteger),  # FieldGroup bits of what a narrowing took away
    Column("since_on", Date, nullable=False),  # while it lies ahead, the authorisation is in force
    Column("counts_from_on", Date, nullable=False),  # what starts the clock; later for what ended before revision 40
    Column("due_on", Date),
    Column("chased_at", Instant),  # when the recipient was reminded that it is late
    Column("acknowledged_at", Instant),
    Column("acknowledged_on", Date),
    Column("acknowledged_by", String(64)),
    Column("outcome", String(16)),
    Column("reference", Text),  # the number of a record or of a law
    version(),
    Index("ix_deletion_duties_authorisation", "authorisation_id"),
    Index("ix_deletion_duties_recipient", "recipient_code", "since_on", "duty_id"),
    Index("ix_deletion_duties_since", "since_on", "duty_id"),
    Index("ix_deletion_duties_subject", "subject_id", "since_on", "duty_id"),
    Index(
        "ix_deletion_duties_recipient_open", "recipient_code", "since_on", "duty_id", **where("acknowledged_on IS NULL")
    ),
    Index("ix_deletion_duties_since_open", "since_on", "duty_id", **where("acknowledged_on IS NULL")),
    Index("ix_deletion_duties_open", "recipient_code", *_DELETION_DUE, **where("acknowledged_on IS NULL")),
    Index("ix_deletion_duties_due", *_DELETION_DUE, **where("acknowledged_on IS NULL")),
    Index("ix_deletion_duties_to_chase", "due_on", **where("acknowledged_on IS NULL AND chased_at IS NULL")),
    one_of("cause", "EXPIRED", "WITHDRAWN", "CONTESTED", "NARROWED", "ERASED"),
    one_of("outcome", "DELETED", "USE_ENDED"),
)

authorisation_notices = reference_table(
    # The texts that subjects were shown before they granted, each once: bounds and a recipient, and nobody's data.
    "authorisation_notices",
    Column("digest", String(64), primary_key=True),  # SHA-256 of the text, in hexadecimal digits
    Column("version", String(32), nullable=False),
    Column("text", Text, nullable=False),  # consent/notices/shown_notices.py
    Column("granted_at", Instant, nullable=False),  # the first grant that is bound to it
)

access_entries = subject_table(
    # Reads of before revision 25, one row for each subject: kept and shown, closed to new rows (see `disclosures`).
    "access_entries",
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
    salt(),
    Column("delay_id", Uuid),  # the delay that covers the entry, and the day on which it opens unless that is extended
    Column("opens_on", Date),
    Index("ix_access_entries_entry", "entry_id"),
)

entry_delays = subject_table(
    # Access entries of a case that open to its subject later, by a legal ground [5.1.6]. By the date, without a job.
    "entry_delays",
    Column("delay_id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("department_code", String(32), nullable=False),
    Column("ordered_at", Instant, nullable=False),
    Column("opens_on", Date, nullable=False),
    Column("acts", JSON, nullable=False),  # [{"at", "by", "citation", "opens_on"}, ...]: the order and its extensions
    Index("ix_entry_delays_ordered", "ordered_at", "delay_id"),
    Index("ix_entry_delays_subject", "subject_id", "ordered_at", "delay_id"),
    Index("ix_entry_delays_case", "subject_id", "case_id"),
)

consent_events = subject_table(
    # What happened to an authorisation, in order; what the consent ledger commits to. Append-only.
    "consent_events",
    Column("event_id", Uuid, primary_key=True),
    Column("authorisation_id", Uuid, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor_ref", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("event", String(24), nullable=False),  # REQUESTED, GRANTED, NARROWED, REFUSED, WITHDRAWN, ...
    Column("facts", JSON, nullable=False),  # purpose, groups, dates: no personal data
    salt(),
    *provenance(),
    Index("ix_consent_events_authorisation", "subject_id", "authorisation_id", "at"),
)
