"""The three logs of a gateway in memory, as its store has them and as HTTP shows them: a test may bend every file."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256

import httpx

from consent.leaves.canonical_form import leaf_hash
from consent.ledger.merkle_tree import inclusion_path, root_of
from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.notes.log_policy import LogPolicy, PolicyGroup, PolicyLog, PolicyWitness
from consent.ledger.notes.signatures import CheckpointCosigner, NoteSigner
from consent.ledger.notes.tlog_proofs import TlogProof
from consent.ledger.system_entries import EpochRoot
from consent.ports import LOG_CODES, Log
from gateway.ledger.monitor.log_source import HttpLog
from gateway.ledger.publisher import Edge

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
SECONDS = 1_700_000_000
LOGS: tuple[Log, ...] = tuple(LOG_CODES)
SIGNERS = {log: NoteSigner(f"credit.linzi.example/{log}", bytes([LOG_CODES[log]]) * 32) for log in LOGS}
COSIGNERS = [CheckpointCosigner(f"witness.example/w{n}", bytes([100 + n]) * 32) for n in range(3)]
POLICY = LogPolicy(
    tuple(PolicyLog(signer.key) for signer in SIGNERS.values()),
    tuple(PolicyWitness(f"w{n}", each.key) for n, each in enumerate(COSIGNERS)),
    (PolicyGroup("two", 2, ("w0", "w1", "w2")),),
    "two",
)
URL = "http://log.example"


def commitment(log: Log, index: int) -> bytes:
    return sha256(f"{log} {index}".encode()).digest()


def counted(log: Log, index: int, subjects: int) -> bytes:
    return subjects.to_bytes(2, "big") + commitment(log, index)


def epoch(number: int, logs: "ShownLogs", consent: int, access: int, **other: int) -> bytes:
    """Make the entry of an epoch that adds up, but for what *other* says."""
    values = {
        "consent_size": consent, "consent_sum": logs.stated("consent", consent), "consent_erased": 0,
        "consent_lost": 0, "access_size": access, "access_sum": logs.stated("access", access), "access_erased": 0,
        "access_lost": 0,
    } | other  # fmt: skip
    return EpochRoot(at=NOW, epoch=number, heads=3, root=bytes(32), **values).encode()


class ShownLogs:
    """Entries of each log, and its files as they were published."""

    def __init__(self) -> None:
        self.entries: dict[Log, list[bytes]] = {log: [] for log in LOGS}
        self.files: dict[str, bytes] = {}
        self.requests: list[str] = []
        self._edges = {log: Edge() for log in LOGS}

    def stated(self, log: Log, size: int) -> int:
        return sum(1 if len(each) == 32 else int.from_bytes(each[:2], "big") for each in self.entries[log][:size])

    def append(self, log: Log, *entries: bytes) -> None:
        self.entries[log] += entries

    def fill(self, log: Log, count: int) -> None:
        """Append so many commitments; in `access` each tells its number of subjects, in `consent` some that it is 0."""
        start = len(self.entries[log])
        for index in range(start, start + count):
            is_plain = log == "consent" and index % 50 != 37
            subjects = index % 21 if log == "access" else 0
            self.append(log, commitment(log, index) if is_plain else counted(log, index, subjects))

    def publish(self, *logs: Log, cosigners: Sequence[CheckpointCosigner] = COSIGNERS[:2]) -> None:
        for log in logs or LOGS:
            edge = self._edges[log]
            edge, full = edge.grown(self.entries[log][edge.tree.size :])
            self._edges[log] = edge
            for tile, content in {**full, **edge.partial_tiles()}.items():
                self.files[f"{log}/{tile.path}"] = content
            self.files[f"{log}/checkpoint"] = self.note(log, cosigners=cosigners)

    def note(
        self,
        log: Log,
        size: int | None = None,
        root: bytes | None = None,
        cosigners: Sequence[CheckpointCosigner] = COSIGNERS[:2],
        seconds: int = SECONDS,
    ) -> bytes:
        """Sign a checkpoint, by default of all entries."""
        entries = self.entries[log][:size]
        head = Checkpoint(SIGNERS[log].key.name, len(entries), root or root_of([leaf_hash(each) for each in entries]))
        return SIGNERS[log].signed(head.text).with_signatures(*(it.cosign(head, seconds) for it in cosigners)).encode()

    def proof(self, log: Log, named: bytes) -> bytes | None:
        entries = self.entries[log]
        index = next((at for at, each in enumerate(entries) if each[-32:] == named), None)
        if index is None:
            return None
        hashes = [leaf_hash(each) for each in entries]
        note = SIGNERS[log].signed(Checkpoint(SIGNERS[log].key.name, len(entries), root_of(hashes)).text)
        head = Checkpoint(SIGNERS[log].key.name, len(entries), root_of(hashes))
        note = note.with_signatures(*(it.cosign(head, SECONDS) for it in COSIGNERS[:2]))
        return TlogProof(index, tuple(inclusion_path(hashes, index)), note).encode()

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/log/")
        self.requests.append(path)
        log, _, rest = path.partition("/")
        if rest.startswith("proof/"):
            found = self.files.get(path) or self.proof(log, bytes.fromhex(rest.removeprefix("proof/")))  # type: ignore[arg-type] # a log
        else:
            found = self.files.get(path)
        return httpx.Response(404) if found is None else httpx.Response(200, content=found)

    def client(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self.answer))

    def sources(self) -> Mapping[Log, HttpLog]:
        client = self.client()
        return {log: HttpLog(client, URL, log) for log in LOGS}


def not_there_yet(logs: ShownLogs) -> None:
    """Publish a checkpoint of entries that the log will have."""
    logs.fill("access", 9)
    logs.files["access/checkpoint"] = logs.note("access")


def cosigned_later(seconds: int) -> Callable[[ShownLogs], None]:
    """Give the change by which witnesses have cosigned so many seconds from now."""

    def change(logs: ShownLogs) -> None:
        logs.files["access/checkpoint"] = logs.note("access", seconds=SECONDS + seconds)

    return change


def whole_logs(consent: int = 300, access: int = 700) -> ShownLogs:
    """Give logs with entries, an epoch that accounts for them, and a few entries after it."""
    logs = ShownLogs()
    logs.fill("consent", consent)
    logs.fill("access", access)
    logs.append("system", epoch(1, logs, consent - 7, access - 5))
    logs.publish()
    return logs
