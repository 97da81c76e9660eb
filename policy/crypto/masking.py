"""Masks: what a masked reader sees. A mask is made once, when a value is sealed, and stored beside it.

Every reader gets the same mask, because two different masks of one person could be combined. Four known digits at each
end of an identity number leave 34 candidates; one at each end leaves 5.7 billion.

A mask is made from a value that has been checked. A value of an unexpected form is hidden whole.
"""

import re
import unicodedata
from dataclasses import dataclass

from credit.core.values.characters import HAN
from credit.core.values.telephones import SEPARATOR
from credit.subjects.subject import SubjectKind

STAR = "＊"
REDACTED = "［已隐去］"

_NUMBER_LENGTH = 18
_SHOP = "＊＊（个体工商户）"

_HAN = re.compile(rf"[{HAN}]+")
# Writers differ in spaces, brackets and dashes. A word or a sign marks an extension, never a dash.
_PUNCTUATION = re.compile(r"[\s()\u2010-\u2015\u2212-]")
_MOBILE = re.compile(r"(?:(?:\+|00)?86)?(1[0-9]{10})")
_LANDLINE = re.compile(
    r"(?:(?:\+|00)86)?(0(?:10|2[0-9]|[3-9][0-9]{2}))([0-9]{7,8})(?:(?:转|ext\.?|x|#|,)[0-9]{1,6})?", re.IGNORECASE
)
_LOCAL = re.compile(r"[0-9]{7,10}")

# Family names of two characters. Left out are those that begin with a frequent family name of one character (such as
# 梁丘, 贺兰, 宗政): showing only the first character is never too much, showing one of a given name would be.
_COMPOUND = re.compile(
    "欧阳|太史|端木|上官|司马|东方|独孤|南宫|万俟|闻人|夏侯|诸葛|尉迟|公羊|赫连|澹台|皇甫|濮阳|公冶|太叔|"
    "申屠|公孙|慕容|仲孙|钟离|长孙|宇文|司徒|鲜于|司空|闾丘|子车|亓官|司寇|公西|颛孙|壤驷|公良|漆雕|拓跋|"
    "夹谷|轩辕|令狐|百里|呼延|东郭|羊舌|微生|西门|完颜|纳兰|淳于|耶律|即墨|达奚|第五"
)

# The divisions with which a shop's name may begin. A pattern like "anything up to 市" would show 张三 of 张三市场.
_DIVISIONS = (
    ("山东省", "山东"),
    ("淄博市", "淄博"),
    ("临淄区", "张店区", "淄川区", "博山区", "周村区", "桓台县", "高青县", "沂源县", "临淄"),
)


@dataclass(frozen=True, slots=True)
class Masks:
    """The stored masks of one subject; None where it has no value."""

    name: str | None = None
    number: str | None = None
    phone: str | None = None
    address: str | None = None


def masks_for(
    kind: SubjectKind, *, name: str | None, number: str | None, phone: str | None, address: str | None, area_name: str
) -> Masks:
    """Return the masks of a subject's particulars. *area_name* is the name of its township or sub-district.

    A sole trader is masked like a person, because its code and shop name identify one.
    """
    if kind is SubjectKind.NATURAL_PERSON or kind is SubjectKind.SOLE_TRADER:
        shop = kind is SubjectKind.SOLE_TRADER
        return Masks(
            name=None if name is None else mask_shop_name(name, area_name) if shop else mask_person_name(name),
            number=None if number is None else mask_identity_number(number),
            phone=None if phone is None else mask_phone(phone),
            address=None if address is None else mask_person_address(address, area_name),
        )
    # Name and registered address of an organisation are published.
    return Masks(
        name=name,
        number=None if number is None else mask_organisation_code(number),
        phone=None if phone is None else mask_phone(phone),
        address=address,
    )


def mask_person_name(name: str) -> str:
    """Show the family name: 张＊, 欧阳＊; of a name that is not written family name first, its first letter: J＊, 阿＊.

    There is one star, whatever the length of the given name. A name of one character is hidden whole.
    """
    plain = _plain(name)
    compact = "".join(plain.split())
    if len(compact) <= 1:
        return STAR
    # 欧阳 alone may be a 欧 whose given name is 阳, and five characters are a name spelt by sound.
    if _COMPOUND.match(compact) and len(compact) in (3, 4) and _HAN.fullmatch(compact):
        return compact[:2] + STAR
    return compact[0] + STAR


def mask_shop_name(name: str, area_name: str) -> str:
    """Show the divisions at the start of a sole trader's shop name; the rest often names the owner."""
    compact = "".join(_plain(name).split())
    shown = ""
    for divisions in (*_DIVISIONS, (area_name,)):
        shown += next((division for division in divisions if compact.startswith(division, len(shown))), "")
    return shown + _SHOP


def mask_identity_number(number: str) -> str:
    """Show the first and the last of eighteen characters."""
    if len(number) != _NUMBER_LENGTH or not (number.isascii() and number.isalnum()):
        return "*" * _NUMBER_LENGTH
    return number[0] + "*" * (_NUMBER_LENGTH - 2) + number[-1]


def mask_organisation_code(code: str) -> str:
    """Return it as it is, for it is published; but that of a sole trader (92…) as an identity number."""
    return mask_identity_number(code) if code.startswith("92") else code


def mask_phone(phone: str) -> str:
    """Show the first and the last two digits of a mobile number, the last two of a landline's subscriber part.

    Of several numbers each is masked by itself. A short number would be known by two digits, so it is hidden whole.
    """
    return SEPARATOR.join(map(_mask_one_phone, phone.split(SEPARATOR)))


def _mask_one_phone(phone: str) -> str:
    digits = _PUNCTUATION.sub("", _plain(phone))
    if mobile := _MOBILE.fullmatch(digits):
        return f"1********{mobile[1][-2:]}"
    if landline := _LANDLINE.fullmatch(digits):
        return f"{'*' * len(landline[1])}-{'*' * (len(landline[2]) - 2)}{landline[2][-2:]}"
    if _LOCAL.fullmatch(digits):
        return "*" * (len(digits) - 2) + digits[-2:]
    return "*" * 11


def mask_person_address(address: str, area_name: str) -> str:
    """Return the name of the township or sub-district instead; nothing of the address itself."""
    return area_name if address else ""


def mask_text(text: str) -> str:
    """Hide free text whole: no rule finds every name in it."""
    return REDACTED if text else ""


def _plain(text: str) -> str:
    """Normalise the width and drop invisible characters, so that a mask does not depend on how a value was typed."""
    normal = unicodedata.normalize("NFKC", text)
    return "".join(c for c in normal if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf", "Cs")).strip()
