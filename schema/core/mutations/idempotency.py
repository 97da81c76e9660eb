"""What every mutation does with its input: the idempotency key, and the hash that tells requests apart."""

import re
from enum import Enum
from typing import Any

from consent.idempotency import request_hash
from schema.core.context import RequestContext
from schema.core.errors import BadArgument

KEY = (
    "A key of the caller's choosing, 64 characters at most (letters, digits, . _ : -): sent again with it, a request "
    "does nothing twice."
)
_KEY = re.compile(r"[A-Za-z0-9._:\-]{1,64}")


def keyed_request_hash(context: RequestContext, action: str, given: Any) -> str:  # noqa: ANN401 - any input
    """Return the keyed hash of what *given* asks for; raises BadArgument for a key that is none."""
    check_key(given.idempotency_key)
    asked = request_hash(action, {name: _plain(value) for name, value in vars(given).items()})
    return context.keyring.request_tag(asked)


def check_key(key: str | None) -> None:
    """Return nothing if *key* can be an idempotency key; raises BadArgument."""
    if key is not None and not _KEY.fullmatch(key):
        raise BadArgument(argument="idempotencyKey")


def _plain(value: object) -> object:
    """Return an argument as the request's hash takes it."""
    if isinstance(value, list):
        return sorted(str(one) for one in value)
    if isinstance(value, Enum):
        return str(value)
    if hasattr(value, "__strawberry_definition__"):  # an input within an input
        return {name: _plain(each) for name, each in vars(value).items()}
    return value if value is None or isinstance(value, int) else str(value)
