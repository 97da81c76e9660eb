"""[5.1.3] Workbooks as departments send them: each cell arrives as what it is, or the file is refused with a reason."""

import random
import struct
import sys
import zipfile
from datetime import date
from pathlib import Path
from subprocess import run

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.core.values.dates import parse_date
from credit.file_formats.case_columns import ADDRESS, DETERMINED_ON, FACTS, LEGAL_DOCUMENT, NAME
from gateway.import_export.errors import ExchangeRefused, FileFlaw, ImportRefusal
from gateway.import_export.files import xlsx_package
from gateway.import_export.files.detect import examine, records_of
from gateway.import_export.files.table_reader import find_sheet, rows_of
from gateway.import_export.files.xlsx_text import decoded, escaped
from gateway.import_export.files.xlsx_writer import workbook_of
from gateway.import_export.importing.run import ImportMode
from storage.tables import restraint_cases
from tests.gateway.import_export.files.raw_workbook import (
    MAIN,
    SHEET,
    STRINGS,
    STYLES,
    cells,
    packed,
    packed_with,
    parts,
)
from tests.gateway.import_export.synthetic_cases import case, every, put, reasons, take

STYLED = '<row r="1"><c r="A1" s="{}"><v>{}</v></c></row>'
TYPED = '<row r="1"><c r="A1" t="{}"><v>{}</v></c></row>'


def rows(folder, content: bytes) -> list[tuple[int, list[str]]]:
    return list(records_of(examine(put(folder, content, "cases.xlsx"))))


def refusal(folder, content: bytes, name: str = "cases.xlsx") -> tuple[str, str | None, int | None]:
    path = put(folder, content, name)
    with pytest.raises(ExchangeRefused) as refused:
        list(records_of(examine(path)))
    return refused.value.code, refused.value.flaw and refused.value.flaw.value, refused.value.line


@pytest.mark.parametrize(
    ("why", "row", "shown"),
    [
        ("a shared string", TYPED.format("s", 0), "甲"),
        ("a shared string of several runs, without its phonetic help", TYPED.format("s", 1), "甲乙"),
        ("the text of a formula", TYPED.format("str", "甲"), "甲"),
        ("a carriage return by its escape", TYPED.format("str", "一_x000D_\n二"), "一\r\n二"),
        ("an escape of half a letter each", TYPED.format("str", "_xD83D__xDE00_"), "😀"),
        ("an escape that was escaped", TYPED.format("str", "_x005F_x000D_"), "_x000D_"),
        ("an error [ECMA-376 ST_CellType]", TYPED.format("e", "#N/A"), "#N/A"),
        ("an error of a later version", TYPED.format("e", "#SPILL!"), "#SPILL!"),
        ("an error without its word", TYPED.format("e", ""), "#VALUE!"),
        ("yes", TYPED.format("b", 1), "是"),
        ("no", TYPED.format("b", 0), "否"),
        ("a whole number", STYLED.format(0, 42), "42"),
        ("a number with an exponent", STYLED.format(0, "1.5E2"), "150"),
        ("a fraction", STYLED.format(0, "0.1"), "0.1"),
        ("a rounded identity number", STYLED.format(0, "370305190001010000"), "3.70305E+17"),
        ("a day", STYLED.format(1, 46055), "2026-02-02"),
        ("a day with its time", STYLED.format(2, "46055.599363425928"), "2026-02-02 14:23:05"),
        ("a day by a Chinese format", STYLED.format(3, 46055), "2026-02-02"),
        ("a time alone", STYLED.format(2, 0.5), "12:00:00"),
        ("a style that is not there", STYLED.format(99, 46055), "46055"),
        ("a day of a strict workbook", TYPED.format("d", "2026-02-02"), "2026-02-02"),
        ("a day and time of a strict workbook", TYPED.format("d", "2026-02-02T14:23:05"), "2026-02-02 14:23:05"),
        ("a formula that was never calculated", '<row><c r="A1"><f>A2</f></c></row>', ""),
        ("a cell with neither row nor place", "<row><c><v>1</v></c></row>", "1"),
    ],
)
def test_each_kind_of_cell_arrives_as_what_it_is(why, row, shown, tmp_path):
    strings = "<si><t>甲</t></si><si><r><t>甲</t></r><r><t>乙</t></r><rPh><t>jia</t></rPh></si>"
    ((_, found),) = rows(tmp_path, packed(parts(row, strings)))
    assert found == ([shown] if shown else []), why


