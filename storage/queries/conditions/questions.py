"""Questions about reads: objections to entries of the access log [5.1.6]."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import FromClause, Select, and_, exists, select

from credit.cases.status import UnrectifiedPolicy
from credit.objections.objection import RecordKind
from queryplan.scopes import Scope
from storage.queries.conditions.row_conditions import Condition, Rule
from storage.queries.conditions.scope_rules import both, to_answer, to_answer_in_the_office, unanswered
from storage.queries.literals import number, word
from storage.tables import objections

OF_ACCESS: Final = RecordKind.ACCESS_ENTRY.value
ANSWERED_BY: Mapping[Scope, Rule] = {
    Scope.REVIEWING_OPEN: both(to_answer, unanswered),
    Scope.ANSWERING: to_answer_in_the_office,
}
"""The scopes in which an officer sees the entries that it has to answer for, each by its questions."""


def newest_question(objection: FromClause) -> Condition:
    """Return the condition that *objection* is the newest of those to the same entry of the log."""
    other = objections.alias("another_question")
    newest = (
        select(other.c.objection_id)
        .where(
            other.c.subject_id == objection.c.subject_id,
            other.c.record == word(OF_ACCESS),
            other.c.record_id == objection.c.record_id,
        )
        .order_by(other.c.raised_on.desc(), other.c.raised_at.desc(), other.c.objection_id.desc())
        .limit(number(1))
        .scalar_subquery()
    )
    return and_(objection.c.record == word(OF_ACCESS), objection.c.objection_id == newest)


def questioned(scope: Scope) -> Rule:
    """Return the rule for the entries of the log that the actor answers for in *scope*, one of `ANSWERED_BY`."""

    def entry_rule(entry: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
        asked = objections.alias()
        of_entry = asked.c.subject_id == entry.c.subject_id, asked.c.record_id == entry.c.entry_id
        return exists().where(*of_entry, asked.c.record == word(OF_ACCESS), ANSWERED_BY[scope](asked, unrectified))

    return entry_rule


def questioning_subjects(scope: Scope, unrectified: UnrectifiedPolicy) -> Select[Any]:
    """Return the ids of the subjects of such entries."""
    asked = objections.alias()
    return select(asked.c.subject_id).where(asked.c.record == word(OF_ACCESS), ANSWERED_BY[scope](asked, unrectified))
