"""The types of files that are accepted, known by their content and never by a name or a header.

A short table of signatures is enough: what is accepted are documents and pictures that no browser runs. The end is
looked at as well, so that a picture with a script behind it is refused; only cameras write more behind a JPEG.
"""

from typing import Final

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
EXTENSIONS: Final = {PDF: "pdf", PNG: "png", JPEG: "jpg"}
_PNG_START: Final = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
_PNG_END: Final = b"\x00\x00\x00\x00IEND\xaeB`\x82"
_PDF_TAIL: Final = 1024
"""Readers look for the end mark of a PDF in its last kilobyte."""


def media_type(content: bytes) -> str | None:
    """Return the type of *content*, or None if it is not one of those accepted."""
    if content.startswith((b"%PDF-1.", b"%PDF-2.")):
        return PDF if b"%%EOF" in content[-_PDF_TAIL:] else None
    if content.startswith(_PNG_START):
        return PNG if content.endswith(_PNG_END) else None
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG if b"\xff\xd9" in content else None
    return None
