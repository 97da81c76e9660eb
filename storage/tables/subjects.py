"""Subjects: identity, search terms, accounts, keys and their check values, identifiers, delegations."""

from sqlalchemy import (
    JSON,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from storage.database.column_types import Instant
from storage.tables.base import (
    OWNED,
    content,
    flag,
    metadata,
    one_of,
    provenance,
    reference_table,
    salt,
    sealed,
    subject_table,
    version,
    where,
)

identifier_terms = reference_table(
    # Blind index: a keyed hash of an identifier, to find its subject. One identifier belongs to one subject,
    # whatever the shard, so this small table is on every shard. Shredding deletes the subject's rows.
    "identifier_terms",
    Column("kind", String(24), primary_key=True),
    Column("term", LargeBinary(33), primary_key=True),  # version byte + HMAC-SHA-256
    Column("subject_id", Uuid, nullable=False, index=True),
)

account_links = reference_table(
    # The subject that an account of the identity platform acts for: found by a keyed hash of issuer and account,
    # whatever the shard, like the search terms. Ending a link deletes its row; `registrations` keeps that it was made.
    "account_links",
    Column("account", LargeBinary(32), primary_key=True),  # HMAC-SHA-256
    Column("subject_id", Uuid, nullable=False, index=True),
    Column("linked_at", Instant, nullable=False),
)

subjects = Table(
    "subjects",
    metadata,
    Column("subject_id", Uuid, primary_key=True),
    Column("kind", String(24), nullable=False),
    Column("capacities", SmallInteger, nullable=False, server_default="0"),  # Capacity bits [3.2]
    Column("area_code", ForeignKey("areas.code"), nullable=False, index=True),
    version(),  # bound into the sealed values below
    *sealed("name", "phone", "address"),
    Column("registered_at", Instant, nullable=False),
    Column("registered_by", String(64), nullable=False),
    Column("changed_at", Instant, nullable=False),
    one_of("kind", "NATURAL_PERSON", "LEGAL_PERSON", "SOLE_TRADER", "OTHER_ORGANISATION"),
    info=OWNED,
)

subject_keys = subject_table(
    # The subject's key, wrapped under the KEK. Deleting the row shreds everything sealed for the subject.
    "subject_keys",
    Column("wrapped", LargeBinary, nullable=False),
    Column("kek", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
)

subject_secrets = subject_table(
    # What blinds the subject's head in every epoch [consent/ledger/epochs.py]: 32 random bytes, sealed under its key,
    # and their digest, to which the ledger commits. An erasure deletes the row.
    "subject_secrets",
    Column("secret_id", Uuid, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("at", Instant, nullable=False),
    salt(),
)

key_checks = reference_table(
    # A check value of each key of the key file, to recognise the file by: keyed hashes that reveal nothing of a key.
    "key_checks",
    Column("kind", String(8), primary_key=True),
    Column("name", String(16), primary_key=True),  # id of a KEK, version of an index root
    Column("check_value", LargeBinary(32), nullable=False),  # HMAC-SHA-256
    Column("recorded_at", Instant, nullable=False),
    one_of("kind", "KEK", "INDEX"),
)

identifiers = subject_table(
    "identifiers",
    Column("identifier_id", Uuid, primary_key=True),
    Column("kind", String(24), nullable=False),
    version(),
    *sealed("number"),
    flag("derived"),  # upgraded from a 15-digit number
    UniqueConstraint("subject_id", "kind"),
    one_of("kind", "ID_NUMBER", "SOCIAL_CREDIT_CODE"),
)

registrations = subject_table(
    # Who put a subject on record, when, and by which way: each time, also for one that was known [5.1.3] [5.1.6].
    "registrations",
    Column("registration_id", Uuid, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor_ref", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("department_code", String(32)),  # of an officer; null for a platform and for the subject itself
    Column("channel", String(16), nullable=False),
    Column("case_id", Uuid),  # the case that it began: the subject sees both after the notice [5.1.4(2)]
    salt(),
    *provenance(),
    content(),
    one_of("channel", "WINDOW", "APPLICATION", "CASE", "IMPORT", "PLATFORM", "ACCOUNT", "REFOLDED"),
)

subject_events = subject_table(
    # What happened to a subject's record besides its steps: deliveries, acknowledgements, account links. Append-only.
    "subject_events",
    Column("event_id", Uuid, primary_key=True),
    Column("event", String(24), nullable=False),  # credit.subjects.record_events
    Column("at", Instant, nullable=False),
    Column("actor_ref", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("department_code", String(32)),
    Column("facts", JSON, nullable=False),  # references, days, choices: no personal data
    salt(),
    *provenance(),
    content(),
    Index("ix_subject_events_subject", "subject_id", "at"),
)

attested_rows = subject_table(
    # Rows from before their acts were kept, as they stood when an operator took them over: once [5.1.6]. Append-only.
    "attested_rows",
    Column("attestation_id", Uuid, primary_key=True),
    Column("record", String(32), nullable=False),  # the table of the row
    Column("record_id", Uuid, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor_ref", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("acts", JSON, nullable=False),  # ids of the acts that were kept of it; only later ones change the state
    Column("state", JSON, nullable=False),  # its columns, without what is sealed
    salt(),
    *provenance(),
    UniqueConstraint("subject_id", "record", "record_id"),
)

withheld_entries = subject_table(
    # Entries of acts that their subject may not know of yet, so that they count for nobody; of old ones too, whether
    # they count by now or not (`entry_openings`) [5.1.4(2)]. Append-only.
    "withheld_entries",
    Column("source", Uuid, primary_key=True),  # the row of the act
    Column("record_id", Uuid, nullable=False),  # they count when the subject sees this record; the nil id: never
    Column("commitment", LargeBinary(32), nullable=False),  # of the act
    salt(),  # of the act
)

entry_openings = subject_table(
    # The second entries of these acts, which count for their subject [consent/ledger/entry_openings.py]. Append-only.
    "entry_openings",
    Column("opening_id", Uuid, primary_key=True),  # the first half of its commitment
    Column("source", Uuid, nullable=False),  # the row of the act
    Column("withheld", LargeBinary(32), nullable=False),  # the commitment of the act
    salt(),
    UniqueConstraint("subject_id", "source"),
)

delegations = subject_table(
    # A delegate whose own authority is recorded may act for the subject, within its scope and until its end [5.1.6].
    "delegations",
    Column("delegation_id", Uuid, primary_key=True),
    Column("kind", String(24), nullable=False, server_default="AGENT"),
    Column("delegate_ref", String(64), nullable=False, index=True),
    Column("groups", SmallInteger, nullable=False, server_default="31"),  # FieldGroup bits: what the delegate sees
    Column("powers", SmallInteger, nullable=False, server_default="15"),  # Power bits: what it may do
    Column("evidence", Text, nullable=False),  # references to the recorded papers
    Column("granted_at", Instant, nullable=False),  # when it was recorded
    Column("starts_on", Date, nullable=False, server_default="1970-01-01"),  # of a guardianship: maybe before that
    Column("expires_on", Date, nullable=False),
    Column("recorded_by", String(64)),  # null for one recorded before this was kept
    Column("recorded_as", String(16)),  # the role: subject, or clerk
    Column("department_code", String(32)),  # the office that recorded it on paper
    Column("withdrawn_at", Instant),  # when it was ended before its last day
    Column("ended_by", String(64)),
    Column("ended_as", String(16)),
    Column("end_evidence", Text),
    Column("contested_at", Instant),  # of a guardianship: from then on it rests, until the contest is decided
    Column("contested_by", String(64)),  # of a contest on paper: the officer who entered it
    Column("contested_on", Date),  # of a contest on paper: the day of posting or handing in
    Column("contest_paper", Text),  # reference to that paper
    Column("contest_decided_at", Instant),
    Column("contest_decided_by", String(64)),  # never who recorded it
    Column("contest_finding", String(16)),  # HOLDS, NEVER_HELD
    Column("contest_evidence", Text),  # references to the papers that the decision rests on
    version(),
    Index("ix_delegations_contested", "department_code", **where("contested_at IS NOT NULL")),
    one_of("kind", "AGENT", "GUARDIAN", "OFFICER", "CLOSE_RELATIVE"),
)

delegation_events = subject_table(
    # What happened to a delegation, in order; what the consent ledger commits to. Append-only.
    "delegation_events",
    Column("event_id", Uuid, primary_key=True),
    Column("delegation_id", Uuid, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor_ref", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("department_code", String(32)),
    Column("event", String(16), nullable=False),  # RECORDED, ENDED, CONTESTED, CONTEST_DECIDED
    Column("facts", JSON, nullable=False),  # kind, delegate, scope, days, references of papers: no personal data
    salt(),
    *provenance(),
    Index("ix_delegation_events_delegation", "subject_id", "delegation_id", "at"),
)
