r"""Asks the witnesses of the policy to cosign a checkpoint [c2sp.org/tlog-witness].

    POST <url>/add-checkpoint       "old " size "\n" × (base64(hash) "\n") "\n" checkpoint; the hashes prove that the
                                    tree extends the one of the old size
    200                             signature lines; only those of the witness's own key count
    409, text/x.tlog.size           the size that the witness has cosigned last
    GET <url>/<hash>/checkpoint     that checkpoint; hash: SHA-256 of the origin in hexadecimal

All are asked at once, and the answer is there as soon as they are a quorum. A witness that has cosigned a larger tree
than ours tells that our store was put back to an earlier moment: then nothing is signed any more.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from typing import Final

import httpx
import structlog

from consent.errors import LedgerRefused, NoteRefused
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.notes.log_policy import LogPolicy, PolicyWitness
from consent.ledger.notes.signatures import VerifiedSignature, require_past, verified_checkpoint, verified_signatures
from consent.ledger.notes.signed_notes import SignatureLine, SignedNote, VerifierKey
from consent.ledger.notes.strict_text import parse_number
from consent.ledger.notes.witness_requests import AddCheckpointRequest
from gateway.ledger.errors import QuorumMissing, StoreBehind
from gateway.telemetry.logging import where

WITNESS_SECONDS: Final = 5.0
"""How long a witness has time for one answer."""
MOST_ANSWER_BYTES: Final = 64 * 1024
TRIES: Final = 3
_SIZE_TYPE: Final = "text/x.tlog.size"

Prove = Callable[[int, Checkpoint], Awaitable[Sequence[bytes]]]
"""Gives the proof that the tree of a checkpoint extends the one of a smaller size."""


@dataclass(slots=True)
class WitnessPanel:
    """The witnesses of one log, whose key is *key*. *sizes* is what each is known to have cosigned last.

    *now* gives seconds since 1970 UTC. A cosignature from the future counts for nothing: with it, everybody would
    refuse the checkpoint.
    """

    policy: LogPolicy
    key: VerifierKey
    client: httpx.AsyncClient
    prove: Prove
    sizes: dict[str, int] = field(default_factory=dict)
    now: Callable[[], float] = time.time

    async def last_cosigned(self) -> Sequence[Checkpoint]:
        """Return the checkpoints that the witnesses have cosigned last, each signed by our key.

        A witness that gives no answer cannot be asked; without it there may be no quorum either.
        """
        asked = [each for each in self.policy.witnesses if each.url]
        found = await asyncio.gather(*map(self._last, asked))
        return [each for each in found if each is not None]

    async def witnessed(self, note: SignedNote, checkpoint: Checkpoint) -> SignedNote:
        """Return *note* with cosignatures that are a quorum. Raises QuorumMissing, StoreBehind."""
        if not self.policy.witnesses:
            return note
        tasks = [
            asyncio.create_task(self._cosignatures(each, note, checkpoint), name=f"witness-{each.name}")
            for each in self.policy.witnesses
            if each.url
        ]
        try:
            return await self._with_quorum(tasks, note, checkpoint)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _with_quorum(
        self, tasks: Sequence[asyncio.Task[Sequence[SignatureLine]]], note: SignedNote, checkpoint: Checkpoint
    ) -> SignedNote:
        waiting = set(tasks)
        cosigners: set[VerifierKey] = set()
        while waiting and not self.policy.is_quorum(cosigners):
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                note = note.with_signatures(*task.result())
                cosigners |= {each.key for each in self._valid(note)}
        if not self.policy.is_quorum(cosigners):
            raise QuorumMissing(f"{len(cosigners)} witnesses cosigned {checkpoint.size} entries: that is no quorum.")
        return note

    def _valid(self, note: SignedNote) -> Sequence[VerifiedSignature]:
        witnesses = [each.key for each in self.policy.witnesses]
        return [each for each in verified_signatures(note, [self.key, *witnesses]) if each.key != self.key]

    async def _cosignatures(
        self, witness: PolicyWitness, note: SignedNote, checkpoint: Checkpoint
    ) -> Sequence[SignatureLine]:
        """Return the valid cosignatures of *witness*, none where it does not answer well. Raises StoreBehind."""
        try:
            async with asyncio.timeout(WITNESS_SECONDS):
                return await self._asked(witness, note, checkpoint)
        except (httpx.HTTPError, LedgerRefused, TimeoutError, UnicodeDecodeError) as error:
            structlog.get_logger().warning("ledger.witness-failed", origin=checkpoint.origin, **where(error))
            return []

    async def _asked(self, witness: PolicyWitness, note: SignedNote, checkpoint: Checkpoint) -> Sequence[SignatureLine]:
        # At the second try the size is the witness's own; at the third it has changed meanwhile, and we give up.
        for _ in range(TRIES):
            old = self.sizes.get(witness.name, 0)
            answer = await self._post(witness, old, note, checkpoint)
            if answer.status_code == HTTPStatus.OK:
                self.sizes[witness.name] = checkpoint.size
                return self._lines(witness, note, answer)
            if answer.status_code != HTTPStatus.CONFLICT or answer.headers.get("content-type") != _SIZE_TYPE:
                raise httpx.HTTPStatusError("the witness refuses", request=answer.request, response=answer)
            size = parse_number(answer.text.removesuffix("\n"), NoteRefused)
            if size > checkpoint.size:
                raise StoreBehind(f"The witness {witness.name} has cosigned {size} entries, we have {checkpoint.size}.")
            self.sizes[witness.name] = size
        return []

    async def _post(self, witness: PolicyWitness, old: int, note: SignedNote, checkpoint: Checkpoint) -> httpx.Response:
        proof = await self.prove(old, checkpoint) if old else []
        request = AddCheckpointRequest(old, tuple(proof), note)
        answer = await self.client.post(f"{witness.url}/add-checkpoint", content=request.encode())
        if len(answer.content) > MOST_ANSWER_BYTES:
            raise NoteRefused(LedgerFlaw.TOO_LARGE)
        return answer

    def _lines(self, witness: PolicyWitness, note: SignedNote, answer: httpx.Response) -> Sequence[SignatureLine]:
        """Return the lines of the witness's own key, all of them valid."""
        lines = [SignatureLine.parse(line) for line in answer.content.decode().removesuffix("\n").split("\n")]
        own = [each for each in lines if (each.name, each.key_id) == (witness.key.name, witness.key.key_id)]
        require_past(verified_signatures(SignedNote(note.text, tuple(own)), [witness.key]), self.now())
        return own

    async def _last(self, witness: PolicyWitness) -> Checkpoint | None:
        url = f"{witness.url}/{sha256(self.key.name.encode()).hexdigest()}/checkpoint"
        try:
            async with asyncio.timeout(WITNESS_SECONDS):
                answer = await self.client.get(url)
            if answer.status_code != HTTPStatus.OK:
                return None
            return verified_checkpoint(SignedNote.parse(answer.content), self.key)
        except (httpx.HTTPError, LedgerRefused, TimeoutError) as error:
            structlog.get_logger().warning("ledger.witness-failed", origin=self.key.name, **where(error))
            return None
