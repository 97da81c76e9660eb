"""How many random examples a property takes.

`fast` takes few: it is the default, for `make test-fast` and `make test`. `full` takes as many as a property names, or
Hypothesis's own hundred: `make check` uses it. The environment's HYPOTHESIS_PROFILE or pytest's --hypothesis-profile
chooses. No profile has a deadline: how long an example takes on a busy machine is no property.
"""

import os

from hypothesis import settings

FAST, FULL = "fast", "full"
FEW = 12
MINUTES = float(os.environ.get("FUZZ_MINUTES", "0"))
"""For how long a test of `make fuzz` goes on; 0 in the other targets."""
SEED = int(os.environ.get("FUZZ_SEED", "1"))
"""Where it begins."""


def load_profile() -> None:
    """Register both profiles, and load the one that the environment names."""
    settings.register_profile(FAST, max_examples=FEW, deadline=None)
    settings.register_profile(FULL, max_examples=100, deadline=None)
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", FAST))


def examples(number: int, few: int = FEW) -> int:
    """The number of examples: *number* in the full profile, at most *few* in the fast one.

    For `max_examples`, and for loops over values that are chosen by chance.
    """
    return number if settings.get_current_profile_name() == FULL else min(number, few)
