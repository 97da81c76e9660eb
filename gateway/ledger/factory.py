"""The ledger's store, the names of its logs and its policy, from the settings. Raises SettingRefused."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final, get_args

from consent.errors import PolicyFileRefused
from consent.ledger.notes.log_policy import LogPolicy, PolicyLog
from consent.ledger.notes.log_promises import LogPromise
from consent.ledger.notes.promised_entries import PromisedGroup
from consent.ledger.notes.signatures import NoteSigner
from consent.ledger.notes.signed_notes import VerifierKey
from consent.ports import Log
from gateway.database_file import sqlite_file
from gateway.ledger.log_reader import LogReader
from gateway.ledger.stores.file_store import FileStore
from gateway.ledger.stores.s3_store import Bucket, BucketStore
from gateway.ledger.stores.tile_store import TileStore
from gateway.settings.declarations import PREFIX
from gateway.settings.settings import SettingRefused, Settings
from policy.crypto.keyring import Keyring

LOGS: Final[tuple[Log, ...]] = get_args(Log)
PROMISE_SECONDS: Final = 24 * 60 * 60
"""By when an entry is in its log at the latest: seconds when all is well, a day where a store or witness fails."""
_FOLDER: Final = "ledger"


@dataclass(frozen=True, slots=True)
class Ledger:
    """The logs of this gateway: where they lie, who signs them, and how they are read and verified."""

    store: TileStore
    signers: Mapping[Log, NoteSigner]
    reader: LogReader
    policy: LogPolicy

    def promised(self, entries: Sequence[bytes], now: datetime) -> PromisedGroup:
        """Return the promise of the log `access` that it has *entries* in a day."""
        signer, due = self.signers["access"], int(now.timestamp()) + PROMISE_SECONDS

        def sign(size: int, root: bytes) -> str:
            return signer.signed(LogPromise(signer.key.name, size, root, due).text).encode().decode()

        return PromisedGroup(entries, sign)


def ledger(settings: Settings, keyring: Keyring) -> Ledger:
    """Return the logs of the settings, whose keys follow from the key file. It reads and writes no tile."""
    signers = {log: keyring.log_signer(origin_of(settings, log)) for log in LOGS}
    keys = {log: signer.key for log, signer in signers.items()}
    policy = log_policy(settings, tuple(keys.values()))
    store = open_store(settings)
    return Ledger(store, signers, LogReader(store, keys), policy)


def open_store(settings: Settings) -> TileStore:
    """Return the store of the settings. Only the folder that nobody chose is made where it is missing."""
    chosen = settings.ledger_store
    if chosen is not None:
        access = (settings.ledger_s3_endpoint, settings.ledger_s3_region, settings.ledger_s3_key_file)
        return store_at(chosen, *access)
    folder = own_store_folder(settings)
    try:
        # Whoever makes the folder of the database decides who may read it.
        with suppress(FileNotFoundError):
            folder.mkdir(exist_ok=True)
    except OSError:
        raise SettingRefused(f"Set {PREFIX}LEDGER_STORE to a folder that this process can write.") from None
    return FileStore(folder)


def own_store_folder(settings: Settings) -> Path:
    """Return the folder of the store where nobody chose one."""
    return (sqlite_file(settings) or settings.kek_file).parent / _FOLDER


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
