"""Manifests of GraphQL documents, as front-end tools write them; each id is SHA-256 of its text in UTF-8.

    graphql-codegen   {"sha256:<hex>": "query A { … }", …}      client-preset with persistedDocuments, sha256
    Relay             {"<hex>": "query A { … }", …}             persistConfig with algorithm SHA256
    Apollo            {"format": "apollo-persisted-query-manifest", "version": 1,
                       "operations": [{"id": "<hex>", "name": "A", "type": "query", "body": "query A { … }"}, …]}

The terms of documents stand in a TOML file beside it, by the names of their operations:

    [CaseListNextPage]
    purpose = "DETERMINATION"           counts where the request states none
    roles = ["handler", "head"]         may send it; without them every role may
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from consent.vocabulary import Purpose
from gateway.documents.errors import MOST_BYTES, ManifestRefused
from gateway.json_input import DuplicateKey, InvalidJson, parse_json
from policy.actors import Role
from schema.execution.preparation.document_gate import plain_id

APOLLO: Final = "apollo-persisted-query-manifest"
FORMS: Final = "a manifest is one of graphql-codegen (persistedDocuments), Relay (persistConfig) or Apollo"


class ManifestDocument(NamedTuple):
    """One document of a manifest: its id without prefix, and its text."""

    document_id: str
    text: str


@dataclass(frozen=True, slots=True)
class DocumentTerms:
    """The purpose of a document for requests that state none, and the roles that may send it; none: every role."""

    purpose: Purpose | None = None
    roles: frozenset[Role] = frozenset()


def read_manifest(path: Path) -> Sequence[ManifestDocument]:
    """Return the documents of a manifest, by their ids. Raises ManifestRefused; OSError where it cannot be read."""
    with path.open("rb") as file:
        content = file.read(MOST_BYTES * 2 + 1)
    if len(content) > MOST_BYTES * 2:
        raise ManifestRefused(f"{path.name} is larger than {MOST_BYTES * 2} bytes", FORMS)
    try:
        found = parse_json(content)
    except DuplicateKey:
        raise ManifestRefused(f"{path.name} has an id twice", FORMS) from None
    except InvalidJson:
        raise ManifestRefused(f"{path.name} is no JSON in UTF-8", FORMS) from None
    texts = _texts(found)
    if not texts:
        raise ManifestRefused(f"{path.name} has no documents in a form that is known", FORMS)
    return [ManifestDocument(document_id, text) for document_id, text in sorted(texts.items())]


def read_terms(path: Path) -> Mapping[str, DocumentTerms]:
    """Return the terms in a TOML file, by the name of the operation. Raises ManifestRefused; OSError as above."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ManifestRefused(f"{path.name} is no TOML in UTF-8: {error}", "[Name], purpose = …, roles = […]") from None
    return {name: _terms(path.name, name, table) for name, table in tables.items()}


def _texts(found: Any) -> Mapping[str, str]:  # noqa: ANN401 - of a file
    """Return the texts by their ids; nothing for another form."""
    if not isinstance(found, dict):
        return {}
    pairs: Sequence[tuple[Any, Any]] = list(found.items())
    if "format" in found:
        operations = found.get("operations")
        if found["format"] != APOLLO or not isinstance(operations, list):
            return {}
        pairs = [(each.get("id"), each.get("body")) if isinstance(each, dict) else (None, None) for each in operations]
    if not all(isinstance(name, str) and isinstance(text, str) for name, text in pairs):
        return {}
    texts = {plain_id(name): text for name, text in pairs}
    return texts if len(texts) == len(pairs) else {}


def _terms(file: str, name: str, table: Any) -> DocumentTerms:  # noqa: ANN401 - of a file
    hint = 'write purpose = "…" and roles = ["…"] under the name of the operation'
    if not isinstance(table, dict) or table.keys() - {"purpose", "roles"}:
        raise ManifestRefused(f"{file}: [{name}] has something else than purpose and roles", hint)
    purpose, roles = table.get("purpose"), table.get("roles", [])
    if not isinstance(roles, list):
        raise ManifestRefused(f"{file}: the roles of [{name}] are no list", hint)
    try:
        return DocumentTerms(None if purpose is None else Purpose(purpose), frozenset(map(Role, roles)))
    except ValueError:
        raise ManifestRefused(f"{file}: [{name}] names no purpose or role of this gateway", hint) from None
