"""Basic information as departments keep it [5.1.3]: what is taken in."""

from datetime import date

import pytest

from credit.cases.status import Circumstance, CollectionChannel
from credit.file_formats import case_columns
from credit.file_formats.case_rows import format_row, parse_row
from credit.file_formats.choices import area_in
from credit.file_formats.kinds import AMBIGUOUS_KINDS, KINDS, parse_kind_word
from credit.subjects.subject import SubjectKind
from tests.credit.file_formats.rows_read import problems, read
from tests.credit.subjects.synthetic_numbers import COMPANY, PERSON, REFERENCE, TODAY, spaced, wide


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
