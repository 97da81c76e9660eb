"""A real server with the demo data, on a free port, in a folder of its own, for tests from outside.

python -m tests.served COMMAND …        runs the command while it serves, with {url} in it replaced
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.forked import start_chengxin
from tests.postgresql import free_port

PATIENCE = 60.0
CHENGXIN = str(Path(sys.executable).with_name("chengxin"))


@dataclass(frozen=True)
class Served:
    """Where a demo is open, and the environment in which the command line means that demo."""

    url: str
    environment: Mapping[str, str]
    log: Path
    pid: int

    def chengxin(self, *words: str) -> "subprocess.CompletedProcess[str]":
        command = [CHENGXIN, *words]
        return subprocess.run(command, env=dict(self.environment), capture_output=True, text=True, check=False)


@contextmanager
def served(
    folder: Path, command: Sequence[str] | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """Serve a demo whose files are in *folder*; *settings* are further ones.

    *command* is what starts it; without one, `chengxin serve` runs in a process that has imported it already.
    """
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CHENGXIN_")},
        "CHENGXIN_DATABASE_URL": f"sqlite:///{folder}/chengxin.db",
        "CHENGXIN_KEK_FILE": f"{folder}/kek.key",
        "CHENGXIN_DEV_KEY_FILE": f"{folder}/dev-issuer.json",
        **(settings or {}),
    }
    log = folder / "log"
    if command is None:
        # A process of its own for the ledger would import the product anew for each server.
        environment = {"CHENGXIN_LEDGER_SEQUENCER": "within", **environment}
        process = start_chengxin(["serve", "--port", str(port)], environment, log)
        assert process.pid is not None
        here = Served(f"http://127.0.0.1:{port}", environment, log, process.pid)
        try:
            _wait(lambda: process.exitcode is not None, here)
            yield here
        finally:
            process.terminate()
            process.join(30)
        return
    started = [part.format(port=port) for part in command]
    with log.open("wb") as written:
        server = subprocess.Popen(started, env=environment, stdout=written, stderr=written, start_new_session=True)
    here = Served(f"http://127.0.0.1:{port}", environment, log, server.pid)
    try:
        _wait(lambda: server.poll() is not None, here)
        yield here
    finally:
        # The whole group: behind `make` there is a server of its own.
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


def _wait(is_over: Callable[[], bool], here: Served) -> None:
    until = time.monotonic() + PATIENCE
    while not is_over() and time.monotonic() < until:
        try:
            if httpx.get(f"{here.url}/readyz", timeout=PATIENCE).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"the server did not open: {here.log.read_text()}")


def main(words: Sequence[str]) -> int:
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as here:
        return subprocess.run([word.format(url=here.url) for word in words], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
