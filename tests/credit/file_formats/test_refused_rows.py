"""What is refused of a row, in which column, and that a refusal quotes nothing of it [5.1.3] [5.1.6]."""

import pytest

from credit.core.errors import RowRefused
from credit.file_formats import case_columns
from credit.file_formats.case_rows import format_row, parse_row
from credit.file_formats.kinds import KINDS
from tests.credit.file_formats.rows_read import problems, read
from tests.credit.subjects.synthetic_numbers import COMPANY, PERSON, REFERENCE, SHOP, TODAY, id_number, row, wide

OTHER = id_number(sequence="991")


@pytest.mark.parametrize(
    ("cell", "word", "code"),
    [
        *((case_columns.NAME, word, "GARBLED") for word in ("#N/A", "#REF!", "########", "张?", "锟斤拷")),
        *((case_columns.NAME, word, "REQUIRED") for word in ("NULL", "None", "nan", "未知", "·")),
        (case_columns.FACTS, "#N/A", "GARBLED"),
        (case_columns.FACTS, "undefined", "REQUIRED"),
        (case_columns.ADDRESS, "#VALUE!", "GARBLED"),
        (case_columns.ADDRESS, "不详", "REQUIRED"),
        (case_columns.LEGAL_DOCUMENT, "#N/A", "GARBLED"),
        (case_columns.LEGAL_DOCUMENT, "NULL", "REQUIRED"),
        (case_columns.BASIS, "#NAME?", "GARBLED"),
        (case_columns.DEPARTMENT, "#N/A", "GARBLED"),
        (case_columns.DEPARTMENT, "null", "REQUIRED"),
        (case_columns.AREA, "#N/A", "GARBLED"),
        (case_columns.CIRCUMSTANCE, "#N/A", "GARBLED"),
        (case_columns.CHANNEL, "NaN", "REQUIRED"),
        (case_columns.KIND, "#N/A", "GARBLED"),
        (case_columns.TAKEN_OVER, "#N/A", "GARBLED"),
    ],
)
def test_what_nobody_typed_is_refused_in_its_column(cell, word, code):
    """[5.1.3]"""
    given = {case_columns.NAME: "姓名", case_columns.FACTS: "失信事实", case_columns.ADDRESS: "住址"}.get(cell, cell)
    assert (cell, code) in problems(**{given: word})


def test_somebody_called_null_has_a_column():
    """[5.1.3] Whoever has looked at the document says so; what is exported says it again."""
    assert problems(姓名="Null", 姓名已核对="否") == [(case_columns.NAME, "REQUIRED")]
    assert problems(姓名="#N/A", 姓名已核对="是") == [(case_columns.NAME, "GARBLED")]
    assert read(姓名="Null Berta").subject.name == "Null Berta"
    intake = read(姓名="Null", 姓名已核对="是")
    assert intake.subject.name == "Null"
    assert parse_row(format_row(intake, REFERENCE), REFERENCE, today=TODAY) == intake


def test_a_number_of_15_digits_is_marked():
    assert read(身份证号="370305010203990").subject.identifier.derived is True
    assert read().subject.identifier.derived is False


@pytest.mark.parametrize(
    ("case", "kind", "number"),
    [
        ("a company", "法人", COMPANY),
        ("a sole trader", "个体工商户", SHOP),
        ("another organisation", "其他组织", COMPANY),
        ("the same, in another character", "其它组织", COMPANY),
        ("a person called a citizen", "公民", PERSON),
    ],
)
def test_the_kind_of_subject_determines_its_number(case, kind, number):
    """[3.2] [5.1.3]"""
    intake = read(姓名="示例", 主体类型=kind, 身份证号=None, 证件号码=number)
    assert intake.subject.kind == KINDS[kind]
    assert intake.subject.identifier.text == number


