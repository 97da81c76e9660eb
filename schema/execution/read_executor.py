"""The middle of the road: a compiled document's statements run, opened, recorded, and handed to the readers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from consent.vocabulary import Purpose
from credit.calendar.calendar import Calendar
from credit.cases.status import Unrectified
from policy.actors import Actor
from policy.admission import Admission
from policy.crypto.keyring import Keyring
from policy.decision_table import Reason
from policy.disclosure import disclose
from queryplan.plan import Archive, PreparedRead, Result
from schema.core.errors import NotRecorded
from schema.core.ports import Recorder, Street
from schema.execution.access_entries import Showing, entries
from schema.execution.output_plan import Day, Row, Rows
from schema.execution.planning.argument_binding import Desk
from schema.execution.planning.decisions import Decision, Outcome
from schema.execution.planning.due_day_binds import due_binds
from schema.execution.planning.operation_plan import Compiled, PlannedRoot


@dataclass(slots=True)
class Ready:
    """A compiled document with its prepared SQL and everything else that does not change between requests."""

    compiled: Compiled
    prepared: PreparedRead | None
    policy_version: str
    errors: list[dict[str, object]]
    notes: dict[str, object]
    showings: list[Showing | None] = field(default_factory=list)


def make_ready(compiled: Compiled, archive: Archive, policy_version: str) -> Ready:
    """Prepare a compiled document's statements, and word its errors, once."""
    showings = [Showing(draft) if draft.shown else None for draft in compiled.drafts]
    statements = compiled.plan.statements
    return Ready(
        compiled=compiled,
        prepared=archive.prepare(compiled.plan) if statements else None,
        policy_version=policy_version,
        errors=[one.error() for one in compiled.decisions if one.outcome is Outcome.WITHHELD],
        notes=_notes(compiled.decisions),
        showings=showings,
    )


def _notes(decisions: Sequence[Decision]) -> dict[str, object]:
    """Return what the answer says of itself: which places of the document are masked, for some rows or all."""
    masked: dict[tuple[str, ...], None] = {}
    for one in decisions:
        if one.outcome in {Outcome.MASKED, Outcome.MIXED}:
            masked[one.path] = None
    return {"masked": [list(path) for path in masked]} if masked else {}


@dataclass(slots=True)
class Reading:
    """Runs what is ready. It has no say in what is allowed: that was decided when the document was compiled."""

    archive: Archive
    keyring: Keyring
    recorder: Recorder
    street: Street
    unrectified: Unrectified
    calendar: Calendar

    async def run(
        self,
        ready: Ready,
        actor: Actor,
        purpose: Purpose | None,
        document_hash: str,
        variables: object,
        extra: Mapping[str, object] | None = None,
    ) -> tuple[dict[str, object], list[dict[str, object]]]:
        """Return the value of each planned root, and the errors that only the rows could tell.

        Every access entry is durable when this returns. Raises NotRecorded where that could not be had.
        """
        today = self.street.today(self.street.now())
        binds = _actor_binds(actor)
        binds["today"] = today
        binds |= due_binds(self.calendar, today)
        if extra:
            binds.update(extra)
        desk = Desk(self.keyring.terms)
        for binder in ready.compiled.binders:
            binds.update(binder(variables, desk))
        # Nothing to ask the archive: `nodes` of no ids.
        result = Result() if ready.prepared is None else await self.archive.read(ready.prepared, binds)
        kept, more = _trim(ready.compiled, result.rows, variables)
        self._open(ready, kept, actor, purpose)
        await self._record(ready, kept, actor, purpose, document_hash)
        started = [draft.after is not None for draft in ready.compiled.drafts]
        children = _children(ready.compiled, kept)
        totals: list[Mapping[object, int | None]] = [
            {None: total} if by_parent is None else {**by_parent}
            for total, by_parent in zip(result.totals, result.child_totals, strict=True)
        ]
        rows = Rows(Day(today, self.unrectified, self.calendar), variables, kept, children, more, totals, started)
        values = {root.key: root.read(rows) for root in ready.compiled.roots}
        return values, _row_errors(ready.compiled, kept, values)

    def _open(self, ready: Ready, kept: list[list[Row]], actor: Actor, purpose: Purpose | None) -> None:
        admission: Admission | None = None
        for draft in ready.compiled.drafts:
            positions = draft.sealed_at()
            if positions and kept[draft.index]:
                admission = admission or Admission(
                    actor, purpose, ready.policy_version, frozenset(ready.compiled.opens)
                )
                kept[draft.index][:] = disclose(
                    cast("Sequence[tuple[object, ...]]", kept[draft.index]), positions, admission, self.keyring
                )

    async def _record(
        self, ready: Ready, kept: list[list[Row]], actor: Actor, purpose: Purpose | None, document_hash: str
    ) -> None:
        # What is published was disclosed, once and to all, by its publication; see docs/decisions/0007.
        if purpose is None or purpose is Purpose.PUBLICITY:
            return
        shown = [
            (draft, showing, kept[draft.index])
            for draft, showing in zip(ready.compiled.drafts, ready.showings, strict=True)
            if showing is not None and kept[draft.index]
        ]
        if not shown:
            return
        made, uses = entries(shown, actor, purpose, document_hash, self.street)
        if made:
            try:
                await self.recorder.record(made, uses)
            except Exception as failed:
                raise NotRecorded(reason=getattr(failed, "code", "UNAVAILABLE")) from failed


