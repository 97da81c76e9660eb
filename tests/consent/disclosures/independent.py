"""The formats of a disclosure once more, from their description alone: no line of the product is used."""

import hashlib
import hmac
import json


def jcs(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def mth(hashes):
    """The Merkle tree hash of RFC 6962 section 2.1, over hashes of leaves, by its recursive definition."""
    if not hashes:
        return sha()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    return sha(b"\x01", mth(hashes[:k]), mth(hashes[k:]))


def path(hashes, at):
    """PATH of RFC 6962 section 2.1.1."""
    if len(hashes) == 1:
        return []
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    if at < k:
        return [*path(hashes[:k], at), mth(hashes[k:])]
    return [*path(hashes[k:], at - k), mth(hashes[:k])]


def ground(basis, citation, fields):
    return sha(jcs({"type": "access-ground/1", "basis": basis, "citation": citation, "fields": fields}))


def part(subject, grounds):
    """*grounds*: (ground hash, authorisation or None) in the order asked; ids as hexadecimal digits."""
    written = [digest + bytes.fromhex(used or "00" * 16) for digest, used in grounds]
    return b"".join([bytes.fromhex(subject), bytes([len(grounds)]), *written])


def disclosure(seed, parts, fields, counted):
    """Return sub-leaves, record, commitment, entry and leaf hash; *fields* are those of the record but n and root."""
    stream = hashlib.shake_256(b"chengxin/disclosure-salts/1" + seed).digest(16 * (len(parts) + 1))
    salts = [stream[at : at + 16] for at in range(0, len(stream), 16)]
    leaves = [sha(b"\x00", salt, each) for salt, each in zip(salts[1:], parts, strict=True)]
    root = mth(sorted(leaves)).hex()
    record = jcs({**fields, "type": "disclosure/1", "subjects": len(parts), "root": root})
    commitment = sha(salts[0], record)
    entry = counted.to_bytes(2, "big") + commitment
    return leaves, record, commitment, entry, sha(b"\x00", entry)


def pending(key, recorder, number, log, previous, sources, entries):
    """Return the columns `sources`, `leaves` and `tag`; *recorder* None for a mutation."""
    joined = b"".join(bytes.fromhex(each) for each in sources)
    leaves = b"".join(len(each).to_bytes(2, "big") + each for each in entries)
    who = bytes(16) if recorder is None else bytes.fromhex(recorder)
    kind = {"consent": b"\x00", "access": b"\x01"}[log]
    written = b"chengxin/pending/1" + who + number.to_bytes(8, "big") + kind + previous
    written += len(joined).to_bytes(4, "big") + joined + leaves
    return joined, leaves, hmac.new(key, written, "sha256").digest()
