"""Opens an operation that came by a stream, as `/graphql` executes a request: within its limits, and noted as it is."""

from collections.abc import Hashable

from starlette.types import Receive, Scope

from gateway.auth.bearer_tokens import Authenticator
from gateway.auth.subscriber_identity import identify
from gateway.http.errors import WORDS, Code
from gateway.http.graphql_endpoint import BACKSTOP, note_answer, note_request
from gateway.http.limits.admission_control import AdmissionControl
from gateway.http.limits.body_limits import RequestTimeLimit
from gateway.http.request_headers import RequestHeaders
from schema.core.errors import IdentityEnded, ShuttingDown
from schema.core.ports import GraphQLRequest, GraphQLResponse
from schema.core.subscription_ports import Subscriber, Subscription, SubscriptionEnd, Subscriptions
from schema.execution.time_limits import TimeLimits

REFUSED_IN_STREAM = frozenset({400, 403})
"""Refusals of a document or a purpose, which a client of a stream finds in the stream."""
_AUTHENTICATION_CODES = frozenset(str(code) for code in Code if WORDS[code][0] in {400, 401, 403, 431})
"""Those with which authentication refuses are among them. What the engine refuses has codes of its own."""
STOPPING = ShuttingDown.code


class OperationOpener:
    """Opens operations. *authenticate* says who the sender of an open stream is now."""

    def __init__(
        self,
        subscriptions: Subscriptions,
        authenticate: Authenticator,
        admission: AdmissionControl,
        timeout_seconds: float,
    ) -> None:
        self._subscriptions = subscriptions
        self._authenticate = authenticate
        self._admission = admission
        self._timeout = timeout_seconds
        self._time_limits = TimeLimits()

    async def open(
        self,
        scope: Scope,
        headers: RequestHeaders,
        request: GraphQLRequest,
        connection: Hashable,
        receive: Receive | None = None,
    ) -> Subscription | GraphQLResponse:
        """Return a subscription, or the one answer of a query, a mutation or a refusal.

        Raises HttpRefusal; with *receive* ClientGone, too.
        """
        note_request(scope["facts"], request)
        subscriber = Subscriber(identify(self._authenticate, headers), connection)
        self._admission.refuse_if_full()
        with RequestTimeLimit(self._time_limits, self._timeout + BACKSTOP) as time_limit:
            await self._admission.enter()
            try:
                if receive is not None:
                    time_limit.begin_again(self._timeout + BACKSTOP, receive)
                opened = await self._subscriptions.open(request, subscriber)
            finally:
                self._admission.leave()
        if isinstance(opened, GraphQLResponse):
            note_answer(scope["facts"], opened)
            scope["retry_at"] = opened.retry_at
        else:
            scope["facts"]["executed"] = True
        return opened


def ends_connection(ended: SubscriptionEnd) -> bool:
    """Return whether *ended* holds for all subscriptions of its connection: its sender is not who it was any more."""
    if ended.code == IdentityEnded.code:
        return True
    return ended.code in _AUTHENTICATION_CODES
