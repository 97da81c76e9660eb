"""A planned operation, prepared to run: its SQL, the places of its rows, and later the code that answers it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Self

from queryplan.plan import PreparedQuery, QueryRunner
from queryplan.row_layouts import Layout, PlainValue, plain_value
from schema.execution.access_entries import ShownFieldResolver
from schema.execution.output.generated import GeneratedAnswer, generate
from schema.execution.planning.operation_plan import OperationPlan
from schema.execution.preparation.withheld_report import WithheldReport


@dataclass(frozen=True, slots=True)
class StatementPlaces:
    """Where the executor finds what it needs itself in the rows of one statement.

    *parent*: its statement, and the index of the children's key in its rows; each child begins with that key. *asked*
    gives the requested keys, where the statement finds more rows; *keys* are those of a row.
    """

    size: int | None
    backward: bool
    parent: tuple[int, int] | None
    keys: tuple[PlainValue, ...]
    asked: Callable[[object], set[Sequence[object]]] | None
    resolver: ShownFieldResolver | None


@dataclass(frozen=True, slots=True)
class RowPlaces:
    """The same for all statements of an operation."""

    statements: tuple[StatementPlaces, ...]
    viewer_steps: tuple[tuple[PlainValue, ...], ...]
    """The keys of the records that each place asks about what the viewer may do."""

    @classmethod
    def of(cls, plan: OperationPlan, layouts: Sequence[Layout] | None) -> Self:
        """Return the places in rows of these *layouts*; without them, in rows with the values of the plan's columns."""
        of_statement: Sequence[Layout | None] = [None] * len(plan.builders) if layouts is None else layouts
        statements = []
        for builder, layout in zip(plan.builders, of_statement, strict=True):
            parent = None
            if builder.parent is not None:
                index, position, _ = builder.parent
                parent = index, plain_value(of_statement[index], position).index
            keys = tuple(plain_value(layout, at) for at in builder.key_at)
            resolver = ShownFieldResolver(builder, layout) if builder.shown else None
            statements.append(
                StatementPlaces(builder.size, builder.backward, parent, keys, builder.keys_asked, resolver)
            )
        keys_of_steps = (
            tuple(plain_value(of_statement[each.statement], at) for at in each.positions) for each in plan.viewer_steps
        )
        return cls(tuple(statements), tuple(keys_of_steps))


@dataclass(frozen=True, slots=True)
class PreparedCode:
    """The function that answers an operation from the driver's rows, and the places in them."""

    generated: GeneratedAnswer
    places: RowPlaces


@dataclass(slots=True)
class PreparedOperation:
    """A planned operation with its prepared SQL and all else that does not change between requests.

    *places* are those in rows with the values of the plan's columns, converted.
    """

    plan: OperationPlan
    query: PreparedQuery
    policy_version: str
    withheld: WithheldReport
    sealed_at: list[list[int]]
    opens: frozenset[tuple[str, str]]
    places: RowPlaces
    read_backs: dict[tuple[str, ...], "PreparedOperation"] = field(default_factory=dict)
    """The parts that a mutation reads after it has written, each prepared when it is read for the first time."""
    code: PreparedCode | None = None
    """What answers it; None until it is made."""
    _is_known: bool = False

    def read_back(self, path: tuple[str, ...], query_runner: QueryRunner) -> "PreparedOperation | None":
        """Return the part at *path*; None if it is withheld."""
        plan = self.plan.read_backs.get(path)
        if plan is not None and path not in self.read_backs:
            self.read_backs[path] = prepare(plan, query_runner, self.policy_version, len(path) - 1)
        return self.read_backs.get(path)

    def note_use(self) -> bool:
        """Make the function that answers this operation when it is used for the second time; return whether it did.

        The first request would not get back what the function costs.
        """
        if self.code is not None or not self.plan.roots:
            return False
        if not self._is_known:
            self._is_known = True
            return False
        layouts = self.query.layouts
        generated = generate([(root.key, root.value) for root in self.plan.roots], layouts)
        self.code = PreparedCode(generated, RowPlaces.of(self.plan, layouts))
        return True


def prepare(plan: OperationPlan, query_runner: QueryRunner, policy_version: str, prefix: int = 0) -> PreparedOperation:
    """Prepare the statements of a planned operation, and its errors, once.

    *prefix*: how many response keys stand before those of its roots.
    """
    return PreparedOperation(
        plan=plan,
        query=query_runner.prepare(plan.query_plan),
        policy_version=policy_version,
        withheld=WithheldReport.of(plan, prefix),
        sealed_at=[builder.sealed_at() for builder in plan.builders],
        opens=frozenset(plan.opens),
        places=RowPlaces.of(plan, None),
    )
