"""Subjects: identity, search terms, keys, identifiers, delegations."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
)

from storage.database.column_types import Instant
from storage.tables.base import OWNED, REFERENCE, metadata, subject

identifier_terms = Table(
    # Blind index: a keyed hash of an identifier, to find its subject. One identifier belongs to one subject,
    # whatever the shard, so this small table is on every shard. Shredding deletes the subject's rows.
    "identifier_terms",
    metadata,
    Column("kind", String(24), primary_key=True),
    Column("term", LargeBinary(33), primary_key=True),  # version byte + HMAC-SHA-256
    Column("subject_id", Uuid, nullable=False, index=True),
    info=REFERENCE,
)

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
    subject(),
    Column("wrapped", LargeBinary, nullable=False),
    Column("kek", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    info=OWNED,
)

identifiers = Table(
    "identifiers",
    metadata,
    subject(),
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
    subject(),
    Column("delegation_id", Uuid, primary_key=True),
    Column("delegate_ref", String(64), nullable=False, index=True),
    Column("evidence", Text, nullable=False),  # a reference to the recorded power of attorney
    Column("granted_at", Instant, nullable=False),
    Column("expires_on", Date, nullable=False),
    Column("withdrawn_at", Instant),
    info=OWNED,
)
