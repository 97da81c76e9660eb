"""The errors of the policy.

PolicyError
├── PolicyRefused(file, line, word)     the tables are not loaded; names the file, the row and the word
├── ReadingsDisagree(cell)              Casbin and the second reading answer one question differently
└── Denied(unlock)                      not admitted: a read or an action; has a code and a message in two languages
    ├── DeniedByRole                    this role may not, for this purpose
    ├── DeniedByNecessity               this purpose does not need it
    ├── ConsentMissing                  it needs an authorisation, and none is live
    ├── ValueDamaged                    the stored value does not open
    └── Unclassified                    a field without a row in classes.csv

The errors of keys and sealed values are in policy.crypto.field_encryption.
"""

from pathlib import PurePath
from typing import ClassVar


class PolicyError(Exception):
    """The base of every error that the policy raises by name."""


class PolicyRefused(PolicyError):
    """The policy files are not accepted, and no part of them is in force.

    *line* counts from 1, with the header as line 1; it is 0 where the error concerns the whole file.
    """

    def __init__(self, why: str, *, file: str, line: int = 0, word: str = "") -> None:
        where = f"{file}:{line}" if line else file
        super().__init__(f"{where}: {why}" + (f": {word!r}" if word else ""))
        self.file, self.line, self.word, self.why = PurePath(file).name, line, word, why


class ReadingsDisagree(PolicyError):
    """Casbin and the second reading of the rules answer a question differently. *cell* is its words."""

    def __init__(self, cell: tuple[str, ...]) -> None:
        super().__init__(f"Casbin and the expanded rules disagree about {','.join(cell)}")
        self.cell = cell


class Denied(PolicyError):
    """The request is not admitted. *unlock* says what would be admitted, as in `policy.decisions`, or is empty."""

    code: ClassVar[str] = "DENIED"
    message: ClassVar[str] = "This is not admitted."
    message_zh: ClassVar[str] = "不予提供。"

    def __init__(self, unlock: str = "") -> None:
        super().__init__(self.message)
        self.unlock = unlock


class DeniedByRole(Denied):
    """The role may not do this for this purpose."""

    code = "WITHHELD_ROLE"
    message = "This role may not have this for this purpose."
    message_zh = "当前角色无权为此目的获取该项信息。"


class DeniedByNecessity(Denied):
    """The purpose does not need this [5.1.6]."""

    code = "WITHHELD_NECESSITY"
    message = "This purpose does not need this item."
    message_zh = "该项信息并非此目的所必需，不予提供。"


class ConsentMissing(Denied):
    """It needs the subject's authorisation, and none is live [5.1.6]."""

    code = "WITHHELD_CONSENT"
    message = "This needs the subject's authorisation, and none is in force."
    message_zh = "该项信息须经本人授权，当前没有有效授权。"


class ValueDamaged(Denied):
    """The sealed value does not open: a byte of it, of its key or of its place was changed."""

    code = "WITHHELD_DAMAGED"
    message = "The stored value is damaged and cannot be read. The operator has been alerted."
    message_zh = "该项信息的存储数据已损坏，无法读取；系统已向管理员告警。"


class Unclassified(Denied):
    """No row of classes.csv gives the data class of this field, so no caller sees it."""

    code = "WITHHELD_UNCLASSIFIED"
    message = "This field has no data class and is shown to nobody."
    message_zh = "该字段尚未分类，不予提供。"
