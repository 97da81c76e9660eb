"""Opens what an import has to compare, and lets the subject see that it did [5.1.6].

A row is held to the name on record, and, where its case is there already, to the facts: otherwise it could be put on
the wrong person's record, or change a case by saying the same. That is a read of the subject's data. So it is
recorded, durably, before a box is opened, and what was not recorded is not opened.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from consent.log_entries import SALT_BYTES, AccessEntry
from consent.vocabulary import Basis, DataClass, Form, Purpose
from credit.subjects.subject import Sealed, SubjectKind
from gateway.import_export.errors import ExchangeRefused, ImportRefusal
from gateway.import_export.importing.existing_records import KnownSubject
from gateway.wiring import Services
from policy.actors import Actor
from policy.admission import Admission
from policy.decisions import Withheld
from policy.disclosure import disclose
from schema.core.entities import KIND_OF

PURPOSE: Final = Purpose.DETERMINATION
NAME: Final = ("subjects", "name")
FACTS: Final = ("restraint_cases", "facts")
CARRIED: Final = frozenset({("restraint_cases", "evidence"), ("restraint_cases", "notes")})
"""What a changed case carries over: opened only to be sealed again for its new version, and shown to nobody."""

_TYPE_OF: Final = {SubjectKind(kind): name for name, kind in KIND_OF.items()}

Item = tuple[str, str]


class Unwitnessed(Exception):
    """Something would be opened that no entry tells of; a bug of the caller."""


@dataclass(slots=True)
class RecordedOpening:
    """Records and opens for one import. *file* is the hash of its file, which stands in every entry."""

    services: Services
    actor: Actor
    file: str
    _told: set[tuple[UUID, Item]] = field(default_factory=set)
    _admission: Admission = field(init=False)

    def __post_init__(self) -> None:
        opens = frozenset({NAME, FACTS}) | CARRIED
        self._admission = Admission(self.actor, PURPOSE, self.services.table.version, opens)

    async def record(self, boxes: Iterable[tuple[KnownSubject, Sealed]]) -> None:
        """Record that *boxes* may be opened; durable on return, and once for each subject and item."""
        items = {(known, (box.place.table, box.place.column)) for known, box in boxes}
        wanted = {(known, item) for known, item in items if (known.subject_id, item) not in self._told}
        entries = self._entries(sorted(wanted, key=lambda pair: (pair[0].subject_id, pair[1])))
        if entries:
            runtime = self.services.runtime
            await self.services.recorder.record(entries, today=runtime.today(runtime.now()))
        self._told.update((known.subject_id, item) for known, item in wanted)

    def open(self, box: Sealed) -> str:
        """Open a box of which an entry tells; raises Unwitnessed."""
        item = box.place.table, box.place.column
        if item not in CARRIED and (box.place.subject_id, item) not in self._told:
            raise Unwitnessed
        ((text,),) = disclose([(box,)], [0], self._admission, self.services.keyring)
        return str(text)

    def _entries(self, wanted: Sequence[tuple[KnownSubject, Item]]) -> list[AccessEntry]:
        """Return one entry for each subject and right. The form is what was opened, though nobody is shown it."""
        shown: dict[tuple[UUID, Basis, str], list[tuple[str, str, str]]] = {}
        for known, item in wanted:
            name, data_class = _field(self.services, known.kind, item)
            basis, citation = right(self.services, self.actor, data_class)
            shown.setdefault((known.subject_id, basis, citation), []).append((name, data_class, Form.CLEAR))
        runtime = self.services.runtime
        read_id, now = runtime.new_id(), runtime.now()
        return [
            AccessEntry(
                subject_id=subject_id,
                entry_id=runtime.new_entry_id(now),
                read_id=read_id,
                at=now,
                actor_ref=self.actor.ref,
                role=self.actor.role.value,
                department_code=self.actor.department,
                purpose=PURPOSE,
                basis=basis,
                citation=citation,
                authorisation_id=None,
                document_hash=self.file,
                fields=tuple(fields),
                salt=runtime.random(SALT_BYTES),
            )
            for (subject_id, basis, citation), fields in shown.items()
        ]


def right(services: Services, actor: Actor, data_class: DataClass) -> tuple[Basis, str]:
    """Return by what right *actor* may have *data_class* opened for comparing; raises ExchangeRefused."""
    grants = services.table.read(actor.role, PURPOSE, data_class)
    if isinstance(grants, Withheld):
        raise ExchangeRefused(ImportRefusal.NOT_ADMITTED, hint=grants.unlock)
    return grants[0].basis, grants[0].citation


def _field(services: Services, kind: SubjectKind, item: Item) -> tuple[str, DataClass]:
    name = f"{_TYPE_OF[kind]}.name" if item == NAME else "RestraintCase.facts"
    return name, services.table.classes[name]
