"""Values that somebody gives, and what every entrance says of each: the same code, or that it is taken in [5.1.3].

`{id}` and `{code}` stand for the number of a person and the code of a company that nobody else has; `{id:…}` changes
it. `{n}` is a number of four digits that nobody else has.
Persons are synthetic: births 1900-1912, sequences never given.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

TAKEN: Final = "taken"


class Kind(StrEnum):
    """A kind of value."""

    PERSON_NAME = "the name of a person"
    ORGANISATION_NAME = "the name of an organisation"
    ID_NUMBER = "an identity number"
    CREDIT_CODE = "a social credit code"
    TELEPHONE = "a telephone number"
    ADDRESS = "an address"
    DOCUMENT_NUMBER = "the number of a case"
    REFERENCE = "the reference of a paper"
    LINE = "a line in clear: the basis"
    FREE_TEXT = "free text: the facts"
    DAY_IN_A_FILE = "a day as a table has it"
    DAY_IN_JSON = "a day in GraphQL and JSON"
    SUBJECT_KIND = "the word for a kind of subject"
    ORGANISATION_KIND = "the word for a kind of organisation"


@dataclass(frozen=True, slots=True)
class Value:
    """One value, what is said of it, and why; *also* is the name of the person it is given with."""

    kind: Kind
    text: str
    code: str
    why: str
    name: str | None = None

    def __str__(self) -> str:
        return f"{self.kind.value}: {self.why}"


def _of(kind: Kind, *rows: tuple[str, str, str]) -> tuple[Value, ...]:
    return tuple(Value(kind, text, code, why) for text, code, why in rows)


ERROR_VALUES: Final = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "########", "锟斤拷")
NOTHING: Final = ("NULL", "None", "nan", "未知", "不详", "·")

OF_NAMES_THAT_ARE_WORDS: Final = (
    ("《中华人民共和国安全生产法》第一百条", TAKEN, "a title of a law that holds the name", "安全"),
    ("食品安全监督检查", TAKEN, "a word that holds the name", "安全"),
    ("对安全的处罚决定", "HOLDS_PERSONAL_DATA", "the name where a person stands", "安全"),
    ("当事人安全未补交材料", "HOLDS_PERSONAL_DATA", "the name after 当事人", "安全"),
    ("《司法鉴定程序通则》第十条", TAKEN, "a title of a rule that holds the name", "司法"),
    ("城市建设管理检查", TAKEN, "a word that holds the name", "建设"),
)
"""Names that are words of the law: the text, the code, why, and the name."""
VALUES: Final[tuple[Value, ...]] = (
    *(Value(Kind.PERSON_NAME, text, "GARBLED", f"an error value: {text}") for text in ERROR_VALUES),
    *(Value(Kind.PERSON_NAME, text, "REQUIRED", f"a word for nothing: {text}") for text in NOTHING),
    *_of(
        Kind.PERSON_NAME,
        ("演示甲", TAKEN, "a name"),
        ("演示 甲", TAKEN, "a name with a space inside"),
        ("\u200b演示甲\ufeff", TAKEN, "invisible characters around a name"),
        ("演\u3000示\u3000甲", TAKEN, "ideographic spaces, as on a form"),
        ("演示?", "GARBLED", "a question mark in place of a character"),
        ("演示\ufffd", "GARBLED", "the replacement character"),
        ("演示\ue863", TAKEN, "䶮 at its old private-use code point [GB 18030-2022]"),
        ("演示\ue000", "GARBLED", "a private-use character that is assigned to nothing"),
        ("演示·吐尔逊", TAKEN, "the separator of a transliterated name"),
        ("演示.吐尔逊", TAKEN, "the same name with a full stop"),
        ("演示⋅吐尔逊", TAKEN, "the same name with U+22C5"),
        ("演示･吐尔逊", TAKEN, "the same name with U+FF65"),
        ("演示﹒吐尔逊", TAKEN, "the same name with U+FE52"),
        ("演*甲", "MASKED", "a mask in place of a character"),
        ("演某", "MASKED", "a person called so-and-so"),
        ("演示{id}", "HOLDS_NUMBER", "a number beside the name"),
        ("", "REQUIRED", "nothing"),
        ("安全", TAKEN, "a name that is a word of the law"),
        ("演" * 200, "TOO_LONG", "a name of two hundred characters"),
        ("演示\ufe0e甲", TAKEN, "a variation selector"),
        ("演⽰甲", TAKEN, "a radical, as PDF files yield it"),
        ("演示甲_x000D_", TAKEN, "a line end as a workbook escapes it"),
        ("Null Berta", TAKEN, "a name of which a part is a word for nothing"),
        ("J. Smith", TAKEN, "a full stop between Latin letters"),
        ("[object Object]", "GARBLED", "what a program shows of an object"),
        ("å¼\xa0ä¸‰", "GARBLED", "UTF-8 read as code page 1252"),
        ("&#24352;", "GARBLED", "an escape of HTML"),
        ("%E5%BC%A0%E4%B8%89", "GARBLED", "an escape of an address"),
        ("演示？", "GARBLED", "a full-width question mark"),
    ),
    *_of(
        Kind.ORGANISATION_NAME,
        ("演示（淄博）有限公司", TAKEN, "brackets of full width are part of a registered name"),
        ("#N/A", "GARBLED", "an error value"),
        ("NULL", "REQUIRED", "a word for nothing"),
        ("演示13800000000公司", "HOLDS_NUMBER", "a mobile number inside: the name is published"),
        ("演示\ufffd公司", "GARBLED", "the replacement character"),
        ("演示(淄博)有限公司", TAKEN, "brackets of half width"),
        ("——", "REQUIRED", "marks alone"),
        ("", "REQUIRED", "nothing"),
    ),
    *_of(
        Kind.ID_NUMBER,
        ("{id}", TAKEN, "a number"),
        ("{id:spaced}", TAKEN, "in groups"),
        ("{id:wide}", TAKEN, "of full width"),
        ("{id:hyphens}", TAKEN, "with hyphens"),
        ("'{id}", TAKEN, "an apostrophe, by which a spreadsheet keeps text"),
        ("\ufeff{id}\u200b", TAKEN, "a byte order mark and a zero-width space"),
        ("{id:X as ×}", TAKEN, "a multiplication sign for X"),
        ("{id:x}", TAKEN, "a lower-case x"),
        ("{id:soft hyphens}", TAKEN, "with soft hyphens"),
        ("#N/A", "GARBLED", "an error value"),
        ("NULL", "REQUIRED", "a word for nothing"),
        ("{id:wrong}", "INVALID_ID_NUMBER", "another check character"),
        ("{id:short}", "INVALID_ID_NUMBER", "a digit too few"),
        ("{id:masked}", "INVALID_ID_NUMBER", "masked"),
        ("3.70305E+17", "INVALID_ID_NUMBER", "rounded by a spreadsheet"),
        ("{id:region 999999}", "INVALID_ID_NUMBER", "a region that nobody has"),
        ("{id:region 000000}", "INVALID_ID_NUMBER", "a region of zeros"),
        ("{id:born 18991231}", "INVALID_ID_NUMBER", "born before numbers of 18 digits count"),
        ("{id:born 20990101}", "INVALID_ID_NUMBER", "not born yet"),
        ("{id:born 19000230}", "INVALID_ID_NUMBER", "a birth date that does not exist"),
        ("", "REQUIRED", "nothing"),
    ),
    *_of(
        Kind.CREDIT_CODE,
        ("{code}", TAKEN, "a code"),
        ("{code:lower}", TAKEN, "in lower case"),
        ("{code:hyphens}", TAKEN, "with hyphens"),
        ("#REF!", "GARBLED", "an error value"),
        ("{id}", "INVALID_SOCIAL_CREDIT_CODE", "the number of a person"),
        ("{code:wrong}", "INVALID_SOCIAL_CREDIT_CODE", "another check character"),
        ("{code:division 000000}", "INVALID_SOCIAL_CREDIT_CODE", "a division of zeros"),
        ("{code:division 999999}", "INVALID_SOCIAL_CREDIT_CODE", "a division that does not exist"),
        ("{code:type 97}", "INVALID_SOCIAL_CREDIT_CODE", "a category that market regulation does not give"),
        ("", "REQUIRED", "nothing"),
    ),
    *_of(
        Kind.TELEPHONE,
        ("13800000000", TAKEN, "a mobile number"),
        ("+86 138-0000-0000", TAKEN, "with the country code, in groups"),
        ("13800000000.0", TAKEN, "as a spreadsheet makes a number of it"),
        ("0533-7000000转8012", TAKEN, "an extension"),
        ("400-000-0000", TAKEN, "a service number"),
        ("13800000000、0533-7000000", TAKEN, "two numbers"),
        ("(0533) 700 0000", TAKEN, "a landline with brackets"),
        ("12345", TAKEN, "a service line of the government"),
        ("", TAKEN, "nothing: it is optional"),
        ("未知", TAKEN, "a word for nothing in what is optional"),
        ("7000000", "PHONE", "no area code"),
        ("138****0000", "MASKED", "masked"),
        ("1.38E+10", "ROUNDED", "rounded by a spreadsheet"),
    ),
    *_of(
        Kind.ADDRESS,
        ("临淄区闻韶街道示例路1号", TAKEN, "an address"),
        ("#VALUE!", "GARBLED", "an error value"),
        ("闻韶街道示例路{id}", "HOLDS_NUMBER", "an identity number inside"),
        ("闻韶街道［已隐去］", "MASKED", "what an export wrote for a masked address"),
        ("闻韶街道示例路?号", "GARBLED", "a question mark in place of a character"),
        ("闻韶街道" * 80, "TOO_LONG", "longer than an address"),
    ),
    *_of(
        Kind.DOCUMENT_NUMBER,
        ("值〔2026〕{n}号", TAKEN, "as the style of documents has it"),
        ("值[2026]{n}-2号", TAKEN, "square brackets"),
        ("370305202603{n}", TAKEN, "16 digits: a place, a day and a count"),
        ("{id}", "HOLDS_NUMBER", "an identity number"),
        ("关于演示甲的案件", "HOLDS_PERSONAL_DATA", "the name of the person"),
        ("案-13800000000", "HOLDS_NUMBER", "a mobile number"),
        ("#REF!", "GARBLED", "an error value"),
        ("NULL", "REQUIRED", "a word for nothing"),
        ("值【{n}】第3号", TAKEN, "brackets and 第, as some write it"),
        ("案{id:spaced}", "HOLDS_NUMBER", "an identity number in groups"),
        ("号" * 60, "TOO_LONG", "longer than its column"),
        ("", "REQUIRED", "nothing"),
    ),
    *_of(
        Kind.REFERENCE,
        ("现场笔录-3", TAKEN, "a reference"),
        ("432123456789012", TAKEN, "15 digits of a postal item"),
        ("20260301123456789", TAKEN, "17 digits of a time stamp"),
        ("3703052026030001", TAKEN, "16 digits of an archive number"),
        ("{id}", "HOLDS_NUMBER", "an identity number"),
        ("材料{id:spaced}", "HOLDS_NUMBER", "an identity number in groups"),
        ("{id:old}", "HOLDS_NUMBER", "an identity number of 15 digits"),
        ("来电13800000000", "HOLDS_NUMBER", "a mobile number"),
        ("演示甲的笔录", "HOLDS_PERSONAL_DATA", "the name of the person"),
        ("演 示 甲 的笔录", "HOLDS_PERSONAL_DATA", "the name, spread"),
        ("演·示·甲", "HOLDS_PERSONAL_DATA", "the name with dots"),
        ("《关于对演示甲的认定书》", "HOLDS_PERSONAL_DATA", "the name in a title that is no law's"),
        ("卷宗{id:hyphens}", "HOLDS_NUMBER", "an identity number with hyphens"),
        ("{id:wide}", "HOLDS_NUMBER", "an identity number of full width"),
        ("{id:wrong}", TAKEN, "18 digits with another check character"),
        ("+86 138 0000 0000", "HOLDS_NUMBER", "a mobile number with the country code"),
        ("138-0000-0000", "HOLDS_NUMBER", "a mobile number in groups"),
        ("2026年3月1日10时23分", TAKEN, "a day and a time"),
        ("卷" * 120, "TOO_LONG", "longer than a reference"),
        ("#N/A", "GARBLED", "an error value"),
    ),
    *_of(
        Kind.LINE,
        ("临政管办发〔2022〕3号 五（一）2", TAKEN, "a citation"),
        ("对演示甲的检查", "HOLDS_PERSONAL_DATA", "the name of the person"),
        ("{id}", "HOLDS_NUMBER", "an identity number"),
        ("#N/A", "GARBLED", "an error value"),
        ("", "REQUIRED", "nothing"),
    ),
    *(Value(Kind.LINE, text, code, why, name=name) for text, code, why, name in OF_NAMES_THAT_ARE_WORDS),
    *_of(
        Kind.FREE_TEXT,
        ("申请时提供的证明经核实为虚假。", TAKEN, "a text"),
        ("第一行\n第二行", TAKEN, "two lines"),
        ("#N/A", "GARBLED", "an error value"),
        ("金额为€100", TAKEN, "a euro sign"),
        ("演\ufffd", "GARBLED", "the replacement character"),
        ("是否属实？", TAKEN, "a question"),
        ("????????", "GARBLED", "question marks in place of characters"),
        ("当事人{id}到场", TAKEN, "an identity number: the facts are sealed"),
        ("未知", "REQUIRED", "a word for nothing"),
        ("", "REQUIRED", "nothing"),
    ),
    *_of(
        Kind.DAY_IN_A_FILE,
        ("2026-02-02", TAKEN, "a day"),
        ("2026-02-02 14:23:05", TAKEN, "a day with a time"),
        ("2026/2/2 9:05", TAKEN, "a day with a time, as a spreadsheet shows it"),
        ("2026年2月2日", TAKEN, "in words"),
        ("2026年2月2号", TAKEN, "as people say it"),
        ("20260202", TAKEN, "compact"),
        ("46055", TAKEN, "the serial number of a spreadsheet"),
        ("46055.6", TAKEN, "the serial number of a day with a time"),
        ("12345", "DATE_SERIAL", "a serial number of another age"),
        ("2026.2.2", TAKEN, "with dots"),
        ("２０２６－０２－０２", TAKEN, "of full width"),
        ("二〇二六年二月二日", TAKEN, "in Chinese numerals"),
        ("2026年2月2日 下午2时", TAKEN, "a day with a time in words"),
        ("2026-02-02T14:23:05+08:00", TAKEN, "an instant"),
        ("26-2-2", "DATE_YEAR", "two digits of the year"),
        ("上周", "DATE_FORM", "no date"),
        ("#N/A", "GARBLED", "an error value"),
        ("2026-02-30", "NO_SUCH_DATE", "a day that does not exist"),
        ("2026-W05-2", "DATE_FORM", "a week date"),
        ("2月2日", "DATE_YEAR", "without its year"),
        ("2999-01-01", "IN_FUTURE", "a day to come"),
    ),
    *_of(
        Kind.DAY_IN_JSON,
        ("2026-01-28", TAKEN, "a day"),
        ("2026-W05-2", "ISO_DATE", "a week date"),
        ("20260128", "ISO_DATE", "compact"),
        ("2026-01-28T00:00:00Z", "ISO_DATE", "a day with a time"),
        ("2026-1-28", "ISO_DATE", "one digit for the month"),
        ("2026年1月28日", "ISO_DATE", "in words"),
        (" 2026-01-28", "ISO_DATE", "a space before it"),
        ("２０２６-01-28", "ISO_DATE", "digits of full width"),
        ("2026-02-30", "NO_SUCH_DATE", "a day that does not exist"),
    ),
    *_of(
        Kind.SUBJECT_KIND,
        ("自然人", TAKEN, "the term of the form"),
        ("个人", TAKEN, "a word of everyday"),
        ("外国人", TAKEN, "a natural person"),
        ("外星人", "UNKNOWN_KIND", "no word that departments use"),
        ("单位", "AMBIGUOUS_KIND", "a word for several kinds"),
        ("其他", "AMBIGUOUS_KIND", "a word for several kinds"),
    ),
    *(
        Value(Kind.ORGANISATION_KIND, word, TAKEN, f"a word of the law: {word}")
        for word in ("法人", "企业", "事业单位", "社会组织", "村委会", "农民专业合作社", "合伙企业", "分公司")
    ),
)
"""The table."""