@pytest.mark.parametrize("strict", [False, True], ids=["transitional", "strict"])
@pytest.mark.parametrize(
    ("why", "changed"),
    [
        ("as it is", {}),
        ("without styles", {STYLES: None}),
        ("with damaged styles", {STYLES: b"<styleSheet"}),
        ("with parts in capital letters", {SHEET: None, SHEET.upper(): ...}),
        ("with Windows' slashes", {SHEET: None, SHEET.replace("/", "\\"): ...}),
    ],
)
def test_strict_workbooks_are_read_and_styles_do_no_harm(why, changed, strict, tmp_path):
    files = parts(cells("甲", "", "乙", row=3), strict=strict)
    original = files[SHEET]
    for name, content in changed.items():
        files[name] = original if content is ... else content
    found = rows(tmp_path, packed({name: content for name, content in files.items() if content is not None}))
    assert found == [(3, ["甲", "", "乙"])], why


@pytest.mark.parametrize(("properties", "serial"), [("", "46055"), ('date1904="1"', "44593")])
@pytest.mark.parametrize("kind", ["a number", "a text"])
def test_a_number_in_a_column_of_days_is_the_day_of_the_workbooks_calendar(properties, serial, kind, tmp_path):
    """[5.1.3] A day whose cell lost its format; in other columns a number stays one."""
    values = {**case(1), DETERMINED_ON: serial, "失信事实": serial}
    values.pop("认定日期", None) if DETERMINED_ON != "认定日期" else None
    typed = [
        f"<c><v>{text}</v></c>" if text == serial and kind == "a number" else f'<c t="str"><v>{text}</v></c>'
        for text in values.values()
    ]
    content = packed(parts(cells(*values) + f'<row r="2">{"".join(typed)}</row>', properties=properties))
    (row,) = rows_of(find_sheet(examine(put(tmp_path, content, "cases.xlsx"))))
    assert (parse_date(str(row.cells[DETERMINED_ON])), row.cells["失信事实"]) == (date(2026, 2, 2), serial)


async def test_error_cells_are_refused_and_a_day_with_an_hour_is_its_day(sqlite_services, tmp_path):
    """[5.1.3] By line, column and code; nothing of a spreadsheet's errors becomes a name, a fact or a document."""
    headers = list(case(1))

    def row(at: int, **typed: str) -> str:
        written = [typed.get(name) or f"<c t='str'><v>{text}</v></c>" for name, text in case(at).items()]
        return f'<row r="{at + 1}">{"".join(written)}</row>'

    error = "<c t='e'><v>{}</v></c>".format
    bad = [
        row(1, 姓名=error("#N/A")),
        row(2, 失信事实=error("#REF!")),
        row(3, 住址=error("#VALUE!")),
        row(4, 认定日期='<c s="2"><v>46055.599363</v></c>'),
        row(5, 法律文书=error("")),
    ]
    path = put(tmp_path, packed(parts(cells(*headers) + "".join(bad))), "cases.xlsx")
    report = await take(sqlite_services, path, mode=ImportMode.PER_ROW)
    assert reasons(report) == [
        (2, NAME, "GARBLED"), (3, FACTS, "GARBLED"), (4, ADDRESS, "GARBLED"), (6, LEGAL_DOCUMENT, "GARBLED"),
    ]  # fmt: skip
    (taken,) = await every(sqlite_services, restraint_cases)
    assert taken["former_determined_on"] == date(2026, 2, 2)


def test_the_calendar_is_that_of_the_file(tmp_path):
    content = packed(parts(cells("甲"), properties='date1904="true"'))
    assert examine(put(tmp_path, content, "cases.xlsx")).epoch == date(1904, 1, 1)


@given(st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("_x0D5F\r\n"))))
def test_any_text_survives_a_workbook(text):
    assert decoded(escaped(text)) == text


def test_a_text_that_looks_like_an_escape_is_written_and_read_again(tmp_path):
    texts = ["_x000D_", "一\r\n二", "_x005F_", "a\x0bb"]
    assert rows(tmp_path, workbook_of("甲", ["表头"] * 4, [texts]))[1] == (2, texts)


def good(**changed: bytes | None) -> bytes:
    files = parts(
        cells("甲") + TYPED.format("s", 0).replace('r="1"', 'r="2"').replace("A1", "A2"), "<si><t>甲</t></si>"
    )
    files.update({name: content for name, content in changed.items() if content is not None})
    return packed({name: content for name, content in files.items() if changed.get(name, b"") is not None})


def encrypted_member() -> bytes:
    """Return a workbook whose members say that they are encrypted."""
    content = bytearray(good())
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        begin = 0
        while (begin := content.find(signature, begin)) >= 0:
            content[begin + at] |= 1
            begin += 4
    return bytes(content)


def wrong_checksum() -> bytes:
    content, name = good(), SHEET.encode()
    at = content.rindex(name) - 46 + 16  # in the central directory
    return content[:at] + struct.pack("<I", struct.unpack_from("<I", content, at)[0] ^ 1) + content[at + 4 :]


