"""PAdES signatures on notices: by a key in a file or on a token, at the time of the clock that is passed in."""

import io
import os
import shutil
import subprocess
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pkcs11
import pypdf
import pytest
from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pkcs11.util.rsa import decode_rsa_private_key
from pkcs11.util.x509 import decode_x509_certificate
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from credit.notices.facts import NoticeKind
from gateway.notices.errors import SigningRefused
from gateway.notices.render import render
from gateway.notices.samples import sample
from gateway.notices.sign import Signatures, from_pkcs11, from_pkcs12, read_uri
from tests.gateway.fakes import ServerThread
from tests.gateway.notices.certificate_authority import UNTIL, Authority, Certified

pytestmark = pytest.mark.pdf

AT = datetime(2026, 8, 27, 1, 30, tzinfo=UTC)
SECRET = "演示口令-1912"
SOFTHSM = next(
    (
        Path(place)
        for place in (
            os.environ.get("SOFTHSM2_MODULE", ""),
            "/usr/lib/softhsm/libsofthsm2.so",
            "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
            "/usr/local/lib/softhsm/libsofthsm2.so",
        )
        if place and Path(place).is_file()
    ),
    None,
)


@cache
def plain() -> bytes:
    """Give a document that nobody has signed."""
    return render(sample(NoticeKind.NOTICE), code="ABCD-EFGH-IJKL-MN23")


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def certified(authority: Authority) -> Certified:
    return authority.certify("Demo Department")


@pytest.fixture
def key(tmp_path: Path, authority: Authority, certified: Certified) -> tuple[Path, Path]:
    """Give a PKCS#12 file, and the file with its passphrase."""
    file, secret = tmp_path / "notices.p12", tmp_path / "secret"
    file.write_bytes(authority.pkcs12(certified, SECRET))
    secret.write_text(f"{SECRET}\n", encoding="utf-8")
    return file, secret


def status_of(signed: bytes, authority: Authority) -> PdfSignatureStatus:
    [embedded] = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    root = asn1.Certificate.load(authority.root.public_bytes(Encoding.DER))
    context = ValidationContext(trust_roots=[root], moment=AT, best_signature_time=AT, revocation_mode="soft-fail")
    found: PdfSignatureStatus = validate_pdf_signature(embedded, context, context)
    return found


def test_a_document_signed_by_a_file_holds(key: tuple[Path, Path], authority: Authority) -> None:
    """The validator trusts the chain, finds the whole document covered, and the time of the clock in it."""
    signed = Signatures(from_pkcs12(*key)).sign(plain(), AT)
    found = status_of(signed, authority)
    assert found.bottom_line, found.summary()
    assert found.signer_reported_dt == AT
    [embedded] = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    assert str(embedded.sig_object["/SubFilter"]) == "/ETSI.CAdES.detached"
    assert signed.startswith(plain())


def test_whatever_is_changed_afterwards_breaks_it(key: tuple[Path, Path], authority: Authority) -> None:
    signed = bytearray(Signatures(from_pkcs12(*key)).sign(plain(), AT))
    comment = signed.index(b"%", 1) + 1
    assert comment < 20  # the comment that marks a PDF as binary: any reader passes over it
    signed[comment] ^= 1
    found = status_of(bytes(signed), authority)
    assert not found.bottom_line
    assert not found.intact


def test_the_document_stays_pdf_a(key: tuple[Path, Path]) -> None:
    """What can be looked at without a validator: metadata untouched, an id, a field that prints [PDF/A-2b]."""
    signed = pypdf.PdfReader(io.BytesIO(Signatures(from_pkcs12(*key)).sign(plain(), AT)))
    before = pypdf.PdfReader(io.BytesIO(plain()))
    assert signed.metadata == before.metadata
    assert signed.xmp_metadata is not None
    assert before.xmp_metadata is not None
    assert signed.xmp_metadata.stream.get_data() == before.xmp_metadata.stream.get_data()
    assert "pdfaid:part>2<" in signed.xmp_metadata.stream.get_data().decode()
    assert signed.trailer["/ID"]
    [field] = [note.get_object() for page in signed.pages for note in page.get("/Annots", ())]
    hidden_or_off, printed = 0b100011, 0b100
    assert field["/F"] & printed
    assert not field["/F"] & hidden_or_off
    assert "/Encrypt" not in signed.trailer


def test_the_same_key_signs_again_and_again(key: tuple[Path, Path]) -> None:
    signatures = Signatures(from_pkcs12(*key))
    assert all(signatures.sign(plain(), AT) for _ in range(3))


def test_a_certificate_that_is_over_signs_nothing(key: tuple[Path, Path]) -> None:
    with pytest.raises(SigningRefused, match="not valid on this day"):
        Signatures(from_pkcs12(*key)).sign(plain(), UNTIL.replace(month=2))


