"""What the counted rows of a year have in common."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_

from credit.core.values.dates import SHANGHAI


def first_instant(year: int) -> datetime:
    """Return the instant (UTC) at which *year* begins here."""
    return datetime(year, 1, 1, tzinfo=SHANGHAI).astimezone(UTC)


def same_record(left: Any, right: Any, key: str = "application_id") -> Any:  # noqa: ANN401 - SQLAlchemy's columns, and a condition
    """Return the condition that both rows are of one subject and have one *key*."""
    return and_(right.subject_id == left.subject_id, right[key] == left[key])
