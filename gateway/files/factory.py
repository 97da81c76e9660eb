"""Builds the upload service from the settings, and runs its expiry."""

import asyncio
from datetime import timedelta

from gateway.files.scanner import scanner_of
from gateway.files.upload import UploadLimits, UploadService
from gateway.settings.settings import Settings
from policy.crypto.keyring import Keyring
from schema.core.ports import Runtime
from storage.database.database import Database

PURGE_SECONDS = 600.0


def upload_service(settings: Settings, database: Database, keyring: Keyring, runtime: Runtime) -> UploadService:
    """Return the upload service. Nothing is opened or asked until a file comes."""
    scanner = scanner_of(settings.file_scanner, settings.file_scanner_seconds)
    keep = timedelta(hours=settings.file_keep_hours)
    limits = UploadLimits(settings.file_limit, settings.file_waiting_limit, keep)
    return UploadService(database, keyring, runtime, scanner, limits)


async def purge_expired(uploads: UploadService) -> None:
    """Delete expired uploads now and then, for as long as the server runs. Nothing waits for it: the date decides."""
    while True:
        await uploads.purge()
        await asyncio.sleep(PURGE_SECONDS)
