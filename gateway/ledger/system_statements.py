"""What a server states in the log `system`: with which software, policy, keys and settings it serves [5.1.6].

At the start, and where the policy is loaded again, each is stated if it differs from what was stated last. Several
processes that start at once may state the same twice, which says nothing wrong.
"""

from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version
from typing import Final

import structlog

from consent.ledger.system_entries import KeyInForce, PolicyInForce, SettingInForce, SoftwareStart, SystemEntry
from credit.policy_texts import publicity_rules as rule_files
from gateway.settings.settings import Settings
from policy.crypto.keyring import Keyring
from storage.database.database import Database
from storage.ledger.attestation.closing import close_before_anybody, closings
from storage.ledger.system_entries import state
from storage.unit_of_work import SqlUnitOfWork

NAME: Final = "chengxin-gateway"
SETTINGS: Final = (
    "authorisation_longest_days",
    "check_valid_days",
    "cut_over_on",
    "delegation_longest_days",
    "deletion_days",
    "entry_delay_longest_days",
    "publication_days",
    "registration_days",
    "suppression_k",
    "trusted_documents",
    "unrectified",
)
"""The settings that decide about rights and clocks. None is secret."""
NONE: Final = "none"


async def state_start(
    database: Database, settings: Settings, keyring: Keyring, policy_version: str, now: datetime
) -> None:
    """State that this software has started, and what is new of its policy, keys and settings."""
    async with SqlUnitOfWork(database) as work:
        await close_before_anybody(work.session, now)
        if not await closings(work.session):
            structlog.get_logger().warning("ledger.take-over-open")
        for entry, about in _at_start(settings, keyring, policy_version, now):
            await state(work.session, entry, about)
        await work.commit()


async def state_policy(database: Database, policy_version: str, now: datetime) -> None:
    """State that other tables decide from now on, if they do."""
    async with SqlUnitOfWork(database) as work:
        await state(work.session, PolicyInForce(now, policy_version))
        await work.commit()


def _at_start(
    settings: Settings, keyring: Keyring, policy_version: str, now: datetime
) -> Iterator[tuple[SystemEntry, str]]:
    # Each start is another one: the instant tells them apart.
    yield SoftwareStart(now, NAME, version(NAME)), now.isoformat()
    yield PolicyInForce(now, policy_version), ""
    for name, check in sorted(keyring.checks.items()):
        yield KeyInForce(now, name.kind, name.name, check, name in keyring.in_force), f"{name.kind}/{name.name}"
    for setting in SETTINGS:
        value = getattr(settings, setting)
        yield SettingInForce(now, setting, NONE if value is None else str(value)), setting
    # The rules of a file are the deployment's own, and so is its path.
    publicity = settings.publicity if settings.publicity in rule_files.SHIPPED else "file"
    yield SettingInForce(now, "publicity", publicity), "publicity"
