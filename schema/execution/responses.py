"""Responses and their errors: an expected refusal is shown by its name, a bug by the id of the request alone."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import cast

import orjson
from graphql import FieldNode, GraphQLError

from consent.vocabulary import Purpose
from policy.crypto.field_encryption import SealBroken
from queryplan.plan import StoreUnavailable
from schema.core.errors import RecordDamaged, SchemaError, Unavailable
from schema.core.ports import GraphQLResponse
from schema.execution.preparation.documents import InvalidDocument, formatted
from schema.execution.preparation.source_locations import SourceLocations

Failed = Callable[[str, BaseException], None]
"""Called with an unexpected error and the id of the request; the response has only the id."""

_OUR_FAULT, _EXECUTED = 500, 200
_INTERNAL = "INTERNAL"


def planned_response(
    data: object, errors: Sequence[object], notes: Mapping[str, object], purpose: Purpose | None
) -> GraphQLResponse:
    """Return the response of GraphQL's executor; `errors` and `extensions` are there where they say something."""
    body: dict[str, object] = {}
    if errors:
        body["errors"] = errors
    body["data"] = data
    if notes:
        body["extensions"] = notes
    return GraphQLResponse(orjson.dumps(body), executed=True, status=200, purpose=purpose)


def with_outcome(
    response: GraphQLResponse, errors: Sequence[GraphQLError], refused: Sequence[tuple[str, str]]
) -> GraphQLResponse:
    """Return *response* with the first mutation that failed. Where that is the database's fault, its status says so."""
    for error in errors:
        code, status = _code_and_status(error.original_error)
        if len(error.path or ()) == 1 and error.nodes and isinstance(error.nodes[0], FieldNode):
            return response._replace(status=status, code=code, root=error.nodes[0].name.value)
    if refused:
        root, code = refused[0]
        return response._replace(code=code, root=root)
    # What happened is durable, and something of it cannot be shown.
    return response._replace(code=_code_and_status(errors[0].original_error)[0]) if errors else response


def _code_and_status(error: BaseException | None) -> tuple[str, int]:
    if isinstance(error, StoreUnavailable):
        return Unavailable.code, Unavailable.status
    if isinstance(error, SchemaError):
        return error.code, error.status if error.status >= _OUR_FAULT else _EXECUTED
    return _INTERNAL, _EXECUTED


def refusal(status: int, errors: list[dict[str, object]]) -> GraphQLResponse:
    """Return the response to a request that is not executed, with the first error's code."""
    extensions = cast("dict[str, object]", errors[0]["extensions"])
    until = extensions.get("until")
    return GraphQLResponse(
        orjson.dumps({"errors": errors}),
        executed=False,
        status=status,
        code=str(extensions["code"]),
        retry_at=datetime.fromisoformat(until) if isinstance(until, str) else None,
    )


def shown_errors(
    errors: Sequence[GraphQLError], request_id: str, places: SourceLocations, failed: Failed
) -> list[dict[str, object]]:
    """Return the executor's errors as the response shows them: refusals by name, bugs by the id of the request."""
    return [entry for error in errors for entry in _shown(error, request_id, places, failed)]


def _shown(error: GraphQLError, request_id: str, places: SourceLocations, failed: Failed) -> list[dict[str, object]]:
    original = error.original_error
    if isinstance(original, SchemaError | StoreUnavailable | SealBroken):
        return [{**error_entry(reported(original, request_id, failed)), "path": error.path}]
    if isinstance(original, InvalidDocument):  # the document that `explainAccess` was given
        return [{**entry, "path": error.path} for entry in original.errors]
    if original is None:
        return [formatted(error, places)]
    failed(request_id, original)
    return [{**internal_error(request_id), "path": error.path}]


def reported(error: SchemaError | StoreUnavailable | SealBroken, request_id: str, failed: Failed) -> SchemaError:
    """Return *error* as a refusal. What the caller cannot correct is reported: the operator must know."""
    if isinstance(error, SealBroken):
        return RecordDamaged()  # the keyring has reported it
    refused = error if isinstance(error, SchemaError) else Unavailable()
    cause = error.__cause__ if refused is error else error
    if cause is not None and refused.status >= _OUR_FAULT:
        failed(request_id, cause)
    return refused


def error_entry(refused: SchemaError) -> dict[str, object]:
    """Return *refused* as an error of a response; its status is that of the response."""
    entry = refused.entry()
    cast("dict[str, object]", entry["extensions"]).pop("status", None)
    return entry


def internal_error(request_id: str) -> dict[str, object]:
    """Return the error that stands for a bug: the operator finds it by the id."""
    entry = coded_error(
        _INTERNAL, "系统内部错误，请凭编号联系管理员。", "Internal error: tell the operator the request's id."
    )
    cast("dict[str, object]", entry["extensions"])["requestId"] = request_id
    return entry


def coded_error(code: str, message_zh: str, message: str) -> dict[str, object]:
    """Return an error in both languages."""
    return {"message": message_zh, "extensions": {"code": code, "messageEn": message}}
