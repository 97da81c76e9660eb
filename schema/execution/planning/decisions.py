"""The decision on one field of a document, and its error where it is withheld."""

import dataclasses
from dataclasses import dataclass

from consent.vocabulary import DataClass
from policy.admission import denied
from policy.decisions import Grant, Withheld, WithheldReason
from schema.core.enums import AccessOutcome


@dataclass(slots=True)
class FieldDecision:
    """The decision on one field at one place of the document. *types* are the concrete types that it holds for.

    *rows* are the places, in the list of a root field, of the items in which the value is damaged.
    """

    path: tuple[str, ...]
    field: str
    data_class: DataClass | None
    outcome: AccessOutcome
    grants: tuple[Grant, ...] = ()
    reason: WithheldReason | None = None
    unlock: str = ""
    types: list[str] = dataclasses.field(default_factory=list)
    rows: list[int] = dataclasses.field(default_factory=list)

    def error(self) -> dict[str, object]:
        """Return the GraphQL error of a withheld field, one for its place in the document.

        `path` is not given: inside a list the field has as many response paths as the list has items. Its
        place in the document is in `extensions.at`, as response keys.
        """
        refusal = denied(Withheld(self.reason or WithheldReason.UNCLASSIFIED, self.unlock))
        return {
            "message": refusal.message_zh,
            "extensions": {
                "code": "WITHHELD",
                "reason": self.reason,
                "messageEn": refusal.message,
                "at": list(self.path),
                "field": self.field,
                "types": self.types,
                "dataClass": self.data_class,
                "unlock": self.unlock,
                **({"rows": self.rows} if self.rows else {}),
            },
        }
