"""What an observer asks: every root that it may read with everything below it, pages, ids and numbers.

The documents are written from the schema, so a new root or field is held to the property on the day it comes.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from consent.vocabulary import DataClass, Purpose
from policy.decisions import Withheld
from schema.core.fields import core
from tests.builders import World
from tests.schema.corpus import QUESTIONS, filled
from tests.schema.noninterference.gateway import Gateway, Observer, Request
from tests.schema.noninterference.variations import OFFICERS, SUBJECTS
from tests.schema.service import ServiceUnderTest

Composite = GraphQLObjectType | GraphQLInterfaceType
MANY, SOME, FEW, PAGES = 30, 3, 2, 2
GIVEN: Mapping[str, Mapping[str, str]] = {
    "figures": {"year": "2026"}, "publishedFigures": {"year": "2025"},
    "focusedCheckChanges": {"since": '"2026-10-01T00:00:00+08:00"'},
}  # fmt: skip
"""Arguments of roots that need one, or show nothing without."""
BY_ID = frozenset({"node", "nodes", "subject", "subjectByIdentifier", "explainAccess", "checkNotice"})
"""Roots that need to be told what is looked for."""
IDS_AT_ONCE = 40


OWN = {
    "focusedCheckTargets": Purpose.FOCUSED_CHECK, "focusedCheckChanges": Purpose.FOCUSED_CHECK,
    "publicRestraintList": Purpose.PUBLICITY, "mySubject": Purpose.SELF_ACCESS, "myConsultations": Purpose.SELF_ACCESS,
    "myNotifications": Purpose.SELF_ACCESS,
}  # fmt: skip
"""Roots that show another purpose nothing that its own roots do not show: asked by chance, and not by everybody."""


def roots_of(service: ServiceUnderTest, observer: Observer) -> list[str]:
    """Give the roots that the observer may read, without those that need an id or tell nothing of anybody."""
    table = service.services.policy
    query = core(service.services.schema).query_type
    assert query is not None
    return [
        name
        for name in query.fields
        if name not in BY_ID
        and OWN.get(name, observer.purpose) is observer.purpose
        and (table.classes[f"Query.{name}"] is not DataClass.REFERENCE or name == "publishedFigures")
        and not isinstance(table.read(observer.actor.role, observer.purpose, table.classes[f"Query.{name}"]), Withheld)
    ]


@cache
def everything(schema: GraphQLSchema, root: str, depth: int = 1) -> str:
    """Give a document with every field of a root, and of what it leads to within *depth* steps."""
    query = schema.query_type
    assert query is not None
    return "{ " + _field(schema, root, query.fields[root], depth, MANY, GIVEN.get(root, {})) + " }"


def _field(schema: GraphQLSchema, name: str, of: GraphQLField, depth: int, first: int, given: Mapping[str, str]) -> str:
    arguments = [f"{key}: {value}" for key, value in given.items()]
    if "first" in of.args:
        arguments.append(f"first: {first}")
    named = get_named_type(of.type)
    below = "" if is_leaf_type(named) else _below(schema, named, depth)
    listed = f"({', '.join(arguments)})" if arguments else ""
    return f"{name}{listed} {below}"


def _below(schema: GraphQLSchema, named: object, depth: int) -> str:
    assert isinstance(named, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType)
    if isinstance(named, GraphQLUnionType):
        return "{ __typename }"
    if "pageInfo" in named.fields:
        nodes = _below(schema, get_named_type(named.fields["nodes"].type), depth)
        page = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
        total = "totalCount " if "totalCount" in named.fields else ""
        return f"{{ {total}{page} nodes {nodes} }}"
    parts = ["__typename", *_fields(schema, named, named.fields, depth)]
    if isinstance(named, GraphQLInterfaceType) and depth:
        for concrete in sorted(schema.get_possible_types(named), key=lambda one: one.name):
            own = {name: one for name, one in concrete.fields.items() if name not in named.fields}
            if own:
                parts.append(f"... on {concrete.name} {{ {' '.join(_fields(schema, concrete, own, depth))} }}")
    return "{ " + " ".join(part for part in parts if part) + " }"


def _fields(schema: GraphQLSchema, _: Composite, fields: Mapping[str, GraphQLField], depth: int) -> Iterator[str]:
    for name, one in fields.items():
        if any(is_required_argument(argument) and not _is_first(key, argument) for key, argument in one.args.items()):
            continue
        named = get_named_type(one.type)
        if is_leaf_type(named):
            yield name
        elif _is_plain(named):
            yield f"{name} {_below(schema, named, 0)}"
        elif depth:
            yield _field(schema, name, one, depth - 1, SOME, {})


def _is_first(key: str, _: GraphQLArgument) -> bool:
    return key == "first"


def _is_plain(named: object) -> bool:
    """Say whether a type has only values: a deadline, an item of a list of documents."""
    return isinstance(named, GraphQLObjectType) and all(
        is_leaf_type(get_named_type(one.type)) for one in named.fields.values()
    )


def pages(service: ServiceUnderTest, root: str) -> str | None:
    """Give a document that lists a root a page at a time; None where the root is no list."""
    query = core(service.services.schema).query_type
    assert query is not None
    field = query.fields[root]
    if "after" not in field.args:
        return None
    given = "".join(f"{key}: {value}, " for key, value in GIVEN.get(root, {}).items())
    page = "totalCount pageInfo { hasNextPage endCursor } edges { cursor }"
    return f"query($after: String) {{ {root}({given}first: {FEW}, after: $after) {{ {page} }} }}"


def of_the_corpus(world: World, observer: Observer) -> list[Request]:
    """Give the documents of the corpus that are asked by this role for this purpose."""
    return [
        Request(asked.query, filled(asked, world))
        for asked in QUESTIONS
        if f"@purpose(is: {observer.purpose.name})" in asked.query
        and world.actor(asked.who).role is observer.actor.role
    ]


BY_IDS = "query($i: [ID!]!) { nodes(ids: $i) { __typename id } }"
LOOKED_UP = """query($k: IdentifierKind!, $n: String!) { subjectByIdentifier(kind: $k, number: $n) {
  __typename id name isRestrained restraintCases(first: 5) { totalCount nodes { number } }
} }"""


def by_ids(ids: Sequence[str]) -> list[Request]:
    return [Request(BY_IDS, {"i": list(ids[at : at + IDS_AT_ONCE])}) for at in range(0, len(ids), IDS_AT_ONCE)]


def by_numbers(service: ServiceUnderTest, observer: Observer, world: World) -> list[Request]:
    """Give a look-up of every number of the world, where the observer may look up at all."""
    table = service.services.policy
    found = table.read(observer.actor.role, observer.purpose, table.classes["Query.subjectByIdentifier"])
    if isinstance(found, Withheld) or observer.purpose is Purpose.PUBLICITY:
        return []
    return [Request(LOOKED_UP, {"k": party.number_kind.value, "n": party.number}) for party in world.parties.values()]


def ids_of(world: World) -> list[str]:
    """Give the id of everything in a world."""
    return [one.gid for each in (world.parties, world.cases, world.held) for one in each.values()]


def observers(service: ServiceUnderTest) -> list[Observer]:
    """Give everybody who asks, each for each of its purposes; the public list for two of all."""
    actors = {**OFFICERS, **{name: service.world.party(name).itself for name in SUBJECTS}}
    return [
        Observer(f"{name} {purpose.name}", actor, purpose)
        for name, actor in actors.items()
        for purpose in service.services.policy.purposes_of(actor.role)
        if purpose is not Purpose.PUBLICITY or name in ("anonymous", "handler")
    ]


async def standing(gateway: Gateway, observer: Observer) -> list[Request]:
    """Give what the observer asks of every world: each root whole, a few pages of it, and the corpus."""
    service = gateway.service
    roots = roots_of(service, observer)
    found = [Request(everything(core(service.services.schema), root)) for root in roots]
    found += of_the_corpus(service.world, observer)
    for root in roots:
        found += await _pages(gateway, observer, root)
    return found


async def _pages(gateway: Gateway, observer: Observer, root: str) -> list[Request]:
    """Give the requests for the first pages of a list, with the cursors that the sample data gives."""
    document, found = pages(gateway.service, root), list[Request]()
    after: str | None = None
    while document and len(found) < PAGES:
        found.append(Request(document, {"after": after}))
        shown = ((await gateway.ask(observer, found[-1], root, len(found))).data or {}).get(root)
        if not shown or not shown["pageInfo"]["hasNextPage"]:
            break
        after = shown["pageInfo"]["endCursor"]
    return found
