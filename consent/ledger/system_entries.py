"""The entries of the log `system`: what happened to the gateway itself, readable by everybody. Nothing of a person.

    entry    UTF-8 JSON per RFC 8785 (JCS) [consent/leaves/canonical_form.py], with a `type` and an instant `at` in each
    source   SHA-256(entry)[:16], which stands in `ledger_entries` for the id of a row

A digest is SHA-256 in small hexadecimal. A word is 1 to 100 of A-Z a-z 0-9 . _ / : + -. A number is from 0 to 2^53 - 1.
An entry of another type, with another field, or in another form is refused; a new format gets the next number. The real
bytes have no line breaks:

    SoftwareStart     {"at":"2026-03-05T01:02:03.000004Z","name":"chengxin-gateway","type":"software-start/1",
                      "version":"0.1.0"}
    PolicyInForce     {"at":"…","type":"policy-in-force/1","version":"abab…"}
                      version: of the tables of the policy, the first 16 bytes of a hash over all of them
    KeyInForce        {"at":"…","check":"abab…","current":true,"kind":"KEK","name":"5f0e…","type":"key-in-force/1"}
                      one for each key of the key file: its check value, which reveals nothing of it, and whether new
                      values use it
    SettingInForce    {"at":"…","name":"publication_days","type":"setting-in-force/1","value":"5"}
                      a setting that decides about rights or clocks; `none` where it is not set
    CalendarOfYear    {"at":"…","digest":"abab…","type":"calendar-of-year/1","year":2027}
                      digest: over the file of the year's holidays and make-up days
    ReferenceData     {"at":"…","digest":"abab…","name":"departments","rows":31,"type":"reference-data/1"}
                      digest: over the rows in the order of their keys
    EpochRoot         {"access_erased":0,"access_lost":0,"access_size":99,"access_sum":140,"at":"…","consent_erased":0,
                      "consent_lost":0,"consent_size":120,"consent_sum":120,"epoch":7,"heads":31,"root":"abab…",
                      "type":"epoch-root/1"}
                      root and sums of the sum tree over the heads of all subjects; sizes: of both logs; erased and
                      lost: what no head counts any more, so that sum + erased + lost is what the entries state
    RestoredLog       {"at":"…","end":130,"first":120,"log":"access","subjects":12,"type":"restored-log/1"}
                      leaves from first to end, end not among them, were published and are lost in a restored database
    HeldGroup         {"at":"…","digest":"abab…","entries":3,"log":"access","number":17,"reason":"TAG",
                      "recorder":"00000000-0000-0000-0000-000000000009","type":"held-group/1"}
                      waiting entries that are not integrated; digest: over sources ‖ leaves; number and recorder are
                      null for the group of a mutation
    ErasedSubject     {"access_count":9,"at":"…","consent_count":4,"epoch":7,"label":"abab…","type":"erased-subject/1"}
                      label and counts of the subject's head in its last epoch: it finds its own label here, and nobody
                      else can tell whose it is
    RowsAttested      {"at":"…","name":"restraint_cases","rows":23,"type":"rows-attested/1"}
                      rows of a table from before their acts were kept, taken over as they stood at an upgrade
    AttestationClosed {"at":"…","digest":"abab…","rows":127,"type":"attestation-closed/1"}
                      no row is taken over any more; digest: the root of the tree over the entries of all that were
                      [storage/ledger/attestation/closing.py]
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from hashlib import sha256
from typing import Any, ClassVar, Final, Self, get_type_hints
from uuid import UUID

from consent.errors import NotCanonical, SystemEntryRefused
from consent.leaves.canonical_form import EXACT_INTEGER, canonical_bytes, instant
from consent.ledger.flaws import LedgerFlaw
from consent.ports import LOG_CODES, Log

MOST_BYTES: Final = 0xFFFF
"""Of an entry, as a tile counts them."""
_SOURCE_BYTES: Final = 16
_WORD: Final = re.compile(r"[A-Za-z0-9._/:+-]{1,100}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")


@dataclass(frozen=True, slots=True)
class SystemEntry:
    """Any entry of the log `system`. The module shows each type's bytes."""

    TYPE: ClassVar[str]

    at: datetime

    def encode(self) -> bytes:
        """Return the entry; raises SystemEntryRefused for a value that could not be read again."""
        try:
            values = {name: _written(value) for name, value in self._values().items()}
            entry = canonical_bytes({"type": self.TYPE} | values)
        except NotCanonical as error:
            raise SystemEntryRefused(LedgerFlaw.VALUE) from error
        parse_system_entry(entry)
        return entry

    @property
    def source(self) -> UUID:
        """What stands for the id of a row in `ledger_entries`."""
        return source_of(self.encode())

    def _values(self) -> dict[str, object]:
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @classmethod
    def _parse(cls, values: Mapping[str, object]) -> Self:
        kinds = _field_types(cls)
        if values.keys() != kinds.keys():
            raise SystemEntryRefused(LedgerFlaw.FIELDS)
        return cls(**{name: _read(kind, values[name]) for name, kind in kinds.items()})


@dataclass(frozen=True, slots=True)
class SoftwareStart(SystemEntry):
    """The gateway has started, in this version."""

    TYPE: ClassVar[str] = "software-start/1"
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class PolicyInForce(SystemEntry):
    """These tables decide from now on who sees what."""

    TYPE: ClassVar[str] = "policy-in-force/1"
    version: str


@dataclass(frozen=True, slots=True)
class KeyInForce(SystemEntry):
    """A key of the key file from now on."""

    TYPE: ClassVar[str] = "key-in-force/1"
    kind: str
    name: str
    check: bytes
    current: bool


