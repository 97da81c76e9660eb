"""The columns of basic information [5.1.3], with the headers that departments use."""

from collections.abc import Mapping
from typing import Final

from credit.file_formats.form import RecordForm
from credit.subjects.subject import SubjectKind

NAME: Final = "名称（姓名）"
KIND: Final = "主体类型"
NUMBER: Final = "统一社会信用代码（身份证号）"
ADDRESS: Final = "注册地址（住址）"
PHONE: Final = "联系电话"
AREA: Final = "所属镇街"
CIRCUMSTANCE: Final = "失信情形"
FACTS: Final = "失信事实"
DEPARTMENT: Final = "认定单位"
BASIS: Final = "认定依据"
DETERMINED_ON: Final = "认定日期"
VALIDITY: Final = "有效期"
PERIOD_BASIS: Final = "管理期限依据"
LEGAL_DOCUMENT: Final = "法律文书"
CASE_NUMBER: Final = "案件编号"
CHANNEL: Final = "采集途径"
PUBLISHED_ON: Final = "公布日期"
APPLICATION_NUMBER: Final = "办件编号"
TAKEN_OVER: Final = "历史数据"
NAME_CONFIRMED: Final = "姓名已核对"

HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    NAME: ("姓名", "名称", "姓名/名称", "名称/姓名", "申报主体名称", "申报主体", "主体名称", "企业名称", "法人名称"),
    KIND: ("主体类别", "申报主体类型", "申报主体类别"),
    NUMBER: (
        "证件号码",
        "证件号",
        "身份证号",
        "身份证号码",
        "居民身份证号码",
        "公民身份号码",
        "统一社会信用代码",
        "统一社会信用代码/身份证号",
    ),
    ADDRESS: ("注册地址", "住址", "注册地址/住址", "住所", "地址"),
    PHONE: ("电话", "手机号", "手机号码", "联系方式"),
    AREA: ("镇街", "镇办", "所属镇办", "所属区划", "区划代码", "行政区划代码"),
    CIRCUMSTANCE: ("认定情形", "情形"),
    FACTS: ("失信行为", "失信行为事实"),
    DEPARTMENT: ("认定部门", "认定机关"),
    BASIS: ("依据",),
    DETERMINED_ON: ("认定时间",),
    VALIDITY: ("管理期限", "有效期限", "有效期至"),
    PERIOD_BASIS: ("期限依据",),
    LEGAL_DOCUMENT: ("法律文书号", "法律文书编号", "文书号", "文号"),
    CASE_NUMBER: ("案号", "案件号"),
    CHANNEL: ("采集渠道", "信息采集途径"),
    PUBLISHED_ON: ("公布时间", "公示日期"),
    APPLICATION_NUMBER: ("办件号", "申请编号"),
    TAKEN_OVER: ("是否历史数据",),
    NAME_CONFIRMED: ("名称已核对", "姓名是否已核对"),
}
"""Each canonical header, in the order of export, with its other names."""

OF_DETERMINATION: Final = (DETERMINED_ON, VALIDITY, PERIOD_BASIS, LEGAL_DOCUMENT, PUBLISHED_ON)
"""Columns that come with a determination: a collected case has none of them [5.1.3] [5.1.4]."""
MAY_BE_MISSING: Final = frozenset(
    {KIND, PHONE, AREA, APPLICATION_NUMBER, TAKEN_OVER, NAME_CONFIRMED, *OF_DETERMINATION}
)
"""Columns that a file need not have. Kind and area must still be stated in some other way."""

STATES_KIND: Final[Mapping[str, SubjectKind]] = {
    "身份证号": SubjectKind.NATURAL_PERSON,
    "身份证号码": SubjectKind.NATURAL_PERSON,
    "居民身份证号码": SubjectKind.NATURAL_PERSON,
    "公民身份号码": SubjectKind.NATURAL_PERSON,
    "法人名称": SubjectKind.LEGAL_PERSON,
}

DAYS: Final = frozenset({DETERMINED_ON, PUBLISHED_ON, VALIDITY})
"""Columns of days; a validity is a last day or a length, which is no number of five digits."""

BASIC: Final = RecordForm(HEADERS, MAY_BE_MISSING, STATES_KIND, DAYS)
"""Basic information [5.1.3]."""
