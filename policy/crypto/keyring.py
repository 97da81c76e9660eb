"""The keyring: KEK -> a random key per subject -> a cipher per suite; and the keys of the blind index.

No key stays in memory as bytes: a keyring holds ciphers and keyed hashes, shows none of them and cannot be pickled.
"""

import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from enum import Enum
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple, TypeAlias
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from consent.ledger.notes.signatures import CheckpointCosigner, NoteSigner
from consent.ledger.notes.signed_notes import KeyKind
from credit.core.values.identifiers import IdentifierKind, birth_date_of
from credit.subjects.capacity import age_on
from credit.subjects.subject import Place, Sealed, SealedText
from policy.crypto import field_encryption, key_file
from policy.crypto.field_encryption import KEY_BYTES, Ciphers, OpenValue, Random, SealBroken, TextRefused
from policy.crypto.key_file import Roots, Secret

REMEMBERED = 4096
"""The number of subjects whose ciphers stay in memory; a page of twenty rows needs twenty."""


OF_LOGINS: Final = frozenset({"login_attempts", "login_sessions"})
"""The tables whose sealed values are of logins, and of nobody's record."""
KEK, INDEX = "KEK", "INDEX"
Report: TypeAlias = Callable[[Place], None]
"""Called with the place of each sealed value that does not open, or cannot be sealed since its key does not open."""


class Damaged(Enum):
    """What stands for the text of a box that does not open."""

    DAMAGED = "damaged"


DAMAGED: Final = Damaged.DAMAGED


def unreported(_: Place) -> None:
    """Report nothing: for keyrings that open no value."""


class KeyName(NamedTuple):
    """A key of the key file: its kind, `KEK` or `INDEX`, and the id of the KEK or the version of the index root."""

    kind: str
    name: str


