"""The header `Prefer`: what a client would like, and a server may leave out [RFC 7240].

    Prefer: cost, withheld=extensions

Whoever acts on one says so in `Preference-Applied`.
"""

from collections.abc import Mapping, Sequence


def preferences(lines: Sequence[str]) -> Mapping[str, str]:
    """Return the value of each preference of the header's *lines*, by its name in lower case; "" for none.

    The first of a name counts, and parameters of a preference are left out [RFC 7240 2]. What is not well formed is no
    preference.
    """
    found: dict[str, str] = {}
    for each in ",".join(lines).split(","):
        name, _, value = each.partition(";")[0].partition("=")
        name = name.strip().lower()
        if name:
            found.setdefault(name, value.strip().strip('"'))
    return found
