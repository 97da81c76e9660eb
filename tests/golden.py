"""Golden files: output of the product, word for word. `make golden` renews them; the difference is the review.

    golden.same("cli/policy.txt", transcript)

Tests that use this have `golden` in their name: that is how `make golden` finds them.
"""

import os
from pathlib import Path

FOLDER = Path(__file__).with_suffix("")
RENEW = "RENEW_GOLDEN"


def same(name: str, text: str) -> None:
    """Compare *text* with the golden file *name*, or write it there where RENEW_GOLDEN is set."""
    path = FOLDER / name
    if os.environ.get(RENEW):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return
    assert path.exists(), f"no golden file {name}: run 'make golden' and look at what it wrote"
    assert text == path.read_text(encoding="utf-8"), f"{name} is not what it was: 'make golden', if that is meant"
