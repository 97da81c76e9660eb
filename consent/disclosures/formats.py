"""The formats of one disclosure, byte for byte. Integers are big-endian, hashes SHA-256, trees those of RFC 6962.

One page of an answer is one disclosure, however many subjects it shows. Its commitment is one entry of the log
`access`; a small tree over the page lets each subject prove its own part without anybody else's data:

    ground      SHA-256(JCS {"type":"access-ground/1","basis","citation","fields"})
    part        subject_id(16) ‖ u8 k ‖ k × (ground(32) ‖ authorisation_id(16, zeros: none)), in the order asked
    salts       SHAKE-256("chengxin/disclosure-salts/1" ‖ seed(16)), 16·(n+1) bytes:
                salt 0 of the record, salt i+1 of the i-th subject
    sub-leaf    SHA-256(0x00 ‖ salt(16) ‖ part)
    root        MTH over the sub-leaves in ascending order, taken as leaf hashes: no order of the page can be seen
    record      JCS {"type":"disclosure/1","disclosure_id","request_id","at","actor_ref","known_by","channel","role",
                "department_code","purpose","document_hash","subjects":n,"root":hex}
    commitment  SHA-256(salt 0 ‖ record)
    entry       u16 n ‖ commitment (34 bytes), n being how many subjects it counts for; or
                commitment (32 bytes), which counts for exactly one subject: the formats of `consent.leaves`
    leaf hash   SHA-256(0x00 ‖ entry)

While a lawful delay covers a disclosure its entry counts for nobody (n = 0), and its record says how many it shows.
A format never changes: a new one gets the next number. `tests/vectors/disclosures.json` has examples.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, lru_cache
from hashlib import sha256, shake_256
from json.encoder import encode_basestring
from operator import attrgetter
from struct import Struct
from typing import Final
from uuid import UUID

from consent.errors import NotCanonical
from consent.leaves.canonical_form import SALT_BYTES, canonical_bytes, instant
from consent.ledger.merkle_tree import root_of
from consent.vocabulary import Basis, Channel, KnownBy, Purpose

SEED_BYTES: Final = 16
MOST_SUBJECTS: Final = 4_096
"""The most subjects of one disclosure: an answer that shows more leaves several."""
MOST_GROUNDS: Final = 127
"""The most different grounds of one disclosure, as the column `parts` counts them."""
MOST_GROUNDS_OF_SUBJECT: Final = 255

Field = tuple[str, str, str]
"""Type.field, data class, form."""
_NO_AUTHORISATION: Final = bytes(16)
_BYTES: Final = attrgetter("bytes")
_SALTS: Final = b"chengxin/disclosure-salts/1"
_SALT: Final = Struct(f"{SALT_BYTES}s")


@dataclass(frozen=True)
class AccessContext:
    """What is the same in many disclosures: who asks for what, by which document and channel.

    The database keeps each once, by its digest; neither the digest nor the id in the database is hashed into a record.
    """

    role: str
    department_code: str | None
    purpose: Purpose
    channel: Channel
    known_by: KnownBy
    document_hash: str

    @cached_property
    def digest(self) -> bytes:
        """Return SHA-256 of the JCS of every field, by its own name, and `"type":"access-context/1"`."""
        fields = {
            "type": "access-context/1",
            "role": self.role,
            "department_code": self.department_code,
            "purpose": self.purpose.value,
            "channel": self.channel.value,
            "known_by": self.known_by.value,
            "document_hash": self.document_hash,
        }
        return sha256(canonical_bytes(fields)).digest()

    @cached_property
    def record_pieces(self) -> tuple[str, str, str, str, str]:
        """Return what the record has of it, as JSON, between its other members: see `Disclosure.record`."""
        return (
            f'"channel":{_quoted(self.channel)},"department_code":{_quoted(self.department_code)},',
            f'"document_hash":{_quoted(self.document_hash)},"known_by":{_quoted(self.known_by)},',
            f'"purpose":{_quoted(self.purpose)},',
            f'"role":{_quoted(self.role)},',
            '"type":"disclosure/1"}',
        )


@dataclass(frozen=True)
class Ground:
    """By which right which fields were shown: the legal basis, its clauses, and the fields in the order asked."""

    basis: Basis
    citation: str
    fields: tuple[Field, ...]

    @cached_property
    def digest(self) -> bytes:
        """Return the `ground` of the formats above.

        The hashed bytes are, for example:

            {"basis":"STATUTE","citation":"5.2.2","fields":[["RestraintCase.facts","FACTS","CLEAR"],
            ["NaturalPerson.name","PERSON_NAME","MASKED"]],"type":"access-ground/1"}
        """
        return ground_hash(ground_bytes(self))

    def __hash__(self) -> int:
        return hash(self.digest)  # computed once, where that of the fields is computed each time


def ground_bytes(ground: Ground) -> bytes:
    """Return the bytes of which the digest of a ground is the hash."""
    fields = {
        "type": "access-ground/1",
        "basis": ground.basis.value,
        "citation": ground.citation,
        "fields": [list(each) for each in ground.fields],
    }
    return canonical_bytes(fields)


def ground_hash(written: bytes) -> bytes:
    """Return the `ground` of the formats above, given its bytes."""
    return sha256(written).digest()


@lru_cache(maxsize=4_096)
def ground(basis: Basis, citation: str, fields: tuple[Field, ...]) -> Ground:
    """Return the ground; a page after page has the same ones, so each is made and hashed once."""
    return Ground(basis, citation, fields)


@lru_cache(maxsize=4_096)
def access_context(
    role: str, department_code: str | None, purpose: Purpose, channel: Channel, known_by: KnownBy, document_hash: str
) -> AccessContext:
    """Return the context, made and hashed once like `ground`."""
    return AccessContext(role, department_code, purpose, channel, known_by, document_hash)


Part = tuple[tuple[Ground, UUID | None], ...]
"""Why one subject was shown: each ground with the authorisation that was used, in the order asked."""


def part_end(part: Part) -> bytes:
    """Return the bytes of a part after the subject's id; raises NotCanonical for more grounds than a byte counts."""
    return uses_end([(each.digest, used) for each, used in part])


