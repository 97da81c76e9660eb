"""Builds the access records of one response: what was shown of each subject [5.1.6]."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter
from typing import Any, Final, NamedTuple, Self
from uuid import UUID

from consent.disclosures.formats import (
    MOST_GROUNDS,
    MOST_SUBJECTS,
    SEED_BYTES,
    AccessContext,
    Disclosure,
    Ground,
    Part,
    access_context,
    ground,
)
from consent.vocabulary import Basis, Form, Purpose
from policy.actors import Actor
from queryplan.row_layouts import Layout, plain_value
from schema.core.ports import RequestOrigin, Runtime
from schema.execution.damaged_values import fields_not_shown, is_damaged
from schema.execution.output.output_nodes import Row
from schema.execution.planning.statement_builder import ShownField, StatementBuilder

Field = tuple[str, str, str]
Signature = tuple[object, ...]
Delay = tuple[UUID, date]


class Disclosed(NamedTuple):
    """What is shown of one subject, and on which basis. *fields* are (Type.field, data class, form).

    *delay* is the id of a delay that covers the read, and the day on which the record opens to its subject.
    """

    subject_id: UUID
    basis: Basis
    citation: str
    authorisation_id: UUID | None
    fields: tuple[Field, ...]
    delay: Delay | None = None


class SubjectParts:
    """Collects why each subject is shown, apart for each delay. Subjects of the same kind share one part object."""

    def __init__(self) -> None:
        self._by_delay: dict[Delay | None, dict[UUID, Part]] = {}
        self._merged: dict[tuple[int, int], tuple[Part, Part, Part]] = {}

    def of_delay(self, delay: Delay | None) -> dict[UUID, Part]:
        """Return the parts of the subjects that *delay* covers, or none does, in the order shown."""
        found = self._by_delay.get(delay)
        if found is None:
            found = self._by_delay[delay] = {}
        return found

    def add(self, parts: dict[UUID, Part], subject_id: UUID, part: Part) -> None:
        """Add *part* to what is shown of a subject; fields by the same right and authorisation become one ground."""
        known = parts.get(subject_id)
        if known is part:
            return
        parts[subject_id] = part if known is None else self._merge(known, part)

    def delays(self) -> Mapping[Delay | None, dict[UUID, Part]]:
        """Return all of them."""
        return self._by_delay

    def _merge(self, known: Part, more: Part) -> Part:
        # The parts of a page are few objects. They are kept beside the result, so that no id is given again.
        found = self._merged.get((id(known), id(more)))
        if found is None:
            found = self._merged[id(known), id(more)] = known, more, _merged(known, more)
        return found[2]


@dataclass(frozen=True, slots=True)
class DisclosureBuilder:
    """The only builder of disclosures. Its attributes are the same in every record of one answer."""

    runtime: Runtime
    actor_ref: str
    context: AccessContext
    request_id: UUID
    at: datetime

    @classmethod
    def of(
        cls, runtime: Runtime, actor: Actor, purpose: Purpose, origin: RequestOrigin, at: datetime | None = None
    ) -> Self:
        """Return the builder for a read at the instant *at*, or now."""
        context = access_context(
            actor.role.value, actor.department, purpose, origin.channel, actor.known_by, origin.document_hash
        )
        return cls(runtime, actor.ref, context, origin.request_id, at or runtime.now())

    def build(self, shown: Sequence[Disclosed]) -> list[Disclosure]:
        """Return the records of what is shown, with ids and seeds of the runtime: one, unless a delay covers a part."""
        collected = SubjectParts()
        for one in shown:
            part = ((ground(one.basis, one.citation, one.fields), one.authorisation_id),)
            collected.add(collected.of_delay(one.delay), one.subject_id, part)
        return self.build_collected(collected)

    def build_one(self, shown: Sequence[Disclosed]) -> Disclosure:
        """Return one record of what is shown without a delay, also where it shows nobody."""
        made = self.build(shown)
        return made[0] if made else self._make((), (), None)

    def build_collected(self, collected: SubjectParts) -> list[Disclosure]:
        """Return the records of what was collected."""
        return [
            self._make(subjects, parts, delay)
            for delay, shown in collected.delays().items()
            for subjects, parts in _in_bounds(shown)
        ]

    def _make(self, subjects: Sequence[UUID], parts: Sequence[Part], delay: Delay | None) -> Disclosure:
        return Disclosure(
            disclosure_id=self.runtime.new_entry_id(self.at),
            request_id=self.request_id,
            at=self.at,
            actor_ref=self.actor_ref,
            context=self.context,
            subjects=subjects,
            parts=parts,
            seed=self.runtime.random(SEED_BYTES),
            delay_id=delay and delay[0],
            opens_on=delay and delay[1],
        )


KINDS_OF_ROWS: Final = 256
"""How many kinds of row a statement remembers: by scope, type and consent, its rows are of few kinds."""


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
        groups = () if builder.groups_at is None else (builder.groups_at,)
        values = [*groups, *map(builder.scope_at, self._scopes), *sorted(here & by_kind)]
        self._signature = _signature(
            [plain_value(layout, position).index for position in values],
            [plain_value(layout, position).index for position in sorted(here - by_kind)],
        )
        self._has_opened_values = layout is None
        self._layout = layout
        self._known: dict[Signature, tuple[Field, ...]] = {}

    def shown(self, rows: Sequence[Row]) -> Iterator[tuple[UUID, UUID | None, Delay | None, tuple[Field, ...]]]:
        """Yield (subject, authorisation, delay, fields) of each row that shows something.

        The fields are (Type.field, data class, form), and the same object for all rows of one kind.
        """
        builder, signature, known = self._builder, self._signature, self._known
        if builder.subject_at is None:
            return
        subject = plain_value(self._layout, builder.subject_at)
        subject_at, convert = subject.index, subject.convert
        used_at, delayed_at = builder.authorisation_at, builder.delay_at
        authorisation = None if used_at is None else plain_value(self._layout, used_at)
        delay = None if delayed_at is None else [plain_value(self._layout, position) for position in delayed_at]
        damaged = self._has_opened_values and is_damaged(builder, rows)
        for row in rows:
            kind = signature(row)
            fields = known.get(kind)
            if fields is None:
                if len(known) >= KINDS_OF_ROWS:
                    known.clear()
                fields = known[kind] = tuple(self._work_out(list(kind)))
            if damaged:
                lacking = fields_not_shown(builder, row)
                fields = tuple(shown for shown in fields if shown[0] not in lacking)
            if not fields:
                continue
            subject_id = row[subject_at]
            delayed = None if delay is None else (delay[0].of(row), delay[1].of(row))
            yield (
                subject_id if convert is None else convert(subject_id),
                None if authorisation is None else authorisation.of(row),
                None if delayed is None or delayed[0] is None else delayed,
                fields,
            )

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


def _signature(values: Sequence[int], present: Sequence[int]) -> Callable[[Row], Signature]:
    """Return a function from a row to what its kind depends on: *values*, and whether there are those at *present*."""
    if present or len(values) < 2:  # noqa: PLR2004 - with one index, itemgetter gives no tuple
        return lambda row: (*[row[at] for at in values], *[row[at] is not None for at in present])
    return itemgetter(*values)


def disclosures(
    statements: Sequence[tuple[StatementBuilder, ShownFieldResolver, Sequence[Row]]],
    actor: Actor,
    purpose: Purpose,
    origin: RequestOrigin,
    runtime: Runtime,
) -> tuple[list[Disclosure], list[tuple[UUID, UUID]]]:
    """Return the records of a response, and each authorisation that it uses, once."""
    collected, uses = SubjectParts(), dict[tuple[UUID, UUID], None]()
    for builder, resolver, rows in statements:
        parts: dict[int, tuple[tuple[Field, ...], Part]] = {}
        for subject, authorisation, delay, fields in resolver.shown(rows):
            # By the identity of the fields, which rows of one kind share; they are kept, so that no id is given again.
            known = parts.get(id(fields))
            if known is None:
                made = ((ground(Basis(builder.basis), builder.citation, fields), None),)
                known = parts[id(fields)] = fields, made
            part = known[1]
            if authorisation is not None:
                uses[subject, authorisation] = None
                part = ((part[0][0], authorisation),)
            collected.add(collected.of_delay(delay), subject, part)
    return DisclosureBuilder.of(runtime, actor, purpose, origin).build_collected(collected), list(uses)


def _merged(known: Part, more: Part) -> Part:
    """Return *known* with what *more* adds: fields to a ground of the same right and authorisation, or a ground."""
    found = {(each.basis, each.citation, used): each.fields for each, used in known}
    for each, used in more:
        right = each.basis, each.citation, used
        found[right] = tuple(dict.fromkeys(found.get(right, ()) + each.fields))
    return tuple((ground(basis, citation, fields), used) for (basis, citation, used), fields in found.items())


def _in_bounds(shown: Mapping[UUID, Part]) -> Iterable[tuple[Sequence[UUID], Sequence[Part]]]:
    """Give the subjects and their parts, in as many pieces as the bounds of one disclosure ask for."""
    start, grounds = 0, set[Ground]()
    subjects, parts = list(shown), list(shown.values())
    last: Part | None = None
    for at, part in enumerate(parts):
        if part is not last:
            last = part
            grounds.update(each for each, _ in part)
        if at - start == MOST_SUBJECTS or len(grounds) > MOST_GROUNDS:
            yield subjects[start:at], parts[start:at]
            start, grounds = at, {each for each, _ in part}
    if start < len(subjects):
        yield subjects[start:], parts[start:]
