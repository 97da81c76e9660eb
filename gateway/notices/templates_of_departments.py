"""The departments' own templates, seals and fonts. Where there are none, those of this release are used.

NOTICE_TEMPLATE_DIR/<department>/<kind>.typ      with the files that it imports in the same folder
NOTICE_SEAL_DIR/<department>.png or .svg
NOTICE_FONT_DIR/*.ttf, *.otf                     for characters that the fonts of this release lack
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

from credit.notices.facts import NoticeKind
from gateway.notices.render import Seal, template_of

# A code becomes part of a path: it must not lead out of the folder.
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{0,63}")
_SEALS: Final[tuple[Literal["svg", "png"], ...]] = ("svg", "png")


@dataclass(frozen=True, slots=True)
class Forms:
    """The operator's folders. Files are read for each document, so that a corrected file needs no restart."""

    templates: Path | None = None
    seals: Path | None = None
    fonts: Path | None = None

    def template(self, kind: NoticeKind, department_code: str) -> Path:
        """Return the department's own template of a kind, or that of this release."""
        if self.templates is not None and _CODE.fullmatch(department_code):
            own = self.templates / department_code / f"{kind.value.lower()}.typ"
            if own.is_file():
                return own
        return template_of(kind)

    def seal(self, department_code: str) -> Seal | None:
        """Return the image of the department's seal, if there is one."""
        if self.seals is None or not _CODE.fullmatch(department_code):
            return None
        for form in _SEALS:
            path = self.seals / f"{department_code}.{form}"
            if path.is_file():
                return Seal(path.name, form, path.read_bytes())
        return None


def hash_of_template(template: Path) -> str:
    """Return the hash of a template and of every file beside it that it may import."""
    found = sha256(template.name.encode())
    for path in sorted(template.parent.glob("*.typ")):
        found.update(f"\n{path.name}\n{path.stat().st_size}\n".encode())
        found.update(path.read_bytes())
    return found.hexdigest()
