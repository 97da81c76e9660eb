"""Builds the access entries of one response: what was shown of each subject [5.1.6]."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, Self, cast
from uuid import UUID

from consent.log_entries import SALT_BYTES, AccessEntry
from consent.vocabulary import Basis, Form, Purpose
from policy.actors import Actor
from queryplan.row_layouts import Layout, plain_value
from schema.core.ports import Runtime
from schema.execution.damaged_values import fields_not_shown, is_damaged
from schema.execution.output.output_nodes import Row
from schema.execution.planning.statement_builder import ShownField, StatementBuilder

Field = tuple[str, str, str]
Signature = tuple[object, ...]
Delay = tuple[UUID, date]


class Disclosed(NamedTuple):
    """What is shown of one subject, and on which basis. *fields* are (Type.field, data class, form).

    *delay* is the id of a delay that covers the read, and the day on which the entry opens to its subject.
    """

    subject_id: UUID
    basis: Basis
    citation: str
    authorisation_id: UUID | None
    fields: tuple[Field, ...]
    delay: Delay | None = None


@dataclass(frozen=True, slots=True)
class AccessEntryBuilder:
    """The only builder of access entries. Its attributes are the same in every entry of one read."""

    actor: Actor
    purpose: Purpose
    document_hash: str
    at: datetime
    read_id: UUID

    @classmethod
    def of(
        cls, runtime: Runtime, actor: Actor, purpose: Purpose, document_hash: str, at: datetime | None = None
    ) -> Self:
        """Return the builder of a new read, at the instant *at* or now."""
        return cls(actor, purpose, document_hash, at or runtime.now(), runtime.new_id())

    def build_all(self, runtime: Runtime, shown: Sequence[Disclosed]) -> list[AccessEntry]:
        """Return an entry for each, with ids and salts of *runtime*."""
        salts = runtime.random(SALT_BYTES * len(shown))
        return [
            self.build(one, runtime.new_entry_id(self.at), salts[index * SALT_BYTES : (index + 1) * SALT_BYTES])
            for index, one in enumerate(shown)
        ]

    def build(self, shown: Disclosed, entry_id: UUID, salt: bytes) -> AccessEntry:
        """Return the entry for one subject: what was shown of it."""
        return AccessEntry(
            subject_id=shown.subject_id,
            entry_id=entry_id,
            read_id=self.read_id,
            at=self.at,
            actor_ref=self.actor.ref,
            role=self.actor.role.value,
            department_code=self.actor.department,
            purpose=self.purpose,
            basis=shown.basis,
            citation=shown.citation,
            authorisation_id=shown.authorisation_id,
            document_hash=self.document_hash,
            fields=shown.fields,
            salt=salt,
            delay_id=shown.delay and shown.delay[0],
            opens_on=shown.delay and shown.delay[1],
        )


class ShownFieldResolver:
    """What the rows of one statement show; computed once for each kind of row, not for each row.

    The rows have the values of *layout*, or, without one, those of the plan's columns, converted and opened.
    """

    def __init__(self, builder: StatementBuilder, layout: Layout | None = None) -> None:
        self._builder = builder
        self._scopes = sorted({scope for shown in builder.shown for scope in shown.within})
        here = {shown.here for shown in builder.shown if shown.here is not None}
        by_kind = {shown.here for shown in builder.shown if shown.kind is not None}
        self._here = [*sorted(here & by_kind), *sorted(here - by_kind)]
        self._has_opened_values = layout is None
        groups = () if builder.groups_at is None else (builder.groups_at,)
        values = [*groups, *map(builder.scope_at, self._scopes), *sorted(here & by_kind)]
        self._values = [plain_value(layout, position).index for position in values]
        self._present = [plain_value(layout, position).index for position in sorted(here - by_kind)]
        # Statements that show a subject have its id.
        self._subject = None if builder.subject_at is None else plain_value(layout, builder.subject_at)
        self._authorisation = (
            None if builder.authorisation_at is None else plain_value(layout, builder.authorisation_at)
        )
        self._delay = builder.delay_at and [plain_value(layout, position) for position in builder.delay_at]
        self._known: dict[Signature, tuple[Field, ...]] = {}

    def shown(self, rows: Sequence[Row]) -> Iterator[tuple[UUID, UUID | None, Delay | None, tuple[Field, ...]]]:
        """Yield (subject, authorisation, delay, fields) of each row that shows something.

        The fields are (Type.field, data class, form).
        """
        damaged = self._has_opened_values and is_damaged(self._builder, rows)
        for row in rows:
            fields = self._fields(row)
            if damaged:
                lacking = fields_not_shown(self._builder, row)
                fields = tuple(shown for shown in fields if shown[0] not in lacking)
            if fields and self._subject is not None:
                delay = None if self._delay is None else tuple(value.of(row) for value in self._delay)
                yield (
                    self._subject.of(row),
                    None if self._authorisation is None else self._authorisation.of(row),
                    None if delay is None or delay[0] is None else cast("Delay", delay),
                    fields,
                )

    def _fields(self, row: Row) -> tuple[Field, ...]:
        signature = *[row[at] for at in self._values], *[row[at] is not None for at in self._present]
        found = self._known.get(signature)
        if found is None:
            found = self._known[signature] = tuple(self._work_out(list(signature)))
        return found

    def _work_out(self, values: list[Any]) -> Iterable[Field]:
        groups = int(values.pop(0) or 0) if self._builder.groups_at is not None else 0
        scopes = {scope for scope in self._scopes if values.pop(0)}
        there = dict(zip(self._here, values, strict=True))
        best: dict[str, ShownField] = {}
        for shown in self._builder.shown:
            if shown.here is not None and (not there[shown.here] or shown.kind not in {None, there[shown.here]}):
                continue
            if shown.within and not scopes.intersection(shown.within):
                continue
            if (groups & shown.groups) != shown.groups:
                continue
            if shown.field not in best or shown.form is Form.CLEAR:
                best[shown.field] = shown
        return [(shown.field, shown.data_class.value, shown.form.value) for shown in best.values()]


def entries(
    statements: Sequence[tuple[StatementBuilder, ShownFieldResolver, Sequence[Row]]],
    actor: Actor,
    purpose: Purpose,
    document_hash: str,
    runtime: Runtime,
) -> tuple[list[AccessEntry], list[tuple[UUID, UUID]]]:
    """Return the entries of a response, and each authorisation that it uses, once.

    There is one entry for each subject, basis, citation, authorisation and delay.
    """
    collected: dict[tuple[UUID, str, str, UUID | None, Delay | None], dict[Field, None]] = {}
    for builder, resolver, rows in statements:
        for subject, authorisation, delay, fields in resolver.shown(rows):
            key = (subject, builder.basis, builder.citation, authorisation, delay)
            collected.setdefault(key, {}).update(dict.fromkeys(fields))
    shown = [
        Disclosed(subject, Basis(basis), citation, authorisation, tuple(fields), delay)
        for (subject, basis, citation, authorisation, delay), fields in collected.items()
    ]
    made = AccessEntryBuilder.of(runtime, actor, purpose, document_hash).build_all(runtime, shown)
    uses = list({(subject, authorisation): None for subject, _, _, authorisation, _ in collected if authorisation})
    return made, uses
