"""The only way from a sealed value to its text: no text without a durable record [5.1.6].

    answer  makes the data of an answer from rows, writes its record, and returns the data only after that
    show    opens the pages of an answer, writes their record, and returns the pages only after that
    record  writes the record of boxes first, and returns `RecordedBoxes`, which open them later, one by one
    reseal  moves a text from one box into another, and returns it to no caller

Nothing else builds an admission or calls `policy.disclosure`; tests/architecture/test_layers.py counts both.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import cast
from uuid import UUID

from consent.vocabulary import Purpose
from credit.subjects.subject import Place, Sealed
from policy.actors import Actor
from policy.admission import Admission
from policy.crypto.field_encryption import SealBroken
from policy.crypto.keyring import DAMAGED, Keyring
from policy.disclosure import disclose, opener
from schema.core.errors import NotRecorded
from schema.core.measured.trace import Step, Trace, traced
from schema.execution.durable_records import DurableRecord
from schema.execution.output.generated import GeneratedAnswer
from schema.execution.output.output_nodes import Row, RowContext

RecordOf = Callable[[Sequence[list[Row]]], DurableRecord]
SubjectItem = tuple[UUID, str, str]
"""The subject, table and column of a value: what one entry of the access log covers."""


class NotRecordedYet(Exception):
    """A box would be opened that no durable record covers; a bug of the caller."""


class RecordedBoxes:
    """Opens only boxes that a durable record covers. Only `RecordedDisclosure.record` makes it."""

    def __init__(self, opening: Callable[[Sealed], str], items: frozenset[SubjectItem]) -> None:
        self._opening, self._items = opening, items

    def open(self, box: Sealed) -> str:
        """Return the text of *box*; raises NotRecordedYet, NotAdmitted or SealBroken."""
        if item_of(box) not in self._items:
            raise NotRecordedYet
        return self._opening(box)


class RecordedDisclosure:
    """Opens the sealed values at the places of *opens*, for one actor and purpose, under one version of the policy."""

    def __init__(
        self,
        keyring: Keyring,
        actor: Actor,
        purpose: Purpose | None,
        policy_version: str,
        opens: frozenset[tuple[str, str]],
        trace: Trace | None = None,
    ) -> None:
        self._keyring, self._trace = keyring, trace
        self._admission = Admission(actor, purpose, policy_version, opens)

    async def show(
        self, pages: Sequence[list[Row]], sealed_at: Sequence[Sequence[int]], record_of: RecordOf
    ) -> list[list[Row]]:
        """Return *pages* with text in place of the sealed values at *sealed_at* of each, once their record is durable.

        *record_of* makes the record of pages. They are opened before it is written. Where a value does not open,
        DAMAGED stands in its place, and the record is made again: what is not shown is not on record as shown.
        Raises NotRecorded where the record could not be made durable, NotRecordedYet and NotAdmitted.
        """
        record = record_of(pages)
        if not record.covers(_boxes(pages, sealed_at)):
            raise NotRecordedYet
        with traced(self._trace, Step.OPENING):
            shown = [
                self._disclose(page, positions) if positions and page else page
                for page, positions in zip(pages, sealed_at, strict=True)
            ]
        if any(
            row[at] is DAMAGED
            for page, positions in zip(shown, sealed_at, strict=True)
            for at in positions
            for row in page
        ):
            record = record_of(shown)
        await self._write(record)
        return shown

    async def answer(self, generated: GeneratedAnswer, rows: RowContext, record: DurableRecord) -> dict[str, object]:
        """Return the data that *generated* makes of *rows*, with sealed values opened, once *record* is durable.

        Raises like `show`; where a value does not open, the record is not written, and no data is returned.
        """
        with traced(self._trace, Step.OPENING):
            opening = opener(generated.opens, self._admission, self._keyring)
            data = generated.answer(rows, opening)
        if not record.covers_subjects(opening.subjects):
            raise NotRecordedYet
        await self._write(record)
        return data

    async def record(self, boxes: Iterable[Sealed], record: DurableRecord) -> RecordedBoxes:
        """Write *record*, and return the opener of *boxes*.

        Raises NotRecordedYet, SealBroken before anything is recorded, or what the write raises.
        """
        boxes = list(boxes)
        if not record.covers(boxes):
            raise NotRecordedYet
        for box in boxes:
            self._keyring.require_whole(box)
        await record.write()
        return RecordedBoxes(self._open, frozenset(item_of(box) for box in boxes))

    def is_whole(self, box: Sealed) -> bool:
        """Return whether *box* opens; a damaged one is reported. No text is returned."""
        try:
            self._keyring.require_whole(box)
        except SealBroken:
            return False
        return True

    def reseal(self, box: Sealed, place: Place, wrapped: bytes) -> bytes:
        """Return the text of *box* sealed for *place* under the subject's key; raises NotAdmitted or SealBroken."""
        return self._keyring.seal(self._open(box), place, wrapped)

    async def _write(self, record: DurableRecord) -> None:
        try:
            with traced(self._trace, Step.RECORD):
                await record.write()
        except Exception as failed:
            raise NotRecorded(reason=getattr(failed, "code", "UNAVAILABLE")) from failed

    def _open(self, box: Sealed) -> str:
        ((text,),) = self._disclose([(box,)], [0])
        if text is DAMAGED:
            raise SealBroken(f"{box.place.table}.{box.place.column}: the sealed value does not open here")
        return str(text)

    def _disclose(self, page: Sequence[Row], positions: Sequence[int]) -> list[Row]:
        rows = cast("Sequence[tuple[object, ...]]", page)
        return cast("list[Row]", disclose(rows, positions, self._admission, self._keyring))


def item_of(box: Sealed) -> SubjectItem:
    """Return the subject, table and column of a box."""
    return box.place.subject_id, box.place.table, box.place.column


def _boxes(pages: Sequence[Sequence[Row]], sealed_at: Sequence[Sequence[int]]) -> list[Sealed]:
    return [
        row[at]
        for page, positions in zip(pages, sealed_at, strict=True)
        for at in positions
        for row in page
        if row[at] is not None
    ]
