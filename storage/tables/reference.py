"""Reference tables: small, without personal data, the same on every shard."""

from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Integer, String, Text

from storage.database.column_types import Instant
from storage.tables.base import flag, reference_table


def _named(length: int = 32) -> list[Column[Any]]:
    """Return a code of at most *length* characters, and its names."""
    code = Column("code", String(length), primary_key=True)
    return [code, Column("name_zh", Text, nullable=False), Column("name_en", Text, nullable=False)]


sectors = reference_table("sectors", *_named())

areas = reference_table(
    "areas",
    # A division code; an area is part of every area whose code is a prefix of its own (370305 is all of Linzi).
    *_named(length=12),
)

departments = reference_table(
    "departments",
    *_named(),
    Column("sector_code", ForeignKey("sectors.code"), nullable=False),
    Column("window_zh", Text),  # the service window named in notices [A]
    Column("telephone", Text),
)

calendar_years = reference_table(
    # A year's working days, entered after the release: the State Council's notice is out in the autumn before [5.1.4].
    "calendar_years",
    Column("year", Integer, primary_key=True),
    Column("source", Text, nullable=False),
    Column("off", JSON, nullable=False),
    Column("work", JSON, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("added_by", String(64), nullable=False),
)

published_figures = reference_table(
    # The figures of a past year as they were first published: written once [6.3].
    "published_figures",
    Column("year", Integer, primary_key=True),
    Column("figures", JSON, nullable=False),
    Column("published_at", Instant, nullable=False),
)

matters = reference_table(
    "matters",
    *_named(),
    Column("department_code", ForeignKey("departments.code"), nullable=False),
    Column("sector_code", ForeignKey("sectors.code"), nullable=False),
    flag("green_channel"),  # [4.2.1]
    flag("deferred_documents"),  # [4.2.2]
    flag("commitment"),  # [4.2.3]
    Column("facilitation_basis", Text),  # the document that allows it
    Column("deferral_longest_days", Integer),  # calendar days within which missing documents may be promised [4.2.2]
    Column("commitment_limit_days", Integer),  # working days to complete; 0 is on the spot [4.2.3]
    Column("commitment_verify_days", Integer),  # working days after completion within which it is verified
    Column("incentives", JSON),  # codes of further incentives [4.2.4]
)

trusted_documents = reference_table(
    # The GraphQL documents that an operator has checked and loaded. Values belong in variables, so none is personal.
    "trusted_documents",
    Column("document_id", String(64), primary_key=True),  # SHA-256 of the text in UTF-8, in small hexadecimal
    Column("name", String(128), nullable=False),  # of its one operation
    Column("text", Text, nullable=False),
    Column("purpose", String(32)),  # which counts where the request states none
    Column("roles", JSON, nullable=False),  # who may send it; none listed: every role
)