def uses_end(uses: Sequence[tuple[bytes, UUID | None]]) -> bytes:
    """Return the bytes of `part_end`, given the digest of each ground, with the authorisation that was used."""
    if len(uses) > MOST_GROUNDS_OF_SUBJECT:
        raise NotCanonical
    each_use = (digest + (_NO_AUTHORISATION if used is None else used.bytes) for digest, used in uses)
    return bytes([len(uses)]) + b"".join(each_use)


def part_bytes(subject_id: UUID, part: Part) -> bytes:
    """Return the `part` of the formats above; raises NotCanonical for more grounds than a byte counts."""
    return subject_id.bytes + part_end(part)


def salts(seed: bytes, subjects: int) -> bytes:
    """Return the salts of a disclosure: that of the record, then one for each subject; raises NotCanonical."""
    if len(seed) != SEED_BYTES:
        raise NotCanonical
    return shake_256(_SALTS + seed).digest(SALT_BYTES * (subjects + 1))


def sub_leaf(salt: bytes, part: bytes) -> bytes:
    """Return the hash of one subject's part, given as its bytes."""
    return sha256(b"\x00" + salt + part).digest()


def entry(subjects: int, commitment: bytes) -> bytes:
    """Return the 34 bytes of an entry that counts for so many subjects; raises NotCanonical."""
    if not 0 <= subjects <= MOST_SUBJECTS or len(commitment) != 32:  # noqa: PLR2004 - the bytes of SHA-256
        raise NotCanonical
    return subjects.to_bytes(2, "big") + commitment


def distinct(parts: Sequence[Part]) -> Sequence[Part]:
    """Return the different parts of a page; equal ones may come again where they are not the same object."""
    first = parts[:1]
    if not first or parts.count(first[0]) == len(parts):  # nearly every page
        return first
    return list({id(part): part for part in parts}.values())


def sub_leaves(salts: bytes, subjects: Sequence[UUID], parts: Sequence[Part]) -> list[bytes]:
    """Return the sub-leaf of each subject, in the order of the page; raises NotCanonical."""
    ends = {id(part): part_end(part) for part in distinct(parts)}
    of_each = [*ends.values()] * len(parts) if len(ends) == 1 else [ends[id(part)] for part in parts]
    return sub_leaves_of_ends(salts, map(_BYTES, subjects), of_each)


