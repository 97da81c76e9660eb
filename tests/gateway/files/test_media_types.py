"""The type of a file is known by its content, and by nothing else [5.1.6]."""

import pytest

from gateway.files.media_types import JPEG, PDF, PNG, media_type
from gateway.settings.parsers import NotAccepted, scanner

PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(17) + b"\x00\x00\x00\x00IEND\xaeB`\x82"
PHOTO = b"\xff\xd8\xff\xe1" + bytes(40) + b"\xff\xd9"
DOCUMENT = b"%PDF-1.7\n1 0 obj\nendobj\ntrailer\n%%EOF\n"


@pytest.mark.parametrize(
    ("case", "content", "kind"),
    [
        ("a document", DOCUMENT, PDF),
        ("a document of the second version", DOCUMENT.replace(b"1.7", b"2.0"), PDF),
        ("a document with a short tail", DOCUMENT + bytes(900), PDF),
        ("a document with another file behind it", DOCUMENT + b"<script>" * 200, None),
        ("a document behind something else", b"<html>" + DOCUMENT, None),
        ("half a document", DOCUMENT[:20], None),
        ("a picture", PICTURE, PNG),
        ("a picture with something behind it", PICTURE + b"<script>", None),
        ("half a picture", PICTURE[:30], None),
        ("a photo", PHOTO, JPEG),
        ("a photo with what cameras write behind it", PHOTO + b"SEFH" + bytes(100), JPEG),
        ("half a photo", PHOTO[:30], None),
        ("a web page", b"<!doctype html>", None),
        ("a drawing, which may run a script", b"<svg/>", None),
        ("an archive", b"PK\x03\x04" + bytes(30), None),
        ("nothing", b"", None),
    ],
)
def test_the_content_decides(case: str, content: bytes, kind: str | None) -> None:
    assert media_type(content) == kind, case


@pytest.mark.parametrize("accepted", ["tcp://127.0.0.1:3310", "tcp://clamd:3310", "/usr/bin/clamdscan -", "/bin/true"])
def test_a_scanner_is_a_clamd_or_a_command(accepted: str) -> None:
    assert scanner(accepted) == accepted


@pytest.mark.parametrize(
    "refused", ["tcp://clamd", "tcp://:3310", "clamdscan -", "http://clamd:3310", "'", "", "tcp://c:1/x"]
)
def test_any_other_scanner_stops_the_start(refused: str) -> None:
    with pytest.raises(NotAccepted):
        scanner(refused)
