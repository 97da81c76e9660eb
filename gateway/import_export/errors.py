"""The refusals of import and export, in English and Chinese, and never with a value of the file [5.1.6].

        ExchangeRefused     a whole run: a file that cannot be read, or an actor without the right; an *ImportRefusal*,
                            with a *FileFlaw* where a file can be unreadable for several reasons
        RowFlaw             one row: a flaw that shows only beside the record or the file, and that
                            `credit.file_formats.case_rows` cannot know

Both have the form of `credit.core.flaws.Flaw`: a stable code and two sentences.
"""

from enum import StrEnum
from typing import Self

from credit.core.errors import Problem


class _Worded(StrEnum):
    """A code with its two sentences, and what to do, if that is not one of them."""

    _value_: str
    message: str
    message_zh: str
    remedy: str
    remedy_zh: str

    def __new__(
        cls, value: str, message: str = "", message_zh: str = "", remedy: str = "", remedy_zh: str = ""
    ) -> Self:
        """Make the code the value, and the sentences attributes of the member."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.message, member.message_zh = message, message_zh
        member.remedy, member.remedy_zh = remedy, remedy_zh
        return member


class ImportRefusal(_Worded):
    """Why a file or an actor is refused as a whole."""

    # --- the file ---
    NOT_THERE = "NOT_THERE", "The file cannot be read.", "文件不存在或无法读取。"
    EMPTY = "EMPTY", "The file is empty.", "文件为空。"
    WORKBOOK = (
        "WORKBOOK",
        "This workbook cannot be read; open it in a spreadsheet, and save it as .xlsx or as CSV UTF-8.",
        "无法读取该工作簿，请用表格软件打开后另存为.xlsx或“CSV UTF-8”文件再导入。",
    )
    OTHER_FORMAT = (
        "OTHER_FORMAT",
        "This file is neither an .xlsx workbook nor a text table; open it, and save it as .xlsx or as CSV UTF-8.",
        "该文件既不是.xlsx工作簿也不是文本表格，请打开后另存为.xlsx或“CSV UTF-8”文件再导入。",
    )
    LONG_CELL = (
        "LONG_CELL",
        "A cell holds more than 32,767 characters, which no spreadsheet keeps; shorten it.",
        "单元格内容超过32767个字符，超出表格软件的上限，请删减后再导入。",
    )
    TOO_LARGE = (
        "TOO_LARGE",
        "The workbook unpacks to more than is taken; divide it, or save it as CSV.",
        "工作簿解压后过大，请拆分文件或另存为CSV文件。",
    )
    NOT_TEXT = "NOT_TEXT", "This is not a text file.", "这不是文本文件。"
    ENCODING = (
        "ENCODING",
        "The file is neither UTF-8 nor GB18030 throughout; export it again in one of them.",
        "文件编码既不是UTF-8也不是GB18030，请重新导出。",
    )
    NO_HEADER = (
        "NO_HEADER",
        "None of the first rows names the columns of this kind of record; docs/import-format.md lists them.",
        "前几行中没有找到该类记录的表头，请对照导入格式说明。",
    )
    MISSING_COLUMNS = "MISSING_COLUMNS", "The file lacks required columns.", "文件缺少必需的列。"
    QUOTES = (
        "QUOTES",
        "A quotation mark is not closed, or stands inside a quoted cell without its twin.",
        "引号没有成对出现，无法划分单元格。",
    )
    FILE_CHANGED = (
        "FILE_CHANGED",
        "The file was changed while it was being read; nothing more was taken in. Run the command again.",
        "文件在读取过程中被修改，未继续导入，请重新执行。",
    )
    TOO_MANY = (
        "TOO_MANY",
        "The file has more rows than all or nothing takes; use --per-row, or divide the file.",
        "文件行数超出整体导入的上限，请使用 --per-row 逐行导入，或拆分文件。",
    )
    ONE_NUMBER = (
        "ONE_NUMBER",
        "Each line names one subject, by its ID number or by its social credit code.",
        "每行须且只须填写一个对象的身份证号或统一社会信用代码。",
    )
    # --- the actor ---
    REFERENCE = (
        "REFERENCE",
        "State an account reference of at most 55 letters, digits and . _ : | -, never a name or an identity number.",
        "请用账号编号说明经办人，不得使用姓名或证件号码。",
    )
    TOKEN = "TOKEN", "The token is not accepted.", "令牌未通过核验。"
    ROLE_INCOMPLETE = (
        "ROLE_INCOMPLETE",
        "This role acts for a department, in a sector and area, or for one subject, and none was stated.",
        "该角色须说明所属部门、所属领域与区域，或本人主体编号。",
    )
    UNKNOWN_DEPARTMENT = "UNKNOWN_DEPARTMENT", "No department has this code.", "没有这个编码的部门。"
    NOT_ADMITTED = "NOT_ADMITTED", "The policy does not admit this to this role.", "当前角色无权进行此操作。"
    # --- the gateway ---
    BUSY = (
        "BUSY",
        "Others keep changing the same records; run the command again, it goes on where it stopped.",
        "相同记录正被他人修改，请稍后重新执行，已完成的部分不会重复。",
    )
    LOOKUP_QUOTA = (
        "LOOKUP_QUOTA",
        "This account or its department has imported as many rows as it may; import longer files with --per-row.",
        "本账号或者本部门导入的行数已达上限，未继续导入；行数更多的文件请使用 --per-row 分次导入。",
    )
    OUTPUT_EXISTS = "OUTPUT_EXISTS", "There is a file of this name already.", "已存在同名文件。"
    OUTPUT = "OUTPUT", "The output file cannot be written.", "无法写入输出文件。"
    UNENCODABLE = (
        "UNENCODABLE",
        "Some characters have no place in this encoding; nothing was written.",
        "部分字符无法用该编码表示，未写出文件。",
    )
    LONG_LIST = (
        "LONG_LIST",
        "A record holds more entries than one answer shows; nothing was written, so that none is missing in silence.",
        "某条记录所含条目超出一次查询的上限；为避免遗漏，未写出文件。",
    )
    SHEET_FULL = (
        "SHEET_FULL",
        "A workbook has no room for so many rows, or for so long a text; nothing was written. Write a .csv file.",
        "工作簿容纳不下这么多行或这么长的文本，未写出文件；请改为输出.csv文件。",
    )
    ROWS_DIFFER = (
        "ROWS_DIFFER",
        "Records, or who may see them, changed while they were read; nothing was written. Run the command again.",
        "读取期间记录或者其查看权限发生变化，未写出文件；请重新执行。",
    )
    TIME_LIMIT = (
        "TIME_LIMIT",
        "Reading took longer than the export may; nothing was written. Ask for less with --since, or give more time.",
        "读取时间超过本次导出的时限，未写出文件；请用 --since 缩小范围，或者延长时限。",
    )
    COUNTER = "COUNTER", "The counter refused the question.", "查询被拒绝。"


class FileFlaw(_Worded):
    """What is wrong with a file that is refused as WORKBOOK, or what it is if it is refused as OTHER_FORMAT."""

    # --- a workbook that cannot be read ---
    PASSWORD = "PASSWORD", "It is protected by a password; remove the password first.", "文件设有密码，请先取消密码。"
    DAMAGED = "DAMAGED", "It is cut off or damaged.", "文件不完整或已损坏。"
    COMPRESSION = (
        "COMPRESSION",
        "It is packed by a method that spreadsheets do not use.",
        "文件使用了表格软件不使用的压缩方式。",
    )
    MARKUP = "MARKUP", "Its XML is damaged, or is not that of a spreadsheet.", "文件内部的XML已损坏或不是表格。"
    ENTITIES = (
        "ENTITIES",
        "Its XML declares entities, which a workbook never does.",
        "文件内部的XML含有实体声明，正常工作簿没有此类内容。",
    )
    NO_SHEET = "NO_SHEET", "It has no sheet with cells that is shown.", "没有可见的工作表。"
    SHARED_TEXT = (
        "SHARED_TEXT",
        "A cell refers to a text that the workbook does not hold.",
        "单元格引用的文本在文件中不存在。",
    )
    CELL = "CELL", "A cell, or its place in the sheet, is not well formed.", "单元格内容或位置不合规范。"
    # --- another kind of file ---
    OLD_WORKBOOK = (
        "OLD_WORKBOOK",
        "It is an old workbook or document (.xls, .et, .doc, .wps).",
        "这是旧版文件（.xls、.et、.doc或.wps）。",
    )
    BINARY_WORKBOOK = "BINARY_WORKBOOK", "It is a binary workbook (.xlsb).", "这是二进制工作簿（.xlsb）。"
    OPEN_DOCUMENT = "OPEN_DOCUMENT", "It is an OpenDocument file (.ods).", "这是OpenDocument文件（.ods）。"
    NUMBERS = "NUMBERS", "It is a file of Apple Numbers (.numbers).", "这是苹果Numbers文件（.numbers）。"
    OFFICE_DOCUMENT = (
        "OFFICE_DOCUMENT",
        "It is a text or a presentation (.docx, .pptx).",
        "这是文字或演示文稿（.docx、.pptx）。",
    )
    ARCHIVE = "ARCHIVE", "It is an archive (.zip, .rar, .7z, .gz).", "这是压缩包（.zip、.rar、.7z或.gz）。"
    PDF = "PDF", "It is a PDF.", "这是PDF文件。"
    WEB_PAGE = "WEB_PAGE", "It is a web page, perhaps named .xls.", "这是网页文件（可能以.xls命名）。"
    XML = "XML", "It is an XML file, perhaps named .xls.", "这是XML文件（可能以.xls命名）。"
    RICH_TEXT = "RICH_TEXT", "It is a rich text (.rtf).", "这是RTF文件。"
    IMAGE = "IMAGE", "It is an image.", "这是图片文件。"


class RowFlaw(_Worded):
    """Why a row is refused although it is well formed."""

    OTHER_DEPARTMENT = (
        "OTHER_DEPARTMENT",
        "The determining authority is another department; each department takes in its own cases [5.1.1].",
        "认定单位不是本部门；各部门只能导入本部门认定的案件。",
        "Leave the row to that department.",
        "请将该行交由认定单位导入。",
    )
    NAME_CONFLICT = (
        "NAME_CONFLICT",
        "This number is on record, or stands earlier in the file, with another name.",
        "该证件号码已登记或在本文件前面出现，且名称（姓名）不同，请核对。",
        "Look at the document again; if the file is right, register the subject at the window with `nameConfirmed`.",
        "请再次核对证件；确与证件一致的，请在窗口登记并填写 nameConfirmed。",
    )
    KIND_CONFLICT = (
        "KIND_CONFLICT",
        "This number is on record, or stands earlier in the file, with another kind of subject.",
        "该证件号码已登记或在本文件前面出现，且主体类型不同，请核对。",
        "Look at the document again, and correct the kind.",
        "请再次核对证件，更正主体类型。",
    )
    DAMAGED = (
        "DAMAGED",
        "A stored value that this row is compared with, or carries over, is damaged and cannot be read.",
        "该行需核对或者沿用的存储数据已损坏，无法读取。",
        "Tell the operator; import the row again once the value is restored.",
        "请联系管理员；数据恢复后再次导入该行。",
    )
    CASE_TWICE = (
        "CASE_TWICE",
        "An earlier row of the file gives the same case of the same subject differently.",
        "本文件前面已有同一主体的同一案件，且内容不同。",
        "Keep one of the two rows.",
        "请只保留其中一行。",
    )
    CASE_NOT_OPEN = (
        "CASE_NOT_OPEN",
        "A case with this number is on record for this subject and cannot be changed by an import.",
        "该主体的此编号案件已登记，且不能通过导入修改。",
        "Correct the case in this system (correctCase).",
        "请在本系统内更正该案件（correctCase）。",
    )
    WITHOUT_FULL_CAPACITY = (
        "WITHOUT_FULL_CAPACITY",
        "The person had no full capacity on that day; one of 16 or 17 is restrained only here, on evidence [3.2].",
        "该日期当事人不具有完全民事行为能力，不予失信制约；年满十六周岁的，须在本系统采集并提供自食其力证明。",
        "Leave the row out; for a person of 16 or 17, collect the case here with the evidence.",
        "请删除该行；当事人年满十六周岁的，请在本系统采集并附证明材料。",
    )

    RECORD_TWICE = (
        "RECORD_TWICE",
        "An earlier row of the file gives the same record differently.",
        "本文件前面已有同一记录，且内容不同。",
        "Keep one of the two rows.",
        "请只保留其中一行。",
    )
    APPLICATION_NOT_OPEN = (
        "APPLICATION_NOT_OPEN",
        "An application with this number is on record here and cannot be changed by an import in this way.",
        "该编号的办件已登记，且不能通过导入这样修改。",
        "Take the next step of the application at the window.",
        "请在窗口办理该件的后续步骤。",
    )

    def at(self, header: str) -> Problem:
        """Return this flaw as a problem of the column *header*."""
        return Problem(header, self.value, self.message, self.message_zh, self.remedy, self.remedy_zh)


class ExchangeRefused(Exception):
    """A whole run is refused. *line* is a line of the file; *hint* says what the operator can do.

    *flaw* says what is wrong with a file that cannot be read, or what it is.
    """

    def __init__(
        self,
        refusal: ImportRefusal,
        *,
        line: int | None = None,
        hint: str = "",
        code: str = "",
        flaw: FileFlaw | None = None,
    ) -> None:
        super().__init__(refusal.value)
        self.code = code or refusal.value
        self.line = line
        self.hint = hint
        self.flaw = flaw
        self.message = refusal.message if flaw is None else f"{flaw.message} {refusal.message}"
        self.message_zh = refusal.message_zh if flaw is None else flaw.message_zh + refusal.message_zh

    def __str__(self) -> str:
        return self.message if self.line is None else f"{self.message} (line {self.line})"
