"""The messages of graphql-transport-ws, as text, and the codes that close a connection.

    → {"type":"connection_init","payload":{"Authorization":"Bearer …","Access-Purpose":"determination"}}
    ← {"type":"connection_ack"}
    → {"id":"1","type":"subscribe","payload":{"query":"subscription { … }"}}
    ← {"id":"1","type":"next","payload":{"data":{…}}}
    ← {"id":"1","type":"error","payload":[{"message":"…","extensions":{"code":"…"}}]}
    ⇄ {"id":"1","type":"complete"}      ⇄ {"type":"ping"}      ⇄ {"type":"pong"}

Source: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md. The reason of a close is a code of ours, or a
word of the protocol; nothing that the client has sent is in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

import orjson

from gateway.json_input import InvalidJson, parse_json

SUBPROTOCOL: Final = "graphql-transport-ws"
LONGEST_ID: Final = 128
PLAIN: Final = frozenset({"connection_init", "ping", "pong"})
"""Messages about the connection, with a payload that may be left out."""
ACK: Final = '{"type":"connection_ack"}'
PING: Final = '{"type":"ping"}'
PONG: Final = '{"type":"pong"}'


class Close(Enum):
    """Why a connection is closed: the code of RFC 6455 or of the protocol, and a word."""

    STOPPING = 1001, "SHUTTING_DOWN"
    LATER = 1013, "TRY_AGAIN_LATER"
    """The word is the code of the refusal."""
    SLOW = 1013, "SLOW_CONSUMER"
    BAD_MESSAGE = 4400, "INVALID_MESSAGE"
    NOT_INITIALISED = 4401, "UNAUTHORIZED"
    FORBIDDEN = 4403, "FORBIDDEN"
    """The word is the code of the refusal."""
    SUBPROTOCOL = 4406, "SUBPROTOCOL_NOT_ACCEPTABLE"
    SILENT = 4408, "CONNECTION_INITIALISATION_TIMEOUT"
    SAME_ID = 4409, "SUBSCRIBER_ALREADY_EXISTS"
    INITIALISED_TWICE = 4429, "TOO_MANY_INITIALISATION_REQUESTS"
    BROKEN = 4500, "INTERNAL"

    @property
    def code(self) -> int:
        """The number."""
        return self.value[0]

    @property
    def word(self) -> str:
        """The reason."""
        return self.value[1]


class InvalidMessage(Exception):
    """What came is no message of the protocol."""


@dataclass(frozen=True, slots=True)
class ClientMessage:
    """A message of a client. *operation* is its id, where the message is about one."""

    kind: str
    operation: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict, repr=False)


def read_message(text: str | None) -> ClientMessage:
    """Return the message in *text*; None stands for bytes, which are none. Raises InvalidMessage."""
    if text is None:
        raise InvalidMessage
    try:
        found = parse_json(text.encode())
    except InvalidJson:
        raise InvalidMessage from None
    match found:
        case {"type": str(kind)} if kind in PLAIN and _is_map(found.get("payload")):
            return ClientMessage(kind, payload=found.get("payload") or {})
        case {"type": "complete", "id": str(operation)} if _is_id(operation):
            return ClientMessage("complete", operation)
        case {"type": "subscribe", "id": str(operation), "payload": dict(payload)} if _is_id(operation):
            return ClientMessage("subscribe", operation, payload)
    raise InvalidMessage


def next_message(operation: str, answer: bytes) -> str:
    """Return the message with one whole *answer*, which is JSON already."""
    return f'{{"id":{_quoted(operation)},"type":"next","payload":{answer.decode()}}}'


def error_message(operation: str, refusal: bytes) -> str:
    """Return the message that ends an operation with the errors of *refusal*, which is `{"errors": […]}`."""
    errors = orjson.dumps(orjson.loads(refusal)["errors"]).decode()
    return f'{{"id":{_quoted(operation)},"type":"error","payload":{errors}}}'


def complete_message(operation: str) -> str:
    """Return the message that an operation has no further answer."""
    return f'{{"id":{_quoted(operation)},"type":"complete"}}'


def _quoted(text: str) -> str:
    return orjson.dumps(text).decode()


def _is_id(text: str) -> bool:
    return 0 < len(text) <= LONGEST_ID


def _is_map(payload: object) -> bool:
    return payload is None or isinstance(payload, dict)
