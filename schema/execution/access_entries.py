"""Builds the access records of one response: what was shown of each subject [5.1.6]."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
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
    distinct,
    ground,
)
from consent.vocabulary import Basis, Form, Purpose
from policy.actors import Actor
from queryplan.row_layouts import Layout, PlainValue, plain_value
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

    def add(self, delay: Delay | None, subjects: Sequence[UUID], parts: Sequence[Part]) -> None:
        """Add the part of each of *subjects*, which *delay* covers, or none does, in the order shown.

        Of one subject, fields by the same right and authorisation become one ground.
        """
        shown = dict(zip(subjects, parts, strict=True))
        each: Iterable[tuple[UUID, Part]] = shown.items()
        if len(shown) < len(subjects) and len(distinct(parts)) > 1:  # a subject comes again, with another part
            shown, each = {}, zip(subjects, parts, strict=True)
        known = self._by_delay.setdefault(delay, shown)
        if known is shown and shown:
            return
        for subject_id, part in each:
            before = known.get(subject_id)
            if before is not part:
                known[subject_id] = part if before is None else self._merge(before, part)

    def delays(self) -> Mapping[Delay | None, dict[UUID, Part]]:
        """Return the parts of all subjects, in the order shown, for each delay."""
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
            collected.add(one.delay, [one.subject_id], [part])
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
        self._values = [plain_value(layout, position).index for position in values]
        self._present = [plain_value(layout, position).index for position in sorted(here - by_kind)]
        self._subject = _value_at(layout, builder.subject_at)
        self._authorisation = _value_at(layout, builder.authorisation_at)
        self._delay = None if builder.delay_at is None else [plain_value(layout, at) for at in builder.delay_at]
        self._has_opened_values = layout is None
        self._known: dict[Signature, Part] = {}

    def collect(self, rows: Sequence[Row], collected: SubjectParts, uses: dict[tuple[UUID, UUID], None]) -> None:
        """Add to *collected* what each row shows of its subject, and to *uses* the authorisations that it uses.

        The fields are (Type.field, data class, form); all rows of one kind have one part.
        """
        if self._subject is None:
            return
        subjects, parts = self._subject.of_all(rows), self._parts(rows)
        if self._authorisation is not None:
            for at, used in enumerate(self._authorisation.of_all(rows)):
                if used is not None and parts[at]:
                    uses[subjects[at], used] = None
                    parts[at] = ((parts[at][0][0], used),)
        delays = self._delays(rows)
        if delays is None and () not in parts:  # nearly every page
            collected.add(None, subjects, parts)
            return
        for subject_id, part, delay in zip(subjects, parts, delays or [None] * len(parts), strict=True):
            if part:
                collected.add(delay, [subject_id], [part])

    def _delays(self, rows: Sequence[Row]) -> list[Delay | None] | None:
        """Return the delay that covers each row; None where none covers any."""
        if self._delay is None:
            return None
        ids, days = (value.of_all(rows) for value in self._delay)
        if not any(ids):
            return None
        return [None if delay_id is None else (delay_id, day) for delay_id, day in zip(ids, days, strict=True)]

    def _parts(self, rows: Sequence[Row]) -> list[Part]:
        """Return the part of each row by its kind, without an authorisation; that of a row that shows nothing is ()."""
        # What the kind of a row depends on: these values, and whether there are those.
        columns = [[row[at] for row in rows] for at in self._values]
        columns += [[row[at] is not None for row in rows] for at in self._present]
        kinds: list[Signature] = list(zip(*columns, strict=True)) if columns else [()] * len(rows)
        known = self._known
        new = set(kinds).difference(known)
        if new:
            if len(known) >= KINDS_OF_ROWS:
                known.clear()
                new.update(kinds)
            known.update((kind, self._part(self._work_out(list(kind)))) for kind in new)
        parts = [known[kind] for kind in kinds]
        if self._has_opened_values and is_damaged(self._builder, rows):
            return [
                self._whole(part, fields_not_shown(self._builder, row)) for part, row in zip(parts, rows, strict=True)
            ]
        return parts

    def _part(self, fields: Iterable[Field]) -> Part:
        shown = tuple(fields)
        return ((ground(Basis(self._builder.basis), self._builder.citation, shown), None),) if shown else ()

    def _whole(self, part: Part, lacking: set[str]) -> Part:
        """Return *part* without the fields whose value did not open."""
        if not lacking:
            return part
        return self._part(shown for each, _ in part for shown in each.fields if shown[0] not in lacking)

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


def _value_at(layout: Layout | None, position: int | None) -> PlainValue | None:
    return None if position is None else plain_value(layout, position)


def disclosures(
    statements: Iterable[tuple[ShownFieldResolver, Sequence[Row]]],
    actor: Actor,
    purpose: Purpose,
    origin: RequestOrigin,
    runtime: Runtime,
) -> tuple[list[Disclosure], list[tuple[UUID, UUID]]]:
    """Return the records of a response, and each authorisation that it uses, once."""
    collected, uses = SubjectParts(), dict[tuple[UUID, UUID], None]()
    for resolver, rows in statements:
        resolver.collect(rows, collected, uses)
    return DisclosureBuilder.of(runtime, actor, purpose, origin).build_collected(collected), list(uses)


def _merged(known: Part, more: Part) -> Part:
    """Return *known* with what *more* adds: fields to a ground of the same right and authorisation, or a ground."""
    found = {(each.basis, each.citation, used): each for each, used in known}
    for each, used in more:
        right = each.basis, each.citation, used
        same = found.get(right)
        found[right] = each if same is None else _joined(same, each)
    return tuple((each, right[2]) for right, each in found.items())


@lru_cache(maxsize=1_024)
def _joined(one: Ground, other: Ground) -> Ground:
    """Return the ground of the fields of both, which have the same right."""
    return ground(one.basis, one.citation, tuple(dict.fromkeys(one.fields + other.fields)))


def _in_bounds(shown: Mapping[UUID, Part]) -> Iterable[tuple[Sequence[UUID], Sequence[Part]]]:
    """Give the subjects and their parts, in as many pieces as the bounds of one disclosure ask for."""
    subjects, parts = list(shown), list(shown.values())
    if len(subjects) <= MOST_SUBJECTS and sum(map(len, distinct(parts))) <= MOST_GROUNDS:
        return [(subjects, parts)] if subjects else []
    return _pieces(subjects, parts)


def _pieces(subjects: Sequence[UUID], parts: Sequence[Part]) -> Iterator[tuple[Sequence[UUID], Sequence[Part]]]:
    start, grounds = 0, set[Ground]()
    last: Part | None = None
    for at, part in enumerate(parts):
        if part is not last:
            last = part
            grounds.update(each for each, _ in part)
        if at - start == MOST_SUBJECTS or len(grounds) > MOST_GROUNDS:
            yield subjects[start:at], parts[start:at]
            start, grounds = at, {each for each, _ in part}
    yield subjects[start:], parts[start:]
