"""Recognises files that departments send instead of a workbook or a text table, by their first bytes."""

import mmap
from typing import BinaryIO, Final

from gateway.import_export.errors import ExchangeRefused, FileFlaw, ImportRefusal

ZIP: Final = b"PK\x03\x04"
_COMPOUND_FILE: Final = b"\xd0\xcf\x11\xe0"
"""[MS-CFB] The container of an .xls, and of an encrypted workbook."""
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
"""[MS-OFFCRYPTO 2.3.4] The stream of a compound file that holds an encrypted workbook."""
_MAGIC: Final = (
    (b"%PDF-", FileFlaw.PDF),
    (b"{\\rtf", FileFlaw.RICH_TEXT),
    (b"Rar!\x1a", FileFlaw.ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", FileFlaw.ARCHIVE),
    (b"\x1f\x8b", FileFlaw.ARCHIVE),
    (b"PK\x05\x06", FileFlaw.ARCHIVE),
    (b"\x89PNG\r\n", FileFlaw.IMAGE),
    (b"\xff\xd8\xff", FileFlaw.IMAGE),
    (b"GIF8", FileFlaw.IMAGE),
)
_MARKUP: Final = (
    (b"<!doctype html", FileFlaw.WEB_PAGE),
    (b"<html", FileFlaw.WEB_PAGE),
    (b"<head", FileFlaw.WEB_PAGE),
    (b"<meta", FileFlaw.WEB_PAGE),
    (b"<table", FileFlaw.WEB_PAGE),
    (b"<style", FileFlaw.WEB_PAGE),
    (b"mime-version:", FileFlaw.WEB_PAGE),
    (b"<?xml", FileFlaw.XML),
)
"""The beginnings of text that is no table, in small letters, after a byte order mark and blank space."""
_BEGINNING: Final = 1024


def refuse_other_formats(first: bytes, file: BinaryIO) -> None:
    """Refuse a *file* with these *first* bytes that is neither a workbook nor a text table; raises ExchangeRefused."""
    if first.startswith(_COMPOUND_FILE):
        if _is_encrypted(file):
            raise ExchangeRefused(ImportRefusal.WORKBOOK, flaw=FileFlaw.PASSWORD)
        raise ExchangeRefused(ImportRefusal.OTHER_FORMAT, flaw=FileFlaw.OLD_WORKBOOK)
    text = _plain(first[:_BEGINNING])
    for known, beginnings in ((first, _MAGIC), (text, _MARKUP)):
        for beginning, flaw in beginnings:
            if known.startswith(beginning):
                raise ExchangeRefused(ImportRefusal.OTHER_FORMAT, flaw=flaw)


def _plain(first: bytes) -> bytes:
    """Return the beginning of a text in small ASCII letters, whatever its encoding."""
    return first.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").replace(b"\0", b"").lstrip().lower()


def _is_encrypted(file: BinaryIO) -> bool:
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(_ENCRYPTED) >= 0
