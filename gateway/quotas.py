"""The quotas of the settings, and the limiter that counts them in the database that replicas share."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from limits import RateLimitItem, RateLimitItemPerMinute

from gateway.settings.settings import Settings
from schema.core.limits import Quota
from storage.database.database import Database
from storage.rate_limits.limiter import SqlRateLimiter


def rate_limiter(settings: Settings, database: Database, now: Callable[[], datetime]) -> SqlRateLimiter:
    """Return the limiter of every quota."""
    quotas: Mapping[str, Sequence[RateLimitItem]] = {
        Quota.LOOKUPS_OF_ACTOR: settings.lookups_per_actor,
        Quota.LOOKUPS_OF_DEPARTMENT: settings.lookups_per_department,
        Quota.CONSULTED_BY_ACTOR: settings.consulted_per_actor,
        Quota.CONSULTED_BY_DEPARTMENT: settings.consulted_per_department,
        Quota.IMPORTED_BY_ACTOR: settings.imported_per_actor,
        Quota.IMPORTED_BY_DEPARTMENT: settings.imported_per_department,
        Quota.PUSHED_BY_ACTOR: settings.pushed_per_actor,
        Quota.NOTICE_MISSES_OF_NETWORK: settings.notice_misses_per_network,
        Quota.ALARMS: (RateLimitItemPerMinute(1, settings.lookup_alarm_minutes),),
    }
    return SqlRateLimiter(database, quotas, now)
