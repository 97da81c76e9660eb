"""What to do about a flaw: the way out of each refusal of a value, in English and Chinese [5.1.6]."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from credit.core.flaws import Flaw


@dataclass(frozen=True, slots=True)
class FlawRemedy:
    """What can be done, in both languages."""

    english: str
    chinese: str


_TYPE_IT = FlawRemedy(
    "Type the value as the document shows it; a formula or a conversion has replaced it.",
    "请按证件、文书原文重新填写；原内容已被公式或者编码转换替换。",
)
_FULL_VALUE = FlawRemedy("Fill in the whole value from the document.", "请按证件、文书填写完整内容。")
_SHORTER = FlawRemedy(
    "Shorten the text, and keep the rest in the papers of the case.", "请精简内容，其余内容保存在案卷材料中。"
)
_CHECK_NUMBER = FlawRemedy(
    "Compare each character with the document; keep the column as text.",
    "请逐位与证件核对；电子表格请将该列设为文本格式。",
)
_REFERENCE_ONLY = FlawRemedy(
    "Give the file number of the paper instead; names and numbers belong in the sealed items.",
    "请改填材料编号；姓名、证件号码、手机号码请填写在加密保存的项目中。",
)
_CHOOSE = FlawRemedy("Use one of the words of docs/import-format.md.", "请使用导入格式说明中列出的选项。")
_BY_CODE = FlawRemedy(
    "Look the code up: `departments`, `areas` and `matters` list those on record.",
    "请查询本系统的部门、区划、事项清单，填写其编码或者全称。",
)
_DATE = FlawRemedy("Write the day as 2026-03-05.", "请按“2026-03-05”的格式填写。")
_DATE_ORDER = FlawRemedy(
    "Compare the dates with the papers, and correct the wrong one.", "请对照文书核对各日期并更正。"
)
_COLLECT = FlawRemedy(
    "Leave the columns of the determination empty: the case is then collected, and takes its course.",
    "请将认定相关各列留空，案件按已采集接收后依程序办理。",
)
_ONE_STEP = FlawRemedy("Report the item as found wrong first, and correct it then.", "请先登记该项有误，再办理更正。")

REMEDIES: Final[Mapping[Flaw, FlawRemedy]] = {
    Flaw.REQUIRED: FlawRemedy(
        "Fill in this item. For a name that is such a word, compare the document and confirm it (nameConfirmed).",
        "请填写此项；姓名（名称）确为该词的，核对证件后注明“姓名已核对”（nameConfirmed）。",
    ),
    Flaw.TOO_LONG: _SHORTER,
    Flaw.MASKED: _FULL_VALUE,
    Flaw.GARBLED: _TYPE_IT,
    Flaw.HOLDS_NUMBER: _REFERENCE_ONLY,
    Flaw.HOLDS_PERSONAL_DATA: FlawRemedy(
        "Give the file number of the paper instead; cite a law by its title in 《…》.",
        "请改填材料编号；引用法律法规的，请写全称并加书名号。",
    ),
    Flaw.NOT_CORRECTABLE: FlawRemedy("Remove the case, and determine it anew.", "请移除该案件后重新认定。"),
    Flaw.NOT_OF_RECORD: FlawRemedy(
        "Answer about an access entry with JUSTIFIED, MISTAKEN or UNJUSTIFIED, and about any other record with "
        "REJECTED, CORRECT or REMOVE.",
        "对访问记录，请选择访问有正当理由、误查或者访问无正当理由；对其他记录，请选择异议不成立、予以修改或者予以移除。",
    ),
    Flaw.NOT_FOUND_WRONG: _ONE_STEP,
    Flaw.STILL_WRONG: FlawRemedy("Give the right value of this item, too.", "请同时填写该项的正确内容。"),
    Flaw.NOT_AMENDED: FlawRemedy(
        "Leave the item empty, or review with AMENDED.", "请将此项留空，或者将复核结论改为变更。"
    ),
    Flaw.AMBIGUOUS: FlawRemedy("Keep one of the columns.", "请只保留其中一列。"),
    Flaw.SHIFTED: FlawRemedy(
        "Put the cells under their headers; a comma inside a cell needs quotation marks.",
        "请将各单元格与表头对齐；单元格内含有逗号的，应加双引号。",
    ),
    Flaw.NO_SUCH_FILE: FlawRemedy("Upload the file first, and give its reference.", "请先上传文件，再填写其编号。"),
    Flaw.LENGTH: _CHECK_NUMBER,
    Flaw.ALPHABET: _CHECK_NUMBER,
    Flaw.ROUNDED: FlawRemedy(
        "Set the column to text, and type the number again.", "请将该列设为文本格式后重新填写号码。"
    ),
    Flaw.REGION: _CHECK_NUMBER,
    Flaw.BIRTH_DATE: _CHECK_NUMBER,
    Flaw.SEQUENCE: _CHECK_NUMBER,
    Flaw.AUTHORITY: _CHECK_NUMBER,
    Flaw.CATEGORY: _CHECK_NUMBER,
    Flaw.ORGANISATION_CODE: _CHECK_NUMBER,
    Flaw.CHECK_CHARACTER: _CHECK_NUMBER,
    Flaw.NOT_BORN_YET: _CHECK_NUMBER,
    Flaw.SOLE_TRADER_CODE: FlawRemedy("State the kind 个体工商户.", "请将主体类型改为个体工商户。"),
    Flaw.NOT_SOLE_TRADER_CODE: FlawRemedy(
        "Give the code of the business licence, or another kind of subject.",
        "请填写营业执照上的统一社会信用代码，或者更正主体类型。",
    ),
    Flaw.UNKNOWN_KIND: _CHOOSE,
    Flaw.AMBIGUOUS_KIND: _CHOOSE,
    Flaw.KIND_NOT_STATED: FlawRemedy("Fill in the column 主体类型.", "请填写“主体类型”一列。"),
    Flaw.PHONE: FlawRemedy("Correct the number, or leave the item empty.", "请更正号码，也可以留空。"),
    Flaw.UNKNOWN_AREA: _BY_CODE,
    Flaw.AREA_NOT_STATED: FlawRemedy("Fill in the column 所属镇街.", "请填写“所属镇街”一列。"),
    Flaw.UNKNOWN_DEPARTMENT: _BY_CODE,
    Flaw.UNKNOWN_CIRCUMSTANCE: _CHOOSE,
    Flaw.NOT_OF_CIRCUMSTANCE: FlawRemedy(
        "Leave it out, or choose the circumstance OTHER.", "请删除此项，或者将失信情形改为其他失信行为。"
    ),
    Flaw.UNKNOWN_CHANNEL: _CHOOSE,
    Flaw.DATE_FORM: _DATE,
    Flaw.DATE_SERIAL: _DATE,
    Flaw.DATE_YEAR: _DATE,
    Flaw.ISO_DATE: _DATE,
    Flaw.ISO_INSTANT: FlawRemedy(
        "Write it as 2026-03-05T09:30:00+08:00.", "请按“2026-03-05T09:30:00+08:00”的格式填写。"
    ),
    Flaw.NO_SUCH_DATE: _DATE_ORDER,
    Flaw.IN_FUTURE: _DATE_ORDER,
    Flaw.BEFORE_DETERMINED: _DATE_ORDER,
    Flaw.NOT_DETERMINED: _COLLECT,
    Flaw.YES_OR_NO: FlawRemedy("Write 是 or 否.", "请填写“是”或者“否”。"),
    Flaw.NO_CUT_OVER: _COLLECT,
    Flaw.NEVER_PUBLISHED: _COLLECT,
    Flaw.AFTER_CUT_OVER: _COLLECT,
    Flaw.ENDS_TOO_EARLY: _DATE_ORDER,
    Flaw.VALIDITY_FORM: FlawRemedy(
        "Write the last day, or a number of months: 6个月.", "请填写截止日期，或者“6个月”。"
    ),
    Flaw.PERIOD_BASIS: FlawRemedy(
        "Name the law in the column 管理期限依据, or shorten the period to six months.",
        "请在“管理期限依据”一列注明法律法规规章依据，或者将期限改为六个月以内。",
    ),
    Flaw.UNKNOWN_MATTER: _BY_CODE,
    Flaw.NOT_THIS_WINDOW: FlawRemedy(
        "Leave the row to the department that handles it.", "请将该行交由办理该件的部门导入。"
    ),
    Flaw.UNKNOWN_OUTCOME: _CHOOSE,
    Flaw.UNKNOWN_FACILITATION: _CHOOSE,
    Flaw.NOT_GRANTED_HERE: FlawRemedy(
        "Import the application as ordinary, and grant the incentive at the window.",
        "请按普通办理导入，激励措施在窗口给予。",
    ),
    Flaw.BEFORE_FILED: _DATE_ORDER,
    Flaw.NUMBER_TAKEN: FlawRemedy("Give the next free number.", "请填写未使用的文号。"),
    Flaw.NOT_OF_A_CASE: FlawRemedy("Call issueReminder with the application.", "请使用 issueReminder，并填写办件。"),
    Flaw.NOT_YOURS: FlawRemedy("Leave the number out.", "请不要填写文号。"),
}
"""One remedy for each flaw."""
