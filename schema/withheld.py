"""What was decided for one field of a document, and how a refusal of it is told."""

import dataclasses
from dataclasses import dataclass
from enum import StrEnum

from consent.purposes import DataClass
from policy.table import Grant, Reason


class Outcome(StrEnum):
    """What a field of a document shows."""

    CLEAR = "CLEAR"
    MASKED = "MASKED"
    MIXED = "MIXED"
    """Clear for some rows, masked for others: a handler's own cases and those of the same department."""
    WITHHELD = "WITHHELD"


MESSAGES: dict[Reason, tuple[str, str]] = {
    Reason.ROLE: ("当前角色无权以此目的读取该字段。", "This role may not read this field for this purpose."),
    Reason.NECESSITY: (
        "该目的不需要此字段，按最小必要原则不予提供。",
        "This purpose does not need this field; by the rule of minimisation it is not shown [5.1.6].",
    ),
    Reason.CONSENT: (
        "未取得当事人对此项信息的有效授权。",
        "There is no live authorisation of the person for this information [5.1.6].",
    ),
    Reason.UNCLASSIFIED: ("该字段尚未分类，不予提供。", "This field has no data class and is not served."),
}
"""By reason: zh-CN first, English beside it."""


@dataclass(slots=True)
class Decision:
    """The decision on one field at one place of the document. *types* are the concrete types that it holds for."""

    path: tuple[str, ...]
    field: str
    data_class: DataClass | None
    outcome: Outcome
    grants: tuple[Grant, ...] = ()
    reason: Reason | None = None
    unlock: str = ""
    types: list[str] = dataclasses.field(default_factory=list)

    def error(self) -> dict[str, object]:
        """Return the GraphQL error of a withheld field, one for its place in the document.

        `path` is not given: inside a list the field has as many response paths as the list has items. Where it
        stands in the document is told by `extensions.at`, in response keys.
        """
        message_zh, message = MESSAGES[self.reason or Reason.UNCLASSIFIED]
        return {
            "message": message_zh,
            "extensions": {
                "code": "WITHHELD",
                "reason": self.reason,
                "messageEn": message,
                "at": list(self.path),
                "field": self.field,
                "types": self.types,
                "dataClass": self.data_class,
                "unlock": self.unlock,
            },
        }
