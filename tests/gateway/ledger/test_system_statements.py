"""A server states in the log `system` with what it serves, and again only what has changed [5.1.6]."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from consent.ledger.system_entries import PolicyInForce, SettingInForce, SystemEntry, parse_system_entry
from gateway.ledger.system_statements import SETTINGS, state_policy, state_start
from gateway.settings.settings import Settings
from policy.crypto.keyring import INDEX, KEK, Keyring
from storage.database.database import Database
from tests.builders import NOW
from tests.schema.service import settings_for
from tests.storage.access_record import pending

ONE, OTHER = "ab" * 16, "cd" * 16


@pytest.fixture
def settings(kek: Path, database_url: str) -> Settings:
    return settings_for(kek, database_url)


async def stated(database: Database) -> list[SystemEntry]:
    return [parse_system_entry(entry) for log, _, entry in await pending(database) if log == "system"]


async def test_a_start_states_what_differs_from_the_last_one(settings: Settings, database: Database, kek: Path) -> None:
    keyring = Keyring.load(kek, bytes)
    await state_start(database, settings, keyring, ONE, NOW)
    first = Counter(type(each).__name__ for each in await stated(database))
    of_settings = len(SETTINGS) + 1
    assert first == {
        "AttestationClosed": 1,
        "SoftwareStart": 1,
        "PolicyInForce": 1,
        "KeyInForce": 2,
        "SettingInForce": of_settings,
    }
    keys = {(each.kind, each.current) for each in await stated(database) if hasattr(each, "kind")}
    assert keys == {(KEK, True), (INDEX, True)}

    again = NOW + timedelta(hours=1)
    await state_start(database, settings, keyring, ONE, again)
    assert [type(each).__name__ for each in await stated(database) if each.at == again] == ["SoftwareStart"]

    later = NOW + timedelta(hours=2)
    await state_start(database, replace(settings, publication_days=7), keyring, OTHER, later)
    news = [each for each in await stated(database) if each.at == later]
    assert PolicyInForce(later, OTHER) in news
    assert SettingInForce(later, "publication_days", "7") in news
    assert len(news) == 3


async def test_tables_that_are_loaded_again_are_stated_if_they_are_others(database: Database) -> None:
    for hour, version in enumerate((ONE, ONE, OTHER, ONE)):
        await state_policy(database, version, NOW + timedelta(hours=hour))
    in_turn = sorted(await stated(database), key=lambda each: each.at)  # the table of what waits has no order
    assert [each.version for each in in_turn] == [ONE, OTHER, ONE]  # type: ignore[attr-defined]  # PolicyInForce
