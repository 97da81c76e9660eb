"""The ledger's store, the names of its logs and its policy, from the settings. Raises SettingRefused."""

from dataclasses import replace
from pathlib import Path
from typing import Final, get_args

from consent.errors import PolicyFileRefused
from consent.ledger.notes.log_policy import LogPolicy, PolicyLog
from consent.ledger.notes.signed_notes import VerifierKey
from consent.ports import Log
from gateway.database_file import sqlite_file
from gateway.ledger.file_store import FileStore
from gateway.ledger.s3_store import Bucket, BucketStore
from gateway.ledger.tile_store import TileStore
from gateway.settings.declarations import PREFIX
from gateway.settings.settings import SettingRefused, Settings

LOGS: Final[tuple[Log, ...]] = get_args(Log)
_FOLDER: Final = "ledger"


def open_store(settings: Settings) -> TileStore:
    """Return the store of the settings. Only the folder that nobody chose is made where it is missing."""
    chosen = settings.ledger_store
    if chosen is not None:
        access = (settings.ledger_s3_endpoint, settings.ledger_s3_region, settings.ledger_s3_key_file)
        return store_at(chosen, *access)
    beside = sqlite_file(settings) or settings.kek_file
    folder = beside.parent / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return FileStore(folder)


def store_at(
    place: Path | tuple[str, str], endpoint: str | None, region: str, key_file: Path | None
) -> FileStore | BucketStore:
    """Return the store in a folder, or in a bucket under a prefix. Raises SettingRefused."""
    if isinstance(place, Path):
        return FileStore(place)
    key = _key(key_file)
    try:
        return BucketStore(Bucket(*place, endpoint, region, key))
    except ModuleNotFoundError:
        raise SettingRefused(
            f"Install the extra s3, which has obstore, or set {PREFIX}LEDGER_STORE to a folder."
        ) from None


def origin_of(settings: Settings, log: Log) -> str:
    """Return the name of a log, which is that of its key."""
    return f"{settings.ledger_origin}/{log}"


def log_policy(settings: Settings, keys: tuple[VerifierKey, ...]) -> LogPolicy:
    """Return the policy by which anybody verifies our logs: their *keys*, and the witnesses of the file.

    The file's own logs are left out: it may be that of another district, or an earlier one of ours.
    """
    ours = tuple(PolicyLog(key) for key in keys)
    if settings.ledger_policy is None:
        return LogPolicy(ours)
    try:
        return replace(LogPolicy.parse(settings.ledger_policy.read_bytes()), logs=ours)
    except OSError:
        raise SettingRefused(f"Set {PREFIX}LEDGER_POLICY to a file that can be read.") from None
    except PolicyFileRefused as error:
        raise SettingRefused(f"Set {PREFIX}LEDGER_POLICY to a policy of witnesses: {error.flaw.message}.") from None


def _key(file: Path | None) -> tuple[str, str] | None:
    if file is None:
        return None
    try:
        key_id, secret = file.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        raise SettingRefused(
            f"Set {PREFIX}LEDGER_S3_KEY_FILE to a readable file of two lines: the id of a key, and its secret."
        ) from None
    return key_id, secret
