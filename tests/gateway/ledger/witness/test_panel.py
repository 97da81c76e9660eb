"""Our log and its witnesses, over HTTP: quorum, faults, split views, a store that was put back [5.1.6]."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import httpx
import pytest

from consent.leaves.canonical_form import leaf_hash
from consent.ledger.merkle_tree import consistency_path, root_of
from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.notes.log_policy import LogPolicy, PolicyGroup, PolicyLog, PolicyWitness
from consent.ledger.notes.signatures import CheckpointCosigner, NoteSigner
from consent.ledger.notes.signed_notes import KeyKind
from gateway.ledger import witness_panel
from gateway.ledger.errors import QuorumMissing, StoreBehind
from gateway.ledger.witness.witness import Witness
from gateway.ledger.witness.witness_app import witness_app
from gateway.ledger.witness.witness_state import WitnessState
from gateway.ledger.witness_panel import WitnessPanel

LOG = NoteSigner("log.example/access", bytes(32))
KINDS = (KeyKind.COSIGNER_ED25519, KeyKind.COSIGNER_ML_DSA_44, KeyKind.COSIGNER_ED25519)
COSIGNERS = [CheckpointCosigner(f"witness.example/{n}", bytes([n + 3]) * 32, kind) for n, kind in enumerate(KINDS)]
POLICY = LogPolicy(
    (PolicyLog(LOG.key),),
    tuple(PolicyWitness(f"w{n}", each.key, f"http://w{n}") for n, each in enumerate(COSIGNERS)),
    (PolicyGroup("two", 2, ("w0", "w1", "w2")),),
    "two",
)
HASHES = [leaf_hash(bytes([index])) for index in range(40)]
FORKED = [*HASHES[:3], leaf_hash(b"another"), *HASHES[4:]]

Answer = Callable[[httpx.Request], "asyncio.Future[httpx.Response]"]


class Witnesses:
    """Three witnesses, each with a fault that a test gives it."""

    def __init__(self, folder: Path) -> None:
        self.states = [WitnessState(self._made(folder / str(n))) for n in range(3)]
        self.faults: dict[str, str] = {}
        self._apps = {
            f"w{n}": httpx.ASGITransport(
                witness_app(Witness(POLICY, [COSIGNERS[n]], self.states[n], partial(self._seconds, f"w{n}")))
            )
            for n in range(3)
        }

    @staticmethod
    def _made(folder: Path) -> Path:
        folder.mkdir(parents=True)
        return folder

    def _seconds(self, name: str) -> int:
        return 1 << 40 if self.faults.get(name) == "ahead" else 1_700_000_000

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        match self.faults.get(request.url.host):
            case "down":
                raise httpx.ConnectError("refused")
            case "slow":
                await asyncio.sleep(60)
            case "lies":
                answer = await self._apps[request.url.host].handle_async_request(request)
                text = (await answer.aread()).decode()
                return httpx.Response(200, text=text[:-8] + ("A" if text[-8] != "A" else "B") + text[-7:])
            case "rambles":
                return httpx.Response(200, content=b"\xff" * 70_000)
        return await self._apps[request.url.host].handle_async_request(request)

    def close(self) -> None:
        for each in self.states:
            each.close()


class Transport(httpx.AsyncBaseTransport):
    def __init__(self, witnesses: Witnesses) -> None:
        self._witnesses = witnesses

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._witnesses.handle_async_request(request)


@pytest.fixture
def witnesses(tmp_path: Path):
    made = Witnesses(tmp_path)
    yield made
    made.close()


def panel(witnesses: Witnesses, hashes: Sequence[bytes] = HASHES) -> WitnessPanel:
    async def prove(old: int, head: Checkpoint) -> Sequence[bytes]:
        return consistency_path(hashes[: head.size], old) if 0 < old < head.size else []

    return WitnessPanel(POLICY, LOG.key, httpx.AsyncClient(transport=Transport(witnesses)), prove)


async def cosigned(asking: WitnessPanel, size: int, hashes: Sequence[bytes] = HASHES) -> set[str]:
    """Return the names of those who cosigned."""
    head = Checkpoint(LOG.key.name, size, root_of(hashes[:size]))
    found = POLICY.verified(await asking.witnessed(LOG.signed(head.text), head))
    return {each.key.name[-1] for each in found.cosignatures}


@pytest.mark.parametrize("fault", ["down", "slow", "lies", "rambles", "ahead"])
async def test_two_of_three_are_enough(witnesses, fault):
    witnesses.faults["w1"] = fault
    asking = panel(witnesses)
    assert await cosigned(asking, 5) == {"0", "2"}
    witnesses.faults.clear()
    # The one that was away knows an older size, or none: it is told by its 409 and cosigns again.
    for size in (9, 20):
        assert len(await cosigned(asking, size)) >= 2


@pytest.mark.parametrize("faults", [{"w0": "down", "w2": "lies"}, {"w0": "slow", "w1": "down"}])
async def test_one_of_three_is_no_quorum(witnesses, faults, monkeypatch):
    monkeypatch.setattr(witness_panel, "WITNESS_SECONDS", 0.2)
    witnesses.faults |= faults
    with pytest.raises(QuorumMissing):
        await cosigned(panel(witnesses), 5)


async def test_after_a_restart_the_log_goes_on_from_what_each_witness_knows(witnesses):
    await cosigned(panel(witnesses), 5)
    witnesses.faults["w2"] = "down"
    await cosigned(panel(witnesses), 9)
    witnesses.faults = {"w0": "down"}
    assert await cosigned(panel(witnesses), 20) == {"1", "2"}


async def test_a_split_view_is_refused(witnesses):
    asking = panel(witnesses)
    await cosigned(asking, 9)
    with pytest.raises(QuorumMissing):
        await cosigned(panel(witnesses, FORKED), 12, FORKED)
    # The first panel waited for a quorum only: a witness that was slow may have cosigned the fork meanwhile, alone.
    with pytest.raises((QuorumMissing, StoreBehind)):
        await cosigned(panel(witnesses, FORKED), 9, FORKED)
    assert await cosigned(asking, 12)


async def test_a_rollback_tells_the_log_that_its_store_was_put_back(witnesses):
    await cosigned(panel(witnesses), 9)
    with pytest.raises(StoreBehind):
        await cosigned(panel(witnesses), 7)
    found = await panel(witnesses).last_cosigned()
    assert {each.size for each in found} <= {9}
    assert len(found) >= 2
