"""Makes the rates of the settings, and the counts that the replicas share."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import quote, urlsplit, urlunsplit

import structlog
from limits import RateLimitItem
from limits.aio.storage import MemoryStorage
from limits.errors import ConfigurationError

from gateway.rates.request_rates import LeasedRequestRates
from gateway.settings.settings import SettingRefused, Settings
from gateway.telemetry.logging import where
from policy.crypto.keyring import Keyring
from schema.core.limits import Rate
from storage.database.database import Database
from storage.rate_limits.leases import DatabaseCounts, LeasePool, SharedCounts, StoredCounts

REDIS_SECONDS: Final = 0.5
"""How long Redis may take to answer; then the process counts for itself."""
SILENT_SECONDS: Final = 60.0
"""How long no second line is logged after the counts were not reached."""


def request_rates(
    settings: Settings, database: Database, keyring: Keyring, now: Callable[[], datetime]
) -> LeasedRequestRates | None:
    """Return what counts requests from outside; None where every rate is off. Raises SettingRefused."""
    rates: Mapping[Rate, Sequence[RateLimitItem]] = {
        Rate.REQUESTS_OF_ACTOR: settings.requests_per_actor,
        Rate.REQUESTS_OF_DEPARTMENT: settings.requests_per_department,
        Rate.REQUESTS_OF_NETWORK: settings.requests_per_network,
        Rate.REQUESTS_OF_DOCUMENT: settings.requests_per_document,
        Rate.COST_OF_ACTOR: settings.cost_per_actor,
        Rate.COST_OF_DEPARTMENT: settings.cost_per_department,
        Rate.COST_OF_NETWORK: settings.cost_per_network,
        Rate.COST_OF_DOCUMENT: settings.cost_per_document,
        Rate.LEDGER_OF_NETWORK: settings.ledger_per_network,
        Rate.LOGINS_OF_NETWORK: settings.logins_per_network,
        Rate.LOGINS_OF_ACTOR: settings.logins_per_actor,
    }
    if not any(rates.values()):
        return None
    pool = LeasePool(shared_counts(settings, database, now), lambda: now().timestamp(), _Unreached())
    return LeasedRequestRates(rates, pool, keyring.tag)


def shared_counts(settings: Settings, database: Database, now: Callable[[], datetime]) -> SharedCounts:
    """Return the counts: in Redis where a setting names one, else in the database.

    SQLite has one process, so its counts are in memory, and cost the file no write.
    """
    if settings.rates_redis_url is not None:
        return redis_counts(settings.rates_redis_url, settings.rates_redis_password_file)
    if database.dialect.name == "sqlite":
        return StoredCounts(MemoryStorage())
    return DatabaseCounts(database, now)


def redis_counts(url: str, password_file: Path | None) -> StoredCounts:
    """Return counts in Redis, which the extra `redis` brings; raises SettingRefused."""
    try:
        from limits.aio.storage import RedisStorage  # noqa: PLC0415 - only where the setting asks for it

        store = RedisStorage(
            _with_password(url, password_file),
            implementation="redispy",
            socket_timeout=REDIS_SECONDS,
            socket_connect_timeout=REDIS_SECONDS,
        )
    except (ImportError, ConfigurationError):
        raise SettingRefused(
            "Install the extra `redis` (pip install 'chengxin-gateway[redis]'), or unset CHENGXIN_RATES_REDIS_URL."
        ) from None
    return StoredCounts(store, cast("Any", store.bridge).get_connection().aclose)


def _with_password(url: str, password_file: Path | None) -> str:
    if password_file is None:
        return url
    try:
        password = password_file.read_text(encoding="utf-8").splitlines()[0]
    except (OSError, IndexError, UnicodeDecodeError):
        raise SettingRefused(
            "Set CHENGXIN_RATES_REDIS_PASSWORD_FILE to a readable file whose first line is the password."
        ) from None
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))


class _Unreached:
    """Logs that the shared counts were not reached, once a minute."""

    def __init__(self) -> None:
        self._until = 0.0

    def __call__(self, error: Exception) -> None:
        if time.monotonic() >= self._until:
            self._until = time.monotonic() + SILENT_SECONDS
            structlog.get_logger().warning("rates.not_shared", **where(error))