@pytest.mark.parametrize(
    ("case", "changed", "expected"),
    [
        *(
            (f"no {header}", {header: None}, [(canonical, "REQUIRED")])
            for header, canonical in (
                ("姓名", case_columns.NAME),
                ("身份证号", case_columns.NUMBER),
                ("住址", case_columns.ADDRESS),
                ("失信情形", case_columns.CIRCUMSTANCE),
                ("失信事实", case_columns.FACTS),
                ("认定单位", case_columns.DEPARTMENT),
                ("认定依据", case_columns.BASIS),
                ("有效期", case_columns.VALIDITY),
                ("法律文书", case_columns.LEGAL_DOCUMENT),
                ("案件编号", case_columns.CASE_NUMBER),
                ("采集途径", case_columns.CHANNEL),
            )
        ),
        (
            "a collected case with what comes with a determination",
            {"认定日期": None, "历史数据": "是"},
            [
                (header, "NOT_DETERMINED")
                for header in (
                    case_columns.VALIDITY,
                    case_columns.LEGAL_DOCUMENT,
                    case_columns.PUBLISHED_ON,
                    case_columns.TAKEN_OVER,
                )
            ],
        ),
        ("neither yes nor no", {"历史数据": "也许"}, [(case_columns.TAKEN_OVER, "YES_OR_NO")]),
        ("a blank cell", {"失信事实": " \u3000"}, [(case_columns.FACTS, "REQUIRED")]),
        ("无 where something must be", {"认定依据": "无"}, [(case_columns.BASIS, "REQUIRED")]),
        ("an unknown kind", {"主体类型": "神仙"}, [(case_columns.KIND, "UNKNOWN_KIND")]),
        ("a word for several kinds", {"主体类型": "单位"}, [(case_columns.KIND, "AMBIGUOUS_KIND")]),
        (
            "no kind, and a header that could be anyone's",
            {"主体类型": None, "身份证号": None, "证件号码": PERSON},
            [(case_columns.KIND, "KIND_NOT_STATED")],
        ),
        (
            "no kind, and a code that begins with 9",
            {"主体类型": None, "身份证号": None, "证件号码": COMPANY},
            [(case_columns.KIND, "KIND_NOT_STATED")],
        ),
        ("a person with a company's code", {"身份证号": COMPANY}, [(case_columns.NUMBER, "INVALID_ID_NUMBER")]),
        ("a company with an ID number", {"主体类型": "法人"}, [(case_columns.NUMBER, "INVALID_SOCIAL_CREDIT_CODE")]),
        (
            "a sole trader as a company",
            {"主体类型": "法人", "身份证号": SHOP},
            [(case_columns.NUMBER, "SOLE_TRADER_CODE")],
        ),
        ("a masked number", {"身份证号": "3****************X"}, [(case_columns.NUMBER, "INVALID_ID_NUMBER")]),
        (
            "a number rounded by a spreadsheet",
            {"身份证号": "3.70305E+17"},
            [(case_columns.NUMBER, "INVALID_ID_NUMBER")],
        ),
        (
            "a birth in the future",
            {"身份证号": id_number(born="20260306")},
            [(case_columns.NUMBER, "INVALID_ID_NUMBER")],
        ),
        ("a masked name", {"姓名": "演＊"}, [(case_columns.NAME, "MASKED")]),
        ("facts that were hidden on export", {"失信事实": "［已隐去］"}, [(case_columns.FACTS, "MASKED")]),
        ("an unknown area", {"所属镇街": "某镇"}, [(case_columns.AREA, "UNKNOWN_AREA")]),
        (
            "no area, and an address without one",
            {"所属镇街": None, "住址": "示例路1号"},
            [(case_columns.AREA, "AREA_NOT_STATED")],
        ),
        (
            "no area, and an address with two",
            {"所属镇街": None, "住址": "闻韶街道与雪宫街道交界"},
            [(case_columns.AREA, "AREA_NOT_STATED")],
        ),
        ("an unknown department", {"认定单位": "别处的单位"}, [(case_columns.DEPARTMENT, "UNKNOWN_DEPARTMENT")]),
        ("a sixth circumstance", {"失信情形": "态度不好"}, [(case_columns.CIRCUMSTANCE, "UNKNOWN_CIRCUMSTANCE")]),
        ("an unknown channel", {"采集途径": "听说"}, [(case_columns.CHANNEL, "UNKNOWN_CHANNEL")]),
        (
            "a number of a year before 1980 for a date",
            {"认定日期": "12345"},
            [(case_columns.DETERMINED_ON, "DATE_SERIAL")],
        ),
        (
            "determined tomorrow",
            {"认定日期": "2026-03-06", "公布日期": None},
            [(case_columns.DETERMINED_ON, "IN_FUTURE")],
        ),
        ("published tomorrow", {"公布日期": "2026-03-06"}, [(case_columns.PUBLISHED_ON, "IN_FUTURE")]),
        ("published too early", {"公布日期": "2026-02-01"}, [(case_columns.PUBLISHED_ON, "BEFORE_DETERMINED")]),
        ("a year without a law", {"有效期": "1年"}, [(case_columns.VALIDITY, "PERIOD_BASIS")]),
        ("over before it began", {"有效期": "2026-01-31"}, [(case_columns.VALIDITY, "ENDS_TOO_EARLY")]),
        ("two names", {"名称": "演示乙"}, [(case_columns.NAME, "AMBIGUOUS")]),
        ("a case number too long", {"案件编号": "L" * 41}, [(case_columns.CASE_NUMBER, "TOO_LONG")]),
        (
            "characters lost on the way",
            {"认定依据": "临政管办发\ufffd2022\ufffd3号"},
            [(case_columns.BASIS, "GARBLED")],
        ),
        (
            "three things at once, in the order of the columns",
            {"案件编号": None, "姓名": "", "有效期": "长期"},
            [
                (case_columns.NAME, "REQUIRED"),
                (case_columns.VALIDITY, "VALIDITY_FORM"),
                (case_columns.CASE_NUMBER, "REQUIRED"),
            ],
        ),
    ],
)
def test_a_row_is_refused(case, changed, expected):
    """[5.1.2] [5.1.3] [5.1.5]"""
    assert problems(**changed) == expected


