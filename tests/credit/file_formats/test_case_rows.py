"""Basic information as departments keep it [5.1.3]: what is taken in, what is refused, what comes back."""

import csv
import io
from datetime import date

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from credit.cases.status import Circumstance, CollectionChannel
from credit.core.errors import RowRefused
from credit.file_formats import case_columns, form
from credit.file_formats.case_columns import BASIC, HEADERS, MAY_BE_MISSING
from credit.file_formats.case_rows import Intake, format_row, parse_row
from credit.file_formats.choices import ReferenceLists, area_in
from credit.file_formats.kinds import AMBIGUOUS_KINDS, KINDS, parse_kind_word
from credit.subjects.registration import Registration
from credit.subjects.subject import SubjectKind
from tests.credit.subjects.synthetic_numbers import (
    COMPANY,
    PERSON,
    REFERENCE,
    SHOP,
    TODAY,
    id_number,
    id_numbers,
    row,
    social_credit_codes,
    spaced,
    wide,
)


def read(**changed: str | None) -> Intake:
    return parse_row(row(**changed), REFERENCE, today=TODAY)


OTHER = id_number(sequence="991")


def problems(**changed: str | None) -> list[tuple[str, str]]:
    with pytest.raises(RowRefused) as refused:
        read(**changed)
    return [(problem.field, problem.code) for problem in refused.value.problems]


def test_a_row_holds_all_of_the_basic_information():
    """[5.1.3]"""
    intake = read()
    subject = intake.subject
    assert (subject.name, subject.identifier.text, subject.address) == ("演示甲", PERSON, "临淄区闻韶街道示例路1号")
    assert (subject.kind, subject.phone, subject.area_code) == ("NATURAL_PERSON", "13800000000", "370305001")
    assert (intake.circumstance, intake.channel) == (Circumstance.FALSE_MATERIAL, CollectionChannel.FACT_FINDING)
    assert (intake.department_code, intake.basis) == ("LZ-SPFW", "临政管办发〔2022〕3号")
    assert (intake.determined_on, intake.published_on) == (date(2026, 2, 2), date(2026, 2, 3))
    assert (intake.ends_on, intake.months) == (date(2026, 8, 3), None)
    assert (intake.legal_document, intake.number) == ("临审告字〔2026〕第1号", "LZ-2026-0001")
    assert (intake.facts, intake.application_number) == ("申请时提供的证明经核实为虚假。", "BJ-0001")


def test_and_nothing_more():
    """[5.1.3] A column that is not on the list is left behind."""
    assert read(备注="与本案无关", 政治面貌="群众") == read()


