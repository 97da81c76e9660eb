"""What a visitor chooses of a list: its filters and the page of it, as the address states them. They name nobody."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final, Self
from urllib.parse import urlencode

from starlette.requests import Request

PAGE: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The page of a list that a visitor has chosen; a list with filters adds its own fields."""

    after: str | None
    before: str | None

    @classmethod
    def of(cls, request: Request) -> Self:
        """Return the choice that the address states; what is empty is not chosen."""
        return cls(**{each.name: request.query_params.get(each.name) or None for each in fields(cls)})

    def address(self, **other: str | None) -> str:
        """Return the same choice with *other* parts, as the query of an address."""
        parts = {each.name: getattr(self, each.name) for each in fields(self)} | other
        return urlencode({name: value for name, value in parts.items() if value})

    @property
    def page(self) -> Mapping[str, object]:
        """The arguments that say which page it is."""
        if self.before is not None:
            return {"last": PAGE, "before": self.before}
        return {"first": PAGE, "after": self.after}
