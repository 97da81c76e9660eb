"""A unit of work that gives the records of a page, and keeps nothing of what an action writes.

Steps are tried on it: an action that comes to its end would be carried out by the mutation, and one that raises would
be refused there with the same refusal, by the same code.

INVARIANT: it tells nothing that this viewer does not read. Of a person it knows neither the age nor who guards it, it
compares nothing with the ledger, and asks no other service: what these decide, the step itself settles.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from consent.authorisation import Authorisation
from consent.delegation import Delegation, Power, may_act
from consent.deletions.deletion_duty import DeletionDuty
from consent.vocabulary import Purpose
from credit.cases.case import Case
from credit.corrections.correction import Delivery
from credit.corrections.ports import Contested, RecipientNotification
from credit.objections.objection import Objection, RecordKind
from credit.subjects.subject import Place, SealedText
from schema.core.viewer_steps.records import LoadedRecords, RecordKey


async def _nothing(*_: object, **__: object) -> None:
    """Keep nothing."""


class _KeyedRecords:
    """Records by their keys, of which each is loaded as it was read; nothing is saved."""

    save = append = staticmethod(_nothing)

    def __init__(self, records: Mapping[RecordKey, Any]) -> None:
        self._records = records

    async def load(self, subject_id: UUID, record_id: UUID) -> Any:  # noqa: ANN401 - a record of the kind that is asked for
        return self._records.get((subject_id, record_id))


class _Cases(_KeyedRecords):
    """Cases. The subject's other ones are not read: they decide no refusal of a step."""

    keep_delay = open_entries = free_number = add_statement = staticmethod(_nothing)

    async def all_of(self, subject_id: UUID) -> Sequence[Case]:
        return [case for (whose, _), case in self._records.items() if whose == subject_id]


class _Delegations:
    """The delegations of the subject that this viewer reads: all of them to itself, and to a delegate its own."""

    save = append_event = staticmethod(_nothing)

    def __init__(self, held: Mapping[UUID, Sequence[Delegation]]) -> None:
        self._held = held

    async def live_delegation(self, subject_id: UUID, delegate_ref: str, today: date, power: str) -> bool:
        return may_act(self._held.get(subject_id, ()), delegate_ref, Power[power], today)

    async def is_guarded(self, _subject_id: UUID, _day: date) -> bool:
        return False

    async def of_subject(self, subject_id: UUID) -> Sequence[Delegation]:
        return self._held.get(subject_id, ())

    async def load(self, subject_id: UUID, delegation_id: UUID) -> Delegation | None:
        held = self._held.get(subject_id, ())
        return next((each for each in held if each.delegation_id == delegation_id), None)


class _Authorisations:
    """The authorisations of the subject."""

    save = append_event = staticmethod(_nothing)

    def __init__(self, given: Mapping[UUID, Sequence[Authorisation]]) -> None:
        self._given = given

    async def load(self, subject_id: UUID, authorisation_id: UUID) -> Authorisation | None:
        given = self._given.get(subject_id, ())
        return next((each for each in given if each.authorisation_id == authorisation_id), None)

    async def asked(self, subject_id: UUID, purpose: Purpose, recipient_code: str) -> Sequence[Authorisation]:
        given = self._given.get(subject_id, ())
        return [each for each in given if (each.purpose, each.recipient_code) == (purpose, recipient_code)]

    async def of_subject(self, subject_id: UUID) -> Sequence[Authorisation]:
        return self._given.get(subject_id, ())


class _Duties(_KeyedRecords):
    """Duties to delete."""

    follow = require = acknowledge = staticmethod(_nothing)

    async def load(self, subject_id: UUID, record_id: UUID) -> DeletionDuty | None:
        found: DeletionDuty | None = await super().load(subject_id, record_id)
        return found


class _Ledger:
    """The comparison with the ledger, which only a decision makes."""

    require_cases = require_authorisation = require_application = staticmethod(_nothing)


class _Corrections(_KeyedRecords):
    """Corrections, and the notifications that they would begin: nobody has received anything."""

    add = staticmethod(_nothing)

    async def deliveries_of(self, _subject_id: UUID) -> Sequence[Delivery]:
        return ()

    async def recipients(self, _subject_id: UUID, _correction_id: UUID) -> Sequence[RecipientNotification]:
        return ()


class _Objections(_KeyedRecords):
    """Objections, and the records that they are to."""

    def __init__(self, records: Mapping[RecordKey, Objection], contested: Mapping[RecordKey, Contested]) -> None:
        super().__init__(records)
        self._contested = contested

    async def contested(self, subject_id: UUID, _kind: RecordKind, record_id: UUID, _today: date) -> Contested | None:
        return self._contested.get((subject_id, record_id))


_UNSEALED: Final = SealedText(b"", "")
"""In the place of a text that would be sealed."""


class DryWork:
    """The unit of work on which the steps of *records* are tried."""

    outbox = record_event = carry_files = staticmethod(_nothing)

    def __init__(self, records: LoadedRecords) -> None:
        self.cases = _Cases(records.cases)
        self.applications = _KeyedRecords(records.applications)
        self.deferrals = _KeyedRecords(records.deferrals)
        self.commitments = _KeyedRecords(records.commitments)
        self.deletions = _Duties(records.duties)
        self.authorisations = _Authorisations(records.authorisations)
        self.delegations = _Delegations(records.delegations)
        self.corrections = _Corrections(records.corrections)
        self.objections = _Objections(records.objections, records.contested)
        self.ledger = _Ledger()

    async def seal(self, _place: Place, _text: str) -> SealedText:
        return _UNSEALED

    async def age_on(self, _subject_id: UUID, _day: date) -> int | None:
        return None

    async def attach_files(self, *_: object) -> Sequence[str]:
        return ()
