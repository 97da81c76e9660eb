"""What a client prefers, by the header `Prefer` [RFC 7240]."""

import pytest

from gateway.http.preferences import preferences

HEADERS = [
    ("none", [], {}),
    ("a word", ["cost"], {"cost": ""}),
    ("several, in any case", ["Cost, withheld=extensions"], {"cost": "", "withheld": "extensions"}),
    ("several lines", ["cost", "withheld=extensions"], {"cost": "", "withheld": "extensions"}),
    ("a quoted value and a parameter", ['withheld="extensions"; strict=1'], {"withheld": "extensions"}),
    ("the first of a name counts", ["withheld=errors, withheld=extensions"], {"withheld": "errors"}),
    ("an empty value is none", ['cost="", wait='], {"cost": "", "wait": ""}),
    ("nothing that is well formed", [", =x, ;"], {}),
]


@pytest.mark.parametrize(("case", "lines", "found"), HEADERS, ids=[case for case, *_ in HEADERS])
def test_preferences_are_read(case: str, lines: list[str], found: dict[str, str]) -> None:
    assert preferences(lines) == found, case
