"""[5.1.3] Files as departments keep them: encodings, delimiters, titles, quoted lines."""

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.file_formats.case_columns import HEADERS
from gateway.import_export.errors import ExchangeRefused, ImportRefusal
from gateway.import_export.files import table_reader
from gateway.import_export.files.detect import examine
from gateway.import_export.files.gb18030_euro import decoding_errors
from gateway.import_export.files.table_reader import SourceTable, find_sheet, rows_of
from tests.credit.subjects.synthetic_numbers import row
from tests.gateway.import_export.synthetic_cases import case, put, sheet

ENCODINGS = [
    ("UTF-8", "utf-8", b"", "utf-8"),
    ("UTF-8 with a byte order mark", "utf-8", codecs.BOM_UTF8, "utf-8-sig"),
    ("GB18030", "gb18030", b"", "gb18030"),
    ("GB18030 with a byte order mark", "gb18030", b"\x84\x31\x95\x33", "gb18030"),
    ("UTF-16, as Excel's Unicode text", "utf-16-le", codecs.BOM_UTF16_LE, "utf-16"),
    ("UTF-16 the other way round", "utf-16-be", codecs.BOM_UTF16_BE, "utf-16"),
]


def read(path: Path) -> SourceTable:
    return find_sheet(examine(path))


def refusal(path: Path) -> tuple[str, int | None]:
    with pytest.raises(ExchangeRefused) as refused:
        list(rows_of(read(path)))
    return refused.value.code, refused.value.line


