"""Writes the names and addresses on record in the one form of their characters [5.1.3] [decision 39].

Records of before keep the form in which they were sealed; they are found as before, but shown, masked and printed as
they are. Only the keyring sees a text. A subject is changed in its own transaction and gets a record of it: after a
crash the work goes on with the subjects that are left, because a text in the one form no longer changes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final
from uuid import UUID

from consent.leaves.provenance import Provenance
from consent.vocabulary import Channel, KnownBy
from credit.core.errors import InvalidItem
from credit.core.recorded_step import SALT_BYTES
from credit.core.values.characters import fold
from credit.core.values.names import fold_name
from credit.corrections.ports import SealedRow
from credit.subjects.registration import parse_name
from credit.subjects.registration_record import RegistrationChannel, RegistrationRecord
from credit.subjects.subject import Place, Sealed, SealedText, SubjectKind
from policy.crypto.field_encryption import SealBroken
from policy.crypto.keyring import Keyring
from policy.crypto.masking import masks_for
from schema.core.ports import Runtime
from storage.database.database import Database
from storage.repositories.subjects.identities import IdentityRepository, SubjectIdentity
from storage.repositories.subjects.sealed_rows import SealedRowRepository
from storage.unit_of_work import SqlUnitOfWork

AT_ONCE: Final = 500
OPERATOR: Final = "operator"
"""The account and the role of the record: whoever runs the command has no account here."""
Rewrite = Callable[[str], str]
Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class RefoldCounts:
    """What was found and done; only of damaged records there are ids."""

    subjects: int = 0
    refolded: int = 0
    refused_names: int = 0
    """Names that would be refused today: their departments correct them [5.1.4(6)]."""
    damaged: list[UUID] = field(default_factory=list)
    """Subjects that stay as they are, because one of their sealed values does not open."""


async def refold(
    database: Database, keyring: Keyring, runtime: Runtime, *, dry_run: bool, progress: Progress
) -> RefoldCounts:
    """Rewrite every name and address that has another form, and return the counts; with *dry_run* only count."""
    counts, after = RefoldCounts(), None
    async with database.snapshot() as session:
        total = await IdentityRepository(session).count()
    while page := await _page(database, after):
        for kind, row in page:
            counts.subjects += 1
            try:
                is_refused = _holds(keyring, row, {"name": partial(_is_refused, kind)})
                changes = _holds(keyring, row, {item: _changes(form) for item, form in forms(kind).items()})
                if changes and not dry_run:
                    await _rewrite(database, keyring, runtime, row.subject_id)
            except SealBroken:
                counts.damaged.append(row.subject_id)
                continue
            counts.refused_names += is_refused
            counts.refolded += changes
        after = page[-1][1].subject_id
        progress("refold", counts.subjects, total)
    return counts


def forms(kind: SubjectKind) -> dict[str, Rewrite]:
    """Return the one form of each item of a subject that is folded."""
    return {"name": lambda name: fold_name(name, is_person=kind is SubjectKind.NATURAL_PERSON), "address": fold}


async def _page(database: Database, after: UUID | None) -> Sequence[tuple[SubjectKind, SealedRow]]:
    async with database.snapshot() as session:
        return await SealedRowRepository(session).page_of_subjects(after, AT_ONCE)


def _holds(keyring: Keyring, row: SealedRow, rules: dict[str, Callable[[str], bool]]) -> bool:
    """Return whether one of *rules*, by item, holds for its text."""
    boxes = ((row.boxes[item], rule) for item, rule in rules.items())
    return any(box is not None and keyring.compares(box, rule) for box, rule in boxes)


def _changes(form: Rewrite) -> Callable[[str], bool]:
    return lambda text: form(text) != text


def _is_refused(kind: SubjectKind, name: str) -> bool:
    try:
        parse_name(kind, name)
    except InvalidItem:
        return True
    return False


async def _rewrite(database: Database, keyring: Keyring, runtime: Runtime, subject_id: UUID) -> None:
    """Seal the texts of a subject in their one form, with their masks, at the next version; record it."""
    provenance = Provenance(Channel.COMMAND_LINE, KnownBy.OPERATOR, runtime.new_id())
    async with SqlUnitOfWork(database, provenance) as work:
        known = await IdentityRepository(work.session).load(subject_id)
        row = await work.sealed_rows.load("subjects", subject_id, subject_id)
        if known is None or row is None:
            return  # it was deleted meanwhile
        now = runtime.now()
        boxes = _refolded(keyring, known, row)
        await work.sealed_rows.save(row, boxes, now)
        _note(work, keyring, row, boxes)
        made = RegistrationRecord(
            subject_id=subject_id,
            registration_id=runtime.new_id(),
            at=now,
            actor_ref=OPERATOR,
            role=OPERATOR,
            department_code=None,
            channel=RegistrationChannel.REFOLDED,
            case_id=None,
            salt=runtime.random(SALT_BYTES),
        )
        await work.subjects.record([made])
        await work.commit()


def _note(work: SqlUnitOfWork, keyring: Keyring, row: SealedRow, boxes: Mapping[str, SealedText | None]) -> None:
    """Note the digests of the texts, to which the entry of the rewriting commits."""
    for item, text in boxes.items():
        before = row.boxes[item]
        if text is not None and before is not None:
            place = replace(before.place, version=row.version + 1)
            work.note_sealed(place, keyring.content_digest_of(Sealed(place, text.sealed, before.key)))


def _refolded(keyring: Keyring, known: SubjectIdentity, row: SealedRow) -> dict[str, SealedText | None]:
    """Return every box of *row* at its next version. The phone stays as it is, and its mask with it."""
    boxes: dict[str, SealedText | None] = {}
    rewrites = forms(known.kind)
    for item, box in row.boxes.items():
        place = Place(row.table, item, row.subject_id, row.row_id, row.version + 1)
        if box is None:
            boxes[item] = None
        elif item in rewrites:
            boxes[item] = keyring.rewrite(box, place, rewrites[item], _masked(known, item))
        else:
            boxes[item] = SealedText(keyring.reseal(box, place), row.masks[item] or "")
    return boxes


def _masked(known: SubjectIdentity, item: str) -> Rewrite:
    """Return what makes the mask of an item, as at registration."""

    def mask(text: str) -> str:
        texts = {"name": None, "number": None, "phone": None, "address": None, item: text}
        made: str | None = getattr(masks_for(known.kind, **texts, area_name=known.area_name), item)
        return made or ""

    return mask
