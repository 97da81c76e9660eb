"""Reads the preferences of a request [RFC 7240]: what a client would like, and a server may leave undone.

Prefer: withheld=extensions, wait=5
Preference-Applied: withheld=extensions
Vary: Prefer
"""

from collections.abc import Mapping, Sequence
from typing import Final

from schema.core.ports import WithheldMode

PREFER: Final = "prefer"
WITHHELD: Final = "withheld"
COST: Final = "cost"
VARY: Final = (b"vary", b"Prefer")
"""A header of every answer that a preference could have changed."""
_MODES: Final[Mapping[str, WithheldMode]] = {mode.value: mode for mode in WithheldMode}


def preferred(sent: Sequence[str]) -> Mapping[str, str]:
    """Return each preference of the headers *sent* by its name in lower case; of one that comes again, the first.

    Parameters after a semicolon, and anything that is no preference, are ignored.
    """
    found: dict[str, str] = {}
    for one in ",".join(sent).split(","):
        name, _, value = one.partition(";")[0].partition("=")
        if name.strip():
            found.setdefault(name.strip().lower(), value.strip().strip('"'))
    return found


def withheld_mode(sent: Sequence[str]) -> WithheldMode | None:
    """Return where the client would like to find what is withheld; None where it does not say, or not so."""
    return _MODES.get(preferred(sent).get(WITHHELD, "").lower())


def prefers_cost(sent: Sequence[str]) -> bool:
    """Return whether the client would like to be told what its request costs."""
    return COST in preferred(sent)


def applied(mode: WithheldMode | None, *, cost: bool) -> Mapping[str, str]:
    """Return the header that says which preferences were applied; none where none was."""
    names = [COST] if cost else []
    if mode is not None:
        names.append(f"{WITHHELD}={mode.value}")
    return {"Preference-Applied": ", ".join(names)} if names else {}
