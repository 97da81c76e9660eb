"""Signs a document with PAdES: baseline B-B, or B-T where a time-stamp authority is set [ETSI EN 319 142-1].

The key is in a PKCS#12 file or on a PKCS#11 token. The signature certifies: any later change breaks it. It is appended
and leaves the existing bytes as they are, the metadata too, so that PDF/A stays PDF/A. The time of signing comes from
the clock that is passed in.
"""

import re
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any, Final
from urllib.parse import parse_qs, unquote

import httpx
from asn1crypto import tsp
from pyhanko.config.pkcs11 import TokenCriteria
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session
from pyhanko.sign.timestamps import TimeStamper

from gateway.notices.errors import SigningRefused

FIELD: Final = "Signature"
DIGEST: Final = "sha256"
TSA_SECONDS: Final = 5.0
"""Seconds for the time-stamp authority: a person waits for the document."""
Key = Callable[[], signers.Signer]


class Signatures:
    """Signs documents one at a time: a token has one session, opened at the first signature."""

    def __init__(self, key: Key, tsa_url: str | None = None) -> None:
        self._open = key
        self._tsa = None if tsa_url is None else _TimeStamps(tsa_url)
        self._lock = Lock()
        self._signer: signers.Signer | None = None

    def sign(self, document: bytes, at: datetime) -> bytes:
        """Return the signed document; raises SigningRefused. Slow: in a server, run it in a thread."""
        with self._lock:
            self._signer = self._signer or self._open()
            _require_valid(self._signer, at)
            try:
                return _sign(document, self._signer, self._tsa, at)
            except Exception as error:
                # The next signature opens the token again: it may have been pulled out.
                self._signer = None
                raise SigningRefused(f"the document cannot be signed: {type(error).__name__}") from error


def from_pkcs12(path: Path, passphrase_file: Path) -> Key:
    """Return a function that opens the key of a PKCS#12 file. The first line of *passphrase_file* is its passphrase."""

    def opened() -> signers.Signer:
        try:
            secret = _secret(passphrase_file).encode()
            signer: signers.Signer = signers.SimpleSigner.load_pkcs12_data(path.read_bytes(), (), passphrase=secret)
        except (OSError, ValueError) as error:
            raise SigningRefused("the PKCS#12 file or its passphrase cannot be used") from error
        return signer

    return opened


def from_pkcs11(uri: str, pin_file: Path) -> Key:
    """Return a function that opens the key of a PKCS#11 URI [RFC 7512]: token, object and module-path."""
    found = read_uri(uri)

    def opened() -> signers.Signer:
        try:
            session = open_pkcs11_session(
                found["module-path"], token_criteria=TokenCriteria(label=found["token"]), user_pin=_secret(pin_file)
            )
            return PKCS11Signer(session, cert_label=found["object"], key_label=found["object"])
        except Exception as error:
            raise SigningRefused(f"the PKCS#11 token cannot be used: {type(error).__name__}") from error

    return opened


def read_uri(uri: str) -> dict[str, str]:
    """Return the parts of a PKCS#11 URI that name one key; raises ValueError where one is missing."""
    path, _, query = uri.removeprefix("pkcs11:").partition("?")
    pairs = (each.partition("=") for each in path.split(";"))
    parts = {name: unquote(value) for name, _, value in pairs}
    parts |= {name: values[0] for name, values in parse_qs(query).items()}
    if not uri.startswith("pkcs11:") or not {"token", "object", "module-path"} <= parts.keys():
        raise ValueError("pkcs11:token=…;object=…?module-path=…")
    return parts


class _Appending(IncrementalPdfFileWriter):
    """Appends a signature and nothing else: a new date in the metadata would contradict the document's own."""

    def _update_meta(self) -> None:
        """Leave the metadata as it is."""


class _AtTime(signers.PdfSigner):
    """Signs at the given time; the library would use the machine's clock."""

    at: datetime

    def init_signing_session(self, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - the library's own signature
        session = super().init_signing_session(*given, **named)
        session.system_time = self.at
        return session


def _sign(document: bytes, signer: signers.Signer, tsa: TimeStamper | None, at: datetime) -> bytes:
    meta = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm=DIGEST,
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    signing = _AtTime(meta, signer, timestamper=tsa)
    signing.at = at
    signed = BytesIO()
    signing.sign_pdf(_Appending(BytesIO(document)), output=signed)
    return signed.getvalue()


def _require_valid(signer: signers.Signer, at: datetime) -> None:
    certificate = signer.signing_cert
    if certificate is None:
        raise SigningRefused("there is no certificate beside the key")
    if not certificate.not_valid_before <= at <= certificate.not_valid_after:
        raise SigningRefused("the certificate is not valid on this day")


def _secret(path: Path) -> str:
    return re.split(r"\r?\n", path.read_text(encoding="utf-8"), maxsplit=1)[0]


class _TimeStamps(TimeStamper):
    """A time-stamp authority over HTTP [RFC 3161]."""

    def __init__(self, url: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the library does not type it
        self._url = url

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        async with httpx.AsyncClient(timeout=TSA_SECONDS) as client:
            headers = {"Content-Type": "application/timestamp-query"}
            response = await client.post(self._url, content=req.dump(), headers=headers)
            response.raise_for_status()
        return tsp.TimeStampResp.load(response.content)
