"""The city's joint rewards-and-penalties module, asked by HTTP [4.1] [3.3]. Its contract: docs/joint-measures.md.

Whatever goes wrong is an answer: UNKNOWN, with a reason that tells of the source and never of the subject. The number
goes in the body; an address, a log line or an error never holds it.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

import httpx
import orjson
import structlog

from credit.core.errors import InconsistentFacts
from credit.credit_checks.credit_check import Finding, Source, SourceAnswer, Unanswered
from credit.subjects.subject import IdentifierKind
from gateway.joint_measures.circuit_breaker import CircuitBreaker, CircuitState

PATH: Final = "/v1/checks"
LARGEST: Final = 16 * 1024
"""Bytes of an answer; a longer one is none of this contract."""
LONGEST_NAME: Final = 200
PASSING: Final = frozenset({429, 500, 502, 503, 504})
"""Statuses that may be others a moment later. The question changes nothing, so that asking again is safe."""
SHORTEST_SECONDS: Final = 0.05


class TokenRefused(Exception):
    """The file with the bearer token is not there, or empty."""


@dataclass(frozen=True, slots=True)
class RetryLimits:
    """How long the module is waited for. *seconds* is for all attempts together; *pause* follows a failed one."""

    seconds: float = 4.0
    attempts: int = 3
    pause: float = 0.1


class _Failed(Exception):
    """An attempt without an answer. *again* says whether another one may help."""

    def __init__(self, reason: Unanswered, *, again: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again


class JointMeasuresClient:
    """The module behind one address. Keeps the promise of `schema.core.ports.JointMeasures`."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        breaker: CircuitBreaker,
        retry_limits: RetryLimits,
        token: Callable[[], str],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._breaker = breaker
        self._patience = retry_limits
        self._token = token
        self._jitter = jitter

    @property
    def circuit(self) -> CircuitState:
        """How its circuit stands, for who watches."""
        return self._breaker.state

    async def ask(self, kind: IdentifierKind, number: str, authorisation_id: UUID, request_id: UUID) -> SourceAnswer:
        """Return what the module answers of the subject with this number. Never raises for what the module does."""
        if not self._breaker.lets_through():
            return unknown(Unanswered.PAUSED)
        question = {
            "request": str(request_id),
            "purpose": "CREDIT_CHECK",
            "authorisation": str(authorisation_id),
            "subject": {"kind": kind.value, "number": number},
        }
        try:
            answer = await self._with_retries(question)
        except _Failed as failed:
            # A refusal is an answer of a module that works, and does not speak against it.
            self._tell(failed.reason)
            if failed.reason is Unanswered.REFUSED:
                self._breaker.succeeded()
            else:
                self._breaker.failed()
            return unknown(failed.reason)
        except BaseException:
            self._breaker.given_up()
            raise
        self._breaker.succeeded()
        return answer

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def _with_retries(self, question: Mapping[str, object]) -> SourceAnswer:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._patience.seconds
        for left in range(self._patience.attempts, 0, -1):
            share = max(SHORTEST_SECONDS, (until - loop.time()) / left)
            try:
                return await self._once(question, share)
            except _Failed as failed:
                pause = self._patience.pause * (0.5 + self._jitter())
                if not failed.again or left == 1 or loop.time() + pause >= until:
                    raise
            # Everybody who failed at once does not come back at once.
            await asyncio.sleep(pause)
        raise _Failed(Unanswered.UNREACHABLE)

    async def _once(self, question: Mapping[str, object], seconds: float) -> SourceAnswer:
        try:
            token = self._token()
        except TokenRefused:
            raise _Failed(Unanswered.NOT_CONFIGURED) from None
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": str(question["request"]),
        }
        try:
            async with (
                asyncio.timeout(seconds),
                self._client.stream("POST", PATH, content=orjson.dumps(question), headers=headers) as response,
            ):
                if response.status_code in PASSING:
                    raise _Failed(Unanswered.UNREACHABLE, again=True)
                if response.status_code != httpx.codes.OK:
                    raise _Failed(Unanswered.REFUSED)
                return _read(await _body(response))
        except (TimeoutError, httpx.TimeoutException):
            raise _Failed(Unanswered.TOO_SLOW, again=True) from None
        except httpx.HTTPError:
            # Its message may quote the request; it goes nowhere.
            raise _Failed(Unanswered.UNREACHABLE, again=True) from None

    def _tell(self, reason: Unanswered) -> None:
        structlog.get_logger().warning("joint_measures.unanswered", component="joint-measures", code=reason.value)


class NotConfigured:
    """No module in this deployment: it is unknown, and the answer says why."""

    @property
    def circuit(self) -> CircuitState | None:
        """There is none."""
        return None

    async def ask(self, kind: IdentifierKind, number: str, authorisation_id: UUID, request_id: UUID) -> SourceAnswer:  # noqa: ARG002 - nobody is asked
        """Return UNKNOWN. The number goes nowhere."""
        return unknown(Unanswered.NOT_CONFIGURED)

    async def close(self) -> None:
        """Nothing is open."""


def unknown(reason: Unanswered) -> SourceAnswer:
    """Return that the module is unknown, which is never clean [4.1]."""
    return SourceAnswer(Source.JOINT_MEASURES, Finding.UNKNOWN, reason=reason)


def token_in(path: Path) -> Callable[[], str]:
    """Return a reader of the bearer token in the first line of *path*, read each time: it may be renewed meanwhile.

    Raises TokenRefused at once where there is none.
    """

    def read() -> str:
        try:
            token = path.read_text(encoding="ascii").splitlines()[0].strip()
        except (OSError, UnicodeDecodeError, IndexError):
            token = ""
        if not token:
            raise TokenRefused
        return token

    read()
    return read


async def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > LARGEST:
            raise _Failed(Unanswered.MALFORMED)
    return bytes(body)


def _read(body: bytes) -> SourceAnswer:
    """Read the module's answer to the letter; what is not understood is unknown, and never clean."""
    try:
        said = orjson.loads(body)
        finding, memorandum = Finding(said["finding"]), said.get("memorandum")
        answer = SourceAnswer(Source.JOINT_MEASURES, finding, memorandum)
    except (ValueError, KeyError, TypeError, AttributeError, InconsistentFacts):
        raise _Failed(Unanswered.MALFORMED) from None
    if len(memorandum or "") > LONGEST_NAME:
        raise _Failed(Unanswered.MALFORMED)
    return answer