@pytest.mark.parametrize(
    ("case", "changed", "header"),
    [
        ("the person's name in a document's title", {"法律文书": "关于演示甲的决定"}, case_columns.LEGAL_DOCUMENT),
        ("the person's name in the basis", {"认定依据": "演 示 甲提供虚假材料"}, case_columns.BASIS),
        ("with an interpunct", {"法律文书": "关于演·示·甲的决定"}, case_columns.LEGAL_DOCUMENT),
    ],
)
def test_plaintext_fields_do_not_name_a_person(case, changed, header):
    """[5.1.6] The basis and the numbers of a case are shown on the public list; the name is not."""
    assert problems(**changed) == [(header, "HOLDS_PERSONAL_DATA")]


@pytest.mark.parametrize(
    ("case", "changed", "header"),
    [
        ("the person's number in the case number", {"案件编号": f"LZ-{PERSON}"}, case_columns.CASE_NUMBER),
        ("the same as it was with 15 digits", {"案件编号": "LZ-370305010203990"}, case_columns.CASE_NUMBER),
        ("the number with dashes", {"案件编号": f"{PERSON[:6]}-{PERSON[6:]}"}, case_columns.CASE_NUMBER),
        ("the number in full width", {"办件编号": wide(PERSON)}, case_columns.APPLICATION_NUMBER),
        ("another person's number in the basis", {"认定依据": f"见{OTHER}案"}, case_columns.BASIS),
        ("with dashes", {"法律文书": "-".join((OTHER[:6], OTHER[6:14], OTHER[14:]))}, case_columns.LEGAL_DOCUMENT),
        ("a mobile number in a document's title", {"法律文书": "来电13800000000"}, case_columns.LEGAL_DOCUMENT),
        ("in the basis, with stops", {"认定依据": "来电 138.0000.0000"}, case_columns.BASIS),
        ("in the case number", {"案件编号": "LZ-138-0000-0000"}, case_columns.CASE_NUMBER),
        ("in the number of the application", {"办件编号": "13800000000"}, case_columns.APPLICATION_NUMBER),
        ("a sole trader's code", {"法律文书": f"关于{SHOP}的决定"}, case_columns.LEGAL_DOCUMENT),
    ],
)
def test_plaintext_fields_hold_nobodys_number(case, changed, header):
    """[5.1.6] The rule is that of every mutation: mobile numbers included."""
    assert problems(**changed) == [(header, "HOLDS_NUMBER")]


def test_cells_beyond_the_header_mean_that_the_row_has_shifted():
    shifted = {**row(), None: ["多出的单元格"]}
    with pytest.raises(RowRefused) as refused:
        parse_row(shifted, REFERENCE, today=TODAY)
    assert [problem.code for problem in refused.value.problems] == ["SHIFTED"]


def test_cells_missing_at_the_end_are_blank():
    assert parse_row({**row(), "办件编号": None}, REFERENCE, today=TODAY) == read(办件编号=None)


@pytest.mark.parametrize("marked", ["演示标记", "370305", "示例路", "13800000000", "证明经核实"])
def test_a_refusal_never_quotes_the_row(marked):
    """[5.1.6]"""
    wrong = {header: f"{text}\ufffd*" for header, text in row(姓名="演示标记").items()}
    with pytest.raises(RowRefused) as refused:
        parse_row(wrong, REFERENCE, today=TODAY)
    message = f"{refused.value} {refused.value!r} {refused.value.message_zh} {refused.value.problems}"
    assert len(refused.value.problems) > 10
    assert marked not in message


def test_an_intake_shows_nothing_of_the_person():
    """[5.1.6]"""
    shown = repr(read())
    assert not any(text in shown for text in ("演示甲", PERSON, "13800000000", "示例路", "证明经核实"))