BOMB = '<!DOCTYPE x [<!ENTITY a "甲甲"><!ENTITY b "&a;&a;">]>'
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
BAD = {
    "cut off": (good()[:-200], "DAMAGED", None),
    "the beginning alone": (b"PK\x03\x04 and so on", "DAMAGED", None),
    "a wrong checksum": (wrong_checksum(), "DAMAGED", None),
    "members with a password": (encrypted_member(), "PASSWORD", None),
    "a whole with a password": (COMPOUND + "EncryptedPackage".encode("utf-16-le"), "PASSWORD", None),
    "another compression": (packed(parts(cells("甲")), zipfile.ZIP_BZIP2), "COMPRESSION", None),
    "entities": (packed(parts(cells("甲"), before=BOMB)), "ENTITIES", None),
    "a shared string without its table": (good(**{STRINGS: None}), "DAMAGED", None),
    "a shared string beyond the table": (packed(parts(TYPED.format("s", 1), "<si/>")), "SHARED_TEXT", 1),
    "a shared string before the table": (packed(parts(TYPED.format("s", -1), "<si/>")), "SHARED_TEXT", 1),
    "no table of shared strings": (packed(parts(TYPED.format("s", 0))), "SHARED_TEXT", 1),
    "a shared string by a word": (packed(parts(TYPED.format("s", "甲"), "<si/>")), "DAMAGED", 1),
    "no workbook part": (good(**{"xl/workbook.xml": None}), "DAMAGED", None),
    "another root element": (good(**{"xl/workbook.xml": b"<x/>"}), "MARKUP", None),
    "no sheet part": (good(**{SHEET: None}), "DAMAGED", None),
    "no visible sheet": (good(**{"xl/workbook.xml": f'<workbook xmlns="{MAIN}"/>'.encode()}), "NO_SHEET", None),
    "XML that stops": (good(**{SHEET: f'<worksheet xmlns="{MAIN}"><sheetData>'.encode()}), "DAMAGED", None),
    "rows in disorder": (packed(parts(cells("甲", row=2) + cells("乙"))), "CELL", 2),
    "a row beyond the last": (packed(parts(cells("甲", row=1_048_577))), "CELL", None),
    "a column beyond the last": (packed(parts('<row><c r="XFE1"><v>1</v></c></row>')), "CELL", 1),
    "a cell at no place": (packed(parts('<row><c r="1A"><v>1</v></c></row>')), "CELL", 1),
    "a number that is none": (packed(parts(STYLED.format(0, "甲"))), "CELL", 1),
    "a kind of cell that is none": (packed(parts(TYPED.format("x", 1))), "CELL", 1),
    "elements in elements in elements": (packed(parts("<a>" * 99 + "</a>" * 99)), "MARKUP", None),
}


@pytest.mark.parametrize(("content", "flaw", "line"), BAD.values(), ids=BAD)
def test_what_cannot_be_read_is_refused_with_its_reason_and_line(content, flaw, line, tmp_path):
    assert refusal(tmp_path, content) == ("WORKBOOK", flaw, line)


@pytest.mark.parametrize(
    ("flaw", "content"),
    [
        ("OLD_WORKBOOK", COMPOUND),
        ("BINARY_WORKBOOK", good(**{"xl/workbook.bin": b""})),
        ("OPEN_DOCUMENT", packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b""})),
        ("NUMBERS", packed({"Index/Document.iwa": b""})),
        ("OFFICE_DOCUMENT", packed({"[Content_Types].xml": b"", "word/document.xml": b""})),
        ("ARCHIVE", packed({"名单.csv": b""})),
        ("ARCHIVE", b"Rar!\x1a\x07\x01\x00"),
        ("PDF", b"%PDF-1.7\n"),
        ("WEB_PAGE", "\ufeff\n <HTML xmlns:x='urn:schemas-microsoft-com:office:excel'>".encode()),
        ("WEB_PAGE", "<table><tr><td>姓名".encode("gb18030")),
        ("WEB_PAGE", b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n"),
        ("XML", b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'),
        ("RICH_TEXT", b"{\\rtf1\\ansi"),
        ("IMAGE", b"\x89PNG\r\n\x1a\n"),
    ],
)
def test_another_kind_of_file_is_refused_by_what_it_is(flaw, content, tmp_path):
    """[5.1.3] And the refusal says the way out."""
    assert refusal(tmp_path, content, "cases.xls") == ("OTHER_FORMAT", flaw, None)
    assert "CSV UTF-8" in ImportRefusal.OTHER_FORMAT.message_zh


