"""Installs other implementations of logs in an environment of their own: `make peers`. What cannot be had is skipped.

    build/peers-<crc of the lock>/            a virtual environment: Go, tlog-scales, aics-tlog on Python 3.12 or later
    build/peers-…/verify-<crc of verify.go>   verify.go, compiled with the source of golang.org/x/mod
    tests/interop/node_modules/               @sigstore/verify, where there is Node

The source is that of Debian's package golang-golang-x-mod-dev, installed or only unpacked; elsewhere Go's module proxy
is asked.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from shutil import copy, which
from zlib import crc32

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LOCK, SOURCE = HERE / "requirements.lock", HERE / "verify.go"
FOLDER = ROOT / "build" / f"peers-{crc32(LOCK.read_bytes()):08x}"
PYTHON, GO = FOLDER / "bin" / "python", FOLDER / "bin" / "go"
VERIFY = FOLDER / f"verify-{crc32(SOURCE.read_bytes()):08x}"
MODULES = HERE / "node_modules"
PACKAGE = "golang-golang-x-mod-dev"
SHARED = "usr/share/gocode/src/golang.org/x/mod"
NEWEST = "v0.28.0"
"""Of golang.org/x/mod, where there is no package."""
PATIENCE = 600
"""Seconds for one command."""


def main():
    for step in (_packages, _program, _modules):
        try:
            step()
        except (subprocess.SubprocessError, OSError) as error:
            print(f"skipped: other implementations of logs cannot all be installed ({_said(error)})", file=sys.stderr)


def _packages():
    if GO.exists():
        return
    FOLDER.parent.mkdir(exist_ok=True)
    _run(_newest_python(), "-m", "venv", FOLDER)
    _run(PYTHON, "-m", "pip", "--disable-pip-version-check", "-qq", "install", "--require-hashes", "-r", LOCK)


def _newest_python():
    """Return a Python of 3.12 or later, which aics-tlog needs, or the one that runs this."""
    versions = [f"3.{minor}" for minor in range(20, 11, -1)]
    named = [which(f"python{version}") for version in versions]
    kept = [path for version in versions for path in Path.home().glob(f".pyenv/versions/{version}.*/bin/python")]
    for python in (*filter(None, named), *kept):
        # A name may stand on the path for nothing.
        if subprocess.run([python, "-c", "import ensurepip, venv"], capture_output=True, check=False).returncode == 0:
            return python
    return sys.executable


def _program():
    if not VERIFY.exists():
        with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
            _compile(Path(folder))


def _modules():
    if not MODULES.exists():
        _run("npm", "--prefix", HERE, "ci", "--silent", "--no-audit", "--no-fund")


def _compile(folder):
    source = _source(folder)
    needed = [f"require golang.org/x/mod {NEWEST}", *([f"replace golang.org/x/mod => {source}"] if source else [])]
    (folder / "go.mod").write_text("\n".join(["module peers", "go 1.21", *needed, ""]))
    copy(SOURCE, folder)
    variables = {"HOME": str(FOLDER), "PATH": "/usr/bin:/bin", "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local"}
    _run(GO, "build", "-o", VERIFY, ".", cwd=folder, env=variables | ({"GOPROXY": "off"} if source else {}))


def _source(folder):
    """Return where the source of golang.org/x/mod lies, or None."""
    installed = Path("/") / SHARED
    if installed.exists():
        return installed
    if which("apt-get") and which("dpkg-deb"):
        # A new machine knows no packages before an update, which needs root.
        for command in (["download", PACKAGE], ["update"], ["download", PACKAGE]):
            if not list(folder.glob("*.deb")):
                subprocess.run(
                    ["apt-get", "-qq", *command], cwd=folder, capture_output=True, check=False, timeout=PATIENCE
                )
        for package in folder.glob(f"{PACKAGE}_*.deb"):
            _run("dpkg-deb", "-x", package, FOLDER / "source")
            return FOLDER / "source" / SHARED
    return None


def _run(*command, **options):
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE, **options)


def _said(error):
    said = (getattr(error, "stderr", "") or str(error)).strip()
    return said.splitlines()[-1] if said else type(error).__name__


if __name__ == "__main__":
    main()
