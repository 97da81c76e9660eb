"""Disclosure: opens the boxes that an admission names, and no other [5.1.6].

A box that does not open is damaged: the marker DAMAGED stands in its place, and the other boxes of the page are shown.
"""

from collections.abc import Iterable, Sequence

from credit.subjects.subject import Sealed
from policy.admission import Admission
from policy.crypto.field_encryption import SealError
from policy.crypto.keyring import Keyring, RowOpener


class DisclosureNotAdmitted(SealError):
    """The admission does not open this place."""

    def __init__(self, table: str, column: str) -> None:
        super().__init__(f"{table}.{column} is not admitted")
        self.table = table
        self.column = column


def disclose(
    rows: Sequence[tuple[object, ...]], sealed_at: Sequence[int], admission: Admission, keyring: Keyring
) -> list[list[object]]:
    """Return *rows* with text, or DAMAGED, in place of the sealed values at these positions; None stays None.

    Raises DisclosureNotAdmitted before any box is opened if one of them lies outside the admission, or if the admission
    has no purpose: without a purpose there is no personal data. Sealed values at other positions stay closed.
    """
    boxes: list[tuple[int, int, Sealed]] = []
    for row, values in enumerate(rows):
        for position in sealed_at:
            box = values[position]
            if isinstance(box, Sealed):
                boxes.append((row, position, box))
            elif box is not None:
                raise TypeError(f"the value at position {position} is not sealed")
    # A page has many boxes and few places: each place is checked once, and all places before the first box is opened.
    _require({(box.place.table, box.place.column) for _, _, box in boxes}, admission)
    disclosed = [list(values) for values in rows]
    for (row, position, _), text in zip(boxes, keyring.open_all([box for _, _, box in boxes]), strict=True):
        disclosed[row][position] = text
    return disclosed


def opener(columns: Sequence[tuple[str, str]], admission: Admission, keyring: Keyring) -> RowOpener:
    """Return what opens the values of these (table, column) in the rows of one answer, and no others.

    Raises DisclosureNotAdmitted, before anything is opened, like `disclose`.
    """
    _require(columns, admission)
    return keyring.open_rows(columns)


def _require(columns: Iterable[tuple[str, str]], admission: Admission) -> None:
    for table, column in columns:
        if admission.purpose is None or (table, column) not in admission.opens:
            raise DisclosureNotAdmitted(table, column)
