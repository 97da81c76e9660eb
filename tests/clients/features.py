"""What clients are seen to do: the table that docs/front-end/clients.md shows, and the tests hold."""

from dataclasses import dataclass

APOLLO, URQL, RELAY, REQUEST = "Apollo Client", "urql", "Relay", "graphql-request"
GQL, ARIADNE = "gql", "ariadne-codegen"
MANIFEST = "Apollo Client by a manifest"
GRAPHQL_WS, GRAPHQL_SSE = "graphql-ws", "graphql-sse"
FEDERATION, CODEGEN, LINTERS = "Apollo Federation", "graphql-codegen", "linters"
READERS = (APOLLO, URQL, RELAY, REQUEST, GQL, ARIADNE)
SHOWN = "data, no error"
NOT_TRUSTED = "id, id with text: DOCUMENT_NOT_TRUSTED"


@dataclass(frozen=True, slots=True)
class Feature:
    """What one client shows of one feature. *waits_for* says what is still missing in the gateway for it."""

    feature: str
    client: str
    seen: str
    waits_for: str | None = None


def _each(feature: str, seen: str, *clients: str, waits_for: str | None = None) -> list[Feature]:
    return [Feature(feature, client, seen, waits_for) for client in clients or READERS]


def in_step(client: str, step: str) -> str:
    """Return what the table calls a client of a gateway in this step of trusted documents."""
    return f"{client} ({step})"


def _in(step: str, *clients: str) -> list[str]:
    return [in_step(client, step) for client in clients]


TABLE = [
    *_each("a page and its next page", "4 cases, none twice"),
    *_each("the last page and the one before it", "4 cases, none twice, in order"),
    *_each("an object again, by its id", "the same case"),
    *_each("a list of a subject, paged", "2 cases, none twice"),
    *_each("a withheld field", "no data, and an error", APOLLO, REQUEST, GQL, ARIADNE),
    *_each("a withheld field", "data, and an error", URQL),
    *_each("a withheld field", SHOWN, RELAY),
    *_each("a withheld field, reported in extensions", SHOWN),
    *_each("an answer that was lost", "sent 2 times, filed 1 time"),
    *_each("a refusal", "NotEligible NOT_ELIGIBLE, with a way out"),
    *_each("trusted documents: a page and its next page", "4 cases, none twice", RELAY),
    *_each("trusted documents: an object again", "the same case", RELAY),
    *_each("the next page, the purpose at its root alone", "4 cases, none twice", RELAY),
    *_each("two purposes in one store, the purpose at the root: an object", "apart", APOLLO, URQL, RELAY),
    *_each("two purposes in one store, the purpose at the root: a list", "apart", APOLLO, URQL, RELAY),
    *_each("two purposes in one store, the purpose in the directive: an object", "apart", APOLLO, URQL),
    *_each("two purposes in one store, the purpose in the directive: a list", "mixed", APOLLO, URQL),
    *_each("what is told of two selections of one object", "number, status, handler", APOLLO),
    *_each("a document by its id: a new one", "id, id with text: 2 cases", *_in("prefer", APOLLO, URQL)),
    *_each("a document by its id: the same again", "id: 2 cases", *_in("prefer", APOLLO, URQL)),
    *_each("a document by its id: a loaded one", "id: 2 cases", *_in("prefer", MANIFEST, URQL)),
    *_each("a document by its id: a new one", NOT_TRUSTED, *_in("require", APOLLO, URQL)),
    *_each("a document by its id: the same again", NOT_TRUSTED, *_in("require", APOLLO, URQL)),
    *_each("a document by its id: a loaded one", "id: 2 cases", *_in("require", MANIFEST, URQL)),
    *_each("a page and its next page", "4 cases, none twice", CODEGEN),
    *_each("an object again, by its id", "the same case", CODEGEN),
    *_each("a refusal", "REGISTRATION_REFUSED, with words", CODEGEN),
    *_each("trusted documents: a page by its id", "2 cases, none twice", CODEGEN),
    *_each("a field that is null only where withheld", "no null", CODEGEN),
    *_each("graphql-schema-linter", "nothing", LINTERS),
    *_each("graphql-eslint, schema", "nothing", LINTERS),
    *_each("graphql-eslint, documents", "nothing", LINTERS),
    *_each("a subscription over a WebSocket", "the read of a clerk", GRAPHQL_WS, URQL, APOLLO),
    *_each("a subscription over an event stream", "the read of a clerk", GRAPHQL_SSE, URQL),
    *_each("subscriptions over one event stream", "the read of a clerk, 2 times", GRAPHQL_SSE),
    *_each("two subscriptions on one WebSocket", "the read of a clerk, 2 times", GRAPHQL_WS),
    *_each("a token that has to be replaced", "connected with the next one", GRAPHQL_WS),
    *_each("a subscription for another role", "ROOT_REFUSED", GRAPHQL_WS, GRAPHQL_SSE, URQL, APOLLO),
    *_each("composition with another subgraph", "no errors", FEDERATION),
    *_each("our object in their list", "the same case", FEDERATION),
    *_each("our interface in their list", "NaturalPerson, with its name", FEDERATION),
    *_each("their field in our list", "2 of 2 cases", FEDERATION),
    *_each("a list with its purpose as an argument", "2 cases", FEDERATION),
    *_each("extensions of our answers", "dropped by the router", FEDERATION),
    *_each("without a purpose", "PURPOSE_REQUIRED", FEDERATION),
    *_each("a list on consent", "LIST_ON_CONSENT", FEDERATION),
    *_each("the schema as the router asks for it", "the same", FEDERATION),
]  # fmt: skip


def document() -> str:
    """Return the table as docs/front-end/clients.md shows it."""
    lines = ["| feature | client | seen |", "|---|---|---|"]
    for row in TABLE:
        shown = row.seen if row.waits_for is None else f"not yet: it waits for {row.waits_for}"
        lines.append(f"| {row.feature} | {row.client} | {shown} |")
    return "\n".join(lines) + "\n"


def rows_of(client: str) -> list[Feature]:
    """Return the rows of one client."""
    return [row for row in TABLE if row.client == client]


def unlike(client: str, seen: dict[str, str]) -> list[str]:
    """Return where *seen* is not what the table says.

    A row that waits has to differ: so it is found when it need not wait any more.
    """
    found = []
    for row in rows_of(client):
        shown = seen.get(row.feature)
        if row.waits_for is None and shown != row.seen:
            found.append(f"{row.feature}: {shown!r}, and not {row.seen!r}")
        if row.waits_for is not None and shown == row.seen:
            found.append(f"{row.feature}: waits no longer; take `waits_for` off its row")
    return found + [f"{feature}: no row" for feature in seen.keys() - {row.feature for row in rows_of(client)}]
