"""A row is exported in the form of the document, and comes back the same [5.1.3] [6.2]."""

import csv
import io

from hypothesis import assume, example, given
from hypothesis import strategies as st

from credit.cases.status import Circumstance, CollectionChannel
from credit.core.errors import RowRefused
from credit.file_formats import case_columns, form
from credit.file_formats.case_columns import BASIC, HEADERS, MAY_BE_MISSING
from credit.file_formats.case_rows import format_row, parse_row
from credit.file_formats.choices import ReferenceLists
from credit.subjects.registration import Registration
from tests.credit.file_formats.rows_read import read
from tests.credit.subjects.synthetic_numbers import PERSON, REFERENCE, TODAY, id_numbers, row, social_credit_codes


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
