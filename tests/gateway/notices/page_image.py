"""Where the ink of a page is: a small reader of the PNG that the typesetter writes (8 bits, four channels)."""

import struct
import zlib
from collections.abc import Iterator

MARGIN = 2.8 / 21
"""The side margins of the sheet, as a part of its width."""
UP = 2
"""The filter of a row that only says how it differs from the one above."""


def is_between_margins(png: bytes) -> bool:
    """Return whether a page has ink, and none in its four margins."""
    width, height, depth, channels = struct.unpack(">IIBB", png[16:26])
    assert (depth, channels) == (8, 6)
    side, edge = int(width * MARGIN) - 1, int(width * 1.2 / 21)
    rows = list(_rows(png, width))
    head_and_foot = b"".join(rows[:edge] + rows[height - edge :])
    sides = b"".join(row[: 4 * side] + row[4 * (width - side) :] for row in rows)
    return set(head_and_foot + sides) == {255} and set(b"".join(rows)) != {255}


def _rows(png: bytes, width: int) -> Iterator[bytes]:
    raw = zlib.decompress(b"".join(_chunks(png)))
    size = 4 * width
    above = bytes(size)
    for start in range(0, len(raw), size + 1):
        above = _unfilter(raw[start], raw[start + 1 : start + 1 + size], above)
        yield above


def _chunks(png: bytes) -> Iterator[bytes]:
    at = 8
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at : at + 8])
        if name == b"IDAT":
            yield png[at + 8 : at + 8 + length]
        at += length + 12


def _unfilter(kind: int, row: bytes, above: bytes) -> bytes:
    if kind == UP:
        return bytes((value + up) & 255 for value, up in zip(row, above, strict=True)) if any(row) else above
    done = bytearray()
    for at, value in enumerate(row):
        left, up, corner = (done[at - 4], above[at], above[at - 4]) if at >= 4 else (0, above[at], 0)
        done.append((value + (0, left, up, (left + up) // 2, _nearest(left, up, corner))[kind]) & 255)
    return bytes(done)


def _nearest(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda each: abs(guess - each))
