"""Which documents a client may send: all, or those that an operator has loaded; and by which ids it may name them.

    documentId    sha256:<hex>, or <hex>                                        [GraphQL over HTTP, appendix A]
    extensions    {"persistedQuery": {"version": 1, "sha256Hash": "<hex>"}}     [Apollo's automatic persisted queries]

An id is SHA-256 of the text in UTF-8, in small hexadecimal.

    step          a loaded document    another text                           a text that comes with its id
    off           as any text          answered                               the id is ignored
    log-unknown   by id or text        answered, and noted                    kept under its id
    prefer        by id or text        answered to who has a token, noted     kept under its id
    require       by id or text        refused                                refused
"""

from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Final

from policy.actors import Role
from schema.core.errors import (
    BadArgument,
    DocumentIdDiffers,
    DocumentRoleRefused,
    PersistedQueryNotFound,
    PersistedQueryNotSupported,
    UntrustedDocument,
)
from schema.core.ports import GraphQLRequest, TrustedDocument
from schema.execution.preparation.byte_cache import ByteCache

PREFIX: Final = "sha256:"
PROTOCOL: Final = "persistedQuery"
VERSION: Final = 1


class DocumentStep(StrEnum):
    """How far documents that nobody has loaded are answered."""

    OFF = "off"
    LOG_UNKNOWN = "log-unknown"
    PREFER = "prefer"
    REQUIRE = "require"


class DocumentSource(StrEnum):
    """Whether a document was loaded by an operator."""

    TRUSTED = "trusted"
    UNKNOWN = "unknown"


class DocumentGate:
    """The gate of one process. *documents* are the loaded ones by their ids, and are replaced as a whole.

    Texts that clients have sent with their ids lie in *cache*, whose bytes are bounded.
    """

    def __init__(self, step: DocumentStep, cache: ByteCache) -> None:
        self.step = step
        self.documents: Mapping[str, TrustedDocument] = {}
        self._cache = cache

    def admit(self, request: GraphQLRequest) -> tuple[GraphQLRequest, DocumentSource | None]:
        """Return *request* with the text of its document, and whether that was loaded; None where nobody looks.

        Raises PersistedQueryNotFound, PersistedQueryNotSupported, DocumentIdDiffers, UntrustedDocument,
        DocumentRoleRefused and BadArgument.
        """
        if self.step is DocumentStep.OFF:
            if not request.query and (request.document_id or PROTOCOL in (request.extensions or ())):
                raise PersistedQueryNotSupported
            return request, None
        document_id = _identified(request, _named(request))
        trusted = self.documents.get(document_id)
        if trusted is not None:
            if trusted.roles and request.actor.role not in trusted.roles:
                raise DocumentRoleRefused
            return request._replace(query=trusted.text, trusted=trusted), DocumentSource.TRUSTED
        text = request.query or self._registered(document_id)
        if self.step is DocumentStep.REQUIRE or (
            self.step is DocumentStep.PREFER and request.actor.role is Role.ANONYMOUS
        ):
            raise UntrustedDocument
        return request._replace(query=text), DocumentSource.UNKNOWN

    def adopt(self, documents: Mapping[str, TrustedDocument]) -> None:
        """Answer these documents from the next request on, in place of the former ones."""
        self.documents = documents

    def register(self, request: GraphQLRequest) -> None:
        """Keep the text of a request that was answered, if it came with its id by Apollo's protocol."""
        if request.query and request.extensions and (document_id := _by_protocol(request.extensions)) is not None:
            self._cache.put((PROTOCOL, document_id), request.query)

    def _registered(self, document_id: str) -> str:
        found: str | None = None
        if self.step is not DocumentStep.REQUIRE:
            found = self._cache.get((PROTOCOL, document_id))
        if found is None:
            raise PersistedQueryNotFound
        return found


def plain_id(document_id: str) -> str:
    """Return an id without its prefix."""
    return document_id.removeprefix(PREFIX)


def hash_of(text: str) -> str:
    """Return the id of a text."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _named(request: GraphQLRequest) -> str | None:
    """Return the id by which a request names its document, or None. Raises PersistedQueryNotSupported."""
    if request.document_id:
        return plain_id(request.document_id)
    return _by_protocol(request.extensions) if request.extensions else None


def _by_protocol(extensions: Mapping[str, object]) -> str | None:
    found = extensions.get(PROTOCOL)
    if found is None:
        return None
    if not isinstance(found, dict) or found.get("version") != VERSION or not isinstance(found.get("sha256Hash"), str):
        raise PersistedQueryNotSupported
    return str(found["sha256Hash"])


def _identified(request: GraphQLRequest, named: str | None) -> str:
    """Return the id of the document of a request, which is that of the text where both are there."""
    if not request.query:
        if named is None:
            raise BadArgument(argument="query")
        return named
    document_id = hash_of(request.query)
    if named is not None and named != document_id:
        raise DocumentIdDiffers
    return document_id
