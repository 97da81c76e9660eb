"""Checks that the fonts can print a text, by the typesetter itself, before a document is made.

PDF/A forbids a box in place of a character, and typst enforces that; so a text that compiles as PDF/A is printed whole.
*Invisible* characters pass it, and are refused here: a reversed order or a hidden letter changes how a name reads.
"""

import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pylopdf_fonts_zh_cn

from gateway.notices.errors import GlyphMissing

if TYPE_CHECKING:
    from typst import Fonts

PDF_STANDARD: Final = "a-2b"
_PROBE: Final = b'#set text(font: ("Noto Serif SC", "Noto Sans SC"))\n#sys.inputs.text'
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_SELECTORS: Final = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))


@cache
def fonts(further: Path | None = None) -> "Fonts":
    """Return the fonts of this release and of the folder *further*; never those of the machine.

    So a document is the same on every machine.
    """
    import typst  # noqa: PLC0415 - 7 MB, which a server needs for its first PDF and not before

    folders = [pylopdf_fonts_zh_cn.serif_path().parent, *([further] if further else [])]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def require_glyphs(texts: Mapping[str, str], further: Path | None = None) -> None:
    """Raise GlyphMissing with every character that cannot be printed, by the name of its text."""
    # All texts are checked at once first, because a character is rarely missing.
    if _is_printable("".join(texts.values()), further):
        return
    lacking = {name: _lacking(text, further) for name, text in texts.items()}
    raise GlyphMissing({name: characters for name, characters in lacking.items() if characters})


def _lacking(text: str, further: Path | None) -> str:
    return "".join(each for each in dict.fromkeys(text) if not _is_printable(each, further))


def _is_printable(text: str, further: Path | None) -> bool:
    seen = text.replace("\n", "")
    return not any(_is_invisible(each) for each in seen) and _prints(seen, further)


def _is_invisible(character: str) -> bool:
    hidden = unicodedata.category(character) in _INVISIBLE
    return hidden or any(ord(character) in selectors for selectors in _SELECTORS)


def _prints(text: str, further: Path | None) -> bool:
    import typst  # noqa: PLC0415 - as above

    try:
        compiler = typst.Compiler(_PROBE, font_paths=fonts(further), sys_inputs={"text": text})
        compiler.compile(format="pdf", pdf_standards=PDF_STANDARD, timestamp=0)
    except typst.TypstError:
        return False
    return True
