"""A witness over HTTP: what it cosigns, what it answers else, and what it remembers [c2sp.org/tlog-witness]."""

import asyncio
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from consent.leaves.canonical_form import leaf_hash
from consent.ledger.merkle_tree import consistency_path, root_of
from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.notes.log_policy import LogPolicy, PolicyLog, PolicyWitness
from consent.ledger.notes.signatures import CLOCK_SECONDS, CheckpointCosigner, NoteSigner
from consent.ledger.notes.signed_notes import KeyKind, SignatureLine, SignedNote
from consent.ledger.notes.witness_requests import MOST_BYTES, AddCheckpointRequest
from gateway.ledger.witness.witness import Witness
from gateway.ledger.witness.witness_app import witness_app
from gateway.ledger.witness.witness_state import WitnessState, WitnessStateRefused, origin_hash

LOG = NoteSigner("log.example/access", bytes(32))
STRANGER = NoteSigner("log.example/access", bytes([1]) * 32)
OTHER_LOG = NoteSigner("log.example/other", bytes([2]) * 32)
COSIGNERS = [
    CheckpointCosigner("witness.example", bytes([3]) * 32, kind)
    for kind in (KeyKind.COSIGNER_ED25519, KeyKind.COSIGNER_ML_DSA_44)
]
OTHER_WITNESS = CheckpointCosigner("other.example", bytes([4]) * 32)
TRUSTED = LogPolicy((PolicyLog(LOG.key),), (PolicyWitness("other", OTHER_WITNESS.key),))
SECONDS = 1_700_000_000
HASHES = [leaf_hash(bytes([index])) for index in range(20)]
OTHER_HASHES = [*HASHES[:3], leaf_hash(b"another"), *HASHES[4:]]


def note(size: int, hashes: list[bytes] = HASHES, signer: NoteSigner = LOG) -> SignedNote:
    return signer.signed(Checkpoint(signer.key.name, size, root_of(hashes[:size])).text)


def request(old: int, size: int, hashes: list[bytes] = HASHES, signer: NoteSigner = LOG) -> bytes:
    path = consistency_path(hashes[:size], old) if 0 < old < size else []
    return AddCheckpointRequest(old, tuple(path), note(size, hashes, signer)).encode()


@pytest.fixture
def state(tmp_path: Path):
    with WitnessState(tmp_path) as opened:
        yield opened


@pytest.fixture
def client(state):
    witness = Witness(TRUSTED, COSIGNERS, state, lambda: SECONDS)
    return httpx.AsyncClient(transport=httpx.ASGITransport(witness_app(witness)), base_url="http://witness.example")


async def ask(client: httpx.AsyncClient, body: bytes) -> httpx.Response:
    return await client.post("/add-checkpoint", content=body)


async def last(client: httpx.AsyncClient, origin: str = LOG.key.name) -> httpx.Response:
    return await client.get(f"/{sha256(origin.encode()).hexdigest()}/checkpoint")


POLICY = LogPolicy(
    (PolicyLog(LOG.key),), tuple(PolicyWitness(f"w{n}", each.key) for n, each in enumerate(COSIGNERS)), (), "w1"
)


async def test_a_log_that_grows_is_cosigned_by_both_keys(client):
    for old, size in ((0, 3), (3, 3), (3, 11), (11, 20)):
        answer = await ask(client, request(old, size))
        assert answer.status_code == 200
        lines = [SignatureLine.parse(line) for line in answer.text.splitlines()]
        found = POLICY.verified(note(size).with_signatures(*lines))
        assert [(each.key, each.time) for each in found.cosignatures] == [(it.key, SECONDS) for it in COSIGNERS]
        assert POLICY.verified(SignedNote.parse((await last(client)).content)).checkpoint.size == size


async def test_an_empty_log_is_cosigned(client):
    assert (await ask(client, request(0, 0))).status_code == 200
    assert (await ask(client, request(0, 5))).status_code == 200


def unsigned() -> bytes:
    return AddCheckpointRequest(5, (), SignedNote(note(5).text, OTHER_LOG.signed("x\n").signatures)).encode()


def bent_signature() -> bytes:
    line = note(6).signatures[0]
    bent = SignatureLine(line.name, line.key_id, bytes([line.signature[0] ^ 1]) + line.signature[1:])
    return AddCheckpointRequest(5, (), SignedNote(note(6).text, (bent,))).encode()


def empty_with_a_root() -> bytes:
    text = f"{LOG.key.name}\n0\n{'A' * 43}=\n"
    return AddCheckpointRequest(0, (), LOG.signed(text)).encode()


def brought(seconds: int) -> bytes:
    """Ask with the cosignature of another witness, made so many seconds from now."""
    line = OTHER_WITNESS.cosign(Checkpoint.parse(note(6).text), SECONDS + seconds)
    return AddCheckpointRequest(5, tuple(consistency_path(HASHES[:6], 5)), note(6).with_signatures(line)).encode()


