"""Numbers and rows made up for the tests of this room. Nobody here exists: births 1900-1912, sequences never given."""

from datetime import date

from hypothesis import strategies as st

from credit.file_formats.choices import ReferenceLists

TODAY = date(2026, 3, 5)

REFERENCE = ReferenceLists(
    departments={"LZ-SPFW": "临淄区行政审批服务局", "LZ-SCJG": "临淄区市场监督管理局"},
    areas={"370305": "临淄区", "370305001": "闻韶街道", "370305002": "雪宫街道", "370305101": "齐陵街道"},
)

ID_WEIGHTS = [2 ** (17 - place) % 11 for place in range(17)]
CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def id_number(area: str = "370305", born: str = "19010203", sequence: str = "990") -> str:
    """Put an ID number together, the check character worked out from the definition of MOD 11-2, not from a table."""
    body = area + born + sequence
    total = sum(int(digit) * weight for digit, weight in zip(body, ID_WEIGHTS, strict=True))
    return body + "0123456789X"[(12 - total) % 11]


def organisation_code(body: str) -> str:
    """Put on the check character by the definition: the weighted sum with it is a multiple of 11."""
    total = sum(int(c, 36) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return body + next(c for c in "0123456789X" if (total + int(c.replace("X", "A"), 16)) % 11 == 0)


def social_credit_code(prefix: str = "91", area: str = "370305", body: str = "MA3DEM01") -> str:
    """Put a code together, the last character found by trying: the weighted sum with it is a multiple of 31."""
    text = prefix + area + organisation_code(body)
    total = sum(CODE_ALPHABET.index(c) * 3**place for place, c in enumerate(text))
    return text + next(c for c in CODE_ALPHABET if (total + CODE_ALPHABET.index(c)) % 31 == 0)


PERSON = id_number()
COMPANY = social_credit_code()
SHOP = social_credit_code("92", body="MA3DEM02")


def row(**changed: str | None) -> dict[str, str]:
    """Return a row of basic information that is right, with some cells *changed* or (None) left out."""
    cells: dict[str, str | None] = {
        "姓名": "演示甲",
        "主体类型": "自然人",
        "身份证号": PERSON,
        "住址": "临淄区闻韶街道示例路1号",
        "联系电话": "13800000000",
        "所属镇街": "闻韶街道",
        "失信情形": "提供虚假材料",
        "失信事实": "申请时提供的证明经核实为虚假。",
        "认定单位": "临淄区行政审批服务局",
        "认定依据": "临政管办发〔2022〕3号",
        "认定日期": "2026-02-02",
        "有效期": "6个月",
        "法律文书": "临审告字〔2026〕第1号",
        "案件编号": "LZ-2026-0001",
        "采集途径": "事实调查",
        "公布日期": "2026年2月3日",
        "办件编号": "BJ-0001",
        **changed,
    }
    return {header: text for header, text in cells.items() if text is not None}


def spaced(text: str) -> str:
    """Write *text* in groups of four, as on a form."""
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


def wide(text: str) -> str:
    """Write *text* in full-width characters."""
    return "".join(chr(ord(c) + 0xFEE0) for c in text)


births = st.dates(date(1900, 1, 1), date(1912, 12, 31)).map(lambda day: day.strftime("%Y%m%d"))
sequences = st.integers(1, 999).map(lambda number: f"{number:03}")
divisions = st.integers(0, 9999).map(lambda rest: f"37{rest:04}")
id_numbers = st.builds(id_number, divisions, births, sequences)
bodies = st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=8, max_size=8).filter(lambda body: body != "0" * 8)
social_credit_codes = st.builds(
    social_credit_code, st.sampled_from(["11", "12", "31", "51", "91", "92", "93", "A1", "N2", "Y1"]), divisions, bodies
)
