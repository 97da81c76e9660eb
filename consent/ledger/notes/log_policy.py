r"""Trust policies: which logs are accepted, and which witnesses must have cosigned [c2sp.org/tlog-policy].

    log <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group <name> all|any|<number> <name>...
    quorum <name>|none

Each line ends in "\n"; its items are divided by spaces and tabs. Empty lines and those that begin with "#" say
nothing. Bytes are 0x09, 0x0A, 0x20 to 0x7E, and 0x80 to 0xFF, which are opaque: two names are the same if their bytes
are. A name is given once, on a line before those that use it, and is a member of one group at most; `none` is given by
nobody. A public key stands once among the logs and once among the witnesses. There is one quorum line. For example:

    log credit.linzi.example/access+<id>+<key> https://credit.linzi.example/log/access
    witness zichuan witness.zichuan.example+<id>+<key> https://witness.zichuan.example
    witness zhoucun witness.zhoucun.example+<id>+<key>
    group neighbours any zichuan zhoucun
    quorum neighbours

The name of a log's key is its origin. Keys of logs are of any kind, those of witnesses cosign. At most 256 logs, 256
witnesses and 256 groups are read, and 1,000,000 bytes.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from consent.errors import CheckpointRefused, NoteRefused, PolicyFileRefused
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.notes.signatures import VerifiedSignature, require_past, verified_signatures
from consent.ledger.notes.signed_notes import KeyKind, SignedNote, VerifierKey
from consent.ledger.notes.strict_text import parse_number

MOST_BYTES: Final = 1_000_000
MOST_OF_A_KIND: Final = 256
NONE: Final = "none"
_NOT_ALLOWED: Final = re.compile(rb"[^\x09\x0a\x20-\x7e\x80-\xff]")
_ITEM: Final = re.compile(r"[^ \t]+")
_COSIGNERS: Final = {KeyKind.COSIGNER_ED25519, KeyKind.COSIGNER_ML_DSA_44}


@dataclass(frozen=True, slots=True)
class PolicyLog:
    """A log that is accepted; its origin is the name of its key."""

    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class PolicyWitness:
    """A witness, under the name that groups and quorum use."""

    name: str
    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class PolicyGroup:
    """A group: it has witnessed a checkpoint where at least *threshold* of its *members* have."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WitnessedCheckpoint:
    """A checkpoint that a policy accepts, with the valid signatures of its log and of the policy's witnesses."""

    checkpoint: Checkpoint
    log: VerifierKey
    cosignatures: tuple[VerifiedSignature, ...]


@dataclass(frozen=True, slots=True)
class LogPolicy:
    """A policy. Groups stand in an order in which each uses only names before it; *quorum* is a name, or `none`.

    Names and URLs that are not UTF-8 have their other bytes as surrogates.
    """

    logs: tuple[PolicyLog, ...]
    witnesses: tuple[PolicyWitness, ...] = ()
    groups: tuple[PolicyGroup, ...] = ()
    quorum: str = NONE

    @classmethod
    def parse(cls, policy: bytes) -> "LogPolicy":
        """Read a policy. Raises PolicyFileRefused."""
        if len(policy) > MOST_BYTES:
            raise PolicyFileRefused(LedgerFlaw.TOO_LARGE)
        if _NOT_ALLOWED.search(policy):
            raise PolicyFileRefused(LedgerFlaw.CONTROL_CHARACTER)
        if policy and not policy.endswith(b"\n"):
            raise PolicyFileRefused(LedgerFlaw.NO_NEWLINE)
        reader = _Reader()
        for line in policy.decode("utf-8", "surrogateescape").split("\n"):
            items = _ITEM.findall(line)
            if items and not items[0].startswith("#"):
                reader.read(*items)
        return reader.policy()

    def encode(self) -> bytes:
        """Return the policy as a file, which gives the same policy again."""
        lines = [
            *[f"log {it.key}{_at(it.url)}" for it in self.logs],
            *[f"witness {it.name} {it.key}{_at(it.url)}" for it in self.witnesses],
            *[f"group {it.name} {it.threshold} {' '.join(it.members)}" for it in self.groups],
            f"quorum {self.quorum}",
        ]
        return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")

    def is_quorum(self, cosigners: Collection[VerifierKey]) -> bool:
        """Whether these keys together are enough. Keys that are of no witness count for nothing."""
        if self.quorum == NONE:
            return True
        has_witnessed = {it.name for it in self.witnesses if it.key in cosigners}
        for group in self.groups:
            if len(has_witnessed.intersection(group.members)) >= group.threshold:
                has_witnessed.add(group.name)
        return self.quorum in has_witnessed

    def verified(self, note: SignedNote, now: float | None = None) -> WitnessedCheckpoint:
        """Return the checkpoint of *note*, which a log of the policy has signed and enough witnesses have cosigned.

        *now*, in seconds since 1970 UTC, is compared with their times; None for a checkpoint that was accepted before.
        Raises NoteRefused for a signature of the log or of any known witness that does not verify, and for a note that
        its log has not signed; CheckpointRefused for what is no checkpoint, for another log, without the quorum, and
        for a checkpoint from the future.
        """
        checkpoint = Checkpoint.parse(note.text)
        logs = {it.key for it in self.logs if it.key.name == checkpoint.origin}
        if not logs:
            raise CheckpointRefused(LedgerFlaw.OTHER_LOG)
        witnesses = {it.key for it in self.witnesses}
        signatures = verified_signatures(note, logs | witnesses)
        log = next((each.key for each in signatures if each.key in logs), None)
        if log is None:
            raise NoteRefused(LedgerFlaw.NO_KNOWN_KEY)
        cosignatures = tuple(each for each in signatures if each.key in witnesses)
        if not self.is_quorum({each.key for each in cosignatures}):
            raise CheckpointRefused(LedgerFlaw.NO_QUORUM)
        if now is not None:
            require_past(signatures, now)
        return WitnessedCheckpoint(checkpoint, log, cosignatures)


