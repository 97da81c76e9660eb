"""What is still open of a promise, as conditions on its row [4.2.2] [4.2.3]."""

from sqlalchemy import ColumnElement, Date, FromClause, and_, bindparam, or_


def documents_owed(row: FromClause) -> ColumnElement[bool]:
    """Say in SQL that documents are still missing, and it did not end."""
    return and_(row.c.supplied_on.is_(None), row.c.ended_on.is_(None))


def documents_overdue(row: FromClause) -> ColumnElement[bool]:
    """Say in SQL that the promised date has passed, and documents are still missing."""
    return and_(documents_owed(row), row.c.due_on < bindparam("today", type_=Date(), required=False))


def commitment_open(row: FromClause) -> ColumnElement[bool]:
    """Say in SQL that the matter is not completed yet, or its commitment not verified; and it did not end."""
    return and_(row.c.ended_on.is_(None), or_(row.c.completed_on.is_(None), row.c.verified_on.is_(None)))