def _actor_binds(actor: Actor) -> dict[str, object]:
    """Return the actor's side of every scope. An absent value is None, and matches no row."""
    return {
        "actor_ref": actor.ref,
        "actor_department": actor.department,
        "actor_sector": actor.sector,
        "actor_area": actor.area,
        # Every code that begins with the area sorts below the area followed by the last character of all.
        "actor_area_end": None if actor.area is None else actor.area + "\U0010ffff",
        "actor_subject": actor.subject,
    }


def _trim(
    compiled: Compiled, found: Sequence[Sequence[Any]], variables: object
) -> tuple[list[list[Row]], list[dict[object, bool]]]:
    """Drop what only told that there is more, and what nobody asked for.

    Returns the rows to show, and for which parents there are further ones. What is dropped is neither opened nor
    recorded, for it is not shown. A root's rows stand under None.
    """
    kept: list[list[Row]] = []
    more: list[dict[object, bool]] = []
    for draft, rows in zip(compiled.drafts, found, strict=True):
        first = len(rows) if draft.first is None else draft.first
        if draft.keys_asked is not None:
            asked = draft.keys_asked(variables)
            kept.append([row for row in rows if tuple(row[at] for at in draft.key_at) in asked])
            more.append({})
            continue
        if draft.parent is None:
            kept.append(list(rows[:first]))
            more.append({None: len(rows) > first})
            continue
        parent, parent_at, _ = draft.parent
        counts = {row[parent_at]: 0 for row in kept[parent]}
        mine: list[Row] = []
        for row in rows:
            if row[0] in counts:
                counts[row[0]] += 1
                if counts[row[0]] <= first:
                    mine.append(row)
        kept.append(mine)
        more.append({key: count > first for key, count in counts.items()})
    return kept, more


def _children(compiled: Compiled, kept: Sequence[Sequence[Row]]) -> list[dict[object, list[Row]]]:
    """Put the rows of every child statement beside their parents."""
    children: list[dict[object, list[Row]]] = []
    for draft, rows in zip(compiled.drafts, kept, strict=True):
        grouped: dict[object, list[Row]] = {}
        if draft.parent is not None:
            for row in rows:
                grouped.setdefault(row[0], []).append(row)
        children.append(grouped)
    return children


def _row_errors(
    compiled: Compiled, kept: Sequence[Sequence[Row]], values: Mapping[str, object]
) -> list[dict[str, object]]:
    """Return the errors of missing or narrowed authorisations, one for each place of the document."""
    errors: dict[tuple[str, ...], Decision] = {}
    for statement, at, groups, decision in compiled.consent_needs:
        if decision.path not in errors and any((row[at] or 0) & groups != groups for row in kept[statement]):
            errors[decision.path] = _without_consent(decision.path, decision)
    for root in compiled.roots:
        if root.missing_is_consent and values[root.key] is None:
            errors[(root.key,)] = _without_consent((root.key,), _root_decision(compiled, root))
    return [decision.error() for decision in errors.values()]


def _root_decision(compiled: Compiled, root: PlannedRoot) -> Decision:
    return next(decision for decision in compiled.decisions if decision.path == (root.key,))


def _without_consent(path: tuple[str, ...], decision: Decision) -> Decision:
    return Decision(
        path,
        decision.field,
        decision.data_class,
        Outcome.WITHHELD,
        reason=Reason.CONSENT,
        unlock="authorisation",
        types=decision.types,
    )
