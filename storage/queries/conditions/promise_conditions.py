"""What is still open in an application and its promises, as conditions on the row [4.2] [4.2.2] [4.2.3]."""

from typing import Any

from sqlalchemy import ColumnElement, Date, FromClause, and_, bindparam, or_


def undecided(row: FromClause) -> ColumnElement[bool]:
    """Return the condition that the application is neither decided nor withdrawn."""
    decided_at: ColumnElement[Any] = row.c.decided_at
    return decided_at.is_(None)


def documents_owed(row: FromClause) -> ColumnElement[bool]:
    """Return the condition that documents are still missing, and the deferral did not end."""
    return and_(row.c.supplied_on.is_(None), row.c.ended_on.is_(None))


def documents_overdue(row: FromClause) -> ColumnElement[bool]:
    """Return the condition that the promised date has passed, and documents are still missing."""
    return and_(documents_owed(row), row.c.due_on < _today())


def commitment_open(row: FromClause) -> ColumnElement[bool]:
    """Return the condition that the matter is not completed, or the commitment not verified, and it did not end."""
    return and_(row.c.ended_on.is_(None), or_(row.c.completed_on.is_(None), row.c.verified_on.is_(None)))


def commitment_overdue(row: FromClause) -> ColumnElement[bool]:
    """Return the condition that the time to complete the matter, or after that the time to verify, is over [4.2.3]."""
    return and_(commitment_open(row), row.c.verified_on.is_(None), row.c.waits_sorts_on < _today())


def _today() -> ColumnElement[Any]:
    return bindparam("today", type_=Date(), required=False)
