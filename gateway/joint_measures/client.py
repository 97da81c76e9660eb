"""The city's joint rewards-and-penalties module, called over HTTP [4.1] [3.3]. Its contract: docs/joint-measures.md.

Every failure becomes an answer: UNKNOWN, with a reason about the source and never about the subject. The number is in
the body; no address, log line or error ever contains it.
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

from consent.vocabulary import Purpose
from credit.core.errors import InconsistentFacts
from credit.core.values.identifiers import IdentifierKind
from credit.joint_measures.source_answer import Finding, MemorandumKind, Source, SourceAnswer, Unanswered
from gateway.joint_measures.circuit_breaker import CircuitBreaker, CircuitState
from gateway.json_input import parse_json
from gateway.telemetry.trace_context import outgoing_headers

PATH: Final = "/v1/checks"
LARGEST: Final = 16 * 1024
"""Bytes of a response; a longer one breaks the contract."""
LONGEST_NAME: Final = 200
PASSING: Final = frozenset({429, 500, 502, 503, 504})
"""Statuses that may pass in a moment. The call changes nothing, so it is safe to repeat."""
SHORTEST_SECONDS: Final = 0.05


class TokenRefused(Exception):
    """The file with the bearer token is missing or empty."""


@dataclass(frozen=True, slots=True)
class RetryLimits:
    """The time limits of a call. *seconds* is for all attempts together; *pause* follows a failed attempt."""

    seconds: float = 4.0
    attempts: int = 3
    pause: float = 0.1


class _Failed(Exception):
    """An attempt without an answer. *again* says whether another attempt may help."""

    def __init__(self, reason: Unanswered, *, again: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again


class JointMeasuresClient:
    """The module at one address. Implements `schema.core.ports.JointMeasures`."""

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
        self._limits = retry_limits
        self._token = token
        self._jitter = jitter

    @property
    def circuit(self) -> CircuitState:
        """The state of the circuit, for metrics."""
        return self._breaker.state

    async def ask(
        self, kind: IdentifierKind, number: str, authorisation_id: UUID | None, request_id: UUID
    ) -> SourceAnswer:
        """Return the module's answer about the subject with this number. Never raises for a failure of the module.

        On an authorisation it is asked for a credit check [4.1]; without one, by statute, for a determination [3.3].
        """
        if not self._breaker.lets_through():
            return unknown(Unanswered.PAUSED)
        purpose = Purpose.DETERMINATION if authorisation_id is None else Purpose.CREDIT_CHECK
        request = {
            "request": str(request_id),
            "purpose": purpose.value,
            **({} if authorisation_id is None else {"authorisation": str(authorisation_id)}),
            "subject": {"kind": kind.value, "number": number},
        }
        try:
            answer = await self._with_retries(request)
        except _Failed as failed:
            # A refusal comes from a module that works, so it does not count as a failure.
            self._log_unanswered(failed.reason)
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
        """Close the connections."""
        await self._client.aclose()

    async def _with_retries(self, request: Mapping[str, object]) -> SourceAnswer:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._limits.seconds
        for left in range(self._limits.attempts, 0, -1):
            share = max(SHORTEST_SECONDS, (until - loop.time()) / left)
            try:
                return await self._once(request, share)
            except _Failed as failed:
                pause = self._limits.pause * (0.5 + self._jitter())
                if not failed.again or left == 1 or loop.time() + pause >= until:
                    raise
            # Jitter: callers that failed at once do not retry at once.
            await asyncio.sleep(pause)
        raise _Failed(Unanswered.UNREACHABLE)

    async def _once(self, request: Mapping[str, object], seconds: float) -> SourceAnswer:
        try:
            token = self._token()
        except TokenRefused:
            raise _Failed(Unanswered.NOT_CONFIGURED) from None
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": str(request["request"]),
            **outgoing_headers(),
        }
        try:
            async with (
                asyncio.timeout(seconds),
                self._client.stream("POST", PATH, content=orjson.dumps(request), headers=headers) as response,
            ):
                if response.status_code in PASSING:
                    raise _Failed(Unanswered.UNREACHABLE, again=True)
                if response.status_code != httpx.codes.OK:
                    raise _Failed(Unanswered.REFUSED)
                return _read(await _body(response))
        except (TimeoutError, httpx.TimeoutException):
            raise _Failed(Unanswered.TOO_SLOW, again=True) from None
        except httpx.HTTPError:
            # The error's message may quote the request; it is dropped.
            raise _Failed(Unanswered.UNREACHABLE, again=True) from None

    def _log_unanswered(self, reason: Unanswered) -> None:
        structlog.get_logger().warning("joint_measures.unanswered", component="joint-measures", code=reason.value)


class NotConfigured:
    """No module in this deployment: every answer is UNKNOWN and says why."""

    @property
    def circuit(self) -> CircuitState | None:
        """None: there is no circuit."""
        return None

    async def ask(
        self,
        kind: IdentifierKind,  # noqa: ARG002 - the module is not called
        number: str,  # noqa: ARG002 - as above
        authorisation_id: UUID | None,  # noqa: ARG002 - as above
        request_id: UUID,  # noqa: ARG002 - as above
    ) -> SourceAnswer:
        """Return UNKNOWN. The number is not used."""
        return unknown(Unanswered.NOT_CONFIGURED)

    async def close(self) -> None:
        """Do nothing: no connection is open."""


def unknown(reason: Unanswered) -> SourceAnswer:
    """Return the answer UNKNOWN, which never counts as clean [4.1]."""
    return SourceAnswer(Source.JOINT_MEASURES, Finding.UNKNOWN, reason=reason)


def token_in(path: Path) -> Callable[[], str]:
    """Return a reader of the bearer token in the first line of *path*, read each time: the file may be renewed.

    Raises TokenRefused at once where there is no token.
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
    """Parse the module's answer strictly; anything not understood is unknown, never clean."""
    try:
        content = parse_json(body)
        finding, memorandum = Finding(content["finding"]), content.get("memorandum")
        # A module that does not say the kind means a memorandum of penalties: there was no other before [3.3].
        kind = MemorandumKind(content.get("kind", MemorandumKind.PENALTY)) if finding is Finding.GOVERNED else None
        answer = SourceAnswer(Source.JOINT_MEASURES, finding, memorandum, kind=kind)
    except (ValueError, KeyError, TypeError, AttributeError, InconsistentFacts):
        raise _Failed(Unanswered.MALFORMED) from None
    if len(memorandum or "") > LONGEST_NAME:
        raise _Failed(Unanswered.MALFORMED)
    return answer
