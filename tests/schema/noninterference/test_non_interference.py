"""Two databases that differ only in what somebody may not see give that observer the same bytes [5.1.6].

`variations.py` has the table: what differs, who may notice, and the clauses that say so. Everybody else gets the same
answers, errors and access entries, to the byte. Exceptions are in docs/decisions/0032-non-interference.md.
"""

import os
from random import Random

import pytest

from tests.schema.noninterference.bench import Bench, hidden_from
from tests.schema.noninterference.variations import VARIATIONS, Variation

pytestmark = pytest.mark.slow


async def test_nobody_sees_what_is_not_for_it(bench: Bench) -> None:
    """All that an observer may not see, at once: every answer and every entry is the same."""
    for observer in bench.observers.values():
        hidden = hidden_from(observer)
        if await bench.differ(observer, hidden) is None:
            continue
        while len(hidden) > 1:  # names the first one that is seen
            half = hidden[: len(hidden) // 2]
            hidden = half if await bench.differ(observer, half) else hidden[len(half) :]
        pytest.fail(f"{observer.name} sees {hidden[0].name}: {await bench.differ(observer, hidden)}")


FEW = 1
MINUTES = float(os.environ.get("FUZZ_MINUTES", "0"))


@pytest.mark.parametrize("variation", VARIATIONS, ids=lambda one: str(one.name))
async def test_everybody_sees_what_is_for_it(bench: Bench, variation: Variation) -> None:
    """The table is exact, and the comparison finds what there is to find."""
    names = sorted(variation.seen_by)
    # Few, and not the same of each variation; `make fuzz` takes all.
    few = len(names) if MINUTES else min(FEW, len(names))
    assert await bench.unseen(variation, Random(variation.name).sample(names, few)) == []  # noqa: S311


def test_each_observer_sees_some_of_it_and_not_the_rest(bench: Bench) -> None:
    """No observer is idle: the comparison would report a difference to each of those who may see anything."""
    sees = {name for one in VARIATIONS for name in one.seen_by}
    assert sees <= bench.observers.keys()
    assert bench.observers.keys() - sees == SEE_NOTHING


SEE_NOTHING = {
    # Nothing in the table is of their sector, area or relation; what they get is the same throughout.
    "regulator elsewhere FOCUSED_CHECK", "stranger SELF_ACCESS",
    "head CONSULTATION", "head of health CONSULTATION", "handling reviewer REVIEW",
}  # fmt: skip
