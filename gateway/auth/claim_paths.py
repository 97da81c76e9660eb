"""Where a token holds a claim: a name, a path of names, or a JSON Pointer, as a setting says it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

LONGEST: Final = 255
_ESCAPED: Final = re.compile(r"(?:[^~]|~[01])*")


@dataclass(frozen=True, slots=True)
class ClaimPath:
    """A claim of a token. *ways* are tried in order; each is the names on the way to it.

    roles                                     the claim of this very name
    realm_access.roles                        the same; where there is none, the claim within a claim
    https://chengxin.example/roles            a name that is an address, with its dots
    /resource_access/chengxin.example/roles   exact: each part between two slashes is a name [RFC 6901]
    """

    ways: tuple[tuple[str, ...], ...]

    @classmethod
    def parse(cls, raw: str) -> Self:
        """Read the value of a setting. Raises ValueError."""
        if not raw.isprintable() or not 0 < len(raw) <= LONGEST:
            raise ValueError("no claim")
        if raw.startswith("/"):
            if not _ESCAPED.fullmatch(raw):
                raise ValueError("no JSON Pointer")
            return cls((tuple(name.replace("~1", "/").replace("~0", "~") for name in raw[1:].split("/")),))
        return cls(((raw,), tuple(raw.split("."))) if "." in raw else ((raw,),))

    def find(self, claims: Mapping[str, Any]) -> Any:  # noqa: ANN401 - the issuer chose its type
        """Return the value of the claim; None if the token lacks it."""
        for way in self.ways:
            found: Any = claims
            for name in way:
                found = found.get(name) if isinstance(found, Mapping) else None
            if found is not None:
                return found
        return None