@pytest.mark.parametrize("delimiter", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
@pytest.mark.parametrize(("why", "encoding", "mark", "found"), ENCODINGS, ids=[one[0] for one in ENCODINGS])
def test_a_table_is_read_in_every_encoding_and_division(why, encoding, mark, found, delimiter, tmp_path):
    text = sheet(case(1, 失信事实="第一行\n第二行，含逗号,分号;和制表\t符"), case(2), delimiter=delimiter)
    read_sheet = read(put(tmp_path, mark + text.encode(encoding)))
    assert (read_sheet.source.encoding, read_sheet.delimiter, read_sheet.rows) == (found, delimiter, 2)
    first, second = rows_of(read_sheet)
    assert {name.strip("\ufeff"): cell for name, cell in first.cells.items()} == case(
        1, 失信事实="第一行\n第二行，含逗号,分号;和制表\t符"
    )
    assert (first.line, second.line) == (2, 4)


@pytest.mark.parametrize("end", range(1, 10))
@pytest.mark.parametrize(
    ("why", "content", "read_as"),
    [
        ("in a text", "价值".encode("gb18030") + b"\x80100", "价值€100"),
        ("twice, and at the end", b"a\x80\x80", "a€€"),
        ("before a character", b"\x80" + "临".encode("gb18030"), "€临"),
        ("in its four-byte form, which stays", "€".encode("gb18030"), "€"),
        ("the second byte of a character is none", b"\x81\x80", "亐"),
        ("another wrong byte", b"a\xff", None),
        ("half a character", b"\x80\xc1", None),
    ],
)
def test_byte_80_is_the_euro_sign_of_code_page_936(why, content, read_as, end, tmp_path):
    """As the WHATWG's gb18030 decoder reads it, wherever a piece of the file *end*s; nothing else becomes readable."""
    errors = decoding_errors("gb18030")
    decoder = codecs.getincrementaldecoder("gb18030")(errors)
    pieces = (content[:end], content[end:])
    if read_as is None:
        with pytest.raises(UnicodeDecodeError):
            decoder.decode(b"".join(pieces), final=True)
        return
    assert "".join(decoder.decode(piece) for piece in pieces) + decoder.decode(b"", final=True) == read_as, why
    text = sheet(case(1, 失信事实="欧元")).encode("gb18030").replace("欧元".encode("gb18030"), content)
    (row,) = rows_of(read(put(tmp_path, text)))
    assert row.cells["失信事实"] == read_as


def test_the_hash_is_of_the_bytes(tmp_path):
    text = sheet(case(1))
    hashes = {examine(put(tmp_path, text.encode(encoding))).digest for encoding in ("utf-8", "utf-8-sig", "gb18030")}
    assert len(hashes) == 3
    assert examine(put(tmp_path, text)).digest == examine(put(tmp_path, text, "copy.csv")).digest


@pytest.mark.parametrize(
    ("why", "above", "line"),
    [
        ("nothing above", (), 1),
        ("a title", ("临淄区失信制约名单,,,",), 2),
        ("a title and a date", ("临淄区失信制约名单", "2026年3月5日"), 3),
        ("an empty line", ("",), 2),
        ("Excel's own hint", ("sep=,",), 2),
        ("a title with a stray quotation mark", ('"名单"（"试行"）',), 2),
    ],
)
def test_the_header_is_found_below_titles(why, above, line, tmp_path):
    found = read(put(tmp_path, sheet(case(1), case(2), above=above)))
    assert (found.header_line, found.rows) == (line, 2)
    assert [one.line for one in rows_of(found)] == [line + 1, line + 2]


def test_lines_are_those_of_the_file(tmp_path):
    """Blank rows, and cells of several lines, count as they stand there."""
    rows = sheet(case(1, 失信事实="一\n二\n三"), case(2), case(3)).split("\r\n")
    content = "\r\n".join([*rows[:2], "", ",,,,,", *rows[2:]])
    assert [one.line for one in rows_of(read(put(tmp_path, content)))] == [2, 7, 8]


def test_a_header_of_several_lines_is_one_header(tmp_path):
    text = sheet(case(1)).replace("身份证号", '"统一社会信用代码\n（身份证号）"')
    found = read(put(tmp_path, text))
    assert (found.header_line, [one.line for one in rows_of(found)]) == (1, [3])


def test_two_columns_under_one_header_are_both_looked_at(tmp_path):
    lines = sheet(case(1)).splitlines()
    content = "\n".join([f"{lines[0]},姓名", f"{lines[1]},演示乙"])
    (only,) = rows_of(read(put(tmp_path, content)))
    assert [cell for name, cell in only.cells.items() if name.strip() == "姓名"] == ["演示甲1", "演示乙"]


@pytest.mark.parametrize(("why", "tail", "beyond"), [("empty cells", ",,", None), ("a filled one", ",,多", ["", "多"])])
def test_cells_beyond_the_header(why, tail, beyond, tmp_path):
    (only,) = rows_of(read(put(tmp_path, sheet(case(1)).rstrip("\r\n") + tail)))
    assert only.cells.get(None) == beyond


def test_unknown_columns_are_reported_by_position(tmp_path):
    """[5.1.6] A header that we do not know may be a value that slipped up."""
    found = read(put(tmp_path, sheet({"序号": "1", **case(1), "备注": "某某"})))
    assert found.ignored == (1, len(case(1)) + 2)


@pytest.mark.parametrize(
    ("why", "content", "code", "line"),
    [
        ("no byte", b"", "EMPTY", None),
        ("a workbook", b"PK\x03\x04 and so on", "WORKBOOK", None),
        ("an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1", "OTHER_FORMAT", None),
        ("bytes that are no text", b"\x00\x01\x02", "NOT_TEXT", None),
        ("UTF-16 without its mark", sheet(row()).encode("utf-16-le"), "NOT_TEXT", None),
        ("neither encoding", sheet(row()).encode() + b"\xff\xff", "ENCODING", None),
        ("a mark, and then something else", codecs.BOM_UTF8 + sheet(row()).encode("gb18030"), "ENCODING", None),
        ("cut in the middle of a character", sheet(row()).encode("gb18030") + b"\xc1", "ENCODING", None),
        ("another language's encoding", sheet(row()).encode("big5", "replace"), "NO_HEADER", None),
        ("one wrong byte in UTF-8", sheet(row()).encode() + "甲".encode()[:2] + b"\n", "ENCODING", None),
        ("no header", "演示甲,370305,无\n", "NO_HEADER", None),
        ("a header without its columns", "姓名,身份证号,住址,电话\n", "MISSING_COLUMNS", 1),
        ("a quotation mark that never closes", sheet(row()) + '"演示乙,甲\n乙\n', "QUOTES", 4),
        ("a quotation mark inside a quoted cell", sheet(row()) + '"演"示,甲\n', "QUOTES", 3),
    ],
)
def test_what_is_no_table_is_refused_as_a_whole(why, content, code, line, tmp_path):
    assert refusal(put(tmp_path, content)) == (code, line)


def test_missing_columns_are_named(tmp_path):
    with pytest.raises(ExchangeRefused) as refused:
        read(put(tmp_path, sheet({name: text for name, text in row().items() if name not in ("失信事实", "案件编号")})))
    assert refused.value.hint == "失信事实、案件编号"
    assert all(name in HEADERS for name in refused.value.hint.split("、"))


@pytest.mark.parametrize("name", ["absent.csv", "."])
def test_what_is_no_file_is_refused(name, tmp_path):
    assert refusal(tmp_path / name) == ("NOT_THERE", None)


def test_a_file_that_changes_is_not_read_on(tmp_path):
    path = put(tmp_path, sheet(case(1)))
    found = read(path)
    put(tmp_path, sheet(case(1), case(2)))
    with pytest.raises(ExchangeRefused) as refused:
        list(rows_of(found))
    assert refused.value.code == "FILE_CHANGED"


TEXTS = st.text(st.characters(codec="gb18030", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=20)


@pytest.mark.slow
@given(
    cells=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5),
    delimiter=st.sampled_from([",", ";", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
    breaks=st.sampled_from(["\n", "\r\n"]),
)
def test_whatever_was_written_is_read(tmp_path_factory, cells, delimiter, encoding, breaks):
    """Facts and basis of any characters, divided and encoded in any way, come back as they were."""
    rows = [case(at, 失信事实=f"{facts}{breaks}{facts}", 认定依据=basis) for at, (facts, basis) in enumerate(cells)]
    text = sheet(*rows, delimiter=delimiter).encode(encoding)
    path = put(tmp_path_factory.mktemp("any"), text)
    assert [one.cells for one in rows_of(read(path))] == rows


def test_every_refusal_has_two_sentences():
    for refusal in ImportRefusal:
        assert refusal.message.endswith(".")
        assert refusal.message_zh.endswith("。")


def test_the_header_is_looked_for_at_the_top_only(tmp_path):
    above = ["说明"] * table_reader._HEAD_AT
    assert refusal(put(tmp_path, sheet(case(1), above=above))) == ("NO_HEADER", None)
