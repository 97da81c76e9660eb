"""Days as spreadsheets count them: a serial number from day 0 of their calendar.

Two calendars are in use [ECMA-376 part 1, 18.17.4.1]: of 1900, in which serial 1 is 1900-01-01 and 1900 has a 29th of
February, and of 1904, in which serial 0 is 1904-01-01. A workbook says which one is its own; a text file cannot.
"""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import Final

from openpyxl.utils.datetime import from_excel

EPOCH: Final = date(1899, 12, 30)
EPOCH_OF_1904: Final = date(1904, 1, 1)

_SERIAL: Final = re.compile(r"([0-9]{5})(\.[0-9]+)?")


def day_of_serial(serial: float, epoch: date) -> str | None:
    """Return the day of *serial* as `2026-03-05`, or with its time to the second; None for what is no day."""
    try:
        found: datetime | time = from_excel(serial, datetime.combine(epoch, time()))
    except (ValueError, OverflowError):
        return None
    if isinstance(found, time):
        return found.strftime("%H:%M:%S")
    seconds = (found + timedelta(milliseconds=500)).replace(microsecond=0)
    return seconds.date().isoformat() if seconds.time() == time() else seconds.isoformat(" ")


def as_of_1900(cell: str, epoch: date) -> str:
    """Return *cell* of a column of dates with its serial number, if it is one, as the calendar of 1900 counts.

    That is the one in which `credit.core.values.dates` reads a number.
    """
    serial = _SERIAL.fullmatch(unicodedata.normalize("NFKC", cell).strip())
    return cell if serial is None else f"{int(serial[1]) + (epoch - EPOCH).days}{serial[2] or ''}"
