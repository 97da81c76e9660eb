"""Errors without a word of the schema: for callers who learn nothing about it, whatever they send.

An error keeps its code, so that whoever wrote the document finds the cause, and the facts that are no words of the
schema. The messages of graphql-core quote types, fields and arguments; others are constant.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Final, cast

from schema.core.limits import Limits

KEPT: Final = ("code", "messageEn", "messageZh", "until", "limit", "allowed", "found", "rate", "window", "requestId")
LIMITS: Final = frozenset({"characters", *(each.name for each in fields(Limits))})
MESSAGE_ZH: Final = "查询文档或者变量的值不合要求。"
MESSAGE: Final = "The document, or a value of its variables, is not acceptable."
OF_GRAPHQL: Final = frozenset({"BAD_USER_INPUT", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"})


def closed_entry(entry: Mapping[str, object]) -> dict[str, object]:
    """Return an error of a response with its code and without words of the schema."""
    extensions = cast("Mapping[str, object]", entry["extensions"])
    shown = {name: extensions[name] for name in KEPT if name in extensions}
    if shown.get("limit") not in LIMITS:  # the name of a field, such as the only one that a request may ask for once
        shown.pop("limit", None)
    message = entry["message"]
    if shown["code"] in OF_GRAPHQL:
        message, shown["messageEn"] = MESSAGE_ZH, MESSAGE
    place = {"path": entry["path"]} if "path" in entry else {}
    return {"message": message, **place, "extensions": shown}
