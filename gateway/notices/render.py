"""Renders a notice as PDF/A, or as PNG pages, by a template [A].

Facts go to the template as data, so no name is ever read as markup. The same facts, code, template and fonts make the
same bytes: the only date in the file is the notice's own. Fonts of the machine and packages of the network are not
used.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from typing import Final, Literal

import orjson

from credit.core.values.dates import SHANGHAI
from credit.notices.facts import Notice, NoticeItem, NoticeKind, items
from gateway.notices.errors import TemplateBroken
from gateway.notices.font_coverage import PDF_STANDARD, fonts, require_glyphs

TEMPLATES: Final = Path(__file__).parent / "templates"
_PACKAGE: Final = re.compile(rb"[\"']@")
_LINE: Final = re.compile(r"┌─ (?P<file>[^\n]*):(?P<line>\d+):\d+")


@dataclass(frozen=True, slots=True)
class Seal:
    """The image of a department's seal: its file name and its bytes."""

    name: str
    form: Literal["svg", "png"]
    image: bytes = field(repr=False)


def template_of(kind: NoticeKind) -> Path:
    """Return this release's template of a kind."""
    return TEMPLATES / f"{kind.value.lower()}.typ"


def render(
    notice: Notice,
    *,
    code: str | None,
    template: Path | None = None,
    further: Path | None = None,
    seal: Seal | None = None,
) -> bytes:
    """Return the notice as PDF/A-2b; without a *code* it is a specimen, and says so on every page.

    Takes tens of milliseconds of a processor: in a server, run it in a thread. Raises GlyphMissing, TemplateBroken.
    """
    try:
        [document] = _compile(notice, code, template, further, seal, "pdf")
    except TemplateBroken:
        if seal is None:
            raise
        # If it renders without the seal, then the seal is broken.
        _compile(notice, code, template, further, None, "pdf")
    else:
        return document
    raise TemplateBroken(seal.name, None)


def pictures(
    notice: Notice,
    *,
    code: str | None,
    template: Path | None = None,
    further: Path | None = None,
    seal: Seal | None = None,
    ppi: float = 144,
) -> tuple[bytes, ...]:
    """Return the pages of the notice as PNG, to look at."""
    return _compile(notice, code, template, further, seal, "png", ppi)


def _compile(
    notice: Notice,
    code: str | None,
    template: Path | None,
    further: Path | None,
    seal: Seal | None,
    form: Literal["pdf", "png"],
    ppi: float | None = None,
) -> tuple[bytes, ...]:
    import typst  # noqa: PLC0415 - 7 MB, which a server needs for its first PDF and not before

    facts = items(notice)
    require_glyphs({item.name: _whole(item) for item in facts}, further)
    path = (template or template_of(notice.kind)).resolve()
    _require_own(path)
    data = {"notice": _data(notice.kind, facts, code, seal)}
    issued = int(datetime.combine(notice.issued_on, time(12), SHANGHAI).timestamp())
    try:
        compiler = typst.Compiler(path, root=path.parent, font_paths=fonts(further), sys_inputs=data)
        made = compiler.compile(
            format=form, ppi=ppi, pdf_standards=[PDF_STANDARD] if form == "pdf" else [], timestamp=issued
        )
    except typst.TypstError as broken:
        # The typesetter's message may quote a fact: report the line only.
        line = _LINE.search(broken.diagnostic)
        refused = TemplateBroken(Path(line["file"]).name if line else path.name, int(line["line"]) if line else None)
    else:
        return tuple(made) if isinstance(made, list) else (made or b"",)
    # Raised outside the handler, so that no traceback carries the typesetter's message.
    raise refused


def _require_own(path: Path) -> None:
    """Refuse a missing template, and one that imports a package from the network."""
    try:
        source = path.read_bytes()
    except OSError:
        raise TemplateBroken(path.name, None) from None
    found = _PACKAGE.search(source)
    if found:
        raise TemplateBroken(path.name, source[: found.start()].count(b"\n") + 1)


def _data(kind: NoticeKind, facts: tuple[NoticeItem, ...], code: str | None, seal: Seal | None) -> str:
    facts_by_name = {item.name: {"label": item.zh, "text": item.text, "clause": item.clause} for item in facts}
    # A template can read its own folder only, so the image is passed as data too: its bytes as numbers.
    image = None if seal is None else {"form": seal.form, "bytes": list(seal.image)}
    return orjson.dumps({"title": kind.zh, "code": code, "facts": facts_by_name, "seal": image}).decode()


def _whole(item: NoticeItem) -> str:
    return item.text if isinstance(item.text, str) else "\n".join(item.text)
