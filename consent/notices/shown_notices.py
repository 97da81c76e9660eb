"""The notice that a subject is shown before it answers a request: what it agrees to, in words [5.1.6] [PIPL 17].

A notice is a text with a version. Its digest is that of its only written form, so a grant says what was shown, and
nobody can say later that it was another text. It names bounds and a recipient, and nothing of any person.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Final, Self

from consent.authorisation import Authorisation
from consent.leaves.canonical_form import canonical_bytes
from consent.vocabulary import FieldGroup, Purpose

VERSION: Final = "authorisation-notice/1"
"""Counts the wordings: another text has another version."""
LANGUAGE: Final = "zh-CN"

_PURPOSES: Final[Mapping[Purpose, str]] = {
    Purpose.CREDIT_CHECK: "办理申请前查询信用状况，判断能否适用守信激励",
    Purpose.CONSULTATION: "评级、评优或者选拔前征求意见",
}
_GROUPS: Final[Mapping[FieldGroup, str]] = {
    FieldGroup.IDENTITY: "身份信息",
    FieldGroup.CONTACT: "联系方式、地址",
    FieldGroup.RESTRAINT: "是否处于失信制约及其情形、日期",
    FieldGroup.FACTS: "失信事实和证据",
    FieldGroup.APPLICATIONS: "办件",
}
_RIGHTS: Final = (
    "您可以拒绝，也可以只同意其中一部分；不同意不影响正常办理，也不会留下对您不利的记录。",
    "您可以随时在本系统撤回，也可以到窗口或者以书面方式撤回，不需要理由；撤回后不得再据此查询，对方应当删除已取得的信息。",
    "每次查询都记入您的访问记录，您可以查看；对不认可的查询可以提出质疑，由查询部门答复。",
)


@dataclass(frozen=True, slots=True)
class ShownNotice:
    """A notice as it is shown: its lines, in order."""

    lines: Sequence[str]
    version: str = VERSION
    language: str = LANGUAGE

    @classmethod
    def of_text(cls, text: str) -> Self:
        """Return the notice of a *text* that was kept."""
        written = json.loads(text)
        return cls(tuple(written["lines"]), written["type"], written["language"])

    @property
    def text(self) -> str:
        """The only written form, JSON per RFC 8785.

        {"language":"zh-CN","lines":["请求方：…","用途：…",…],"type":"authorisation-notice/1"}
        """
        written = {"type": self.version, "language": self.language, "lines": list(self.lines)}
        return canonical_bytes(written).decode()

    @property
    def digest(self) -> str:
        """SHA-256 of the UTF-8 bytes of *text*, in 64 small hexadecimal digits."""
        return sha256(self.text.encode()).hexdigest()


def notice_of(asked: Authorisation, recipient: str) -> ShownNotice:
    """Return the notice of the request *asked*; *recipient* is the name of the department or association."""
    return notice_in_words(
        asked.purpose, asked.recipient_code, recipient, asked.groups, asked.means, asked.expires_on, asked.uses_allowed
    )


def notice_in_words(
    purpose: Purpose, recipient_code: str, recipient: str, groups: FieldGroup, means: str, expires_on: date, uses: int
) -> ShownNotice:
    """Return the notice of a request with these terms."""
    scope = "、".join(_GROUPS[group] for group in FieldGroup if group in groups)
    until = f"{expires_on.year}年{expires_on.month}月{expires_on.day}日"
    return ShownNotice(
        (
            f"请求方：{recipient}（{recipient_code}）。",
            f"用途：{_PURPOSES.get(purpose, purpose.value)}。",
            f"方式：{means}",
            f"信息范围：{scope}。",
            f"期限：至{until}（含当日），最多使用{uses}次；到期不自动延长。",
            *_RIGHTS,
        )
    )
