"""What an observer asks of every database: roots with everything below them, pages, ids, numbers, files and refusals.

The documents are written from the schema, so a new root or field is held to the property on the day it comes. For an
observer `make test` writes out once what each link leads to, and reads the pages of one list; `make fuzz` writes all of
it and asks the corpus too.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from random import Random

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from consent.vocabulary import Basis, DataClass, Purpose
from policy.decisions import Withheld
from queryplan.entities import Entity
from schema.core.entities import data_class_of
from schema.core.fields import core
from schema.core.global_ids import decode, encode
from tests.builders import SCJG, World
from tests.hypothesis_profiles import MINUTES
from tests.schema.corpus import QUESTIONS, filled
from tests.schema.noninterference.changes import PAST_YEAR, file_reference
from tests.schema.noninterference.gateway import Fetch, Gateway, Observer, Question, Request
from tests.schema.noninterference.observers import OFFICERS, SUBJECTS
from tests.schema.noninterference.probes import probes
from tests.schema.service import ServiceUnderTest

MANY, SOME, FEW, PAGES = 30, 3, 2, 2
GIVEN: Mapping[str, Mapping[str, str]] = {
    "figures": {"year": "2026"}, "publishedFigures": {"year": str(PAST_YEAR)},
    "focusedCheckChanges": {"since": '"2026-10-01T00:00:00+08:00"'},
}  # fmt: skip
"""Arguments of roots that need one, or show nothing without."""
FULL = frozenset({"restraintCases", "applications"})
"""Lists in which everybody has something: what they lead to is written out there."""
MARKED = "focusedCheckChanges"
"""The root that shows, without its argument, what changed since the visit that the caller has marked."""
ASKED_ALONE = frozenset({
    "node", "nodes", "subject", "subjectByIdentifier", "explainAccess", "checkNotice", "receipts",
    "case", "application", "department", "matter", "sector", "area",
})  # fmt: skip
"""Roots that need to be told what is looked for."""
IDS_AT_ONCE = 100
TRIED = frozenset({"person-2", "company-1"})
"""Whose number, besides those that only some of the databases have, `make test` looks up."""
NO_FILE = "file:" + "a" * 28
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
    needy = {name for name, one in query.fields.items() if any(map(is_required_argument, one.args.values()))}
    assert needy <= ASKED_ALONE | GIVEN.keys() | {"workingDays"}, "a root that is asked without what it needs"
    return [
        name
        for name in query.fields
        if name not in ASKED_ALONE
        and OWN.get(name, observer.purpose) is observer.purpose
        and (table.classes[f"Query.{name}"] is not DataClass.REFERENCE or name == "publishedFigures")
        and not isinstance(table.read(observer.actor.role, observer.purpose, table.classes[f"Query.{name}"]), Withheld)
    ]


@cache
def documents(schema: GraphQLSchema, roots: tuple[str, ...], *, whole: bool) -> Sequence[str]:
    """Give a document for each root, with every field and what that leads to."""
    writer = Writer(schema, whole)
    found = [writer.document(root, GIVEN.get(root, {})) for root in sorted(roots, key=lambda one: one not in FULL)]
    return [*found, writer.document(MARKED, {})] if MARKED in roots else found


@dataclass(slots=True)
class Writer:
    """Writes documents. Unless they are to be *whole*, it writes what each link leads to once, and then only its id."""

    schema: GraphQLSchema
    whole: bool
    written: set[int] = field(default_factory=set)

    def document(self, root: str, given: Mapping[str, str]) -> str:
        query = self.schema.query_type
        assert query is not None
        return "{ " + self._field(root, query.fields[root], 1, MANY, given) + " }"

    def _field(self, name: str, of: GraphQLField, depth: int, first: int, given: Mapping[str, str]) -> str:
        arguments = [f"{key}: {value}" for key, value in given.items()]
        if "first" in of.args:
            arguments.append(f"first: {first}")
        named = get_named_type(of.type)
        below = "" if is_leaf_type(named) else self._below(named, depth)
        if not depth and self._is_known(of, named):
            below = "{ __typename id }"
        listed = f"({', '.join(arguments)})" if arguments else ""
        return f"{name}{listed} {below}"

    def _below(self, named: object, depth: int) -> str:
        assert isinstance(named, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType)
        if isinstance(named, GraphQLUnionType):
            return "{ __typename }"
        if "pageInfo" in named.fields:
            nodes = self._below(get_named_type(named.fields["nodes"].type), depth)
            page = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor }"
            total = "totalCount total { count isExact } " if "totalCount" in named.fields else ""
            return f"{{ {total}{page} nodes {nodes} }}"
        parts = ["__typename", *self._fields(named.fields, depth)]
        if isinstance(named, GraphQLInterfaceType) and depth:
            for concrete in sorted(self.schema.get_possible_types(named), key=lambda one: one.name):
                own = {name: one for name, one in concrete.fields.items() if name not in named.fields}
                if own:
                    parts.append(f"... on {concrete.name} {{ {' '.join(self._fields(own, depth))} }}")
        return "{ " + " ".join(part for part in parts if part) + " }"

    def _is_known(self, of: GraphQLField, named: object) -> bool:
        """Say whether what this link leads to has been written out: another link shows it in other rows."""
        if self.whole or not isinstance(named, GraphQLObjectType | GraphQLInterfaceType) or "id" not in named.fields:
            return False
        known = id(of) in self.written
        self.written.add(id(of))
        return known

    def _fields(self, fields: Mapping[str, GraphQLField], depth: int) -> Iterator[str]:
        for name, one in fields.items():
            if any(is_required_argument(argument) and key != "first" for key, argument in one.args.items()):
                continue
            named = get_named_type(one.type)
            if is_leaf_type(named):
                yield name
            elif _is_plain(named):
                yield f"{name} {self._below(named, 0)}"
            elif depth:
                yield self._field(name, one, depth - 1, SOME, {})


def _is_plain(named: object) -> bool:
    """Say whether a type has only values: a deadline, an item of a list of documents."""
    return isinstance(named, GraphQLObjectType) and all(
        is_leaf_type(get_named_type(one.type)) for one in named.fields.values()
    )


FORWARDS, BACKWARDS = (
    ("first", "after", "hasNextPage", "endCursor"),
    ("last", "before", "hasPreviousPage", "startCursor"),
)
"""The ways through a list: its arguments, and what leads on."""


def page_document(service: ServiceUnderTest, root: str, way: Sequence[str] = FORWARDS) -> str | None:
    """Give a document that lists a root a page at a time; None where the root is no list."""
    query = core(service.services.schema).query_type
    assert query is not None
    field = query.fields[root]
    if "after" not in field.args:
        return None
    given = "".join(f"{key}: {value}, " for key, value in GIVEN.get(root, {}).items())
    page = "totalCount total { count isExact } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
    size, cursor, *_ = way
    return f"query($from: String) {{ {root}({given}{size}: {FEW}, {cursor}: $from) {{ {page} edges {{ cursor }} }} }}"


def of_the_corpus(world: World, observer: Observer) -> list[Request]:
    """Give the documents of the corpus that are asked by this role for this purpose."""
    return [
        Request(asked.query, filled(asked, world))
        for asked in QUESTIONS
        if f"@purpose(is: {observer.purpose.name})" in asked.query
        and world.actor(asked.who).role is observer.actor.role
    ]


BY_ID = "query($i: ID!) { node(id: $i) { __typename id } }"
BY_IDS = "query($i: [ID!]!) { nodes(ids: $i) { __typename id } }"
RECEIPTS = "query($i: ID!) { receipts(id: $i) { __typename } }"
LOOKED_UP = """query($k: IdentifierKind!, $n: String!) { subjectByIdentifier(kind: $k, number: $n) {
  __typename id name isRestrained restraintCases(first: 5) { totalCount nodes { number } }
} }"""
EXPLAINED = """query($d: String!) { explainAccess(document: $d) {
  statements cost fields { path outcome reason unlock scopes } } }"""
BY_NUMBER = "query($n: String!, $d: ID!) { case(number: $n, department: $d) { __typename id number } }"
CHECKED = 'query { checkNotice(code: "AAAA-AAAA-AAAA-AAAA-AAAA") { genuine kind number stands } }'


def by_ids(service: ServiceUnderTest, observer: Observer, world: World) -> list[Request]:
    """Ask for everything by its id, kind by kind: a kind that is not for the observer would refuse the whole document.

    What is read on consent is asked for by itself: that is no list.
    """
    listed, alone = readable(service, observer, world)
    found = [Request(BY_IDS, {"i": listed[at : at + IDS_AT_ONCE]}) for at in range(0, len(listed), IDS_AT_ONCE)]
    return [*found, *(Request(BY_ID, {"i": one}) for one in alone)]


def readable(service: ServiceUnderTest, observer: Observer, world: World) -> tuple[list[str], list[str]]:
    """Give the ids of the kinds that the observer may read: those that it may list, and those read on consent."""
    table = service.services.policy
    listed, alone = list[str](), list[str]()
    for gid in sorted(ids_of(world), key=lambda one: decode(one).entity):
        grants = table.read(observer.actor.role, observer.purpose, data_class_of(decode(gid).entity))
        if not isinstance(grants, Withheld):
            (alone if any(one.basis is Basis.CONSENT for one in grants) else listed).append(gid)
    return listed, alone


def by_receipts(service: ServiceUnderTest, observer: Observer, world: World) -> list[Request]:
    """Ask for the receipts of every record that may have some, where the observer may have any at all [PIPL 45]."""
    table = service.services.policy
    if isinstance(table.read(observer.actor.role, observer.purpose, table.classes["Query.receipts"]), Withheld):
        return []
    kinds = {Entity.ACCESS_ENTRY, Entity.AUTHORISATION}
    return [Request(RECEIPTS, {"i": one.gid}) for one in world.held.values() if one.entity in kinds]


def by_numbers(service: ServiceUnderTest, observer: Observer, world: World) -> list[Request]:
    """Give a look-up of every number of the world, where the observer may look up at all."""
    table = service.services.policy
    found = table.read(observer.actor.role, observer.purpose, table.classes["Query.subjectByIdentifier"])
    if isinstance(found, Withheld) or observer.purpose is Purpose.PUBLICITY:
        return []
    tried = [
        party for name, party in world.parties.items() if MINUTES or name in TRIED or name not in service.world.parties
    ]
    return [Request(LOOKED_UP, {"k": party.number_kind.value, "n": party.number}) for party in tried]


def by_case_numbers(service: ServiceUnderTest, observer: Observer, world: World) -> list[Request]:
    """Give a look-up of cases by their numbers, where the observer may look up by them."""
    table = service.services.policy
    classes = (table.classes["Query.case"], table.classes["RestraintCase.number"])
    if any(isinstance(table.read(observer.actor.role, observer.purpose, one), Withheld) for one in classes):
        return []
    if observer.purpose is Purpose.PUBLICITY:
        return []
    tried = [*world.cases.values()][: None if MINUTES else SOME]
    department = encode(Entity.DEPARTMENT, SCJG)
    return [Request(BY_NUMBER, {"n": one.number, "d": department}) for one in tried]


def by_choices(gateway: Gateway, observer: Observer, roots: Sequence[str]) -> list[Request]:
    """Give lists in each of their orders, and narrowed down to each state and kind that an argument names.

    `make test` asks some of them; an order or a filter that the observer may not have is refused on both sides.
    """
    query = core(gateway.service.services.schema).query_type
    assert query is not None
    found = [
        Request(_chosen(root, f"{name}: {value}"))
        for root in roots
        if "after" in query.fields[root].args and root not in GIVEN
        for name, argument in query.fields[root].args.items()
        for value in _values(get_named_type(argument.type))
    ]
    chance = Random(f"choices {observer.name}")  # noqa: S311 - chooses documents, no secrets
    return found if MINUTES else chance.sample(found, min(len(found), FEW))


def _chosen(root: str, given: str) -> str:
    return f"{{ {root}({given}, first: {MANY}) {{ totalCount total {{ count isExact }} edges {{ cursor }} }} }}"


def _values(named: object) -> list[str]:
    """Give every value of an enum or a condition; other arguments name somebody or a day, which are asked elsewhere."""
    if isinstance(named, GraphQLEnumType):
        return list(named.values)
    return ["true", "false"] if isinstance(named, GraphQLScalarType) and named.name == "Boolean" else []


def by_paths(observer: Observer, world: World) -> list[Fetch]:
    """Give files and documents by their paths: there, of others, and unknown, all answered alike [5.1.1] [A]."""
    chance = Random(observer.name)  # noqa: S311 - chooses files, no secrets
    files = [file_reference(one.row_id) for one in world.held.values() if one.entity is Entity.EVIDENCE_FILE]
    papers = [one.gid for one in world.held.values() if one.entity is Entity.ISSUED_NOTICE]
    paths = [*(f"/files/{one}" for one in files), *(f"/notices/{one}" for one in papers)]
    return [Fetch(one) for one in (*(paths if MINUTES else chance.sample(paths, FEW)), f"/files/{NO_FILE}")]


def ids_of(world: World) -> list[str]:
    """Give the id of everything in a world."""
    found = [one.gid for each in (world.parties, world.cases, world.held) for one in each.values()]
    return list(dict.fromkeys(found))


def observers(service: ServiceUnderTest) -> list[Observer]:
    """Give everybody who asks, each for each of its purposes; the public list for two of all."""
    actors = {**OFFICERS, **{name: service.world.party(name).itself for name in SUBJECTS}}
    return [
        Observer(f"{name} {purpose.name}", actor, purpose)
        for name, actor in actors.items()
        for purpose in service.services.policy.purposes_of(actor.role)
        if purpose is not Purpose.PUBLICITY or name in ("anonymous", "handler")
    ]


async def questions(gateway: Gateway, observer: Observer, everything: World) -> list[Question]:
    """Give what the observer asks of every database; *everything* is what any of them may have.

    What may change the database stands at the end.
    """
    service = gateway.service
    roots = tuple(roots_of(service, observer))
    whole = documents(core(service.services.schema), roots, whole=bool(MINUTES))
    found: list[Question] = [Request(one) for one in whole]
    if MINUTES:
        found += of_the_corpus(service.world, observer)
    for root in await _paged(gateway, observer, roots):
        for way in (FORWARDS, BACKWARDS):
            found += await _pages(gateway, observer, root, way)
    found += by_choices(gateway, observer, roots)
    found += [*by_ids(service, observer, everything), *by_numbers(service, observer, everything)]
    found += [*by_receipts(service, observer, everything), *by_case_numbers(service, observer, everything)]
    found += [*by_paths(observer, everything), Request(EXPLAINED, {"d": whole[0]}), Request(CHECKED)]
    return [*found, *probes(service, observer, everything)]


async def _paged(gateway: Gateway, observer: Observer, roots: Collection[str]) -> list[str]:
    """Give the lists that are read page by page: all, or one of them."""
    lists = [root for root in roots if page_document(gateway.service, root)]
    if MINUTES:
        return lists
    chosen = Random(f"{observer.actor.role} {observer.purpose}")  # noqa: S311 - chooses a list, no secrets
    return chosen.sample(lists, min(1, len(lists)))


async def _pages(gateway: Gateway, observer: Observer, root: str, way: Sequence[str]) -> list[Request]:
    """Give the requests for the first pages of a list on its way, with the cursors that the sample data gives."""
    document, found = page_document(gateway.service, root, way), list[Request]()
    *_, further, end = way
    cursor: str | None = None
    while document and len(found) < PAGES:
        found.append(Request(document, {"from": cursor}))
        shown = ((await gateway.ask(observer, found[-1], root, end, len(found))).data or {}).get(root)
        if not shown or not shown["pageInfo"][further]:
            break
        cursor = shown["pageInfo"][end]
    return found