def sub_leaves_of_ends(salts: bytes, subjects: Iterable[bytes], ends: Iterable[bytes]) -> list[bytes]:
    """Return what `sub_leaves` does, given each subject's id and the bytes of its part after the id."""
    own_salts = _SALT.iter_unpack(salts[SALT_BYTES:])
    # As `sub_leaf` of `part_bytes`, without a call for each: this runs for every page before it is shown.
    return [
        sha256(b"".join((b"\x00", salt, subject_id, end))).digest()
        for (salt,), subject_id, end in zip(own_salts, subjects, ends, strict=True)
    ]


@dataclass(frozen=True)
class Disclosure:
    """One record of access: what was shown at once of which subjects, each with its part.

    *subjects* are in the order of the page, without repetition; *parts* stand beside them, and where two are the same
    they are best the same object. *delay_id* names the lawful delay that covers the read; it opens to its subjects on
    the day *opens_on*, unless the delay is extended or ends. Neither is committed: each act of a delay is.
    """

    disclosure_id: UUID
    request_id: UUID
    at: datetime
    actor_ref: str
    context: AccessContext
    subjects: Sequence[UUID]
    parts: Sequence[Part]
    seed: bytes = field(repr=False)
    delay_id: UUID | None = None
    opens_on: date | None = None

    @property
    def salts(self) -> bytes:
        """Return every salt, one after the other: the record's first."""
        return salts(self.seed, len(self.subjects))

    @property
    def sub_leaves(self) -> list[bytes]:
        """Return the sub-leaf of each subject, in the order of the page."""
        return sub_leaves(self.salts, self.subjects, self.parts)

    @property
    def record(self) -> bytes:
        """Return the record: who saw data of how many subjects, and the root over their parts.

        The bytes are, for example:

            {"actor_ref":"staff-1","at":"2026-03-05T01:02:03.000004Z","channel":"GRAPHQL",
            "department_code":"LZ-MARKET","disclosure_id":"019ca7a1-0000-7000-8000-00000000000a",
            "document_hash":"abababababababababababababababababababababababababababababababab",
            "known_by":"TOKEN","purpose":"FOCUSED_CHECK","request_id":"00000000-0000-0000-0000-00000000000b",
            "role":"regulator","root":"…","subjects":2,"type":"disclosure/1"}

        `canonical_bytes` gives the same for these fields (a property test holds it). The keys are written out here,
        because this runs for every page before it is shown.
        """
        return self._record(self.sub_leaves)

    @property
    def commitment(self) -> bytes:
        """Return SHA-256(salt 0 ‖ record)."""
        salted = self.salts
        return sha256(salted[:SALT_BYTES] + self._record(sub_leaves(salted, self.subjects, self.parts))).digest()

    @property
    def counted(self) -> int:
        """How many subjects its entry counts for now: nobody while a delay covers it."""
        return 0 if self.delay_id is not None else len(self.subjects)

    def entry(self) -> bytes:
        """Return its entry in the log `access`; raises NotCanonical."""
        return entry(self.counted, self.commitment)

    def _record(self, sub_leaves: Sequence[bytes]) -> bytes:
        return record_bytes(
            self.context, self.disclosure_id, self.request_id, self.at, self.actor_ref,
            len(self.subjects), root_of(sorted(sub_leaves)),
        )  # fmt: skip


def record_bytes(
    context: AccessContext,
    disclosure_id: UUID,
    request_id: UUID,
    at: datetime,
    actor_ref: str,
    subjects: int,
    root: bytes,
) -> bytes:
    """Return the record of a disclosure of so many *subjects*, *root* being that of their sub-leaves.

    Raises NotCanonical.
    """
    channel, document, purpose, role, kind = context.record_pieces
    text = (
        f'{{"actor_ref":{_quoted(actor_ref)},"at":"{instant(at)}",{channel}'
        f'"disclosure_id":"{disclosure_id}",{document}{purpose}"request_id":"{request_id}",{role}'
        f'"root":"{root.hex()}","subjects":{subjects},{kind}'
    )
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise NotCanonical from error


def _quoted(text: str | None) -> str:
    """Return a JSON string, escaped only where it must be, or null."""
    return "null" if text is None else encode_basestring(text)
