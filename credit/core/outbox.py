"""Messages of the outbox about a record of a subject: they contain references only, no personal data."""

from typing import Protocol
from uuid import UUID

from credit.core.context import ActionContext
from credit.core.unit_of_work import UnitOfWork


class SubjectRecord(Protocol):
    """A record of a subject, for which a department is responsible."""

    @property
    def subject_id(self) -> UUID: ...

    @property
    def department_code(self) -> str: ...


async def enqueue(
    work: UnitOfWork, context: ActionContext, topic: str, to: str, record: SubjectRecord, **ids: UUID | None
) -> None:
    """Enqueue a message about *record* for the recipient *to*, with *ids* such as `case_id`; None is left out."""
    about = {"to": to, "subject_id": str(record.subject_id), "department_code": record.department_code}
    about |= {name: str(found) for name, found in ids.items() if found is not None}
    await work.outbox(topic, about, context.new_id(), context.now)


def topic_of(record: str, step: str) -> str:
    """Return the topic of a *step* of a kind of *record*, as `restraint-case.run-anew`."""
    return f"{record}.{step.lower().replace('_', '-')}"
