"""Records which recipient outside the authority gets a case in a file, so that corrections reach it [5.1.4(6)] [6.2].

It records the shown items, never a value, and is durable before the file is released: a released file cannot be called
back. If the file is not written after all, a recipient is notified of a correction it does not need; that is harmless.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final, Self
from uuid import UUID

from consent.leaves.provenance import Provenance
from consent.vocabulary import Channel, Purpose
from credit.core.context import Caller
from credit.corrections.correction import Delivery, RecordItem, Route
from credit.corrections.deliveries import record_delivery
from gateway.import_export.exporting.progress import Progress
from gateway.import_export.exporting.table_spec import ITEMS
from gateway.services import Services
from gateway.subjects.sealing_unit_of_work import SealingUnitOfWork
from policy.actors import Actor
from schema.core.global_ids import decode

OUTWARD: Final = frozenset(
    {Purpose.FOCUSED_CHECK, Purpose.PLATFORM_EXCHANGE, Purpose.CONSULTATION, Purpose.SUPERVISION, Purpose.AUDIT}
)
"""The purposes whose recipient is notified of corrections. The public list is always current: its readers rely
on no copy. An export for the subject itself, or for the procedure, shows nothing to a recipient outside."""
AT_ONCE: Final = 200

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReleasedCase:
    """A case in a file: its subject, its authority, and the items that the file shows, clear or masked."""

    subject_id: UUID
    case_id: UUID
    department_code: str | None
    items: frozenset[RecordItem]

    def row(self) -> tuple[str, ...]:
        """Return the case as texts, which sort by its subject."""
        items = " ".join(sorted(self.items))
        return str(self.subject_id), str(self.case_id), self.department_code or "", items

    @classmethod
    def parse(cls, row: Sequence[str]) -> Self:
        """Return the case of `row`."""
        subject_id, case_id, department, items = row
        return cls(UUID(subject_id), UUID(case_id), department or None, frozenset(map(RecordItem, items.split())))


def released_cases(purpose: Purpose, cases: Iterable[Mapping[str, Any]], shown: Collection[Path]) -> list[ReleasedCase]:
    """Return *cases* as a file with these paths shows them; none where nobody outside gets the file."""
    return [_released_case(case, shown) for case in cases] if purpose in OUTWARD else []


def _released_case(case: Mapping[str, Any], shown: Collection[Path]) -> ReleasedCase:
    subject_id, case_id = (UUID(str(key)) for key in decode(case["id"]).keys)
    items = frozenset(ITEMS[path] for path in shown if path in ITEMS and _at(case, path) is not None)
    department = case["department"]
    return ReleasedCase(subject_id, case_id, None if department is None else department["code"], items)


async def record_recipients(
    services: Services, actor: Actor, cases: Iterable[ReleasedCase], asked_at: datetime, progress: Progress
) -> int:
    """Record that *actor* has *cases* since *asked_at*; durable on return. Returns the number of deliveries.

    *asked_at* is before the first page was read: a correction made while the file is written is notified, too. *cases*
    are in the order of their subjects, so that two exports at once cannot deadlock.
    """
    caller = Caller(actor.ref, actor.role.value, actor.department, actor.subject)
    context = services.graphql_service.action_context(caller, services.runtime.now())
    recipient = actor.department or actor.account
    outside = (case for case in cases if case.items and case.department_code != recipient)
    recorded, provenance = 0, Provenance(Channel.COMMAND_LINE, actor.known_by, services.runtime.new_id())
    while batch := list(islice(outside, AT_ONCE)):
        async with SealingUnitOfWork(services.database, services.keyring, provenance) as work:
            for case in batch:
                delivery = Delivery(case.case_id, recipient, Route.EXPORT, case.items, asked_at)
                await record_delivery(work, context, case.subject_id, delivery)
            await work.commit()
        recorded += len(batch)
        progress("record recipients", recorded, 0)
    return recorded


def _at(here: Any, path: Path) -> Any:  # noqa: ANN401 - JSON
    for step in path:
        here = None if here is None else here[step]
    return here