@pytest.mark.parametrize(
    ("case", "changed", "same_as"),
    [
        ("spaces and full width in the number", {"身份证号": spaced(wide(PERSON))}, {}),
        ("the number kept as text", {"身份证号": f"'{PERSON}"}, {}),
        ("the number kept as text by a formula", {"身份证号": f'="{PERSON}"'}, {}),
        ("15 digits", {"身份证号": "370305010203990"}, {}),
        ("headers as in the document", {"姓名": None, "名称（姓名）": "演示甲"}, {}),
        ("headers with half-width brackets", {"姓名": None, "名称(姓名)": "演示甲"}, {}),
        ("headers marked as required", {"姓名": None, "* 姓名": "演示甲"}, {}),
        ("headers after a byte order mark", {"姓名": None, "\ufeff姓名": "演示甲"}, {}),
        ("a second column for the same, blank", {"名称": " "}, {}),
        ("a second column for the same, agreeing", {"名称": "演示甲 "}, {}),
        ("no column for the kind: 身份证号 states it", {"主体类型": None}, {}),
        ("the area by its code", {"所属镇街": "370305001"}, {}),
        ("the area with those around it", {"所属镇街": "临淄区闻韶街道办事处"}, {}),
        ("no column for the area: the address names it", {"所属镇街": None}, {}),
        ("the department by its code", {"认定单位": "LZ-SPFW"}, {}),
        ("the department with a space", {"认定单位": "临淄区 行政审批服务局"}, {}),
        ("the circumstance by its wire name", {"失信情形": "FALSE_MATERIAL"}, {}),
        ("the circumstance by its full term", {"失信情形": "隐瞒事实或提供虚假材料"}, {}),
        ("dates in another habit", {"认定日期": "２０２６．２．２", "公布日期": "20260203"}, {}),
        ("the end instead of the length", {"有效期": "2026-08-03"}, {}),
        ("half a year", {"有效期": "半年"}, {}),
        ("a stroke for no telephone", {"联系电话": "/"}, {"联系电话": None}),
        ("无 for no application", {"办件编号": "无"}, {"办件编号": None}),
        ("a stroke for no legal document", {"法律文书": "—"}, {"法律文书": "无"}),
        (
            "a word for nothing where nothing is needed",
            {"办件编号": "NULL", "联系电话": "未知"},
            {"办件编号": None, "联系电话": None},
        ),
        ("a number with hyphens and an apostrophe", {"身份证号": f"'{PERSON[:6]}-{PERSON[6:14]}-{PERSON[14:]}"}, {}),
        ("䶮 by its old private-use code", {"姓名": "刘\ue863"}, {"姓名": "刘䶮"}),
        ("a radical out of a PDF", {"姓名": "\u2f45明"}, {"姓名": "方明"}),
        ("a full stop for the middle dot", {"姓名": "买买提.吐尔逊"}, {"姓名": "买买提·吐尔逊"}),
        ("another dot", {"姓名": "买买提⋅吐尔逊"}, {"姓名": "买买提·吐尔逊"}),
        ("a workbook's escape for a line break", {"失信事实": "第一段_x000D_\n第二段"}, {"失信事实": "第一段\n第二段"}),
        ("a carriage return alone", {"失信事实": "第一段\r第二段"}, {"失信事实": "第一段\n第二段"}),
    ],
)
def test_a_row_is_read_in_many_habits(case, changed, same_as):
    assert read(**changed) == read(**same_as)


def test_a_case_may_be_determined_and_published_today():
    """[5.1.4(5)] Promptly: on the same day."""
    intake = read(认定日期=TODAY.isoformat(), 公布日期=TODAY.isoformat())
    assert (intake.determined_on, intake.published_on) == (TODAY, TODAY)


COLLECTED = dict.fromkeys(["认定日期", "有效期", "法律文书", "公布日期"])
"""The cells that a collected case leaves out."""


def test_a_row_without_a_determination_is_a_collected_case():
    """[5.1.3] [5.1.4] Day, validity and legal document come with the determination; 无 and 否 say the same."""
    intake = read(**COLLECTED)
    assert (intake.determined_on, intake.published_on, intake.ends_on, intake.months) == (None, None, None, None)
    assert (intake.legal_document, intake.taken_over) == (None, False)
    assert read(**COLLECTED | {"法律文书": "无", "有效期": "—", "历史数据": "否"}) == intake
    assert parse_row(format_row(intake, REFERENCE), REFERENCE, today=TODAY) == intake


def test_a_former_record_is_marked_and_stays_so():
    """[5.1.4] What is exported of a record that was taken over says that it was."""
    intake = read(历史数据="是")
    assert intake.taken_over
    assert parse_row(format_row(intake, REFERENCE), REFERENCE, today=TODAY) == intake


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


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (SubjectKind.NATURAL_PERSON, "自然人 个人 公民 外国人 港澳台居民"),
        (SubjectKind.LEGAL_PERSON, "企业 事业单位 机关法人 社会团体 社会组织 民办非企业单位 基金会 村委会 居民委员会"),
        (SubjectKind.LEGAL_PERSON, "农民专业合作社 股份经济合作社 有限责任公司 特别法人"),
        (SubjectKind.SOLE_TRADER, "个体 个体户 个体工商户"),
        (SubjectKind.OTHER_ORGANISATION, "个人独资企业 合伙企业 分公司 分支机构 律师事务所 非法人组织 其它组织"),
    ],
)
def test_a_kind_is_known_by_the_words_of_the_law(kind, words):
    """[3.2] [Civil Code 57-108]"""
    assert {parse_kind_word(word) for word in words.split()} == {kind}


