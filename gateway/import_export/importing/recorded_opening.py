"""Opens the sealed items that an import compares, and records it for the subject [5.1.6].

A row is compared with the recorded name, and for an existing case with its facts: otherwise a row could be put on the
wrong person's record, or an unchanged case could be written again. That is a read of the subject's data. So it is
recorded, durably, before a box is opened, and a box that is not recorded is not opened.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final
from uuid import UUID

from consent.disclosures.formats import Disclosure
from consent.vocabulary import Basis, Channel, DataClass, Form, Purpose
from credit.subjects.subject import Place, Sealed, SubjectKind
from gateway.import_export.errors import ExchangeRefused, ImportRefusal
from gateway.import_export.importing.existing_records import KnownSubject
from gateway.services import Services
from policy.actors import Actor
from policy.crypto.field_encryption import SealBroken
from policy.decisions import Withheld
from schema.core.entities import KIND_OF
from schema.core.ports import RequestOrigin
from schema.execution.access_entries import Delay, Disclosed, DisclosureBuilder
from schema.execution.disclosure import NotRecordedYet, RecordedBoxes, RecordedDisclosure, SubjectItem, item_of
from schema.execution.durable_records import AppendedDisclosures

PURPOSE: Final = Purpose.DETERMINATION
NAME: Final = ("subjects", "name")
FACTS: Final = ("restraint_cases", "facts")
CARRIED: Final = frozenset({("restraint_cases", "evidence"), ("restraint_cases", "notes")})
"""The items that a changed case carries over: resealed for its new version, and shown to no person."""

_TYPE_OF: Final = {SubjectKind(kind): name for name, kind in KIND_OF.items()}

Item = tuple[str, str]


class ItemDamaged(SealBroken):
    """A stored value that one row needs does not open. *item* is its table and column; the other rows do not need it.

    The keyring has reported it, with the id of its row.
    """

    def __init__(self, item: Item) -> None:
        super().__init__(f"{'.'.join(item)}: the sealed value does not open here")
        self.item = item


@dataclass(slots=True)
class RecordedOpening:
    """Records and opens for one import. *file* is the keyed hash of its file, which every record contains."""

    services: Services
    actor: Actor
    file: str
    purpose: Purpose = PURPOSE
    channel: Channel = Channel.COMMAND_LINE
    request_id: UUID | None = None
    _request_id: UUID = field(init=False)
    _recorded: dict[SubjectItem, RecordedBoxes] = field(default_factory=dict)
    _disclosure: RecordedDisclosure = field(init=False)

    def __post_init__(self) -> None:
        self._request_id = self.request_id or self.services.runtime.new_id()
        opens = frozenset({NAME, FACTS}) | CARRIED
        self._disclosure = RecordedDisclosure(
            self.services.keyring, self.actor, self.purpose, self.services.policy.version, opens
        )

    async def record(self, boxes: Iterable[tuple[KnownSubject, Sealed]]) -> None:
        """Record that *boxes* may be opened; durable on return, and once for each subject and item.

        A damaged one is not recorded: it will not be opened.
        """
        new = {
            item_of(box): (known, box)
            for known, box in boxes
            if item_of(box) not in self._recorded and self._disclosure.is_whole(box)
        }
        if new:
            made = self._disclosures([(known, item[1:]) for item, (known, _) in sorted(new.items(), key=itemgetter(0))])
            record = AppendedDisclosures(self.services.graphql_service.read_executor.recorder, made)
            recorded = await self._disclosure.record([box for _, box in new.values()], record)
            self._recorded.update(dict.fromkeys(new, recorded))

    def open(self, box: Sealed) -> str:
        """Open a recorded box; raises NotRecordedYet, and ItemDamaged for a damaged one."""
        recorded = self._recorded.get(item_of(box))
        if recorded is None:
            self.require_whole(box)
            raise NotRecordedYet
        return recorded.open(box)

    def require_whole(self, box: Sealed) -> None:
        """Return nothing if the box opens; raises ItemDamaged. No text is returned."""
        if not self._disclosure.is_whole(box):
            raise ItemDamaged((box.place.table, box.place.column))

    def reseal(self, box: Sealed, place: Place, wrapped: bytes) -> bytes:
        """Return a carried item, sealed for the case's new version; raises NotRecordedYet."""
        if (box.place.table, box.place.column) not in CARRIED:
            raise NotRecordedYet
        return self._disclosure.reseal(box, place, wrapped)

    def _disclosures(self, wanted: Sequence[tuple[KnownSubject, Item]]) -> list[Disclosure]:
        """Return the records: what of each subject is compared, by which right.

        The form is CLEAR, as opened, though no person sees the text.
        """
        shown: dict[tuple[UUID, Basis, str, Delay | None], list[tuple[str, str, str]]] = {}
        for known, item in wanted:
            name, data_class = _field(self.services, known.kind, item)
            basis, citation = right(self.services, self.actor, data_class, self.purpose)
            shown.setdefault((known.subject_id, basis, citation, known.delay), []).append(
                (name, data_class, Form.CLEAR)
            )
        runtime = self.services.runtime
        compared = [
            Disclosed(subject_id, basis, citation, None, tuple(fields), delay)
            for (subject_id, basis, citation, delay), fields in shown.items()
        ]
        origin = RequestOrigin(self.file, self.channel, self._request_id)
        return DisclosureBuilder.of(runtime, self.actor, self.purpose, origin).build(compared)


def right(services: Services, actor: Actor, data_class: DataClass, purpose: Purpose = PURPOSE) -> tuple[Basis, str]:
    """Return the right by which *actor* may have *data_class* opened for comparing; raises ExchangeRefused."""
    grants = services.policy.read(actor.role, purpose, data_class)
    if isinstance(grants, Withheld):
        raise ExchangeRefused(ImportRefusal.NOT_ADMITTED, hint=grants.unlock)
    return grants[0].basis, grants[0].citation


def _field(services: Services, kind: SubjectKind, item: Item) -> tuple[str, DataClass]:
    name = f"{_TYPE_OF[kind]}.name" if item == NAME else "RestraintCase.facts"
    return name, services.policy.classes[name]