def test_every_flaw_is_met():
    """Each reason in errors.py is one that a file can have."""
    met = {flaw for _, flaw, _ in BAD.values()}
    assert {flaw.value for flaw in FileFlaw} >= met
    of_workbooks = {"PASSWORD", "DAMAGED", "COMPRESSION", "MARKUP", "ENTITIES", "NO_SHEET", "SHARED_TEXT", "CELL"}
    assert met == of_workbooks


def damaged(chance: random.Random, content: bytes, *, keep: int) -> bytes:
    """Return *content* with some bytes changed, cut out or doubled, but not the first to be kept."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(keep, len(changed))
        match chance.randrange(3):
            case 0:
                changed[at] = chance.randrange(256)
            case 1:
                del changed[at : at + chance.randint(1, 40)]
            case 2:
                changed[at:at] = changed[at : at + chance.randint(1, 40)]
    return bytes(changed)


@pytest.mark.slow
@pytest.mark.parametrize("part", [None, SHEET, STRINGS, STYLES, "xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
def test_no_damage_raises_anything_but_a_refusal(part, tmp_path):
    """[5.1.3] Damage by chance, with a fixed seed, to the archive or to one part of it: rows or a refusal."""
    chance, outcomes = random.Random(f"{part}"), set()  # noqa: S311 - a test has to be repeatable
    mixed = cells("甲", "乙") + '<row r="3"><c s="2"><v>46055.5</v></c><c t="s"><v>0</v></c><c t="b"><v>1</v></c></row>'
    files, path = parts(mixed, "<si><t>甲_x000D_</t></si>"), tmp_path / "cases.xlsx"
    for _ in range(300):
        if part is None:
            content = damaged(chance, packed(files), keep=4)
        else:
            content = packed({**files, part: damaged(chance, files[part], keep=0)}, zipfile.ZIP_STORED)
        path.write_bytes(content)
        try:
            list(records_of(examine(path)))
            outcomes.add("read")
        except ExchangeRefused as refused:
            outcomes.add(refused.code)
    assert "read" in outcomes, "some damage does no harm"
    assert part == STYLES or outcomes - {"read"}


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    content = good()
    monkeypatch.setattr(xlsx_package, "MOST_BYTES", 1000)
    assert refusal(tmp_path, content) == ("TOO_LARGE", None, None)


MEGABYTE = b"a" * 2**20
BURSTING = {
    "a cell": ("LONG_CELL", SHEET, b'<row r="1"><c t="inlineStr"><is><t>', MEGABYTE, b"</t></is></c></row>"),
    "an attribute": ("WORKBOOK", SHEET, b'<row r="', MEGABYTE, b'"/>'),
    "a comment": ("WORKBOOK", SHEET, b"<!--", MEGABYTE, b"-->"),
    "a shared string": ("TOO_LARGE", STRINGS, b"<si><t>", MEGABYTE, b"</t></si>"),
    "shared strings without end": ("TOO_LARGE", STRINGS, b"", b"<si/>" * 200_000, b""),
    "elements in elements": ("WORKBOOK", SHEET, b"", b"<a>" * 300_000, b""),
}
"""What bursts, its code, the part, and the text: a beginning, a piece that comes 40 times (in a cell 190), an end."""
MEASURED = """
import sys
from pathlib import Path
import gateway.cli.records.import_export
from gateway.import_export.errors import ExchangeRefused
from gateway.import_export.files import xlsx_package
from gateway.import_export.files.detect import examine, records_of
for name in sys.argv[1:]:
    try:
        for _ in records_of(examine(Path(name))):
            pass
        print("read")
    except ExchangeRefused as refused:
        print(refused.code)
# Not getrusage: its figure begins with that of the process that started this one.
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
print(int(peak.split()[1]) // 1024)
"""


@pytest.mark.slow
@pytest.mark.subprocess
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="measured as Linux shows it")
def test_what_bursts_is_refused_in_bounded_memory(tmp_path):
    """A file of 190 kB with 190 MB in it: at most 200 MB for the whole process, the command with all its modules."""
    paths = []
    for at, (_, part, begin, piece, end) in enumerate(BURSTING.values()):
        root = b"sst" if part == STRINGS else b"worksheet"
        opening = b"<" + root + b' xmlns="' + MAIN.encode() + b'">' + (b"" if part == STRINGS else b"<sheetData>")
        files = parts(cells("甲"), "")
        paths.append(
            put(tmp_path, packed_with(files, part, [opening, begin, *[piece] * (40 if at else 190), end]), f"{at}.xlsx")
        )
    assert all(path.stat().st_size < 2**20 for path in paths)

    done = run([sys.executable, "-c", MEASURED, *paths], capture_output=True, text=True, check=True, cwd=".")

    *codes, megabytes = done.stdout.split()
    assert codes == [code for code, *_ in BURSTING.values()]
    assert int(megabytes) <= 200
