"""Builds the notice service from the settings."""

from credit.cases.status import UnrectifiedPolicy
from credit.notices import remedies
from gateway.notices.service import NoticeIssuer, Signing
from gateway.notices.templates_of_departments import Forms
from gateway.settings.settings import Settings
from policy.crypto.keyring import Keyring
from schema.core.ports import RateLimiter
from storage.database.database import Database


def notice_service(settings: Settings, database: Database, keyring: Keyring, limiter: RateLimiter) -> NoticeIssuer:
    """Return the notice service. Files are opened on first use: an unplugged token does not stop the start."""
    return NoticeIssuer(
        database,
        keyring,
        UnrectifiedPolicy(settings.unrectified),
        limiter,
        forms_of(settings),
        remedies.shipped(settings.remedies_file),
        _signatures(settings),
    )


def forms_of(settings: Settings) -> Forms:
    """Return the departments' own folders of templates, seals and fonts."""
    return Forms(settings.notice_template_dir, settings.notice_seal_dir, settings.notice_font_dir)


def _signatures(settings: Settings) -> Signing | None:
    secret = settings.notice_secret_file
    if secret is None:
        return None
    # The library takes a third of a second to load; only a deployment that signs has to wait for it.
    from gateway.notices.sign import Signatures, from_pkcs11, from_pkcs12  # noqa: PLC0415 - for the reason above

    if settings.notice_pkcs11_uri is not None:
        return Signatures(from_pkcs11(settings.notice_pkcs11_uri, secret), settings.notice_tsa_url)
    if settings.notice_pkcs12_file is not None:
        return Signatures(from_pkcs12(settings.notice_pkcs12_file, secret), settings.notice_tsa_url)
    return None
