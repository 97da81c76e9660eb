"""What can be wrong with a value, in English and Chinese, never quoting the value itself [5.1.6]."""

from enum import StrEnum
from typing import Self


class Flaw(StrEnum):
    """A reason to refuse a value. The wire name is stable; the sentences may be improved."""

    _value_: str
    message: str
    message_zh: str

    def __new__(cls, value: str, message: str = "", message_zh: str = "") -> Self:
        """Make a member whose value is the wire name; the two sentences are attributes."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.message = message
        member.message_zh = message_zh
        return member

    # fmt: off
    # --- any text ---
    REQUIRED = ("REQUIRED",
        "A value is required; a word for nothing, such as NULL or 未知, is none.",
        "此项必填，“NULL”“未知”等不视为填写。")
    TOO_LONG = "TOO_LONG", "The text is too long for this item.", "内容超出长度限制。"
    MASKED = "MASKED", "The value is masked; the whole value is needed.", "内容已脱敏，请填写完整内容。"
    GARBLED = ("GARBLED",
        "It is an error of a spreadsheet or program, or characters were lost.",
        "内容为电子表格或程序的错误值，或者含有乱码。")
    HOLDS_NUMBER = ("HOLDS_NUMBER",
        "The text holds a long number that does not belong into this item.", "内容中含有不应填写在此项的长串号码。")
    HOLDS_PERSONAL_DATA = ("HOLDS_PERSONAL_DATA",
        "The text names the subject; this item is kept in clear.",
        "此项以明文保存，不得含有当事人的姓名。")
    NOT_CORRECTABLE = ("NOT_CORRECTABLE",
        "This item stands with the determination; where it is wrong, the case is removed and determined anew.",
        "此项随认定作出，有误的应移除后重新认定。")
    NOT_OF_RECORD = ("NOT_OF_RECORD",
        "This answer is not for this kind of record.", "该答复结论不适用于此类记录。")
    NOT_FOUND_WRONG = ("NOT_FOUND_WRONG",
        "This item is not among those found wrong; report it first, so that everybody is told who had it.",
        "此项不在已发现有误的项目之内，请先登记，以便告知已取得该信息的单位。")
    STILL_WRONG = ("STILL_WRONG",
        "This item was found wrong and is put right in the same step.", "此项已发现有误，须一并修改。")
    NOT_AMENDED = ("NOT_AMENDED",
        "Only a review that amends gives this item.", "仅复核结论为变更时填写此项。")
    AMBIGUOUS = "AMBIGUOUS", "Several columns give this item, and they differ.", "多列同时填写了此项且内容不一致。"
    SHIFTED = "SHIFTED", "The row has more cells than the header.", "本行单元格数多于表头，可能存在错列。"

    NO_SUCH_FILE = ("NO_SUCH_FILE",
        "No file of yours with this reference waits here, and none belongs to this record.",
        "没有您上传的该编号文件，本记录中也没有该文件。")

    # --- identifiers ---
    LENGTH = "LENGTH", "It does not have the right number of characters.", "位数不正确。"
    ALPHABET = "ALPHABET", "It holds a character that cannot stand there.", "含有不允许的字符。"
    ROUNDED = ("ROUNDED",
        "A spreadsheet has rounded it; keep the column as text.",
        "号码已被电子表格转为科学计数，请将该列设为文本格式后重新填写。")
    REGION = "REGION", "Its region digits are not in use.", "行政区划代码不正确。"
    BIRTH_DATE = "BIRTH_DATE", "Its birth date does not exist.", "出生日期不正确。"
    SEQUENCE = "SEQUENCE", "Its sequence digits are not in use.", "顺序码不正确。"
    AUTHORITY = "AUTHORITY", "Its first character names no registering authority.", "登记管理部门代码不正确。"
    CATEGORY = ("CATEGORY",
        "Its second character names no category of its registering authority.", "机构类别代码与登记管理部门不符。")
    ORGANISATION_CODE = ("ORGANISATION_CODE",
        "The organisation code inside it does not match its check character.", "其中的组织机构代码校验码不符。")
    CHECK_CHARACTER = "CHECK_CHARACTER", "Its check character does not match.", "校验码不符，请对照证件核对。"
    NOT_BORN_YET = "NOT_BORN_YET", "Its birth date lies in the future.", "出生日期晚于当前日期。"
    SOLE_TRADER_CODE = ("SOLE_TRADER_CODE",
        "The code is that of a sole trader, but the kind says otherwise.", "该代码属于个体工商户，与主体类型不符。")
    NOT_SOLE_TRADER_CODE = ("NOT_SOLE_TRADER_CODE",
        "A sole trader's code begins with 92; this one does not.",
        "个体工商户的统一社会信用代码应以92开头，与主体类型不符。")

    # --- particulars of a subject ---
    UNKNOWN_KIND = ("UNKNOWN_KIND",
        "The kind of subject is not one of those known.", "主体类型不正确，应为自然人、法人、个体工商户或其他组织。")
    AMBIGUOUS_KIND = ("AMBIGUOUS_KIND",
        "The word covers several kinds; write natural person, legal person, sole trader or other organisation.",
        "该词可指多种主体，请填写自然人、法人、个体工商户或其他组织。")
    KIND_NOT_STATED = ("KIND_NOT_STATED",
        "The kind of subject is not stated, and is never guessed from a number.",
        "未说明主体类型；系统不会根据号码推测。")
    PHONE = ("PHONE",
        "Not a mainland mobile number of 11 digits, a landline number with its area code, nor a service number.",
        "联系电话应为11位手机号码、带区号的固定电话或客服号码。")
    UNKNOWN_AREA = "UNKNOWN_AREA", "No area is known by this code or name.", "无法识别所属镇街或区划代码。"
    AREA_NOT_STATED = ("AREA_NOT_STATED",
        "No area is stated, and the address does not name exactly one.", "未填写所属镇街，且无法从地址中唯一确定。")

    # --- particulars of a case ---
    UNKNOWN_DEPARTMENT = "UNKNOWN_DEPARTMENT", "No department is known by this code or name.", "无法识别认定单位。"
    UNKNOWN_CIRCUMSTANCE = ("UNKNOWN_CIRCUMSTANCE",
        "The circumstance is not one of the five of [5.1.2].", "失信情形不属于规定的五种情形之一。")
    NOT_OF_CIRCUMSTANCE = ("NOT_OF_CIRCUMSTANCE",
        "This answer belongs to circumstance e, other breaches [5.1.2e].", "此选项仅适用于其他失信行为。")
    UNKNOWN_CHANNEL = "UNKNOWN_CHANNEL", "The channel is not one of those of [5.1.3].", "采集途径不属于规定的途径之一。"
    DATE_FORM = ("DATE_FORM",
        "Not a date in one of the accepted forms, such as 2026-03-05, 2026年3月5日 or 20260305.",
        "日期格式不正确，应为2026-03-05、2026年3月5日或20260305等格式。")
    DATE_YEAR = ("DATE_YEAR",
        "The date lacks its year, or the year has two digits only; write all four.",
        "日期缺少年份或年份不足四位，请写明四位年份。")
    DATE_SERIAL = ("DATE_SERIAL",
        "A number instead of a date, and none that a spreadsheet gives a day from 1980 on.",
        "此项应为日期，填写的数字不是1980年以后日期的电子表格序列号。")
    ISO_DATE = ("ISO_DATE",
        "Not a date in the form 2026-03-05.", "日期格式不正确，应为2026-03-05。")
    ISO_INSTANT = ("ISO_INSTANT",
        "Not a date and time with its zone, as in 2026-03-05T09:30:00+08:00.",
        "时间格式不正确，应为带时区的日期和时间，如2026-03-05T09:30:00+08:00。")
    NO_SUCH_DATE = "NO_SUCH_DATE", "There is no such date in the calendar.", "该日期不存在。"
    IN_FUTURE = "IN_FUTURE", "The date lies in the future.", "日期晚于当前日期。"
    BEFORE_DETERMINED = ("BEFORE_DETERMINED",
        "A determination is published on its own date or later [5.1.5].", "公布日期不得早于认定日期。")
    NOT_DETERMINED = ("NOT_DETERMINED",
        "A case without a date of determination is taken in as collected: this item comes with its determination.",
        "没有认定日期的信息按已采集接收，此项应在认定时确定，不得填写。")
    YES_OR_NO = "YES_OR_NO", "The item is 是 or 否.", "此项应填写“是”或“否”。"
    NO_CUT_OVER = ("NO_CUT_OVER",
        "Completed cases are not taken in here: leave the determination out, and the case is collected [5.1.4].",
        "本系统不接收已认定的案件；请删除认定内容，按已采集接收后依程序办理。")
    NEVER_PUBLISHED = ("NEVER_PUBLISHED",
        "A determination that was never published is not taken over: leave it out, and the case is collected [5.1.4].",
        "已认定未公布的案件不作为历史数据接收；请删除认定内容，按已采集接收后依程序办理。")
    AFTER_CUT_OVER = ("AFTER_CUT_OVER",
        "Only what was determined and published before the cut-over date is taken over [5.1.4].",
        "只接收历史数据截止日之前认定并公布的案件；其他案件按已采集接收后依程序办理。")
    ENDS_TOO_EARLY = "ENDS_TOO_EARLY", "The validity ends before it begins.", "有效期截止日早于起始日。"
    VALIDITY_FORM = ("VALIDITY_FORM",
        "Neither an end date nor a number of months.", "有效期应为截止日期或月数（如“6个月”）。")
    PERIOD_BASIS = ("PERIOD_BASIS",
        "A management period of more than six months needs the law that says so [5.1.5].",
        "管理期限超过6个月的，须注明法律法规规章依据。")

    # --- applications ---
    UNKNOWN_MATTER = ("UNKNOWN_MATTER",
        "This department handles no matter of this code or name.", "本部门没有该编码或名称的事项。")
    NOT_THIS_WINDOW = ("NOT_THIS_WINDOW",
        "The application was made at another department; each takes in its own.",
        "办理部门不是本部门；各部门只能导入本部门的办件。")
    UNKNOWN_OUTCOME = ("UNKNOWN_OUTCOME",
        "The outcome is not one of those known.", "办理结果不正确，应为准予、不予或撤回。")
    UNKNOWN_FACILITATION = ("UNKNOWN_FACILITATION",
        "The channel is not one of those of [4.2].", "办理方式不正确，应为普通办理、绿色通道、容缺受理或告知承诺。")
    NOT_GRANTED_HERE = ("NOT_GRANTED_HERE",
        "An incentive of an open application is granted at the counter, after a credit check [4.1] [5.2.1].",
        "未办结的办件，激励措施须经信用核查后在窗口给予，不能通过导入给予。")
    BEFORE_FILED = "BEFORE_FILED", "A step cannot come before the one that it follows.", "该日期早于申请或受理日期。"

    # --- documents ---
    NUMBER_TAKEN = "NUMBER_TAKEN", "This number stands on another document already.", "该文号已用于另一文书。"
    NOT_OF_A_CASE = ("NOT_OF_A_CASE",
        "A reminder is of an application, not of a case.", "催告书对应办件，不对应案件。")
    NOT_YOURS = "NOT_YOURS", "The authority numbers its documents.", "文号由认定单位编定。"
    # fmt: on
