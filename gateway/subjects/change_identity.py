"""Corrects a subject's identity: sealed at a new version, masked and indexed again, in the correction's transaction.

The masks are those of registration; unchanged items are resealed without being read, with their masks.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from credit.cases.refusals import NumberOfAnother
from credit.core.errors import UnknownCase
from credit.core.values.identifiers import IdNumber
from credit.corrections.ports import Particulars, SealedRow
from credit.subjects.subject import Place, SealedText, identifier_kind
from policy.crypto.keyring import Keyring
from policy.crypto.masking import Masks, masks_for
from storage.repositories.subjects.identities import IdentityRepository, SubjectIdentity
from storage.repositories.subjects.sealed_rows import SealedRowRepository

Texts = Mapping[str, tuple[str | None, str | None]]
"""By item: its text and mask, or None where the item stays as it is."""
Note = Callable[[Place, bytes], None]
"""Gets the keyed digest of a text that was sealed at a place."""


async def reidentify(
    keyring: Keyring,
    rows: SealedRowRepository,
    identities: IdentityRepository,
    subject_id: UUID,
    given: Particulars,
    at: datetime,
    note: Note,
) -> None:
    """Replace the stored identity by *given*; the old number then finds no subject. Raises NumberOfAnother.

    *note* gets the digest of each new text.
    """
    known = await identities.load(subject_id)
    row = await rows.load("subjects", subject_id, subject_id)
    if known is None or row is None:
        raise UnknownCase
    masks = _masks(known, given)
    texts = {
        "name": (given.name, masks.name),
        "phone": (given.phone, masks.phone),
        "address": (given.address, masks.address),
    }
    if any(text is not None for text, _ in texts.values()):
        await rows.save(row, _sealed(keyring, row, texts, note), at)
    if given.identifier is not None:
        await _renumber(keyring, rows, identities, known, given, masks, at, note)


async def _renumber(
    keyring: Keyring,
    rows: SealedRowRepository,
    identities: IdentityRepository,
    known: SubjectIdentity,
    given: Particulars,
    masks: Masks,
    at: datetime,
    note: Note,
) -> None:
    number = given.identifier
    row = None
    if known.identifier_id is not None:
        row = await rows.load("identifiers", known.subject_id, known.identifier_id)
    if number is None or row is None:
        raise UnknownCase
    kind = identifier_kind(known.kind)
    terms = keyring.terms(kind, number.text)
    if await identities.owner(kind, terms) not in {None, known.subject_id}:
        raise NumberOfAnother
    await rows.save(row, _sealed(keyring, row, {"number": (number.text, masks.number)}, note), at)
    derived = isinstance(number, IdNumber) and number.derived
    await identities.renumber(known, keyring.term(kind, number.text), derived=derived)


def _masks(known: SubjectIdentity, given: Particulars) -> Masks:
    return masks_for(
        known.kind,
        name=given.name,
        number=None if given.identifier is None else given.identifier.text,
        phone=given.phone,
        address=given.address,
        area_name=known.area_name,
    )


def _sealed(keyring: Keyring, row: SealedRow, texts: Texts, note: Note) -> dict[str, SealedText | None]:
    """Return every box of *row* at its next version: the given texts, and the other items unchanged."""
    # Every box of the row has the subject's key.
    key = next(box.key for box in row.boxes.values() if box is not None)
    boxes: dict[str, SealedText | None] = {}
    for item, box in row.boxes.items():
        place = Place(row.table, item, row.subject_id, row.row_id, row.version + 1)
        text, mask = texts.get(item, (None, None))
        if text is not None and mask is not None:
            boxes[item] = SealedText(keyring.seal(text, place, key), mask)
            note(place, keyring.content_digest(text, place, key))
        else:
            boxes[item] = None if box is None else SealedText(keyring.reseal(box, place), row.masks[item] or "")
    return boxes
