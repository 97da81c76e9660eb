"""The input of planning, and its result."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from graphql import GraphQLSchema

from consent.vocabulary import Basis, DataClass, Form
from policy.actors import Role
from policy.decisions import Decisions, Grant
from queryplan.plan import QueryPlan
from queryplan.scopes import Scope
from schema.core.fields import Source, WatchSource
from schema.core.limits import Limits
from schema.core.measured.costs import FieldCost
from schema.execution.output.output_nodes import RootNode
from schema.execution.output.withheld_values import WithheldMarker
from schema.execution.planning.argument_binding import Binder
from schema.execution.planning.decisions import FieldDecision
from schema.execution.planning.statement_builder import StatementBuilder

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanContext:
    """What a document is planned against: the schema, its field map, the policy and the limits.

    *public_id_tag* is the keyed hash in the ids of what is published. *explains_to* are the roles that may ask what the
    policy would decide of any document, as developers do.
    """

    schema: GraphQLSchema
    sources: Mapping[str, Source]
    policy: Decisions
    limits: Limits
    public_id_tag: Callable[[bytes], bytes]
    costs: Mapping[str, FieldCost]
    explains_to: Collection[Role] = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Visibility:
    """The rows in which a class is shown: None for no row, () for every row of the statement, else these scopes."""

    clear: tuple[Scope, ...] | None
    masked: tuple[Scope, ...] | None
    groups: int
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class RequestedField:
    """One field at its place in the document; *kind* where it is requested of one kind of subject."""

    name: str
    data_class: DataClass | None
    path: Path
    kind: str | None


@dataclass(slots=True)
class PlannedRoot:
    """A root whose value is made from rows. *without_consent* says what its null means: a missing authorisation."""

    key: str
    value: RootNode
    without_consent: WithheldMarker | None = None


@dataclass(frozen=True, slots=True)
class PlannedWatch:
    """What a subscription follows: its *root* field, the source of that, and the statement of its list.

    *keys_at* are the positions of the values by which rows are told apart, and *after* is the bind of the place in the
    list from which they are new; both are empty where the page is followed as a whole.
    """

    root: str
    source: WatchSource
    statement: int
    keys_at: tuple[int, ...] = ()
    after: str | None = None


@dataclass(slots=True)
class OperationPlan:
    """A document, decided and planned."""

    builders: list[StatementBuilder] = field(default_factory=list)
    roots: list[PlannedRoot] = field(default_factory=list)
    unplanned: list[str] = field(default_factory=list)
    binders: list[Binder] = field(default_factory=list)
    lookups: list[tuple[int, Callable[[object], str]]] = field(default_factory=list)
    """The statements that look for a number, each with the function of the variables that gives its normal form."""
    decisions: list[FieldDecision] = field(default_factory=list)
    consent_needs: list[tuple[int, FieldDecision]] = field(default_factory=list)
    """(groups needed, what is withheld in the rows whose authorisation does not cover them)"""
    markers: list[WithheldMarker] = field(default_factory=list)
    """What is withheld at places that depend on the rows."""
    lists: set[Path] = field(default_factory=set)
    """The places of the document with a list: in the response, an index follows them."""
    opens: set[tuple[str, str]] = field(default_factory=set)
    read_backs: dict[Path, OperationPlan] = field(default_factory=dict)
    """What a mutation's payload reads back, by (root key, payload key)."""
    query_plan: QueryPlan = field(default_factory=lambda: QueryPlan(()))
    watch: PlannedWatch | None = None
    """What it follows, if it is a subscription."""
    cost: int = 0
    """The static cost of the whole operation (`schema.core.measured.costs`)."""


EVERYWHERE = Visibility((), None, 0, (Grant(Scope.ALL, Form.CLEAR, Basis.STATUTE, ""),))
"""The visibility of data without a subject: shown in every row, to every caller."""
