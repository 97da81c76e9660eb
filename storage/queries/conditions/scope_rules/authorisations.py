"""Rules of authorisations and of the contests of paper [5.1.6]."""

from sqlalchemy import FromClause, and_, or_

from consent.vocabulary import Purpose
from credit.cases.status import UnrectifiedPolicy
from storage.queries.conditions.row_conditions import Condition, bind
from storage.queries.literals import word


def for_consultation(authorisation: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *authorisation* is for a consultation [5.2.3]."""
    return authorisation.c.purpose == word(Purpose.CONSULTATION.value)


def contested(authorisation: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that a second person has to decide on *authorisation*, contested or waiting [5.1.6]."""
    row = authorisation.c
    undecided = and_(row.contested_at.is_not(None), row.contest_decided_at.is_(None))
    unconfirmed = and_(row.held_at.is_not(None), row.confirmed_at.is_(None), row.withdrawn_at.is_(None))
    return or_(undecided, and_(unconfirmed, row.contested_at.is_(None), row.expires_on >= bind("today")))


def decided_by_the_actor(authorisation: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that the actor decided on the contest of *authorisation*, or confirmed it."""
    # What a decision presupposes is said too: an index has only what was contested or held.
    decided = and_(authorisation.c.contested_at.is_not(None), authorisation.c.contest_decided_by == bind("actor_ref"))
    confirmed = and_(authorisation.c.held_at.is_not(None), authorisation.c.confirmed_by == bind("actor_ref"))
    return or_(decided, confirmed)


def allows_reads(authorisation: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *authorisation* is live, or will be once a second person has confirmed it [5.1.6]."""
    row = authorisation.c
    given = and_(row.granted_at.is_not(None), row.withdrawn_at.is_(None), row.contested_at.is_(None))
    return and_(given, bind("today") <= row.expires_on, row.uses_made < row.uses_allowed)


def on_paper(authorisation: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *authorisation* was recorded from paper; no such one was ever refused [5.1.6]."""
    return authorisation.c.paper_evidence.is_not(None)


def of_a_contest(item: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that the task *item* is about a paper authorisation or a contested guardianship."""
    return or_(item.c.authorisation_id.is_not(None), item.c.delegation_id.is_not(None))