@dataclass(frozen=True, slots=True)
class SettingInForce(SystemEntry):
    """A setting has this value from now on."""

    TYPE: ClassVar[str] = "setting-in-force/1"
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class CalendarOfYear(SystemEntry):
    """The working days of a year are these from now on."""

    TYPE: ClassVar[str] = "calendar-of-year/1"
    year: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class ReferenceData(SystemEntry):
    """A table of departments, sectors and the like has these rows from now on."""

    TYPE: ClassVar[str] = "reference-data/1"
    name: str
    rows: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class EpochRoot(SystemEntry):
    """What an epoch publishes of all subjects' trees."""

    TYPE: ClassVar[str] = "epoch-root/1"
    epoch: int
    heads: int
    root: bytes
    consent_size: int
    consent_sum: int
    consent_erased: int
    consent_lost: int
    access_size: int
    access_sum: int
    access_erased: int
    access_lost: int


@dataclass(frozen=True, slots=True)
class RestoredLog(SystemEntry):
    """Leaves that were published and that a restored database has no rows of."""

    TYPE: ClassVar[str] = "restored-log/1"
    log: Log
    first: int
    end: int
    subjects: int


@dataclass(frozen=True, slots=True)
class HeldGroup(SystemEntry):
    """Waiting entries that were not integrated."""

    TYPE: ClassVar[str] = "held-group/1"
    log: Log
    reason: str
    recorder: UUID | None
    number: int | None
    entries: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class ErasedSubject(SystemEntry):
    """The last head of a subject that was erased."""

    TYPE: ClassVar[str] = "erased-subject/1"
    epoch: int
    label: bytes
    consent_count: int
    access_count: int


@dataclass(frozen=True, slots=True)
class RowsAttested(SystemEntry):
    """Rows of a table were taken over as they stood at an upgrade."""

    TYPE: ClassVar[str] = "rows-attested/1"
    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class AttestationClosed(SystemEntry):
    """No row is taken over any more; this many were, with this root of the tree over their entries."""

    TYPE: ClassVar[str] = "attestation-closed/1"
    rows: int
    digest: bytes


TYPES: Final[Mapping[str, type[SystemEntry]]] = {
    each.TYPE: each
    for each in (
        SoftwareStart,
        PolicyInForce,
        KeyInForce,
        SettingInForce,
        CalendarOfYear,
        ReferenceData,
        EpochRoot,
        RestoredLog,
        HeldGroup,
        ErasedSubject,
        RowsAttested,
        AttestationClosed,
    )
}
"""Every type by its name in an entry."""


def parse_system_entry(entry: bytes) -> SystemEntry:
    """Return what *entry* says. Raises SystemEntryRefused, with UNKNOWN_TYPE for one of a later version."""
    if len(entry) > MOST_BYTES:
        raise SystemEntryRefused(LedgerFlaw.TOO_LARGE)
    values = _canonical_object(entry)
    name = values.pop("type", None)
    kind = TYPES.get(name) if isinstance(name, str) else None
    if kind is None:
        raise SystemEntryRefused(LedgerFlaw.UNKNOWN_TYPE)
    return kind._parse(values)  # noqa: SLF001 - of this module


def source_of(entry: bytes) -> UUID:
    """Return SHA-256(entry)[:16]."""
    return UUID(bytes=sha256(entry).digest()[:_SOURCE_BYTES])


def _canonical_object(entry: bytes) -> dict[str, object]:
    try:
        values = json.loads(entry.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise SystemEntryRefused(LedgerFlaw.NOT_JSON) from error
    if not isinstance(values, dict):
        raise SystemEntryRefused(LedgerFlaw.NOT_JSON)
    try:
        is_canonical = canonical_bytes(values) == entry
    except (NotCanonical, RecursionError) as error:
        raise SystemEntryRefused(LedgerFlaw.NOT_CANONICAL) from error
    if not is_canonical:
        raise SystemEntryRefused(LedgerFlaw.NOT_CANONICAL)
    return values


def _field_types(kind: type[SystemEntry]) -> dict[str, object]:
    hints = get_type_hints(kind)
    return {each.name: hints[each.name] for each in fields(kind)}


def _written(value: object) -> object:
    match value:
        case datetime():
            return instant(value)
        case UUID():
            return str(value)
        case bytes():
            return value.hex()
        case _:
            return value


def _instant(value: object) -> datetime:
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        return datetime.fromisoformat(value)
    raise ValueError


def _text(pattern: re.Pattern[str], value: object) -> str:
    if isinstance(value, str) and pattern.fullmatch(value):
        return value
    raise ValueError


def _id(value: object) -> UUID:
    if isinstance(value, str) and str(UUID(value)) == value:
        return UUID(value)
    raise ValueError


def _number(value: object) -> int:
    if type(value) is int and 0 <= value <= EXACT_INTEGER:
        return value
    raise ValueError


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError


def _log(value: object) -> Log:
    for log in LOG_CODES:
        if value == log:
            return log
    raise ValueError


_READERS: Final[Mapping[object, Callable[[object], Any]]] = {
    datetime: _instant,
    int: _number,
    int | None: lambda value: None if value is None else _number(value),
    str: lambda value: _text(_WORD, value),
    bytes: lambda value: bytes.fromhex(_text(_DIGEST, value)),
    UUID | None: lambda value: None if value is None else _id(value),
    bool: _flag,
    Log: _log,
}
"""How the value of a field is read, by its type."""


def _read(kind: object, value: object) -> Any:  # noqa: ANN401 - of the field's type
    try:
        return _READERS[kind](value)
    except ValueError as error:
        raise SystemEntryRefused(LedgerFlaw.VALUE) from error
