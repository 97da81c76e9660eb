"""Reference tables: small, without personal data, the same on every shard."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, String, Table, Text, false

from storage.database.column_types import Instant
from storage.tables.base import REFERENCE, metadata

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

calendar_years = Table(
    # A year's working days, entered after the release: the State Council's notice is out in the autumn before [5.1.4].
    "calendar_years",
    metadata,
    Column("year", Integer, primary_key=True),
    Column("source", Text, nullable=False),
    Column("off", JSON, nullable=False),
    Column("work", JSON, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("added_by", String(64), nullable=False),
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
    Column("deferral_longest_days", Integer),  # calendar days within which missing documents may be promised [4.2.2]
    Column("commitment_limit_days", Integer),  # working days to complete; 0 is on the spot [4.2.3]
    Column("commitment_verify_days", Integer),  # working days after completion within which it is verified
    Column("incentives", JSON),  # codes of further incentives [4.2.4]
    info=REFERENCE,
)
