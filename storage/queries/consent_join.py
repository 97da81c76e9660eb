"""Joins the live authorisation of a row's subject to the reading statement: check and read are one moment."""

from functools import reduce
from operator import add

from sqlalchemy import ColumnElement, FromClause, and_, bindparam, or_, select

from consent.templates import Template
from consent.vocabulary import FieldGroup
from storage.database.sql_dates import days_after
from storage.queries.conditions.row_conditions import Condition, bind
from storage.queries.literals import number, word
from storage.tables import authorisations


def is_live(authorisation: FromClause, template: Template) -> Condition:
    """Return the condition that *authorisation* allows the purpose of *template* to the actor's department [5.1.6].

    It is about today.
    """
    row, today = authorisation.c, bind("today")
    return and_(
        row.purpose == bindparam(None, str(template.purpose), literal_execute=True),
        row.recipient_code == bind("actor_department"),
        row.granted_at.is_not(None),
        row.refused_at.is_(None),
        row.withdrawn_at.is_(None),
        row.contested_at.is_(None),
        is_confirmed(authorisation),
        row.starts_on <= today,
        today <= row.expires_on,
        row.uses_made < row.uses_allowed,
        is_within(authorisation, template),
    )


def is_within(authorisation: FromClause, template: Template) -> Condition:
    """Return the condition that *authorisation* asks no more than *template* lets a subject grant [5.1.6].

    No grant is ever outside. A row that is was written past the rules, so that nothing is read on it: no day, and no
    group that the template would have allowed either.
    """
    row, days = authorisation.c, template.most_days
    return and_(
        row.template == word(template.ref),
        row.groups.bitwise_or(number(template.allowed)) == number(template.allowed),
        row.uses_allowed <= number(template.max_uses),
        row.expires_on <= days_after(row.starts_on, days),
        or_(row.signed_on.is_(None), row.expires_on <= days_after(row.signed_on, days)),
    )


def is_confirmed(authorisation: FromClause) -> Condition:
    """Return the condition that *authorisation* waits for no second person: no paper after a contest does [5.1.6]."""
    row = authorisation.c
    return or_(row.held_at.is_(None), row.confirmed_at.is_not(None))


def with_consent(row: FromClause, template: Template) -> FromClause:
    """Join the one authorisation that counts to *row*, as `consent`; a row whose subject has none is dropped.

    Of several live ones the widest counts, then the one that lasts longest.
    """
    candidate = authorisations.alias("candidate")
    groups = candidate.c.groups
    bits = (groups.bitwise_rshift(number(bit)).bitwise_and(number(1)) for bit in _bits())
    width: ColumnElement[int] = reduce(add, bits)
    chosen = (
        select(candidate.c.authorisation_id)
        .where(candidate.c.subject_id == row.c.subject_id, is_live(candidate, template))
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
