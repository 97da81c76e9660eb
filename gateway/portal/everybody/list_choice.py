"""What a visitor chooses of the public list."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from credit.cases.status import Circumstance
from gateway.portal.choices import Bilingual, FilteredChoice

CIRCUMSTANCES: Final = tuple(each.name for each in Circumstance)
_UNKNOWN_CIRCUMSTANCE: Final = (
    "没有这种失信情形，请从列表中选择。",
    "There is no such circumstance. Choose one of the list.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChoice(FilteredChoice):
    """What a visitor has chosen of the public list."""

    circumstance: str | None

    def _own_flaws(self) -> Mapping[str, Bilingual]:
        if self.circumstance is None or self.circumstance in CIRCUMSTANCES:
            return {}
        return {"circumstance": _UNKNOWN_CIRCUMSTANCE}
