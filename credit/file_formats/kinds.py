"""The words that departments write for the kind of a subject, and the kinds that they mean [3.2].

By [Civil Code 57-108]: a special legal person, such as a committee, a collective or a cooperative, is a legal person
(96); sole proprietorships and partnerships have no legal personality (102), nor has a branch (74), which has a code.
"""

from collections.abc import Mapping
from typing import Final

from credit.core.errors import InvalidItem
from credit.core.flaws import Flaw
from credit.core.values.characters import clean, squashed
from credit.file_formats.choices import choose
from credit.subjects.subject import KIND_ZH, SubjectKind

_WORDS: Final[Mapping[SubjectKind, str]] = {
    SubjectKind.NATURAL_PERSON: (
        "个人 公民 居民 中国公民 本国公民 境内自然人 外国人 外国公民 外籍人员 外籍人士 港澳台居民 港澳居民 香港居民 "
        "澳门居民 台湾居民 台湾地区居民 华侨 境外自然人"
    ),
    SubjectKind.LEGAL_PERSON: (
        "企业 企业法人 企业单位 公司 有限公司 有限责任公司 股份公司 股份有限公司 国有企业 国有独资公司 "
        "一人有限责任公司 营利法人 非营利法人 特别法人 事业单位 事业法人 事业单位法人 机关 机关法人 国家机关 "
        "行政机关 党政机关 机关单位 机关事业单位 社会团体 社会团体法人 社团 社团法人 社会组织 社会组织法人 "
        "民办非企业 民办非企业单位 社会服务机构 基金会 捐助法人 村委会 村民委员会 居委会 居民委员会 社区居委会 "
        "社区居民委员会 基层群众性自治组织 农村集体经济组织 集体经济组织 村集体经济组织 股份经济合作社 经济合作社 "
        "农民专业合作社 农民专业合作社联合社 农民合作社 专业合作社 合作社 合作经济组织"
    ),
    SubjectKind.SOLE_TRADER: ("个体 个体户 个体工商 个体工商业户 个体经营 个体经营户 个体经营者"),
    SubjectKind.OTHER_ORGANISATION: (
        "其它组织 非法人组织 非法人单位 个人独资企业 独资企业 合伙企业 合伙 普通合伙企业 普通合伙 有限合伙企业 "
        "有限合伙 特殊普通合伙企业 特殊的普通合伙企业 外商投资合伙企业 律师事务所 分公司 分支机构 企业分支机构 "
        "非法人分支机构 办事处 代表处 代表机构 外国企业常驻代表机构"
    ),
}
_AMBIGUOUS_WORDS: Final = (
    "单位 组织 机构 团体 其他 其它 其他主体 主体 经营主体 市场主体 商事主体 非自然人 法人或其他组织 法人和其他组织 "
    "法人及其他组织 法人和非法人组织 法人或非法人组织 企业或个体工商户 企业和个体工商户 私营企业 民营企业 外资企业 "
    "集体企业 工会 工会组织 宗教活动场所 学校 医院 法定代表人 法人代表 负责人 经营者"
)
KINDS: Final[Mapping[str, SubjectKind]] = {
    **{KIND_ZH[kind]: kind for kind in SubjectKind},
    **{kind.value: kind for kind in SubjectKind},
    **{word: kind for kind, words in _WORDS.items() for word in words.split()},
}
AMBIGUOUS_KINDS: Final = frozenset(_AMBIGUOUS_WORDS.split())
"""Words that cover several kinds: which one is meant, only the department knows."""


def parse_kind_word(raw: str) -> SubjectKind:
    """Read a department's word for the kind of a subject. Raises InvalidItem, also for a word that covers several."""
    if squashed(clean(raw)) in AMBIGUOUS_KINDS:
        raise InvalidItem(Flaw.AMBIGUOUS_KIND)
    return choose(raw, KINDS, Flaw.UNKNOWN_KIND)
