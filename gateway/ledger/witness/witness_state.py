"""What a witness has cosigned last, a file for each log, durable before anybody is answered.

<folder>/<SHA-256 of the origin, hexadecimal>     the note: the log's signatures and the witness's own
<folder>/.lock                                    held by the one process that has the folder
"""

import os
import sys
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

from consent.errors import LedgerRefused
from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.notes.signed_notes import SignedNote
from gateway.durable_file import DurableFile

if sys.platform != "win32":
    import fcntl

_LOCK: Final = ".lock"


class WitnessStateRefused(Exception):
    """The folder cannot be used: it is missing, another process has it, or a file in it is none of a witness's."""


def origin_hash(origin: str) -> str:
    """Return the name of a log's file, and of its address: SHA-256 of the origin, in hexadecimal."""
    return sha256(origin.encode()).hexdigest()


class WitnessState:
    """The folder of one witness, which this process alone has while it is open. Its calls block."""

    def __init__(self, folder: Path) -> None:
        """Take the folder. Raises WitnessStateRefused."""
        self._folder = folder
        try:
            self._handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise WitnessStateRefused(f"The folder of the state cannot be used ({type(error).__name__}).") from None
        if sys.platform != "win32":
            try:
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(self._handle)
                raise WitnessStateRefused("Another process has the folder of the state.") from None

    def close(self) -> None:
        """Give the folder back."""
        os.close(self._handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, named: str) -> bytes | None:
        """Return the note of the log whose `origin_hash` this is, or None. Raises OSError."""
        try:
            return (self._folder / named).read_bytes()
        except FileNotFoundError:
            return None

    def last(self, origin: str) -> Checkpoint | None:
        """Return the checkpoint that was cosigned last. Raises OSError, WitnessStateRefused."""
        note = self.read(origin_hash(origin))
        if note is None:
            return None
        try:
            found = Checkpoint.parse(SignedNote.parse(note).text)
        except LedgerRefused:
            found = None
        if found is None or found.origin != origin:
            # INVARIANT: without what it has cosigned, a witness cosigns nothing; it never begins again at zero.
            raise WitnessStateRefused(f"The file {origin_hash(origin)} of the state is damaged.")
        return found

    def write(self, origin: str, note: SignedNote) -> None:
        """Make *note* the last one, durably. Raises OSError."""
        with DurableFile(self._folder / origin_hash(origin), replace=True) as pending:
            pending.file.write(note.encode())
            pending.commit()
