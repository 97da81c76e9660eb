"""What every mutation does with its input: the idempotency key, and the hash that tells requests apart."""

import re
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

import strawberry

from consent.idempotency import request_hash
from schema.core.context import RequestContext
from schema.core.errors import BadArgument
from schema.core.global_ids import canonical

KEY = (
    "A key of the caller's choosing, 64 characters at most (letters, digits, . _ : -): sent again with it, a request "
    "does nothing twice."
)
_KEY = re.compile(r"[A-Za-z0-9._:\-]{1,64}")


def keyed_request_hash(context: RequestContext, action: str, given: Any) -> str:  # noqa: ANN401 - any input
    """Return the keyed hash of what *given* asks for; raises BadArgument for a key that is none."""
    check_key(given.idempotency_key)
    return context.keyring.request_tag(request_hash(action, _arguments(given)))


def check_key(key: str | None) -> None:
    """Return nothing if *key* can be an idempotency key; raises BadArgument."""
    if key is not None and not _KEY.fullmatch(key):
        raise BadArgument(argument="idempotencyKey")


def is_id(field: Any) -> bool:  # noqa: ANN401 - a field of an input
    """Return whether *field* takes a global id, or several."""
    declared = field.type
    while hasattr(declared, "of_type"):
        declared = declared.of_type
    return declared is strawberry.ID


def _arguments(given: Any) -> dict[str, object]:  # noqa: ANN401 - any input
    """Return the arguments as the request's hash takes them."""
    named = _by_canonical_ids(given)
    return {field.name: _plain(getattr(named, field.name)) for field in fields(named)}


def _by_canonical_ids(given: Any) -> Any:  # noqa: ANN401 - as above
    """Return *given* with canonical ids: by whichever of its ids a record is named, the request is the same."""
    named = {field.name: getattr(given, field.name) for field in fields(given) if is_id(field)}
    return replace(given, **{name: _canonical(value) for name, value in named.items() if value is not None})


def _canonical(value: object) -> object:
    return [canonical(str(one)) for one in value] if isinstance(value, list) else canonical(str(value))


def _is_input(value: object) -> bool:
    return is_dataclass(value) and hasattr(value, "__strawberry_definition__")


def _plain(value: object) -> object:
    if isinstance(value, list):
        return sorted(str(_by_canonical_ids(one) if _is_input(one) else one) for one in value)
    if isinstance(value, Enum):
        return str(value)
    if _is_input(value):
        return _arguments(value)
    return value if value is None or isinstance(value, int) else str(value)
