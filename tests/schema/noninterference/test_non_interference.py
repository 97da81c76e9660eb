"""Two databases that differ only in what somebody may not see give that observer the same bytes [5.1.6].

The tables of `variations.py` say what differs, who may notice, and by which clauses. Everybody else gets the same
answers, errors and access entries, to the byte. Exceptions are in docs/decisions/0032-non-interference.md.
"""

from random import Random
from typing import Final

import pytest

from tests.hypothesis_profiles import MINUTES, examples
from tests.schema.noninterference.bench import Bench, hidden_from
from tests.schema.noninterference.observers import EVERYBODY, SEE_NOTHING
from tests.schema.noninterference.variations import VARIATIONS
from tests.schema.noninterference.worlds import SHOWN

pytestmark = pytest.mark.slow


async def test_nobody_sees_what_is_not_for_it(bench: Bench) -> None:
    """All that an observer may not see, at once: every answer and every entry is the same.

    `make test` asks as every second observer, `make check` as all.
    """
    seen = []
    for observer in list(bench.observers.values())[:: 1 if examples(2, few=1) > 1 else 2]:
        hidden = hidden_from(observer)
        if await bench.differ(observer, hidden) is None:
            continue
        while len(hidden) > 1:  # names the first one that is seen
            half = hidden[: len(hidden) // 2]
            hidden = half if await bench.differ(observer, half) else hidden[len(half) :]
        seen.append(f"{observer.name} sees {hidden[0].name}: {await bench.differ(observer, hidden)}")
    assert not seen, "\n".join(seen)


THE_SAME_FOR_ALL: Final = frozenset({
    # Reference data, calendars and published notices are for everybody.
    "areas", "sectors", "departments", "matters", "calendar_years", "trusted_documents",
    # Of a subject whom a variation adds: its number, key and secret come with it.
    "write_checks", "key_checks", "leases", "rate_limits", "imports", "inbound_messages", "idempotency_keys",
    "login_attempts", "login_sessions",
})  # fmt: skip
OF_THE_LEDGER: Final = frozenset({
    # Its trees begin empty: `myLedger` is null and `receipts` are none, for everybody. What they show, and that nobody
    # else has it, is in tests/schema/ledger.
    "attested_rows", "disclosure_openings", "entry_openings", "erased_access_entries", "held_groups", "ledger_audits",
    "ledger_entries", "ledger_epochs", "ledger_folds", "ledger_recorders", "ledger_restores", "ledger_trees",
    "mismatched_leaves", "subject_blocks", "subject_heads", "system_entries", "unindexed_disclosures",
    "withheld_entries",
})  # fmt: skip


def test_each_kind_of_record_differs_in_some_variation(bench: Bench) -> None:
    """A new table needs a variation, or its line above with the reason why nothing depends on who asks."""
    varied = {name for delta in bench.worlds.deltas.values() for name in delta.tables}
    shown = {table.name for table in SHOWN}
    assert sorted((shown - varied) ^ (THE_SAME_FOR_ALL | OF_THE_LEDGER)) == []


FEW = 1


async def test_everybody_sees_what_is_for_it(bench: Bench) -> None:
    """The tables are exact, and the comparison finds what there is to find."""
    unseen = {}
    # `make test` takes every sixth, `make check` all.
    step = 1 if examples(2, few=1) > 1 else 6
    for variation in VARIATIONS[::step]:
        names = sorted(variation.seen_by)
        # Few, and not the same of each variation; `make fuzz` takes all.
        few = len(names) if MINUTES else min(FEW, len(names))
        found = await bench.unseen(variation, Random(variation.name).sample(names, few))  # noqa: S311
        unseen.update({variation.name: found} if found else {})
    assert unseen == {}


def test_each_observer_sees_some_of_it_and_not_the_rest(bench: Bench) -> None:
    """No observer is idle: the comparison would report a difference to each of those who may see anything."""
    assert bench.observers.keys() == EVERYBODY
    sees = {name for one in VARIATIONS if one.seen_by != EVERYBODY for name in one.seen_by}
    assert EVERYBODY - sees == SEE_NOTHING
