"""No text without a durable record: what is not on record is not opened, or is opened and goes nowhere [5.1.6]."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from consent.disclosures.formats import Disclosure
from consent.vocabulary import Basis, Channel, Purpose
from credit.calendar.deadlines import civil_date
from credit.subjects.subject import Place, Sealed
from policy.actors import Actor, Role
from policy.crypto.field_encryption import SealBroken
from policy.crypto.keyring import DAMAGED, Damaged, Keyring, RowOpener
from policy.disclosure import DisclosureNotAdmitted
from schema.core.errors import NotRecorded
from schema.core.ports import RequestOrigin, Runtime
from schema.execution.access_entries import Disclosed, DisclosureBuilder
from schema.execution.disclosure import NotRecordedYet, RecordedDisclosure
from schema.execution.durable_records import AppendedDisclosures, CommittedDisclosures, CommittedMessage, PublicRead
from schema.execution.output.generated import GeneratedAnswer, ValueOpener
from schema.execution.output.output_nodes import RowContext
from tests.builders import NOW, new_keyring

HANDLER = Actor("staff-7", Role.HANDLER)
ONE, TWO = UUID(int=1), UUID(int=2)
NAME = ("subjects", "name")


@dataclass
class Happenings:
    """What the keyring, the recorder and the unit of work were asked, in order; *broken*: the disk is full."""

    keyring: Keyring
    happened: list[str] = field(default_factory=list)
    broken: bool = False

    def require_whole(self, box: Sealed) -> None:
        self.keyring.require_whole(box)

    def open_all(self, boxes: Sequence[Sealed]) -> list[str | Damaged]:
        self.happened += ["open"] * len(boxes)
        return self.keyring.open_all(boxes)

    def open_rows(self, columns: Sequence[tuple[str, str]]) -> RowOpener:
        self.happened.append("open")
        return self.keyring.open_rows(columns)

    def seal(self, text: str, place: Place, wrapped: bytes) -> bytes:
        return self.keyring.seal(text, place, wrapped)

    @property
    def own_logs(self) -> "Happenings":
        return self

    async def record(self, *_: object) -> None:
        if self.broken:
            raise OSError("no space left")
        self.happened.append("record")

    append = record

    async def outbox(self, *_: object) -> None:
        self.happened.append("message")

    async def commit(self) -> None:
        if self.broken:
            raise OSError("no space left")
        self.happened.append("commit")


@pytest.fixture
def seen(tmp_path: Path) -> Happenings:
    return Happenings(Keyring.load(new_keyring(tmp_path), os.urandom))


@pytest.fixture
def box_of(seen: Happenings) -> Callable[..., Sealed]:
    keys = {one: seen.keyring.new_key(one) for one in (ONE, TWO)}

    def box(subject: UUID, column: str = "name") -> Sealed:
        place = Place("subjects", column, subject, subject, 1)
        return Sealed(place, seen.keyring.seal(f"演示{subject.int}", place, keys[subject]), keys[subject])

    return box


def flipped(text: bytes) -> bytes:
    return text[:-1] + bytes([text[-1] ^ 1])


def disclosure(seen: Happenings, purpose: Purpose | None = Purpose.DETERMINATION) -> RecordedDisclosure:
    return RecordedDisclosure(seen, HANDLER, purpose, "v1", frozenset({NAME}))  # type: ignore[arg-type]  # a fake


def record_of(subject: UUID) -> Disclosure:
    runtime = Runtime(lambda: NOW, civil_date, os.urandom, uuid4, lambda _: uuid4())
    origin = RequestOrigin("0" * 64, Channel.GRAPHQL, uuid4())
    builder = DisclosureBuilder.of(runtime, HANDLER, Purpose.DETERMINATION, origin)
    return builder.build_one([Disclosed(subject, Basis.STATUTE, "5.1.4", None, ())])


async def test_a_page_is_opened_and_comes_back_after_its_record(
    seen: Happenings, box_of: Callable[..., Sealed]
) -> None:
    pages = [[(ONE, box_of(ONE)), (TWO, None)], [(7,)]]
    record = AppendedDisclosures(seen, [record_of(ONE)])
    shown = await disclosure(seen).show(pages, [[1], []], lambda _: record)
    assert shown == [[[ONE, "演示1"], [TWO, None]], [(7,)]]
    assert seen.happened == ["open", "record"]


async def test_a_page_whose_record_fails_does_not_come_back(seen: Happenings, box_of: Callable[..., Sealed]) -> None:
    seen.broken = True
    with pytest.raises(NotRecorded):
        await disclosure(seen).show([[(box_of(ONE),)]], [[0]], lambda _: AppendedDisclosures(seen, [record_of(ONE)]))


ANY_ROWS: Any = None


def answer_with(*boxes: Sealed, opens: tuple[tuple[str, str], ...] = (NAME,)) -> GeneratedAnswer:
    """Give generated code that shows the texts of *boxes*, whatever the rows."""

    def answer(_: RowContext, opener: ValueOpener) -> dict[str, object]:
        return {"names": [opened(opener, box) for box in boxes]}

    def opened(opener: ValueOpener, box: Sealed) -> str:
        place, subject = box.place, box.place.subject_id.bytes
        ciphers = opener.ciphers(box.key, subject)
        return opener.columns[0](ciphers, subject, box.text, place.row_id.bytes, place.version)

    return GeneratedAnswer(answer, opens, "")


async def test_an_answer_is_made_and_comes_back_after_its_record(
    seen: Happenings, box_of: Callable[..., Sealed]
) -> None:
    record = AppendedDisclosures(seen, [record_of(ONE)])
    shown = await disclosure(seen).answer(answer_with(box_of(ONE)), ANY_ROWS, record)
    assert shown == {"names": ["演示1"]}
    assert seen.happened == ["open", "record"]


async def test_an_answer_whose_record_fails_does_not_come_back(seen: Happenings, box_of: Callable[..., Sealed]) -> None:
    seen.broken = True
    record = AppendedDisclosures(seen, [record_of(ONE)])
    with pytest.raises(NotRecorded):
        await disclosure(seen).answer(answer_with(box_of(ONE)), ANY_ROWS, record)


async def test_an_answer_with_a_place_outside_the_admission_is_not_begun(
    seen: Happenings, box_of: Callable[..., Sealed]
) -> None:
    record, outside = (
        AppendedDisclosures(seen, [record_of(ONE)]),
        answer_with(box_of(ONE), opens=(("subjects", "phone"),)),
    )
    with pytest.raises(DisclosureNotAdmitted):
        await disclosure(seen).answer(outside, ANY_ROWS, record)
    with pytest.raises(DisclosureNotAdmitted):
        await disclosure(seen, None).answer(answer_with(box_of(ONE)), ANY_ROWS, record)
    assert seen.happened == []


async def test_an_answer_with_a_damaged_value_is_neither_recorded_nor_given(
    seen: Happenings, box_of: Callable[..., Sealed]
) -> None:
    broken, record = replace(box_of(ONE), text=flipped(box_of(ONE).text)), AppendedDisclosures(seen, [record_of(ONE)])
    with pytest.raises(SealBroken):
        await disclosure(seen).answer(answer_with(box_of(ONE), broken), ANY_ROWS, record)
    assert "record" not in seen.happened


async def test_a_page_that_does_not_open_leaves_no_entry(seen: Happenings, box_of: Callable[..., Sealed]) -> None:
    page = [(box_of(ONE, "phone"),)]
    with pytest.raises(DisclosureNotAdmitted):
        await disclosure(seen).show([page], [[0]], lambda _: AppendedDisclosures(seen, [record_of(ONE)]))
    assert seen.happened == []


async def test_a_damaged_value_is_marked_and_recorded_as_not_shown(
    seen: Happenings, box_of: Callable[..., Sealed]
) -> None:
    """The record is made again of the opened page; that of the page as it was read is never written."""
    damaged = replace(box_of(TWO), text=flipped(box_of(TWO).text))
    asked: list[object] = []

    def opened(pages: Sequence[list[Sequence[object]]]) -> AppendedDisclosures:
        asked.append([row[1] for row in pages[0]])
        shown = [record_of(row[0]) for row in pages[0] if row[1] is not DAMAGED]  # type: ignore[arg-type]  # an id
        return AppendedDisclosures(seen, shown)

    shown = await disclosure(seen).show([[(ONE, box_of(ONE)), (TWO, damaged)]], [[1]], opened)
    assert shown == [[[ONE, "演示1"], [TWO, DAMAGED]]]
    assert asked[1:] == [["演示1", DAMAGED]]
    assert seen.happened == ["open", "open", "record"]


async def test_a_damaged_box_is_not_recorded_as_opened(seen: Happenings, box_of: Callable[..., Sealed]) -> None:
    damaged = replace(box_of(ONE), text=flipped(box_of(ONE).text))
    with pytest.raises(SealBroken):
        await disclosure(seen).record([damaged], AppendedDisclosures(seen, [record_of(ONE)]))
    assert seen.happened == []


async def test_boxes_are_recorded_first_and_opened_then(seen: Happenings, box_of: Callable[..., Sealed]) -> None:
    box = box_of(ONE)
    made, entries = record_of(ONE), list[bytes]()
    recorded = await disclosure(seen).record([box], CommittedDisclosures(seen, [made], entries.extend))  # type: ignore[arg-type]  # a fake
    assert seen.happened == ["record", "commit"]
    assert entries == [made.entry()], "what the log then promises"
    assert recorded.open(box) == "演示1"
    for other in (box_of(TWO), box_of(ONE, "phone")):
        with pytest.raises(NotRecordedYet):
            recorded.open(other)


async def test_boxes_whose_record_fails_cannot_be_opened(seen: Happenings, box_of: Callable[..., Sealed]) -> None:
    """There is nothing to open them with."""
    seen.broken = True
    with pytest.raises(OSError, match="no space"):
        await disclosure(seen).record([box_of(ONE)], AppendedDisclosures(seen, [record_of(ONE)]))
    assert seen.happened == []


async def test_a_message_is_a_record_of_the_row_that_it_names(seen: Happenings, box_of: Callable[..., Sealed]) -> None:
    box = box_of(ONE)
    message = CommittedMessage(seen, "quarantine.shown", {"item_id": str(ONE)}, uuid4(), NOW)
    recorded = await disclosure(seen).record([box], message)
    assert recorded.open(box) == "演示1"
    assert seen.happened == ["message", "commit", "open"]


@pytest.mark.parametrize(
    "kind", ["records of another", "no record", "message of another", "for no purpose", "not public"]
)
async def test_a_record_that_does_not_name_a_field_does_not_open_it(
    seen: Happenings, box_of: Callable[..., Sealed], kind: str
) -> None:
    record = {
        "records of another": AppendedDisclosures(seen, [record_of(TWO)]),
        "no record": CommittedDisclosures(seen, [], list[bytes]().extend),  # type: ignore[arg-type]  # a fake
        "message of another": CommittedMessage(seen, "quarantine.shown", {"item_id": str(TWO)}, uuid4(), NOW),
        "for no purpose": PublicRead(None),
        "not public": PublicRead(Purpose.DETERMINATION),
    }[kind]
    with pytest.raises(NotRecordedYet):
        await disclosure(seen).show([[(box_of(ONE),)]], [[0]], lambda _: record)
    with pytest.raises(NotRecordedYet):
        await disclosure(seen).record([box_of(ONE)], record)
    assert seen.happened == []
    with pytest.raises(NotRecordedYet):
        await disclosure(seen).answer(answer_with(box_of(ONE)), ANY_ROWS, record)
    assert seen.happened == ["open"], "what was opened is dropped, and nothing was written"


async def test_what_is_public_needs_no_entry(seen: Happenings, box_of: Callable[..., Sealed]) -> None:
    public = disclosure(seen, Purpose.PUBLICITY)
    assert await public.show([[(box_of(ONE),)]], [[0]], lambda _: PublicRead(Purpose.PUBLICITY)) == [[["演示1"]]]


def test_a_text_moves_to_another_box_and_is_given_to_nobody(seen: Happenings, box_of: Callable[..., Sealed]) -> None:
    box = box_of(ONE)
    place = replace(box.place, version=2)
    moved = disclosure(seen).reseal(box, place, box.key)
    assert seen.keyring.open(Sealed(place, moved, box.key)) == "演示1"