@pytest.mark.parametrize("word", ["单位", "组织", "其他", "市场主体", "法人或其他组织", "法人代表"])
def test_a_word_that_covers_several_kinds_is_refused(word):
    assert problems(主体类型=word) == [(case_columns.KIND, "AMBIGUOUS_KIND")]
    assert not KINDS.keys() & AMBIGUOUS_KINDS


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


@pytest.mark.parametrize(
    ("case", "changed"),
    [
        ("a law whose title has the name", {"认定依据": "《中华人民共和国安全生产法》第一百条"}),
        ("a law without its marks", {"认定依据": "中华人民共和国安全生产法第一百条"}),
        ("a department with the word", {"法律文书": "临淄区安全生产委员会〔2026〕1号"}),
    ],
)
def test_a_person_whose_name_is_a_word_of_the_law_is_taken_in(case, changed):
    """[5.1.6] A real case of a real person; 安全, 和平 and 司法 are people too."""
    assert read(姓名="安全", **changed).subject.name == "安全"


@pytest.mark.parametrize(
    ("case", "raw", "kept", "code"),
    [
        ("a service number", "400-123-4567", "400-123-4567", None),
        ("two numbers, an extension", "0533-7000000转8012；13800000000", "0533-7000000转8012、13800000000", None),
        ("a number that was an amount", "13800000000.0", "13800000000", None),
        ("no area code", "7000000", None, "PHONE"),
        ("masked", "138****0000", None, "MASKED"),
        ("rounded", "1.38E+10", None, "ROUNDED"),
    ],
)
def test_a_telephone_is_kept_or_left_out_with_a_warning(case, raw, kept, code):
    """[5.1.3] It is for convenience: no case is refused for it."""
    intake = read(联系电话=raw)
    assert intake.subject.phone == kept
    assert [(one.field, one.code) for one in intake.warnings] == ([] if code is None else [(case_columns.PHONE, code)])


@pytest.mark.parametrize(
    "text", ["2026-02-02 14:23:05", "2026/2/2 9:05", "2026-02-02T14:23:05+08:00", "2026年2月2号", "46055", "46055.6"]
)
def test_a_day_with_a_time_is_its_day(text):
    assert read(认定日期=text).determined_on == date(2026, 2, 2)


def test_a_company_may_be_named_in_its_own_case():
    """[5.1.6] Name and code of a company are published."""
    intake = read(姓名="示例公司", 主体类型="法人", 身份证号=COMPANY, 法律文书=f"关于示例公司（{COMPANY}）的决定")
    assert intake.subject.kind is SubjectKind.LEGAL_PERSON


def test_a_numbering_of_eighteen_digits_is_no_person():
    assert read(案件编号="370305202602020001").number == "370305202602020001"


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


def test_a_file_is_known_by_its_header():
    """[5.1.3]"""
    reading = BASIC.read_headers([*row(), "备注"])
    assert (reading.missing, reading.ignored) == ((), ("备注",))
    assert BASIC.read_headers(["姓名"]).missing == tuple(
        header for header in HEADERS if header not in MAY_BE_MISSING and header != case_columns.NAME
    )
    assert set(BASIC.read_headers(HEADERS).missing + BASIC.read_headers(HEADERS).ignored) == set()