class Keyring(Secret):
    """Seals, opens and indexes. Safe to share between threads.

    *checks* are the check values of all keys of the file: HMAC-SHA-256 of nothing, each under a key that is derived for
    it alone. They reveal nothing of a key, and a database recognises its key file by them. *in_force* are the keys that
    new values use, and the index root that references of accounts rest on.
    """

    __slots__ = (
        "_account",
        "_code",
        "_content",
        "_file",
        "_imports",
        "_index",
        "_keks",
        "_lock",
        "_logs",
        "_marks",
        "_order",
        "_pending",
        "_public",
        "_random",
        "_remembered",
        "_report",
        "_request",
        "_tags",
        "_witnesses",
        "checks",
        "in_force",
        "kek_id",
    )

    kek_id: str
    checks: Mapping[KeyName, bytes]
    in_force: frozenset[KeyName]

    def __init__(self, roots: Roots, random: Random, report: Report = unreported) -> None:
        self.kek_id = roots.kek_id
        self._random = random
        self._report = report
        self._keks = {kek_id: field_encryption.kek_cipher(kek) for kek_id, kek in roots.keks.items()}
        # The current version first, because it finds most subjects.
        versions = sorted(roots.index, key=lambda version: (version != roots.index_version, -version))
        self._index = {
            kind: {version: _mac(roots.index[version], f"chengxin/index/{kind}/{version}") for version in versions}
            for kind in IdentifierKind
        }
        root, current = roots.index[roots.index_version], roots.index_version
        # The first root and not the current one: a rotation must not give every account another reference.
        first = min(roots.index)
        self._account = _mac(roots.index[first], f"chengxin/account/{first}")
        named = {KeyName(KEK, kek_id): kek for kek_id, kek in roots.keks.items()}
        named |= {KeyName(INDEX, str(version)): roots.index[version] for version in versions}
        self.checks = {
            one: _mac(key, f"chengxin/key-check/{one.kind}/{one.name}").digest() for one, key in named.items()
        }
        self.in_force = frozenset(
            {KeyName(KEK, roots.kek_id), KeyName(INDEX, str(current)), KeyName(INDEX, str(first))}
        )
        self._code = _mac(root, f"chengxin/notice-code/{current}")
        self._file = _mac(root, f"chengxin/file/{current}")
        self._order = _mac(root, f"chengxin/order/{current}")
        self._marks = [_mac(roots.index[version], f"chengxin/fingerprint/{version}") for version in versions]
        self._imports = [_mac(roots.index[version], f"chengxin/import/{version}") for version in versions]
        self._public = _mac(root, f"chengxin/public-id/{current}")
        # The first root here too: a tag is verified long after it was made.
        self._pending = _mac(roots.index[first], f"chengxin/pending/{first}")
        # And here: a log and a witness are known by their keys, which a rotation must not change.
        self._logs = _mac(roots.index[first], f"chengxin/log-key/{first}")
        self._witnesses = _mac(roots.index[first], f"chengxin/witness-key/{first}")
        self._request = _mac(root, f"chengxin/request/{current}")
        self._tags = _mac(root, f"chengxin/tag/{current}")
        self._remembered: dict[bytes, tuple[bytes, Ciphers]] = {}
        # Of the subject that was sealed for last: a registration seals several texts of one.
        self._content: tuple[bytes, UUID, hmac.HMAC] | None = None
        self._lock = Lock()

    @classmethod
    def load(cls, path: Path, random: Random, report: Report = unreported) -> "Keyring":
        """Load the key file at *path*. Raises KeyFileRefused, saying what to do."""
        return cls(key_file.read(path), random, report)

    @staticmethod
    def create(path: Path, random: Random) -> None:
        """Create a key file at *path*, readable by its owner only. Raises KeyFileRefused if there is one."""
        key_file.create(path, random)

    def __repr__(self) -> str:
        return f"Keyring(kek={self.kek_id})"

    def new_key(self, subject_id: UUID) -> bytes:
        """Return a new random key for the subject, wrapped under the current KEK."""
        key = field_encryption.draw(self._random, KEY_BYTES)
        return field_encryption.wrap(key, subject_id, self.kek_id, self._keks[self.kek_id], self._random)

    def random_bytes(self, count: int) -> bytes:
        """Return so many random bytes, as keys are drawn."""
        return field_encryption.draw(self._random, count)

    def rewrap(self, wrapped: bytes, subject_id: UUID) -> bytes:
        """Return the same subject key under the current KEK. The values that it sealed stay unchanged."""
        key = field_encryption.unwrap(wrapped, subject_id, self._keks)
        return field_encryption.wrap(key, subject_id, self.kek_id, self._keks[self.kek_id], self._random)

    def seal(self, text: str, place: Place, wrapped: bytes) -> bytes:
        """Seal *text* under the subject's key, to be opened at *place* only.

        Raises SealBroken, and reports it, where the key does not open.
        """
        try:
            ciphers = self._ciphers(wrapped, place.subject_id.bytes)
        except SealBroken:
            self._report(place)
            raise
        return field_encryption.seal(text, place, ciphers, self._random)

    def content_digest(self, text: str, place: Place, wrapped: bytes) -> bytes:
        """Return the digest, 32 bytes, by which an entry of the ledger commits to *text*, sealed at *place*.

        It is keyed with a key derived from the subject's, so that the text cannot be guessed from it, and shredding
        that key leaves a number that nobody can check. It is the same for each version of the row. Raises SealBroken.
        """
        known = self._content
        if known is None or known[:2] != (wrapped, place.subject_id):
            key = field_encryption.unwrap(wrapped, place.subject_id, self._keks)
            known = self._content = wrapped, place.subject_id, field_encryption.content_hash(key)
        return field_encryption.content_digest(text, place, known[2])

    def content_digest_of(self, sealed: Sealed, place: Place | None = None) -> bytes:
        """Return the digest of the text of a box, at its own place or at another one of its subject; raises SealBroken.

        No caller sees the text.
        """
        return self.content_digest(self.open(sealed), place or sealed.place, sealed.key)

    def open(self, sealed: Sealed) -> str:
        """Open one box. Raises SealBroken, and reports it."""
        try:
            return self._opened(sealed)
        except SealBroken:
            self._report(sealed.place)
            raise

    def open_login(self, sealed: Sealed) -> str:
        """Open what a login has sealed; raises SealBroken, and for the box of any other table too.

        It is of nobody's record, so no admission is asked. Its key is not remembered in the place of a subject's.
        """
        place = sealed.place
        if place.table not in OF_LOGINS:
            raise SealBroken
        key = field_encryption.unwrap(sealed.key, place.subject_id, self._keks)
        return field_encryption.unseal(sealed.text, place, field_encryption.subject_ciphers(key))

    def seal_login(self, text: str, place: Place, wrapped: bytes | None = None) -> Sealed:
        """Seal *text* for a place of a login, under the key *wrapped* of the login or a new one; raises SealBroken."""
        wrapped = wrapped or self.new_key(place.subject_id)
        key = field_encryption.unwrap(wrapped, place.subject_id, self._keks)
        ciphers = field_encryption.subject_ciphers(key)
        return Sealed(place, field_encryption.seal(text, place, ciphers, self._random), wrapped)

    def open_all(self, boxes: Sequence[Sealed]) -> list[str | Damaged]:
        """Open *boxes*; DAMAGED, which is reported, stands for one that does not open. Never returns a ciphertext.

        Only `policy.disclosure` calls it, after it has checked the admission.
        """
        texts: list[str | Damaged] = []
        # A page has several boxes of each subject: its ciphers are looked up once.
        ciphers: dict[tuple[bytes, UUID], Ciphers] = {}
        for sealed in boxes:
            place = sealed.place
            subject = sealed.key, place.subject_id
            try:
                known = ciphers.get(subject)
                if known is None:
                    known = ciphers[subject] = self._ciphers(sealed.key, place.subject_id.bytes)
                texts.append(field_encryption.unseal(sealed.text, place, known))
            except SealBroken:
                self._report(place)
                texts.append(DAMAGED)
        return texts

    def open_rows(self, columns: Sequence[tuple[str, str]]) -> "RowOpener":
        """Return what opens the values of these (table, column), row by row, without a box for each of them.

        It raises SealBroken for a value that does not open, and reports nothing: its caller opens the rows by
        `open_all` then. Only `policy.disclosure` calls it, after it has checked the admission.
        """
        return RowOpener(self._ciphers, columns, self._remembered)

    def require_whole(self, sealed: Sealed) -> None:
        """Return nothing if the box opens. Raises SealBroken, and reports it. No caller sees the text."""
        self.open(sealed)

    def reseal(self, sealed: Sealed, place: Place, wrapped: bytes | None = None) -> bytes:
        """Return the same text, sealed for another place; raises SealBroken. No caller sees it.

        It stays under the same key, or goes under the key *wrapped* of the subject of *place*.
        """
        return self.seal(self.open(sealed), place, wrapped or sealed.key)

    def rewrite(
        self, sealed: Sealed, place: Place, form: Callable[[str], str], mask: Callable[[str], str]
    ) -> SealedText:
        """Return the text of a box in another *form*, sealed for another place, beside its mask; raises SealBroken.

        No caller sees the text.
        """
        text = form(self.open(sealed))
        return SealedText(self.seal(text, place, sealed.key), mask(text))

    def compares(self, sealed: Sealed, rule: Callable[[str], bool]) -> bool:
        """Return what *rule* says of the text of a box; raises SealBroken. No caller sees the text."""
        return rule(self.open(sealed))

    def opens(self, wrapped: bytes, subject_id: UUID) -> bool:
        """Return whether a subject's wrapped key opens under one of the KEKs."""
        try:
            field_encryption.unwrap(wrapped, subject_id, self._keks)
        except SealBroken:
            return False
        return True

    def is_indexed(self, sealed: Sealed, kind: IdentifierKind, term: bytes) -> bool:
        """Return whether the box opens, and *term* is a search term of the number in it. No caller sees the text."""
        try:
            return term in self.terms(kind, self._opened(sealed))
        except SealBroken:
            return False

    def age_on(self, sealed: Sealed, day: date) -> int:
        """Return the full years, on *day*, of the person with this sealed identity number; raises SealBroken.

        No caller sees the number or the birth date, and neither is stored anywhere else.
        """
        return age_on(birth_date_of(self.open(sealed)), day)

    def term(self, kind: IdentifierKind, number: str) -> bytes:
        """Return an identifier's search term under the current version: its number in one byte, then HMAC-SHA-256."""
        return self.terms(kind, number)[0]

    def terms(self, kind: IdentifierKind, number: str) -> tuple[bytes, ...]:
        """Return the search terms under every version, the current one first: during a rotation all are searched.

        *number* is the normal form that `credit.core.values.identifiers` gives; another form
        would silently find no subject, so it raises TextRefused.
        """
        if not (number.isascii() and number.isalnum() and number == number.upper()):
            raise TextRefused("an identifier is indexed in its normal form only")
        found = []
        for version, keyed in self._index[kind].items():
            mac = keyed.copy()
            mac.update(number.encode())
            found.append(version.to_bytes(1, "big") + mac.digest())
        return tuple(found)

    def notice_tag(self, written: bytes) -> bytes:
        """Return the keyed hash from which the code at the foot of a notice is made [A].

        Under the current root only: a printed code is found by its own hash, so a rotation does not touch it.
        """
        mac = self._code.copy()
        mac.update(written)
        return mac.digest()

    def pending_tag(self, written: bytes) -> bytes:
        """Return the keyed hash over entries of the ledger that wait for the sequencer (`consent.disclosures`)."""
        mac = self._pending.copy()
        mac.update(written)
        return mac.digest()

    def log_signer(self, origin: str) -> NoteSigner:
        """Return what signs for the log *origin*, as nobody else can: its key follows from the file and the origin.

        Raises NoteRefused for an origin that no key can have as its name.
        """
        mac = self._logs.copy()
        mac.update(origin.encode())
        return NoteSigner(origin, mac.digest())

    def witness_signer(self, name: str, kind: KeyKind = KeyKind.COSIGNER_ED25519) -> CheckpointCosigner:
        """Return what cosigns as the witness *name*, with a key of its own for each kind.

        Raises NoteRefused for a name that no key can have, or a kind that does not cosign.
        """
        mac = self._witnesses.copy()
        mac.update(bytes([kind]) + name.encode())
        return CheckpointCosigner(name, mac.digest(), kind)

    def request_tag(self, request: str) -> str:
        """Return the keyed hash that distinguishes two requests under one idempotency key, in hexadecimal.

        It is keyed, because a request may hold a number, and a number can be guessed from a plain hash by trial.
        """
        mac = self._request.copy()
        mac.update(request.encode())
        return mac.hexdigest()

    def tag(self, of: str, text: str) -> str:
        """Return the keyed hash, 32 hexadecimal digits, by which *text* is recognised among others of its kind *of*.

        It is keyed, because an account, a network or the beginning of a number could be guessed from a plain hash.
        """
        mac = self._tags.copy()
        mac.update(f"{len(of)}:{of}{text}".encode())
        return mac.hexdigest()[:32]

    def account_tag(self, issuer: str, account: str) -> bytes:
        """Return the keyed hash, 10 bytes, that stands for an account of *issuer* in records [OIDC Core 2].

        It is keyed, because an issuer may identify accounts by a number that can be guessed from a plain hash.
        """
        mac = self._account.copy()
        mac.update(f"{len(issuer)}:{issuer}{account}".encode())
        return mac.digest()[:10]

    def public_id_tag(self, keys: bytes) -> bytes:
        """Return the keyed hash, 16 bytes, that stands for the keys of a record in what is published [5.1.6].

        It is the same for the same record, and leads back to nobody.
        """
        mac = self._public.copy()
        mac.update(keys)
        return mac.digest()[:16]

    def file_tag(self, written: bytes) -> bytes:
        """Return the keyed hash, 16 bytes, by which an uploaded file is referred to."""
        mac = self._file.copy()
        mac.update(written)
        return mac.digest()[:16]

    def import_marks(self, kind: str, digest: bytes) -> tuple[str, ...]:
        """Return the keyed hashes, 64 hexadecimal digits, of a list of *kind* by its *digest*, the current one first.

        They are keyed, because who has a list could find it, and all who are in it, by a plain hash. With those of the
        earlier index keys, a list that was imported before a rotation is still recognised.
        """
        marks = []
        for keyed in self._imports:
            mac = keyed.copy()
            mac.update(f"{len(kind)}:{kind}".encode() + digest)
            marks.append(mac.hexdigest())
        return tuple(marks)

    def shuffled(self, words: Iterable[str], of: str) -> list[str]:
        """Return *words* in a fixed order that depends on *of* and the key: unpredictable without the key."""

        def place(word: str) -> bytes:
            mac = self._order.copy()
            mac.update(f"{len(of)}:{of}{word}".encode())
            return mac.digest()

        return sorted(words, key=place)

    def fingerprints(self, content: bytes) -> tuple[bytes, ...]:
        """Return a keyed hash of *content* under every version, the current one first.

        It recognises content that came in before. It is keyed, because the content could be guessed.
        """
        found = []
        for keyed in self._marks:
            mac = keyed.copy()
            mac.update(content)
            found.append(mac.digest())
        return tuple(found)

    def forget(self, wrapped: bytes) -> None:
        """Drop a shredded subject's ciphers from memory.

        Called after the transaction that deletes the wrapped key has committed; a read that already holds the
        wrapped key may still finish.
        """
        with self._lock:
            self._remembered.pop(wrapped, None)
            self._content = None

    def forget_all(self) -> None:
        """Drop every subject's ciphers from memory."""
        with self._lock:
            self._remembered.clear()
            self._content = None

    def _opened(self, sealed: Sealed) -> str:
        ciphers = self._ciphers(sealed.key, sealed.place.subject_id.bytes)
        return field_encryption.unseal(sealed.text, sealed.place, ciphers)

    def _ciphers(self, wrapped: bytes, subject_id: bytes) -> Ciphers:
        known = self._remembered.get(wrapped)
        if known is not None and known[0] == subject_id:
            return known[1]
        # A wrapped key that is cached for one subject is unwrapped again for another, which fails.
        key = field_encryption.unwrap(wrapped, UUID(bytes=subject_id), self._keks)
        ciphers = field_encryption.subject_ciphers(key)
        with self._lock:
            while len(self._remembered) >= REMEMBERED:
                del self._remembered[next(iter(self._remembered))]  # the one that came first
            self._remembered[wrapped] = subject_id, ciphers
        return ciphers


