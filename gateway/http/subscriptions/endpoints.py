"""The endpoints of streams, made of what they share."""

from collections.abc import Callable
from typing import NamedTuple

from gateway.auth.bearer_tokens import Authenticator
from gateway.http.limits.admission_control import AdmissionControl
from gateway.http.request_reader import RequestReader
from gateway.http.request_reports import RequestReports
from gateway.http.subscriptions.event_stream_endpoint import EventStreamEndpoint
from gateway.http.subscriptions.operations import OperationOpener
from gateway.http.subscriptions.shared_stream import SharedStreams
from gateway.http.subscriptions.shared_stream_endpoint import SharedStreamEndpoint
from gateway.http.subscriptions.streams import Streams
from gateway.http.subscriptions.websocket_endpoint import WebSocketEndpoint
from gateway.settings.settings import Settings
from schema.core.subscription_ports import Subscriptions


class StreamEndpoints(NamedTuple):
    """What answers by streams. *streams* counts them."""

    websocket: WebSocketEndpoint
    events: EventStreamEndpoint
    shared: SharedStreamEndpoint
    streams: Streams


def stream_endpoints(
    settings: Settings,
    subscriptions: Subscriptions,
    authenticate: Authenticator,
    reader: RequestReader,
    reports: RequestReports,
    *,
    admission: AdmissionControl,
    new_token: Callable[[], str],
) -> StreamEndpoints:
    """Return the endpoints of streams."""
    streams = Streams(
        at_once=settings.streams_at_once,
        per_account=settings.streams_per_account,
        patience=settings.stream_patience_seconds,
        heartbeat=settings.stream_heartbeat_seconds,
        admission=admission,
    )
    opener = OperationOpener(subscriptions, authenticate, admission, settings.limits.seconds)
    return StreamEndpoints(
        websocket=WebSocketEndpoint(
            reader,
            opener,
            streams,
            reports,
            origins=(settings.browser_url, *settings.cors_origins),
            init_seconds=settings.receive_seconds,
        ),
        events=EventStreamEndpoint(reader, opener, streams, reports),
        shared=SharedStreamEndpoint(
            reader, opener, streams, reports, SharedStreams(new_token, settings.stream_reservation_seconds)
        ),
        streams=streams,
    )
