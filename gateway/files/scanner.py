r"""The malware scanner: a command that reads the file, or a clamd that speaks INSTREAM over TCP.

    tcp://127.0.0.1:3310      clamd: `zINSTREAM\0`, then parts of four bytes of length and content, then a length of 0;
                              it answers `stream: OK\0` or `stream: <signature> FOUND\0`
    /usr/bin/clamdscan -      a command with the file on its standard input; exit code 0 is clean, 1 is infected

Any other answer, an error and silence mean that the scanner cannot be reached, never that a file is clean.
"""

import asyncio
import shlex
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol
from urllib.parse import urlsplit

PART: Final = 64 * 1024
LONGEST_ANSWER: Final = 4096
INFECTED_EXIT: Final = 1


class Scan(StrEnum):
    """What is known of a file that was kept."""

    CLEAN = "CLEAN"
    UNSCANNED = "UNSCANNED"


class Infected(Exception):
    """The scanner found malware. Its name is not kept: it is the scanner's text."""


class ScannerUnavailable(Exception):
    """The scanner gave no answer that says clean or infected."""


class Scanner(Protocol):
    """Scans files."""

    async def scan(self, content: bytes) -> Scan:
        """Return how *content* was scanned; raises Infected and ScannerUnavailable."""
        ...


class NoScanner:
    """Accepts every file, marked as not scanned."""

    async def scan(self, content: bytes) -> Scan:  # noqa: ARG002 - nothing is scanned
        return Scan.UNSCANNED


@dataclass(frozen=True, slots=True)
class ClamdScanner:
    """A clamd, or whatever else speaks INSTREAM."""

    host: str
    port: int
    seconds: float

    async def scan(self, content: bytes) -> Scan:
        try:
            async with asyncio.timeout(self.seconds):
                answer = await self._ask(content)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            raise ScannerUnavailable from None
        verdict = answer.rstrip(b"\x00\n").removeprefix(b"stream: ")
        if verdict == b"OK":
            return Scan.CLEAN
        raise Infected if verdict.endswith(b" FOUND") else ScannerUnavailable

    async def _ask(self, content: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(self.host, self.port, limit=LONGEST_ANSWER)
        try:
            writer.write(b"zINSTREAM\x00")
            for start in range(0, len(content), PART):
                part = content[start : start + PART]
                writer.write(len(part).to_bytes(4, "big") + part)
                await writer.drain()
            writer.write(bytes(4))
            await writer.drain()
            return await reader.readuntil(b"\x00")
        finally:
            writer.close()


@dataclass(frozen=True, slots=True)
class CommandScanner:
    """A command of the operator's, which reads the file from its standard input."""

    words: tuple[str, ...]
    seconds: float

    async def scan(self, content: bytes) -> Scan:
        try:
            code = await self._run(content)
        except OSError:
            raise ScannerUnavailable from None
        if code == 0:
            return Scan.CLEAN
        raise Infected if code == INFECTED_EXIT else ScannerUnavailable

    async def _run(self, content: bytes) -> int | None:
        """Return the exit code; None after too long a time."""
        silent = asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(
            *self.words, stdin=asyncio.subprocess.PIPE, stdout=silent, stderr=silent
        )
        try:
            async with asyncio.timeout(self.seconds):
                await process.communicate(content)
        except TimeoutError:
            return None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return process.returncode


def scanner_of(address: str | None, seconds: float) -> Scanner:
    """Return the scanner of a setting, as `parsers.scanner` accepts it."""
    if address is None:
        return NoScanner()
    parts = urlsplit(address)
    if parts.scheme == "tcp":
        return ClamdScanner(str(parts.hostname), int(parts.port or 0), seconds)
    return CommandScanner(tuple(shlex.split(address)), seconds)
