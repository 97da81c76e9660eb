"""The words that departments use for the choices of the form, and the names of departments and areas."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from credit.cases.status import Circumstance, CollectionChannel
from credit.core.errors import InvalidItem
from credit.core.flaws import Flaw
from credit.core.values.characters import clean, squashed
from credit.core.values.garbled import require_whole

YES: Final = "是"
NO: Final = "否"
CIRCUMSTANCES: Final[Mapping[str, Circumstance]] = {
    **{word: circumstance for circumstance in Circumstance for word in (circumstance.zh, circumstance.value)},
    "冒用他人身份": Circumstance.IMPERSONATION,
    "隐瞒事实": Circumstance.FALSE_MATERIAL,
    "提供虚假材料": Circumstance.FALSE_MATERIAL,
    "容缺逾期未补交": Circumstance.DOCUMENTS_NOT_SUPPLIED,
    "容缺受理逾期未补交": Circumstance.DOCUMENTS_NOT_SUPPLIED,
    "承诺不实": Circumstance.COMMITMENT_NOT_MET,
    "达不到承诺内容": Circumstance.COMMITMENT_NOT_MET,
    "其他": Circumstance.OTHER,
}
CHANNELS: Final[Mapping[str, CollectionChannel]] = {
    **{word: channel for channel in CollectionChannel for word in (channel.zh, channel.value)},
    "审管互动平台": CollectionChannel.SUPERVISION_PUSH,
    "群众举报": CollectionChannel.PUBLIC_REPORT,
}

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class ReferenceLists:
    """The known departments and areas, each as code → Chinese name. Rows may contain either."""

    departments: Mapping[str, str]
    areas: Mapping[str, str]


def is_yes(raw: str) -> bool:
    """Read 是 or 否. Raises InvalidItem."""
    text = clean(raw)
    require_whole(text)
    if text not in {YES, NO}:
        raise InvalidItem(Flaw.YES_OR_NO)
    return text == YES


def choose(raw: str, words: Mapping[str, Choice], unknown: Flaw) -> Choice:
    """Return the choice that *raw* names. Raises InvalidItem with *unknown*."""
    text = clean(raw)
    require_whole(text)
    choice = words.get(squashed(text))
    if choice is None:
        raise InvalidItem(unknown)
    return choice


def find_code(raw: str, names: Mapping[str, str], unknown: Flaw) -> str:
    """Return the code in *raw*, or the code of the name in *raw*. Raises InvalidItem for none, or for several."""
    require_whole(clean(raw))
    text = squashed(clean(raw))
    if text in names:
        return text
    codes = [code for code, name in names.items() if squashed(name) == text or squashed(code) == text]
    if len(codes) != 1:
        raise InvalidItem(unknown)
    return codes[0]


def name_of(code: str, names: Mapping[str, str]) -> str:
    """Return the name of *code*, or the code if the name is not unique."""
    name = names.get(code, code)
    try:
        found = find_code(name, names, Flaw.AMBIGUOUS)
    except InvalidItem:
        return code
    return name if found == code else code


def area_in(text: str, areas: Mapping[str, str]) -> str | None:
    """Return the one area that *text* names, the smallest if it also names larger ones around it; else None.

    An area lies in every area whose code is a prefix of its own: 临淄区闻韶街道 names the sub-district.
    """
    plain = squashed(text)
    named = [code for code, name in areas.items() if squashed(name) in plain]
    deepest = [code for code in named if not any(other != code and other.startswith(code) for other in named)]
    return deepest[0] if len(deepest) == 1 else None