def _at(url: str | None) -> str:
    return f" {url}" if url else ""


@dataclass
class _Reader:
    """What the lines so far have given."""

    logs: list[PolicyLog] = field(default_factory=list)
    witnesses: list[PolicyWitness] = field(default_factory=list)
    groups: list[PolicyGroup] = field(default_factory=list)
    quorum: str | None = None
    names: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)

    def read(self, keyword: str, *items: str) -> None:
        readers: Mapping[str, Callable[..., None]] = {
            "log": self._log,
            "witness": self._witness,
            "group": self._group,
            "quorum": self._quorum,
        }
        fewest, most = {"log": (1, 2), "witness": (2, 3), "group": (3, None), "quorum": (1, 1)}.get(keyword, (1, 0))
        if len(items) < fewest or (most is not None and len(items) > most):
            raise PolicyFileRefused(LedgerFlaw.LINE)
        readers[keyword](*items)
        if max(len(self.logs), len(self.witnesses), len(self.groups)) > MOST_OF_A_KIND:
            raise PolicyFileRefused(LedgerFlaw.TOO_MANY_LINES)

    def policy(self) -> LogPolicy:
        if self.quorum is None:
            raise PolicyFileRefused(LedgerFlaw.NOT_ONE_QUORUM)
        return LogPolicy(tuple(self.logs), tuple(self.witnesses), tuple(self.groups), self.quorum)

    def _log(self, vkey: str, url: str | None = None) -> None:
        self.logs.append(PolicyLog(_new_key(vkey, [it.key for it in self.logs]), url))

    def _witness(self, name: str, vkey: str, url: str | None = None) -> None:
        key = _new_key(vkey, [it.key for it in self.witnesses])
        if key.kind not in _COSIGNERS:
            raise PolicyFileRefused(LedgerFlaw.KEY_KIND)
        self._give(name)
        self.witnesses.append(PolicyWitness(name, key, url))

    def _group(self, name: str, threshold: str, *members: str) -> None:
        for member in members:
            if member not in self.names:
                raise PolicyFileRefused(LedgerFlaw.NAME_UNKNOWN)
            if member in self.members:
                raise PolicyFileRefused(LedgerFlaw.MEMBER_TWICE)
            self.members.add(member)
        self._give(name)
        spelled = {"any": 1, "all": len(members)}
        number = spelled[threshold] if threshold in spelled else parse_number(threshold, PolicyFileRefused)
        if not 1 <= number <= len(members):
            raise PolicyFileRefused(LedgerFlaw.THRESHOLD)
        self.groups.append(PolicyGroup(name, number, members))

    def _quorum(self, name: str) -> None:
        if self.quorum is not None:
            raise PolicyFileRefused(LedgerFlaw.NOT_ONE_QUORUM)
        if name != NONE and name not in self.names:
            raise PolicyFileRefused(LedgerFlaw.NAME_UNKNOWN)
        self.quorum = name

    def _give(self, name: str) -> None:
        if name == NONE:
            raise PolicyFileRefused(LedgerFlaw.NAME)
        if name in self.names:
            raise PolicyFileRefused(LedgerFlaw.NAME_TWICE)
        self.names.add(name)


def _new_key(vkey: str, before: Collection[VerifierKey]) -> VerifierKey:
    try:
        key = VerifierKey.parse(vkey)
    except NoteRefused as error:
        raise PolicyFileRefused(error.flaw) from error
    if any(other.public_key == key.public_key for other in before):
        raise PolicyFileRefused(LedgerFlaw.KEY_TWICE)
    return key
