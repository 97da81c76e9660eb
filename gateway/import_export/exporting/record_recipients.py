"""Keeps who outside the authority gets a case in a file, so that a later correction reaches them [5.1.4(6)] [6.2].

What is kept is which items were shown, never a value. It is durable before the file is released: what was released is
never untold, and a file that could not be written after all leaves somebody to be told who has nothing wrong in hand.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from consent.vocabulary import Purpose
from credit.core.context import Caller
from credit.corrections.correction import Delivery, RecordItem, Route
from credit.corrections.deliveries import record_delivery
from gateway.import_export.exporting.table_spec import ITEMS
from gateway.subjects.sealing_unit_of_work import SealingUnitOfWork
from gateway.wiring import Services
from policy.actors import Actor
from schema.core.global_ids import decode

OUTWARD: Final = frozenset(
    {Purpose.FOCUSED_CHECK, Purpose.PLATFORM_EXCHANGE, Purpose.CONSULTATION, Purpose.SUPERVISION, Purpose.AUDIT}
)
"""The purposes for which somebody besides the authority is told. The public list is what it is today: nobody keeps it
on our word. What is written out for its own subject, or for the procedure itself, tells nobody outside."""
AT_ONCE: Final = 200

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Handed:
    """A case in a file: whose, of which authority, and the items of it that stand there, clear or masked."""

    subject_id: UUID
    case_id: UUID
    department_code: str | None
    items: frozenset[RecordItem]


def handed(case: Mapping[str, Any], shown: Iterable[Path]) -> Handed:
    """Return what a file tells of *case*, of which it shows these paths."""
    subject_id, case_id = (UUID(str(key)) for key in decode(case["id"]).keys)
    items = frozenset(ITEMS[path] for path in shown if path in ITEMS and _at(case, path) is not None)
    department = case["department"]
    return Handed(subject_id, case_id, None if department is None else department["code"], items)


async def record_recipients(
    services: Services, actor: Actor, purpose: Purpose, cases: Sequence[Handed], asked_at: datetime
) -> int:
    """Keep that *actor* has *cases* since *asked_at*; durable on return. Returns how many deliveries that were.

    *asked_at* is before the first page was asked for: what was mended while the file was made is told of, too.
    """
    if purpose not in OUTWARD:
        return 0
    caller = Caller(actor.ref, actor.role.value, actor.department, actor.subject)
    context = services.graphql_service.action_context(caller, services.runtime.now())
    recipient = actor.department or actor.ref
    outside = [case for case in cases if case.items and case.department_code != recipient]
    # In the order of subjects, so that two exports at once do not wait for each other in a ring.
    outside.sort(key=lambda case: (case.subject_id, case.case_id))
    for first in range(0, len(outside), AT_ONCE):
        async with SealingUnitOfWork(services.database, services.keyring) as work:
            for case in outside[first : first + AT_ONCE]:
                delivery = Delivery(case.case_id, recipient, Route.EXPORT, case.items, asked_at)
                await record_delivery(work, context, case.subject_id, delivery)
            await work.commit()
    return len(outside)


def _at(here: Any, path: Path) -> Any:  # noqa: ANN401 - JSON
    for step in path:
        here = None if here is None else here[step]
    return here
