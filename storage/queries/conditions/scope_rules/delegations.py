"""Rules of delegates: whose records a delegation shows, and what its notifications are about [5.1.6]."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import FromClause, Select, and_, exists, or_, select

from consent.delegation import OVERSIGHT
from consent.vocabulary import FieldGroup
from credit.cases.status import UnrectifiedPolicy
from queryplan.scopes import Scope
from storage.queries.conditions.row_conditions import Condition, Rule, bind, same
from storage.queries.literals import number
from storage.tables import delegations


def delegation_is_mine(delegation: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *delegation* makes the actor a delegate today: what is in dispute rests."""
    return and_(
        delegation.c.delegate_ref == bind("actor_ref"),
        delegation.c.withdrawn_at.is_(None),
        or_(delegation.c.contested_at.is_(None), delegation.c.contest_decided_at.is_not(None)),
        delegation.c.starts_on <= bind("today"),
        bind("today") <= delegation.c.expires_on,
    )


def delegated_with(*, groups: int = 0, powers: int = 0) -> Rule:
    """Return the rule for records whose subject has given the actor all of *groups* and, if named, one of *powers*."""

    def rule(row: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
        delegation = delegations.alias()
        mine = _includes(delegation, unrectified, groups, powers)
        return exists().where(delegation.c.subject_id == row.c.subject_id, *mine)

    return rule


def _includes(delegation: FromClause, unrectified: UnrectifiedPolicy, groups: int, powers: int) -> list[Condition]:
    conditions = [delegation_is_mine(delegation, unrectified)]
    if groups:
        conditions.append(delegation.c.groups.bitwise_and(number(groups)) == number(groups))
    if powers:
        conditions.append(delegation.c.powers.bitwise_and(number(powers)) != number(0))
    return conditions


delegated = delegated_with()
_NEEDED: Mapping[Scope, Mapping[str, int]] = {
    Scope.DELEGATED: {},
    Scope.DELEGATED_CONTACT: {"groups": FieldGroup.CONTACT},
    Scope.DELEGATED_RESTRAINT: {"groups": FieldGroup.RESTRAINT},
    Scope.DELEGATED_FACTS: {"groups": FieldGroup.FACTS},
    Scope.DELEGATED_APPLICATIONS: {"groups": FieldGroup.APPLICATIONS},
    Scope.DELEGATED_OVERSIGHT: {"powers": OVERSIGHT},
}
DELEGATED: Mapping[Scope, Rule] = {scope: delegated_with(**needed) for scope, needed in _NEEDED.items()}
"""The scopes of a delegate, each by what its delegation has to include."""


def delegating_subjects(scope: Scope, unrectified: UnrectifiedPolicy) -> Select[Any]:
    """Return the ids of the subjects whose records are in *scope*, one of `DELEGATED`."""
    delegation = delegations.alias()
    needed = {"groups": 0, "powers": 0, **_NEEDED[scope]}
    return select(delegation.c.subject_id).where(*_includes(delegation, unrectified, **needed))


def disputed(delegation: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *delegation*, a guardianship, was contested; the decision changes nothing of that."""
    return delegation.c.contested_at.is_not(None)


def within_the_delegation(row: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    """Return the condition that the delegate may see what the notification *row* is about."""
    delegation = delegations.alias()
    needs = {
        "case_id": Scope.DELEGATED_RESTRAINT,
        "application_id": Scope.DELEGATED_APPLICATIONS,
        "authorisation_id": Scope.DELEGATED_OVERSIGHT,
        "objection_id": Scope.DELEGATED_OVERSIGHT,
    }
    mine = exists().where(same(delegation, row, "delegation_id"), delegation_is_mine(delegation, unrectified))
    return and_(
        *(or_(row.c[name].is_(None), DELEGATED[scope](row, unrectified)) for name, scope in needs.items()),
        or_(row.c.delegation_id.is_(None), mine),
    )
