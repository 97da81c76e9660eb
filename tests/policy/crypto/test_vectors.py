"""The vectors: what was sealed by the first release must open in every later one. They were made without our code."""

import json
from pathlib import Path
from uuid import UUID

import pytest

from credit.core.values.identifiers import IdentifierKind
from credit.subjects.subject import Place
from policy.crypto import field_encryption
from policy.crypto.field_encryption import Suite
from policy.crypto.key_file import Roots
from policy.crypto.keyring import Keyring

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "sealed.json").read_text())
NONCE = bytes.fromhex(VECTORS["nonce"])
KEKS = {VECTORS["kek_id"]: field_encryption.kek_cipher(bytes.fromhex(VECTORS["kek"]))}
CIPHERS = field_encryption.subject_ciphers(bytes.fromhex(VECTORS["subject_key"]))


def each(section):
    return pytest.mark.parametrize("vector", [pytest.param(v, id=v["why"]) for v in VECTORS[section]])


def place_of(vector):
    place = vector["place"]
    return Place(place["table"], place["column"], UUID(place["subject_id"]), UUID(place["row_id"]), place["version"])


@each("sealed")
def test_a_text_is_sealed_byte_for_byte(vector):
    sealed = field_encryption._seal(vector["text"], NONCE, place_of(vector), CIPHERS, Suite.AES_256_GCM_SIV)
    assert sealed.hex() == vector["sealed"]
    assert field_encryption._bound_to(sealed[:4], place_of(vector)).hex() == vector["aad"]


@each("sealed")
def test_a_sealed_text_opens(vector):
    assert field_encryption.unseal(bytes.fromhex(vector["sealed"]), place_of(vector), CIPHERS) == vector["text"]


@each("refused")
def test_a_box_is_refused(vector):
    ciphers = field_encryption.subject_ciphers(bytes.fromhex(vector["subject_key"]))
    with pytest.raises(field_encryption.SealBroken) as refused:
        field_encryption.unseal(bytes.fromhex(vector["sealed"]), place_of(vector), ciphers)
    assert type(refused.value).__name__ == vector["error"]


@each("wrapped")
def test_a_key_is_wrapped_byte_for_byte(vector):
    key, subject = bytes.fromhex(vector["key"]), UUID(vector["subject_id"])
    wrapped = field_encryption._wrap(key, NONCE, subject, VECTORS["kek_id"], KEKS[VECTORS["kek_id"]])
    assert wrapped.hex() == vector["wrapped"]
    assert field_encryption.unwrap(wrapped, subject, KEKS) == key


@each("wrapped_refused")
def test_a_wrapped_key_is_refused(vector):
    with pytest.raises(field_encryption.SealBroken) as refused:
        field_encryption.unwrap(bytes.fromhex(vector["wrapped"]), UUID(vector["subject_id"]), KEKS)
    assert type(refused.value).__name__ == vector["error"]


@each("terms")
def test_a_search_term_is_exact(vector):
    version, root = vector["version"], bytes.fromhex(vector["root"])
    roots = Roots(VECTORS["kek_id"], {VECTORS["kek_id"]: bytes.fromhex(VECTORS["kek"])}, version, {version: root})
    term = Keyring(roots, bytes).term(IdentifierKind(vector["kind"]), vector["number"])
    assert term.hex() == vector["term"]


@each("digests")
def test_a_ledger_entry_commits_to_a_text_byte_for_byte(vector):
    keyed = field_encryption.content_hash(bytes.fromhex(VECTORS["subject_key"]))
    assert field_encryption.content_digest(vector["text"], place_of(vector), keyed).hex() == vector["digest"]