@pytest.mark.parametrize("broken", ["passphrase", "file", "gone"])
def test_a_key_that_cannot_be_opened_is_refused_without_a_secret(key: tuple[Path, Path], broken: str) -> None:
    file, secret = key
    if broken == "gone":
        file.unlink()
    else:
        (secret if broken == "passphrase" else file).write_text("another")
    with pytest.raises(SigningRefused) as refused:
        Signatures(from_pkcs12(file, secret)).sign(plain(), AT)
    assert SECRET not in str(refused.value)
    assert str(file) not in str(refused.value)


# --- time stamps ---------------------------------------------------------------------------------------------------


def stamping(authority: Authority) -> Starlette:
    """Give an authority of time stamps over HTTP."""
    stamper = authority.certify("Demo Time Stamps", stamps=True)
    pkcs8 = stamper.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    store = SimpleCertificateStore()
    store.register(asn1.Certificate.load(authority.root.public_bytes(Encoding.DER)))
    dummy = DummyTimeStamper(
        tsa_cert=asn1.Certificate.load(stamper.der),
        tsa_key=keys.PrivateKeyInfo.load(pkcs8),
        certs_to_embed=store,
        fixed_dt=AT,
    )

    async def stamp(request: Request) -> Response:
        asked = tsp.TimeStampReq.load(await request.body())
        return Response(dummy.request_tsa_response(asked).dump(), media_type="application/timestamp-reply")

    return Starlette(routes=[Route("/tsa", stamp, methods=["POST"])])


def test_with_an_authority_of_time_stamps_a_signature_bears_one(key: tuple[Path, Path], authority: Authority) -> None:
    """PAdES B-T."""
    with ServerThread(stamping(authority), {"host": "127.0.0.1", "port": 0, "log_config": None}) as running:
        signed = Signatures(from_pkcs12(*key), f"{running.url}/tsa").sign(plain(), AT)
    found = status_of(signed, authority)
    assert found.bottom_line, found.summary()
    assert found.timestamp_validity is not None
    assert found.timestamp_validity.timestamp == AT


def test_an_authority_of_time_stamps_that_is_away_signs_nothing(key: tuple[Path, Path]) -> None:
    """Rather no document than one that claims less than was decided."""
    with pytest.raises(SigningRefused):
        Signatures(from_pkcs12(*key), "http://127.0.0.1:9/tsa").sign(plain(), AT)


# --- a token -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "uri", ["", "pkcs11:token=a", "pkcs12:token=a;object=b?module-path=/c", "pkcs11:token=a?module-path=/c"]
)
def test_a_uri_that_names_no_key(uri: str) -> None:
    with pytest.raises(ValueError, match="pkcs11:token="):
        read_uri(uri)


def test_a_uri_is_read() -> None:
    assert read_uri("pkcs11:token=%E6%BC%94;object=b?module-path=/lib/c.so") == {
        "token": "演", "object": "b", "module-path": "/lib/c.so"
    }  # fmt: skip


@pytest.fixture
def token(tmp_path: Path, certified: Certified, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the URI of a key on a token of SoftHSM, with PIN 1912."""
    if SOFTHSM is None:
        pytest.skip("SoftHSM is not there: apt install softhsm2, or name its library in SOFTHSM2_MODULE")
    (tmp_path / "tokens").mkdir()
    conf = tmp_path / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {tmp_path}/tokens\nobjectstore.backend = file\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(conf))
    lib = pkcs11.lib(str(SOFTHSM))
    lib.reinitialize()
    util = shutil.which("softhsm2-util") or str(SOFTHSM.parents[2] / "bin" / "softhsm2-util")
    init = [util, "--module", str(SOFTHSM), "--init-token", "--free", "--label", "demo", "--pin", "1912"]
    subprocess.run([*init, "--so-pin", "191212"], check=True, capture_output=True)
    lib.reinitialize()
    with lib.get_token(token_label="demo").open(rw=True, user_pin="1912") as session:
        key = certified.key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        attributes = decode_rsa_private_key(key)
        session.create_object(
            attributes
            | {
                pkcs11.Attribute.LABEL: "notices",
                pkcs11.Attribute.TOKEN: True,
                pkcs11.Attribute.SIGN: True,
                pkcs11.Attribute.PRIVATE: True,
            }
        )
        session.create_object(
            decode_x509_certificate(certified.der) | {pkcs11.Attribute.LABEL: "notices", pkcs11.Attribute.TOKEN: True}
        )
    return f"pkcs11:token=demo;object=notices?module-path={SOFTHSM}"


def test_a_document_signed_on_a_token_holds(token: str, tmp_path: Path, authority: Authority) -> None:
    """The key never leaves the token; one session serves every signature."""
    pin = tmp_path / "pin"
    pin.write_text("1912\n")
    signatures = Signatures(from_pkcs11(token, pin))
    for _ in range(2):
        found = status_of(signatures.sign(plain(), AT), authority)
        assert found.bottom_line, found.summary()


def test_a_wrong_pin_is_refused(token: str, tmp_path: Path) -> None:
    pin = tmp_path / "pin"
    pin.write_text("0000\n")
    with pytest.raises(SigningRefused, match="token"):
        Signatures(from_pkcs11(token, pin)).sign(plain(), AT)