REFUSALS = [
    ("nothing", b"", 400),
    ("no checkpoint", b"old 5\n\n", 400),
    ("no old size", request(5, 6).replace(b"old 5", b"size 5"), 400),
    ("a leading zero", request(5, 6).replace(b"old 5", b"old 05"), 400),
    ("a hash of 31 bytes", b"old 5\n" + b"AAAA\n" + request(5, 6).partition(b"\n")[2], 400),
    ("64 hashes", b"old 5\n" + b"A" * 43 + b"=\n" * 1 + (b"A" * 43 + b"=\n") * 63 + b"\n" + note(6).encode(), 400),
    ("no UTF-8", b"\xff" + request(5, 6), 400),
    ("a control character", request(5, 6).replace(b"old 5\n", b"old 5\r\n"), 400),
    ("an old size beyond the new one", request(7, 6), 400),
    ("too many bytes", b"o" * (MOST_BYTES + 1), 413),
    ("a log that is not watched", request(0, 5, signer=OTHER_LOG), 404),
    ("no signature of the log", unsigned(), 403),
    ("another key of that name", request(5, 6, signer=STRANGER), 403),
    ("a wrong signature", bent_signature(), 403),
    ("a checkpoint from the future", brought(CLOCK_SECONDS + 1), 422),
    ("an old size of its past", request(3, 6), 409),
    ("an old size of zero", request(0, 6), 409),
    ("another tree", request(5, 6, OTHER_HASHES), 422),
    ("another tree of the same size", request(5, 5, OTHER_HASHES), 422),
    ("no proof", AddCheckpointRequest(5, (), note(6)).encode(), 422),
    ("a proof that is too long", AddCheckpointRequest(5, (bytes(32),), note(5)).encode(), 422),
]  # fmt: skip


@pytest.mark.parametrize(("body", "status"), [each[1:] for each in REFUSALS], ids=[each[0] for each in REFUSALS])
async def test_what_is_refused_is_not_remembered(client, body, status):
    assert (await ask(client, request(0, 5))).status_code == 200
    before = (await last(client)).content
    answer = await ask(client, body)
    assert answer.status_code == status
    if status == 409:
        assert (answer.text, answer.headers["content-type"]) == ("5\n", "text/x.tlog.size")
    assert (await last(client)).content == before


async def test_a_clock_of_another_witness_may_be_a_little_ahead_and_its_cosignature_is_not_kept(client):
    assert (await ask(client, request(0, 5))).status_code == 200
    assert (await ask(client, brought(CLOCK_SECONDS + 1))).text == "FROM_THE_FUTURE\n"
    assert (await ask(client, brought(CLOCK_SECONDS))).status_code == 200
    kept = SignedNote.parse((await last(client)).content).signatures
    assert {each.name for each in kept} == {LOG.key.name, COSIGNERS[0].key.name}


async def test_an_empty_tree_with_a_root_is_refused(client):
    assert (await ask(client, empty_with_a_root())).status_code == 422


async def test_a_proof_for_the_first_checkpoint_is_refused(client):
    assert (await ask(client, AddCheckpointRequest(0, (bytes(32),), note(5)).encode())).status_code == 422


@pytest.mark.parametrize(
    "path", [f"/{'0' * 64}/checkpoint", "/abc/checkpoint", f"/{origin_hash('x').upper()}/checkpoint", "/"]
)
async def test_an_address_of_no_log_is_not_found(client, path):
    assert (await client.get(path)).status_code == 404


async def test_of_requests_at_once_one_is_cosigned(client):
    assert (await ask(client, request(0, 5))).status_code == 200
    answers = await asyncio.gather(*(ask(client, request(5, size)) for size in range(6, 16)))
    assert sorted(each.status_code for each in answers) == [200] + [409] * 9
    size = next(size for size, each in enumerate(answers, 6) if each.status_code == 200)
    assert POLICY.verified(SignedNote.parse((await last(client)).content)).checkpoint.size == size


async def test_after_a_start_it_remembers(tmp_path: Path):
    for sizes in ((0, 5), (5, 9)):
        with WitnessState(tmp_path) as state:
            app = witness_app(Witness(TRUSTED, COSIGNERS[:1], state, lambda: SECONDS))
            client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://witness.example")
            assert (await ask(client, request(*sizes))).status_code == 200
            assert (await ask(client, request(0, 9, OTHER_HASHES))).status_code == 409


async def test_nothing_is_answered_that_is_not_durable(client, state, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(WitnessState, "write", full)
    assert (await ask(client, request(0, 5))).status_code == 503
    monkeypatch.undo()
    assert state.last(LOG.key.name) is None


@pytest.mark.parametrize("content", [b"", b"\xff", note(5, signer=OTHER_LOG).encode()])
async def test_a_damaged_state_cosigns_nothing(client, tmp_path: Path, state, content):
    (tmp_path / origin_hash(LOG.key.name)).write_bytes(content)
    assert (await ask(client, request(0, 5))).status_code == 503
    with pytest.raises(WitnessStateRefused):
        state.last(LOG.key.name)


def test_a_folder_has_one_process(tmp_path: Path, state):
    with pytest.raises(WitnessStateRefused):
        WitnessState(tmp_path)
    with pytest.raises(WitnessStateRefused):
        WitnessState(tmp_path / "missing")
