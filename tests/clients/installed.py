"""What `make clients` installs: two folders of npm packages, and an environment of Python; and where they run.

Each run has a folder of its own, in which the files that docs/front-end/ shows stand beside the scripts of the tests.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import pytest

from tests.clients.guide import DOCUMENTS, ROOT, write_files

HERE = Path(__file__).parent
NODE, NPM = shutil.which("node"), shutil.which("npm")
LOCK = HERE / "requirements.lock"
PATIENCE = 120.0
TRIES = 2
"""A registry that is slow for a moment should cost no journey."""


def python_environment() -> Path:
    """Return the folder of the environment of the Python clients; its name changes with its lock."""
    return ROOT / "build" / f"clients-{crc32(LOCK.read_bytes()):08x}"


def has_packages(folder: str) -> bool:
    """Return whether the npm packages of *folder* are there."""
    return NODE is not None and (HERE / folder / "node_modules").is_dir()


needs_libraries = pytest.mark.skipif(
    not has_packages("libraries"), reason="needs Node and the packages of tests/clients/libraries: run make clients"
)
needs_tools = pytest.mark.skipif(
    not has_packages("tools"), reason="needs Node and the packages of tests/clients/tools: run make clients"
)
needs_python = pytest.mark.skipif(
    not (python_environment() / "bin" / "python").exists(), reason="needs the Python clients: run make clients"
)


@dataclass(frozen=True, slots=True)
class Workplace:
    """A folder in which a client runs, with its packages, and the schema and documents of a front end."""

    folder: Path
    environment: Mapping[str, str]

    def run(self, command: Sequence[str] | str, folder: str = ".") -> "subprocess.CompletedProcess[str]":
        """Run a command, of a shell if it is a text; give what it wrote."""
        return subprocess.run(
            command, cwd=self.folder / folder, env=dict(self.environment), shell=isinstance(command, str),
            capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip

    def seen_by(self, command: Sequence[str], folder: str = ".") -> dict[str, str]:
        """Run a script of the journeys; give what it showed of each feature."""
        ran = self.run(command, folder)
        lines = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
        assert ran.returncode == 0, f"{ran.stderr}\n{ran.stdout}"
        return {line["feature"]: line["seen"] for line in lines}


def workplace(folder: Path, packages: str, pages: Sequence[str], given: Mapping[str, object]) -> Workplace:
    """Make a folder in which the scripts of *packages* run beside the files of *pages*.

    *given* is what the scripts need, as JSON in the variable CLIENTS. Each page has a folder; files of the network
    layer, the schema and the documents stand in each, and above.
    """
    source = HERE / packages
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("node_modules"), dirs_exist_ok=True)
    found = {**os.environ, "CLIENTS": json.dumps(given)}
    if (source / "node_modules").is_dir():
        (folder / "node_modules").symlink_to(source / "node_modules")
        found["PATH"] = f"{source}/node_modules/.bin{os.pathsep}{found['PATH']}"
    else:
        found["PATH"] = f"{python_environment()}/bin{os.pathsep}{found['PATH']}"
        found["PYTHONPATH"] = "."  # a script of the folder above finds the modules beside which it runs
    for place in (folder, *(folder / page for page in pages)):
        place.mkdir(exist_ok=True)
        write_files("network", place)
        shutil.copy(ROOT / "schema" / "schema.graphql", place)
        shutil.copytree(DOCUMENTS, place / "documents", dirs_exist_ok=True)
    for page in pages:
        write_files(page, folder / page)
    return Workplace(folder, found)


def main() -> int:
    """Install the folders that are named, where they are not installed; `python` is the environment of Python."""
    for name in sys.argv[1:]:
        if name == "python":
            _install_python()
        elif NPM is None or NODE is None:
            print(f"skipped: the clients of tests/clients/{name} need Node and npm", file=sys.stderr)
        elif not has_packages(name):
            command = [NPM, "--prefix", str(HERE / name), "ci", "--silent", "--no-audit", "--no-fund"]
            if all(subprocess.run(command, check=False).returncode for _ in range(TRIES)):
                print(f"skipped: npm cannot install the clients of tests/clients/{name}", file=sys.stderr)
    return 0


def _install_python() -> None:
    folder = python_environment()
    if (folder / "bin" / "ariadne-codegen").exists():
        return
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "-qq"]
    steps = ([sys.executable, "-m", "venv", str(folder)], [*pip, "install", "--require-hashes", "-r", str(LOCK)])
    if any(subprocess.run(step, check=False).returncode for step in steps):
        shutil.rmtree(folder, ignore_errors=True)
        print("skipped: the Python clients cannot be installed", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
