"""moto's server of S3 on loopback, from the environment that `make s3` installs."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.postgresql import free_port

ROOT = Path(__file__).parents[2]
INSTALLED = sorted(ROOT.glob("build/moto-*/bin/moto_server"))
PATIENCE = 30.0


@contextmanager
def running_moto() -> Iterator[str]:
    """Run the server; give its address."""
    address = f"http://127.0.0.1:{(port := free_port())}"
    command = [INSTALLED[-1], "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(address)
        yield address
    finally:
        server.kill()
        server.wait()


def make_bucket(address: str, name: str) -> None:
    """Make an empty bucket."""
    assert httpx.put(f"{address}/{name}").status_code == httpx.codes.OK


def _wait(address: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            httpx.get(address)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("moto's server did not open")
