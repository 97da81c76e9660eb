"""The rules by which a witness cosigns [c2sp.org/tlog-witness].

    the log is known                                        else UnknownLog, 404
    a trusted key has signed, and no signature is wrong     else NotSigned, 403
    neither it nor a witness of the policy has signed in
    the future                                              else FromTheFuture, 422
    the old size is not beyond the new one                  else BadRequest, 400
    the old size is that of the last checkpoint cosigned    else OtherSize, 409, with that size
    the proof shows that the new tree continues the old     else NotContinued, 422
    the new checkpoint is durable                           then 200: a cosignature of each of its keys

What continues nothing is never cosigned, whoever has signed it: that is all that a witness is for.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import ClassVar, Final

from consent.errors import CheckpointRefused, LedgerRefused, NoteRefused
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.merkle_tree import EMPTY_ROOT
from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.notes.log_policy import LogPolicy
from consent.ledger.notes.signatures import CheckpointCosigner, require_past, verified_signatures
from consent.ledger.notes.signed_notes import SignatureLine, SignedNote, VerifierKey
from consent.ledger.notes.witness_requests import AddCheckpointRequest
from gateway.ledger.witness.witness_state import WitnessState

_AT_ZERO: Final = Checkpoint("-", 0, EMPTY_ROOT)


class NotCosigned(Exception):
    """A request that is refused, with its *status*."""

    status: ClassVar[HTTPStatus]


class BadRequest(NotCosigned):
    """It is malformed, or its old size is beyond its checkpoint."""

    status = HTTPStatus.BAD_REQUEST


class NotSigned(NotCosigned):
    """No trusted key of the log has signed the checkpoint, or a signature of one is wrong."""

    status = HTTPStatus.FORBIDDEN


class FromTheFuture(NotCosigned):
    """A log or a witness of the policy has signed the checkpoint more than five minutes from now."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class UnknownLog(NotCosigned):
    """The witness does not watch this log."""

    status = HTTPStatus.NOT_FOUND


class OtherSize(NotCosigned):
    """The last checkpoint that was cosigned has *size* leaves."""

    status = HTTPStatus.CONFLICT

    def __init__(self, size: int) -> None:
        super().__init__(str(size))
        self.size = size


class NotContinued(NotCosigned):
    """The tree does not continue the one that was cosigned last."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


@dataclass(slots=True)
class Witness:
    """Cosigns checkpoints of the logs of *policy* with each of *cosigners*; *seconds* gives the time since 1970 UTC.

    The policy's witnesses are others, whose cosignatures a checkpoint may bring along; its quorum is not asked for.
    """

    policy: LogPolicy
    cosigners: Sequence[CheckpointCosigner]
    state: WitnessState
    seconds: Callable[[], int]
    _locks: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def add_checkpoint(self, body: bytes) -> Sequence[SignatureLine]:
        """Return the cosignatures of the checkpoint in *body*. Raises NotCosigned, OSError, WitnessStateRefused."""
        try:
            request = AddCheckpointRequest.parse(body)
        except LedgerRefused as error:
            raise BadRequest(str(error.flaw)) from None
        origin = request.note.text.partition("\n")[0]
        keys = [each.key for each in self.policy.logs if each.key.name == origin]
        if not keys:
            raise UnknownLog
        signed = self._signed_by(request.note, keys)
        checkpoint = _checkpoint(request.note)
        if request.old_size > checkpoint.size:
            raise BadRequest(str(LedgerFlaw.OUT_OF_RANGE))
        # INVARIANT: of one log, comparing and making durable is one step; else a slow request rolls a faster one back.
        async with self._locks[origin]:
            last = await asyncio.to_thread(self.state.last, origin)
            _require_continued(last or _AT_ZERO, request, checkpoint)
            lines = await asyncio.to_thread(self._cosigned, checkpoint)
            await asyncio.to_thread(self.state.write, origin, signed.with_signatures(*lines))
        return lines

    def _signed_by(self, note: SignedNote, keys: Sequence[VerifierKey]) -> SignedNote:
        """Return *note* with the signatures of *keys* alone, each valid. Raises NotSigned, FromTheFuture."""
        try:
            signatures = verified_signatures(note, [*keys, *(each.key for each in self.policy.witnesses)])
        except (NoteRefused, CheckpointRefused) as error:
            raise NotSigned(str(error.flaw)) from None
        if not any(each.key in keys for each in signatures):
            raise NotSigned(str(LedgerFlaw.NO_KNOWN_KEY))
        try:
            require_past(signatures, self.seconds())
        except CheckpointRefused as error:
            raise FromTheFuture(str(error.flaw)) from None
        known = {(key.name, key.key_id) for key in keys}
        return SignedNote(note.text, tuple(line for line in note.signatures if (line.name, line.key_id) in known))

    def _cosigned(self, checkpoint: Checkpoint) -> list[SignatureLine]:
        time = self.seconds()
        return [each.cosign(checkpoint, time) for each in self.cosigners]


def _checkpoint(note: SignedNote) -> Checkpoint:
    try:
        return Checkpoint.parse(note.text)
    except CheckpointRefused as error:
        if error.flaw is LedgerFlaw.EMPTY_TREE:
            raise NotContinued(str(error.flaw)) from None
        raise BadRequest(str(error.flaw)) from None


def _require_continued(last: Checkpoint, request: AddCheckpointRequest, checkpoint: Checkpoint) -> None:
    if request.old_size != last.size:
        raise OtherSize(last.size)
    try:
        request.require_consistent(last.root, checkpoint)
    except LedgerRefused as error:
        raise NotContinued(str(error.flaw)) from None
