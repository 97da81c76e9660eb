"""Joins the live authorisation of a row's subject to the reading statement: check and read are one moment."""

from functools import reduce
from operator import add

from sqlalchemy import ColumnElement, FromClause, and_, bindparam, or_, select

from consent.vocabulary import FieldGroup
from storage.queries.conditions.row_conditions import Condition, bind
from storage.queries.literals import number
from storage.tables import authorisations


def is_live(authorisation: FromClause, purpose: str) -> Condition:
    """Return the condition that *authorisation* allows *purpose* to the actor's department today [5.1.6]."""
    row, today = authorisation.c, bind("today")
    return and_(
        row.purpose == bindparam(None, str(purpose), literal_execute=True),
        row.recipient_code == bind("actor_department"),
        row.granted_at.is_not(None),
        row.refused_at.is_(None),
        row.withdrawn_at.is_(None),
        row.contested_at.is_(None),
        is_confirmed(authorisation),
        or_(row.starts_on.is_(None), row.starts_on <= today),
        today <= row.expires_on,
        row.uses_made < row.uses_allowed,
    )


def is_confirmed(authorisation: FromClause) -> Condition:
    """Return the condition that *authorisation* waits for no second person: no paper after a contest does [5.1.6]."""
    row = authorisation.c
    return or_(row.held_at.is_(None), row.confirmed_at.is_not(None))


def with_consent(row: FromClause, purpose: str) -> FromClause:
    """Join the one authorisation that counts to *row*, as `consent`; a row whose subject has none is dropped.

    Of several live ones the widest counts, then the one that lasts longest.
    """
    candidate = authorisations.alias("candidate")
    groups = candidate.c.groups
    bits = (groups.bitwise_rshift(number(bit)).bitwise_and(number(1)) for bit in _bits())
    width: ColumnElement[int] = reduce(add, bits)
    chosen = (
        select(candidate.c.authorisation_id)
        .where(candidate.c.subject_id == row.c.subject_id, is_live(candidate, purpose))
        .order_by(width.desc(), candidate.c.expires_on.desc(), candidate.c.authorisation_id)
        .limit(number(1))
        .scalar_subquery()
    )
    consent = authorisations.alias("consent")
    return row.join(consent, and_(consent.c.subject_id == row.c.subject_id, consent.c.authorisation_id == chosen))


def includes(granted: ColumnElement[int], needed: int) -> Condition:
    """Return the condition that every one of the *needed* groups is among those *granted*."""
    bits = number(needed)
    return granted.bitwise_and(bits) == bits


def _bits() -> range:
    return range(max(FieldGroup).bit_length())
