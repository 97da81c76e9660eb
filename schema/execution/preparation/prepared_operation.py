"""A planned operation, prepared to run: its SQL, the places of its rows, and later the code that answers it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

import orjson

from consent.ledger.notes.promised_entries import PromisedEntries
from queryplan.plan import PreparedQuery, QueryRunner
from queryplan.row_layouts import Layout, PlainValue, plain_value
from schema.core.enums import AccessOutcome
from schema.execution.access_entries import ShownFieldResolver
from schema.execution.output.generated import GeneratedAnswer, generate
from schema.execution.planning.decisions import FieldDecision
from schema.execution.planning.operation_plan import OperationPlan

NO_NOTES: Final[Mapping[str, object]] = {}
RECORD: Final = "record"
"""The extension of an answer that has its entries in the log, and what the log promises for them."""


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
    """The same for all statements of an operation. *consent_needs* as in `OperationPlan`."""

    statements: tuple[StatementPlaces, ...]
    consent_needs: tuple[tuple[int, int, int, FieldDecision], ...]

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
        needs = (
            (statement, plain_value(of_statement[statement], at).index, groups, decision)
            for statement, at, groups, decision in plan.consent_needs
        )
        return cls(tuple(statements), tuple(needs))


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
    errors: list[dict[str, object]]
    notes: dict[str, object]
    sealed_at: list[list[int]]
    opens: frozenset[tuple[str, str]]
    places: RowPlaces
    read_backs: dict[tuple[str, ...], "PreparedOperation"] = field(default_factory=dict)
    """The parts that a mutation reads after it has written, each prepared when it is read for the first time."""
    code: PreparedCode | None = None
    """What answers it; None until it is made."""
    _is_known: bool = False
    _around: tuple[bytes, bytes] = field(init=False)

    def __post_init__(self) -> None:
        before = {"errors": self.errors, "data": None} if self.errors else {"data": None}
        after = {"data": None, "extensions": self.notes} if self.notes else {"data": None}
        self._around = orjson.dumps(before)[: -len("null}")], orjson.dumps(after)[len('{"data":null') :]

    def read_back(self, path: tuple[str, ...], query_runner: QueryRunner) -> "PreparedOperation | None":
        """Return the part at *path*; None if it is withheld."""
        plan = self.plan.read_backs.get(path)
        if plan is not None and path not in self.read_backs:
            self.read_backs[path] = prepare(plan, query_runner, self.policy_version)
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

    def body(
        self,
        data: object,
        row_errors: list[dict[str, object]],
        promised: PromisedEntries | None = None,
        more: Mapping[str, object] = NO_NOTES,
    ) -> bytes:
        """Return the response with *data* as JSON. `errors` and `extensions` are there where they say something.

        *more* are further extensions, of this request alone.
        """
        before, after = self._around
        if promised is not None or more:
            notes = with_record(self.notes, () if promised is None else (promised,))
            after = b',"extensions":' + orjson.dumps({**notes, **more}) + b"}"
        if row_errors:
            before = orjson.dumps({"errors": self.errors + row_errors, "data": None})[: -len("null}")]
        return before + orjson.dumps(data) + after


def prepare(plan: OperationPlan, query_runner: QueryRunner, policy_version: str) -> PreparedOperation:
    """Prepare the statements of a planned operation, and its errors, once."""
    return PreparedOperation(
        plan=plan,
        query=query_runner.prepare(plan.query_plan),
        policy_version=policy_version,
        errors=[one.error() for one in plan.decisions if one.outcome is AccessOutcome.WITHHELD],
        notes=_notes(plan.decisions),
        sealed_at=[builder.sealed_at() for builder in plan.builders],
        opens=frozenset(plan.opens),
        places=RowPlaces.of(plan, None),
    )


def with_record(notes: Mapping[str, object], promised: Sequence[PromisedEntries]) -> Mapping[str, object]:
    """Return the extensions of an answer with what the log promises for its records, one for each commit."""
    return {**notes, RECORD: [each.as_json() for each in promised]} if promised else notes


def _notes(decisions: Sequence[FieldDecision]) -> dict[str, object]:
    """Return the notes of the response: which places of the document are masked, for some rows or for all."""
    masked: dict[tuple[str, ...], None] = {}
    for one in decisions:
        if one.outcome in {AccessOutcome.MASKED, AccessOutcome.MIXED}:
            masked[one.path] = None
    return {"masked": [list(path) for path in masked]} if masked else {}
