"""Notes, checkpoints, cosignatures, proofs and promises once more, from their description alone.

No line of the product is used. The vectors of `tests/vectors/ledger.json` are its work.
"""

import hashlib
import hmac
import json
from base64 import b64encode

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from tests.consent.disclosures.independent import mth

ED25519, COSIGNER, POST_QUANTUM = 0x01, 0x04, 0x06


def b64(content):
    return b64encode(content).decode()


def private_key(kind, seed):
    if kind == POST_QUANTUM:
        return MLDSA44PrivateKey.from_seed_bytes(seed)
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_key(kind, seed):
    raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
    return private_key(kind, seed).public_key().public_bytes(*raw)


def key_id(name, kind, seed):
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public_key(kind, seed)).digest()[:4]


def vkey(name, kind, seed):
    return f"{name}+{key_id(name, kind, seed).hex()}+{b64(bytes([kind]) + public_key(kind, seed))}"


def signature_line(name, kind, seed, signature):
    return f"— {name} {b64(key_id(name, kind, seed) + signature)}\n"


def note(text, *lines):
    return (text + "\n" + "".join(lines)).encode()


def signed(name, seed, text):
    return signature_line(name, ED25519, seed, private_key(ED25519, seed).sign(text.encode()))


def checkpoint(origin, size, root):
    return f"{origin}\n{size}\n{b64(root)}\n"


def cosigned_message(name, kind, origin, size, root, time):
    if kind == COSIGNER:
        return f"cosignature/v1\ntime {time}\n{checkpoint(origin, size, root)}".encode()
    u64 = [number.to_bytes(8, "big") for number in (time, 0, size)]
    names = [bytes([len(each.encode())]) + each.encode() for each in (name, origin)]
    return b"subtree/v1\x0a\x00" + names[0] + u64[0] + names[1] + u64[1] + u64[2] + root


def cosigned(name, kind, seed, origin, size, root, time):
    message = cosigned_message(name, kind, origin, size, root, time)
    return signature_line(name, kind, seed, time.to_bytes(8, "big") + private_key(kind, seed).sign(message))


def proof(index, path, checkpoint_note, extra=b""):
    lines = ["c2sp.org/tlog-proof@v1", *([f"extra {b64(extra)}"] if extra else []), f"index {index}", *map(b64, path)]
    return "\n".join([*lines, "", checkpoint_note.decode()]).encode()


def witness_request(old_size, proof_hashes, checkpoint_note):
    return "\n".join([f"old {old_size}", *map(b64, proof_hashes), "", checkpoint_note.decode()]).encode()


def consistency(hashes, old):
    """PROOF of RFC 6962 section 2.1.2, by its recursive definition."""

    def subproof(m, part, is_whole):
        if m == len(part):
            return [] if is_whole else [mth(part)]
        k = 1
        while 2 * k < len(part):
            k *= 2
        if m <= k:
            return [*subproof(m, part[:k], is_whole), mth(part[k:])]
        return [*subproof(m - k, part[k:], False), mth(part[:k])]

    return subproof(old, hashes, True) if old else []


def promise(origin, size, root, due):
    return f"chengxin/promise/1\n{origin}\n{size}\n{b64(root)}\n{due}\n"


def system_entry(values):
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def source(entry):
    return hashlib.sha256(entry).hexdigest()[:32]


def derived_seed(root, info, message):
    """HMAC-SHA-256 of *message*, under the key of one block that HKDF-SHA-256 gives without salt [RFC 5869]."""
    extracted = hmac.digest(bytes(32), root, "sha256")
    key = hmac.digest(extracted, info.encode() + b"\x01", "sha256")
    return hmac.digest(key, message, "sha256")