class RowOpener:
    """Opens the values of some columns in the rows of one answer. `Keyring.open_rows` makes it.

    The ciphers of a subject are looked up once for each row, and given back with each value of the row. *remembered*
    are those that are at hand, by wrapped key, with their subject; *ciphers* makes the others.
    """

    __slots__ = ("_ciphers", "_remembered", "columns", "subjects")

    def __init__(
        self,
        ciphers: Callable[[bytes, bytes], Ciphers],
        columns: Sequence[tuple[str, str]],
        remembered: Mapping[bytes, tuple[bytes, Ciphers]],
    ) -> None:
        self._ciphers = ciphers
        self._remembered = remembered
        self.columns: Sequence[OpenValue] = [field_encryption.value_opener(*column) for column in columns]
        self.subjects: set[bytes] = set()
        """The subjects of whom a value may have been opened."""

    def ciphers(self, wrapped: bytes, subject_id: bytes) -> Ciphers:
        """Return the ciphers under the subject's wrapped key; raises SealBroken."""
        self.subjects.add(subject_id)
        known = self._remembered.get(wrapped)
        return known[1] if known is not None and known[0] == subject_id else self._ciphers(wrapped, subject_id)


def _mac(root: bytes, info: str) -> hmac.HMAC:
    return hmac.new(HKDF(SHA256(), KEY_BYTES, salt=None, info=info.encode()).derive(root), digestmod="sha256")
