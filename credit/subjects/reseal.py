"""Re-encryption of a row: each sealed column is bound to the version, so all are sealed again [5.1.6]."""

from collections.abc import Mapping
from uuid import UUID

from credit.core.context import ActionContext
from credit.core.errors import UnknownCase
from credit.core.unit_of_work import UnitOfWork
from credit.subjects.subject import Place, SealedText


async def reseal(
    work: UnitOfWork, context: ActionContext, table: str, subject_id: UUID, row_id: UUID, texts: Mapping[str, str]
) -> None:
    """Replace the sealed *texts*, by item, of a row; the other columns are sealed for the next version unread.

    Raises UnknownCase if there is no such row or no key for it, and CaseChangedMeanwhile.
    """
    row = await work.sealed_rows.load(table, subject_id, row_id)
    if row is None:
        raise UnknownCase
    boxes: dict[str, SealedText | None] = {}
    for item, box in row.boxes.items():
        place = Place(table, item, subject_id, row_id, row.version + 1)
        if item in texts:
            boxes[item] = await work.seal(place, texts[item])
        else:
            boxes[item] = None if box is None else SealedText(await work.reseal(box, place), row.masks[item] or "")
    await work.sealed_rows.save(row, boxes, context.now)