def test_no_header_has_two_meanings():
    names = [name for canonical, also in HEADERS.items() for name in (canonical, *also)]
    assert len({form.key(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    ("case", "text", "code"),
    [
        ("only the district", "临淄区示例路1号", "370305"),
        ("the sub-district within it", "山东省淄博市临淄区齐陵街道示例村", "370305101"),
        ("the sub-district alone", "齐陵街道示例村", "370305101"),
        ("two of them", "闻韶街道、雪宫街道", None),
        ("none", "张店区示例路1号", None),
    ],
)
def test_an_address_names_an_area_or_it_does_not(case, text, code):
    assert area_in(text, REFERENCE.areas) == code


def test_an_export_has_the_form_of_the_document():
    """[5.1.3] [6.2]"""
    written = format_row(read(), REFERENCE)
    assert list(written) == list(HEADERS)
    assert written[case_columns.AREA] == "闻韶街道"
    assert written[case_columns.DEPARTMENT] == "临淄区行政审批服务局"
    assert written[case_columns.VALIDITY] == "2026-08-03"
    assert format_row(read(法律文书="无", 公布日期=None), REFERENCE)[case_columns.LEGAL_DOCUMENT] == "无"
    assert format_row(read(公布日期=None), REFERENCE)[case_columns.VALIDITY] == "6个月"


def test_a_name_that_leads_to_two_codes_is_exported_as_its_code():
    twins = ReferenceLists(departments={"A": "某局", "B": "某局"}, areas=REFERENCE.areas)
    intake = parse_row(row(认定单位="B"), twins, today=TODAY)
    assert format_row(intake, twins)[case_columns.DEPARTMENT] == "B"


numbered = st.tuples(st.just("自然人"), id_numbers) | social_credit_codes.map(
    lambda code: ("个体工商户" if code.startswith("92") else "其他组织", code)
)


def typed(longest: int) -> st.SearchStrategy[str]:
    """Return texts that a person may have typed: with any characters that mean something, and with one letter."""
    return st.text(st.characters(exclude_categories=["Co", "Cn", "Cs"]), max_size=longest - 1).map("{}甲".format)


rows = st.fixed_dictionaries(
    {
        "名称": typed(30),
        "住址": typed(60),
        "失信事实": typed(200),
        "认定依据": typed(80),
        "法律文书": typed(80) | st.just("无"),
        "案件编号": typed(40),
        "办件编号": st.text(max_size=40),
        "联系电话": st.sampled_from(["", "13800000000", "0533-7000000"]),
        "失信情形": st.sampled_from([circumstance.zh for circumstance in Circumstance]),
        "采集途径": st.sampled_from([channel.zh for channel in CollectionChannel]),
        "认定单位": st.sampled_from(sorted(REFERENCE.departments)),
        "所属镇街": st.sampled_from(sorted(REFERENCE.areas)),
        "公布日期": st.sampled_from(["", "2026-02-02", "2026/3/5"]),
        "有效期": st.sampled_from(["6个月", "三个月", "2026-08-02", "2年"]),
        "管理期限依据": st.sampled_from(["", "示例条例第一条"]),
    }
)


@given(rows, numbered)
@example({"失信事实": "第一段\n\t第二段", "认定依据": "=1+1", "法律文书": "'引'", "案件编号": "-1"}, ("自然人", PERSON))
def test_what_is_exported_comes_back_the_same(texts, identified):
    """[6.2] Through a real file, with line breaks, quotes and formulas in the cells."""
    kind, number = identified
    raw = row(姓名=None, 身份证号=None) | {"名称": "演示乙"} | texts | {"主体类型": kind, "证件号码": number}
    try:
        intake = parse_row(raw, REFERENCE, today=TODAY)
    except RowRefused:
        assume(False)
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, list(HEADERS))
    writer.writeheader()
    writer.writerow(format_row(intake, REFERENCE))
    file.seek(0)
    (back,) = csv.DictReader(file)
    assert parse_row(back, REFERENCE, today=TODAY) == intake
    assert isinstance(intake.subject, Registration)


@given(st.dictionaries(st.sampled_from([*HEADERS, "身份证号", "备注"]), st.text(max_size=40)))
def test_any_row_is_read_or_refused_and_nothing_else(cells):
    try:
        parse_row(cells, REFERENCE, today=TODAY)
    except RowRefused as refused:
        found = refused.problems
    else:
        found = None
    assert found is None or found
