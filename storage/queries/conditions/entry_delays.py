"""The delay that covers a read: that of the investigation which the row belongs to [5.1.6]."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, cast, exists, null, or_, select

from credit.core.evidence_files import FileRecord
from queryplan.entities import Entity
from storage.queries.conditions.row_conditions import Condition, bind, same
from storage.queries.literals import number, word
from storage.tables import entry_delays, file_attachments


def running_delay(entity: Entity, row: FromClause, column: str) -> ColumnElement[Any]:
    """Return *column* of the delay that runs today for what *row* belongs to; NULL where none does.

    A record and a file of a case belong to their case; an entry and a delay, to their delay. **Reading**: a subject
    that is read without a case is read for the investigation that the actor's department has delayed.
    """
    delay = entry_delays.alias("delay")
    mine: Condition
    if entity is Entity.SUBJECT:
        mine = or_(bind("actor_department").is_(None), delay.c.department_code == bind("actor_department"))
    elif entity is Entity.EVIDENCE_FILE:
        bound = file_attachments.alias()
        of_case = bound.c.record == word(FileRecord.RESTRAINT_CASE.value), bound.c.record_id == delay.c.case_id
        mine = exists().where(same(bound, row, "file_id"), *of_case).correlate(row, delay)
    elif "delay_id" in row.c:
        mine = delay.c.delay_id == row.c.delay_id
    elif "case_id" in row.c:
        mine = delay.c.case_id == row.c.case_id
    else:
        return cast(null(), delay.c[column].type)
    running = and_(delay.c.subject_id == row.c.subject_id, delay.c.opens_on > bind("today"), mine)
    return (
        select(delay.c[column])
        .where(running)
        .order_by(delay.c.opens_on.desc(), delay.c.delay_id)
        .limit(number(1))
        .correlate(row)
        .scalar_subquery()
    )
