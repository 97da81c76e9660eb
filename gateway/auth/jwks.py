"""The issuer's public keys: fetched, cached and renewed. A token never overrides them.

Three rules. A key set is renewed when it is old, and also when a token names a key that it lacks, but the latter at
most every `REFRESH_PAUSE` seconds, so that invented key ids cannot make us flood the issuer. If the issuer cannot be
reached, the last set serves until it is `STALE_AFTER` old. After that every token is refused.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from gateway.http.errors import Code, HttpRefusal
from gateway.json_input import parse_json

FRESH_FOR = 600.0
REFRESH_PAUSE = 30.0
FIRST_PAUSE = 1.0
"""While there are no keys at all: a start should not wait for half a minute."""
STALE_AFTER = 3600.0
LARGEST_SET = 256 * 1024
SMALLEST_RSA = 2048
FETCH_TIMEOUT = 5.0
PUBLIC_PARTS = frozenset({"kty", "crv", "n", "e", "x", "y"})

PublicKey = RSAKey | ECKey | OKPKey


@dataclass(frozen=True, slots=True, eq=False)
class KeySet:
    """The keys of one moment. Two sets are equal only if they are one object; caches notice a change by it."""

    by_kid: Mapping[str, tuple[str, PublicKey]]

    def find(self, kid: str | None, algorithm: str) -> PublicKey | None:
        """Return the key of *kid* if it fits *algorithm*; without *kid*, the only key that fits."""
        if kid is not None:
            found = self.by_kid.get(kid)
            return found[1] if found and found[0] == algorithm else None
        fitting = [key for its, key in self.by_kid.values() if its == algorithm]
        return fitting[0] if len(fitting) == 1 else None


class KeySource(Protocol):
    """Where authentication gets its keys."""

    async def current(self) -> KeySet:
        """Return the current keys. Raises HttpRefusal(KEYS_UNAVAILABLE)."""
        ...

    async def renewed(self) -> KeySet:
        """Return the keys after a new request to the issuer, unless the last one was too recent."""
        ...


@dataclass(frozen=True, slots=True)
class FixedKeys:
    """Keys that never change: those of the development issuer."""

    keys: KeySet

    async def current(self) -> KeySet:
        return self.keys

    async def renewed(self) -> KeySet:
        return self.keys


class PublishedKeys:
    """Keys at a JWKS address, fetched with *client*; *monotonic* is a clock that never jumps."""

    def __init__(self, url: str, client: httpx.AsyncClient, monotonic: Callable[[], float]) -> None:
        self._url = url
        self._client = client
        self._monotonic = monotonic
        self._lock = asyncio.Lock()
        self._keys: KeySet | None = None
        self._text: bytes | None = None
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")

    async def current(self) -> KeySet:
        age = self._monotonic() - self._fetched_at
        # While one request fetches, the others use the cached set, as long as it is not stale.
        if self._keys is not None and age < (STALE_AFTER if self._lock.locked() else FRESH_FOR):
            return self._keys
        return await self._fetch_unless_tried()

    async def renewed(self) -> KeySet:
        return await self._fetch_unless_tried()

    async def ready(self) -> None:
        """Return if tokens can be verified now; for the readiness check. Raises HttpRefusal."""
        await self.current()

    async def _fetch_unless_tried(self) -> KeySet:
        async with self._lock:
            pause = REFRESH_PAUSE if self._keys is not None else FIRST_PAUSE
            if self._monotonic() - self._tried_at >= pause:
                self._tried_at = self._monotonic()
                await self._fetch()
        if self._keys is None or self._monotonic() - self._fetched_at >= STALE_AFTER:
            raise HttpRefusal(Code.KEYS_UNAVAILABLE)
        return self._keys

    async def _fetch(self) -> None:
        try:
            # No redirects: the operator decides where keys come from, not the network.
            response = await self._client.get(self._url, follow_redirects=False, timeout=FETCH_TIMEOUT)
            if response.status_code != httpx.codes.OK or len(response.content) > LARGEST_SET:
                return
            if response.content != self._text:
                self._keys = read_key_set(response.content)
                self._text = response.content
            self._fetched_at = self._monotonic()
        except (httpx.HTTPError, ValueError):
            # The last set is used until it is stale; the caller can see which set it is.
            return


def read_key_set(text: bytes) -> KeySet:
    """Return the usable keys of a JWKS. Other keys are left out. Raises ValueError if no key is usable."""
    published = parse_json(text)
    entries = published.get("keys") if isinstance(published, dict) else None
    if not isinstance(entries, list):
        raise ValueError("no list of keys")  # noqa: TRY004 - one kind of refusal for whatever is wrong with the text
    found: dict[str, tuple[str, PublicKey]] = {}
    for entry in entries:
        usable = _usable(entry) if isinstance(entry, dict) else None
        if usable:
            found.setdefault(str(entry.get("kid", usable[1].thumbprint())), usable)
    if not found:
        raise ValueError("no usable key")
    return KeySet(found)


def _usable(entry: dict[str, object]) -> tuple[str, PublicKey] | None:
    """Return the key with the one algorithm that it serves. A symmetric key serves none."""
    if entry.get("use", "sig") != "sig":
        return None
    # INVARIANT: the algorithm follows from the key, never from the token alone.
    public: dict[str, str | list[str]] = {
        name: value for name, value in entry.items() if name in PUBLIC_PARTS and isinstance(value, str)
    }
    try:
        match entry.get("kty"), entry.get("crv"):
            case "RSA", _ if len(public.get("n", "")) >= SMALLEST_RSA // 6:
                rsa = RSAKey.import_key(public)
                fits = rsa.raw_value.key_size >= SMALLEST_RSA and entry.get("alg", "RS256") == "RS256"
                return ("RS256", rsa) if fits else None
            case "EC", "P-256" if entry.get("alg", "ES256") == "ES256":
                return "ES256", ECKey.import_key(public)
            case "OKP", "Ed25519" if entry.get("alg", "EdDSA") in {"EdDSA", "Ed25519"}:
                return "EdDSA", OKPKey.import_key(public)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return None
