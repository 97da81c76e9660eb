"""What `make browser` installs: Playwright in an environment of its own, and axe-core; and which browser it drives.

Playwright's packages are put behind all others on the path: tests import it as usual, and nothing of ours is another.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from zlib import crc32

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LOCK = HERE / "requirements.lock"
AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
TRIES = 2
"""A registry that is slow for a moment should cost no test."""


def environment() -> Path:
    """Return the folder of Playwright's environment; its name changes with its lock."""
    return ROOT / "build" / f"browser-{crc32(LOCK.read_bytes()):08x}"


def packages() -> Path | None:
    """Return where the packages of that environment are, if they are of this Python."""
    found = environment() / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    return found if (found / "playwright").is_dir() else None


def missing() -> str:
    """Return what the browser tests lack, or nothing."""
    if CHROMIUM is None:
        return "Chromium: install the package chromium"
    if packages() is None or not AXE.exists():
        return "Playwright and axe-core: run make browser"
    return ""


needs_browser = pytest.mark.skipif(bool(missing()), reason=f"needs {missing()}")

if (_found := packages()) is not None and str(_found) not in sys.path:
    sys.path.append(str(_found))


def main() -> int:
    """Install what is not installed; say what cannot be had."""
    folder, npm = environment(), shutil.which("npm")
    if packages() is None:
        pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "-qq"]
        made = subprocess.run([sys.executable, "-m", "venv", str(folder)], check=False).returncode == 0
        if not made or _fails([*pip, "install", "--require-hashes", "-r", str(LOCK)]):
            shutil.rmtree(folder, ignore_errors=True)
            print("skipped: Playwright cannot be installed", file=sys.stderr)
    if not AXE.exists() and (
        npm is None or _fails([npm, "--prefix", str(HERE), "ci", "--silent", "--no-audit", "--no-fund"])
    ):
        print("skipped: npm cannot install axe-core", file=sys.stderr)
    if CHROMIUM is None:
        print(f"skipped: the browser tests need one of {', '.join(NAMES)}", file=sys.stderr)
    return 0


def _fails(command: list[str]) -> bool:
    return all(subprocess.run(command, check=False).returncode for _ in range(TRIES))


if __name__ == "__main__":
    sys.exit(main())
