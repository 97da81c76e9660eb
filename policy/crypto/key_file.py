"""The key file: the roots of all keys, outside the database and its backups.

    {
      "format": "chengxin-keys-1",
      "kek":   {"current": "5f0e…", "keys":  {"5f0e…": "<32 bytes, base64>"}},
      "index": {"current": 1,       "roots": {"1":     "<32 bytes, base64>"}}
    }

A KEK's id is eight random bytes in hexadecimal; wrapped keys carry it. A key file may hold
several KEKs and several index roots during a rotation: new values use the current ones, old values still open and are
still found. The index roots are drawn separately, so that changing a KEK changes no search term.
"""

import json
import os
import re
import stat
from base64 import b64decode, b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from policy.crypto.field_encryption import KEK_ID_BYTES, KEY_BYTES, Random, SealError, draw

_FORMAT = "chengxin-keys-1"
_KEK_ID = re.compile(rf"[0-9a-f]{{{2 * KEK_ID_BYTES}}}")
_INDEX_VERSION = re.compile(r"[1-9][0-9]{0,2}")
_INDEX_VERSIONS = 255  # The version is the first byte of a term.


class KeyFileRefused(SealError):
    """The key file is missing, is there already, can be read by others or is not well formed."""


class Secret:
    """A secret: its text shows no contents, and it cannot be copied or pickled."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(secret)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} is not to be copied or pickled")


@dataclass(frozen=True, slots=True, repr=False)
class Roots(Secret):
    """The contents of a key file."""

    kek_id: str
    keks: Mapping[str, bytes]
    index_version: int
    index: Mapping[int, bytes]


def create(path: Path, random: Random) -> None:
    """Write a new key file that only its owner can read. Raises KeyFileRefused where there is a file already.

    The file appears whole or not at all: it is written under another name, forced to disk, and then linked to its name,
    which fails if the name is taken.
    """
    kek_id = draw(random, KEK_ID_BYTES).hex()
    document = {
        "format": _FORMAT,
        "kek": {"current": kek_id, "keys": {kek_id: b64encode(draw(random, KEY_BYTES)).decode()}},
        "index": {"current": 1, "roots": {"1": b64encode(draw(random, KEY_BYTES)).decode()}},
    }
    aside = path.with_name(f".{path.name}.{draw(random, 8).hex()}")
    try:
        _write(aside, json.dumps(document, indent=2).encode() + b"\n")
        os.link(aside, path)
        _force(path.parent)
    except FileExistsError:
        raise KeyFileRefused(
            f"There is a file at {path} already: keys are never overwritten, choose another path."
        ) from None
    except OSError as error:
        raise KeyFileRefused(f"The key file {path} cannot be written: {error.strerror}.") from None
    finally:
        with suppress(OSError):
            aside.unlink()


def read(path: Path) -> Roots:
    """Read a key file. Raises KeyFileRefused with a sentence that says what to do."""
    # Raised here, where no variable holds the contents: a traceback may be printed with its variables.
    roots = _parse(_contents(path))
    if roots is None:
        raise KeyFileRefused(f"The key file {path} is not well formed: restore it from its backup, or create another.")
    return roots


def _write(path: Path, contents: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(contents)
        file.flush()
        os.fsync(file.fileno())


def _force(folder: Path) -> None:
    if os.name != "posix":  # On other systems a folder cannot be opened.
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _contents(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            # Checked on the open file and not on the path, which could be replaced meanwhile.
            mode = os.fstat(file.fileno()).st_mode
            if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise KeyFileRefused(
                    f"The key file {path} is open to others (mode {stat.S_IMODE(mode):04o}): run 'chmod 600 {path}'."
                )
            return file.read()
    except FileNotFoundError:
        raise KeyFileRefused(
            f"There is no key file at {path}: create one, or name the path of the right one."
        ) from None
    except OSError as error:
        raise KeyFileRefused(f"The key file {path} cannot be read: {error.strerror}.") from None


def _parse(contents: bytes) -> Roots | None:
    with suppress(ValueError, TypeError, KeyError, AttributeError):
        document = json.loads(contents, object_pairs_hook=_without_repetition)
        _only(document, "format", "kek", "index")
        _only(document["kek"], "current", "keys")
        _only(document["index"], "current", "roots")
        keks = {_matching(_KEK_ID, name): _key(key) for name, key in document["kek"]["keys"].items()}
        index = {int(_matching(_INDEX_VERSION, name)): _key(key) for name, key in document["index"]["roots"].items()}
        kek_id, index_version = document["kek"]["current"], document["index"]["current"]
        if (
            document["format"] == _FORMAT
            and kek_id in keks
            and type(index_version) is int
            and index_version in index
            and max(index) <= _INDEX_VERSIONS
        ):
            return Roots(kek_id, keks, index_version, index)
    return None


def _without_repetition(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _only(found: Mapping[str, object], *names: str) -> None:
    if set(found) != set(names):
        raise ValueError("a name is missing or unknown")


def _matching(pattern: re.Pattern[str], name: str) -> str:
    if not pattern.fullmatch(name):
        raise ValueError("not the name of a key")
    return name


def _key(text: str) -> bytes:
    key = b64decode(text, validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError("a key of another length")
    return key
