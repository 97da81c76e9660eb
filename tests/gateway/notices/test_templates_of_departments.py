"""Templates, seals and fonts of departments, and the error where one of them is broken."""

import io
import shutil
import struct
import zlib
from pathlib import Path

import pypdf
import pytest

from credit.notices.facts import NoticeKind
from gateway.notices.errors import TemplateBroken
from gateway.notices.render import TEMPLATES, Seal, pictures, render, template_of
from gateway.notices.samples import sample
from gateway.notices.templates_of_departments import Forms, hash_of_template
from tests.gateway.notices import page_image
from tests.gateway.notices.test_render import text_of

pytestmark = pytest.mark.pdf

CODE = "ABCD-EFGH-IJKL-MN23"
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><circle cx="50" cy="50" r="46" fill="none" '
    b'stroke="#c00" stroke-width="4"/><path d="M50 25l6 18h19l-15 11 6 18-16-11-16 11 6-18-15-11h19z" fill="#c00"/>'
    b"</svg>"
)
SEALED = [kind for kind in NoticeKind if kind is not NoticeKind.RECEIPT_OF_SERVICE]


def png(size: int = 8) -> bytes:
    """Give a red square."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = (b"\x00" + b"\xcc\x00\x00\x80" * size) * size
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.fixture
def folders(tmp_path: Path) -> Forms:
    """Give a department D1 with a notice, a seal, and nothing else of its own."""
    (tmp_path / "templates" / "D1").mkdir(parents=True)
    (tmp_path / "seals").mkdir()
    shutil.copy(TEMPLATES / "letter.typ", tmp_path / "templates" / "D1")
    (tmp_path / "templates" / "D1" / "notice.typ").write_text(
        '#import "letter.typ": *\n#show: letter\n本单位自有格式：#fact("conduct")\n#closing()\n', encoding="utf-8"
    )
    (tmp_path / "seals" / "D1.svg").write_bytes(SVG)
    (tmp_path / "seals" / "D2.png").write_bytes(png())
    return Forms(tmp_path / "templates", tmp_path / "seals")


def test_a_department_has_its_own_template_by_its_code(folders: Forms) -> None:
    own = folders.template(NoticeKind.NOTICE, "D1")
    assert "本单位自有格式" in text_of(render(sample(NoticeKind.NOTICE), code=CODE, template=own))
    assert folders.template(NoticeKind.DETERMINATION, "D1") == template_of(NoticeKind.DETERMINATION)
    assert folders.template(NoticeKind.NOTICE, "D2") == template_of(NoticeKind.NOTICE)
    assert Forms().template(NoticeKind.NOTICE, "D1") == template_of(NoticeKind.NOTICE)


@pytest.mark.parametrize("code", ["..", "../D1", "", ".D1", "D1/..", "a" * 65])
def test_no_code_leads_out_of_the_folder(folders: Forms, code: str) -> None:
    assert folders.template(NoticeKind.NOTICE, code) == template_of(NoticeKind.NOTICE)
    assert folders.seal(code) is None


def test_the_hash_of_a_template_is_that_of_what_it_imports_too(folders: Forms) -> None:
    own = folders.template(NoticeKind.NOTICE, "D1")
    before = hash_of_template(own)
    assert hash_of_template(own) == before
    letter = own.with_name("letter.typ")
    letter.write_text(letter.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert hash_of_template(own) != before
    assert hash_of_template(template_of(NoticeKind.NOTICE)) != hash_of_template(template_of(NoticeKind.REMINDER))


@pytest.mark.parametrize("kind", SEALED)
@pytest.mark.parametrize("department", ["D1", "D2"])
def test_a_seal_stands_within_the_sheet_and_covers_no_word(folders: Forms, kind: NoticeKind, department: str) -> None:
    seal = folders.seal(department)
    assert seal is not None
    notice = sample(kind)
    plain, sealed = render(notice, code=CODE), render(notice, code=CODE, seal=seal)
    assert sealed != plain
    assert sealed == render(notice, code=CODE, seal=seal)
    assert text_of(sealed) == text_of(plain)
    pages = pictures(notice, code=CODE, seal=seal, ppi=36)
    assert len(pages) == len(pypdf.PdfReader(io.BytesIO(plain)).pages)
    assert all(page_image.is_between_margins(page) for page in pages)


def test_a_department_without_a_seal_has_room_for_a_stamp(folders: Forms) -> None:
    assert folders.seal("D3") is None
    assert Forms().seal("D1") is None


@pytest.mark.parametrize("image", [b"", b"<svg", b"no image at all"])
def test_a_broken_seal_is_named(image: bytes) -> None:
    with pytest.raises(TemplateBroken) as refused:
        render(sample(NoticeKind.NOTICE), code=CODE, seal=Seal("D1.svg", "svg", image))
    assert (refused.value.template, refused.value.line) == ("D1.svg", None)


def test_a_broken_template_is_named_even_with_a_seal(folders: Forms, tmp_path: Path) -> None:
    broken = tmp_path / "templates" / "D1" / "notice.typ"
    broken.write_text("\n\n#panic(sys.inputs.notice)", encoding="utf-8")
    with pytest.raises(TemplateBroken) as refused:
        render(sample(NoticeKind.NOTICE), code=CODE, template=broken, seal=folders.seal("D1"))
    assert (refused.value.template, refused.value.line) == ("notice.typ", 3)
