"""The drill of the ledger, short: killed at any step, the logs lose, double and fork nothing [5.1.6]."""

from pathlib import Path
from random import Random

import pytest

from tests.databases import on_both, on_sqlite
from tests.drill.full_disk import FullDiskFound, fill_a_disk
from tests.drill.ledger_drill import LedgerDrill, LedgerFound

pytestmark = [pytest.mark.slow, pytest.mark.subprocess]


@on_both
async def test_a_ledger_whose_sequencers_are_killed_loses_doubles_and_forks_nothing(
    database_url: str, tmp_path: Path
) -> None:
    chance = Random(1)  # noqa: S311 - chooses steps, no secrets
    found = await LedgerDrill(database_url, tmp_path, chance).run(kills=14)
    assert found == LedgerFound(entries=found.entries, checkpoints=found.checkpoints, restores=found.restores)
    assert found.entries
    assert found.checkpoints


@on_sqlite
async def test_a_disk_that_fills_up_under_load_is_alarmed_and_loses_nothing(database_url: str, tmp_path: Path) -> None:
    found = await fill_a_disk(database_url, tmp_path, Random(1))  # noqa: S311 - sizes of groups
    if isinstance(found, str):
        pytest.skip(found)
    ledger = LedgerFound(entries=found.ledger.entries, checkpoints=found.ledger.checkpoints)
    assert found == FullDiskFound(ledger, found.full)
    assert ledger.entries > found.full > 0
