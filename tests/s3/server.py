"""moto's server of S3 on loopback, from the environment that `make s3` installs."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.postgresql import free_port

ROOT = Path(__file__).parents[2]
INSTALLED = sorted(ROOT.glob("build/moto-*/bin/moto_server"))
PATIENCE = 30.0


@dataclass(slots=True)
class Moto:
    """The server, which keeps its buckets in memory: one that is started anew has none."""

    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it; return once it answers."""
        command = [INSTALLED[-1], "-H", "127.0.0.1", "-p", str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _wait(self.address)

    def freeze(self) -> None:
        """Let it accept requests and answer none."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on with everything that it had."""
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it, and with it every bucket."""
        self._signal(signal.SIGKILL)
        assert self._process is not None
        self._process.wait()

    def _signal(self, which: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(which)


@contextmanager
def running_moto() -> Iterator[Moto]:
    """Run the server."""
    moto = Moto()
    moto.start()
    try:
        yield moto
    finally:
        moto.stop()


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
