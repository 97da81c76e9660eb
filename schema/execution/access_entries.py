"""Builds the access entries of one response: what was shown of each subject [5.1.6]."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Self
from uuid import UUID

from consent.log_entries import SALT_BYTES, AccessEntry
from consent.vocabulary import Basis, Form, Purpose
from policy.actors import Actor
from schema.core.ports import Runtime
from schema.execution.output.nodes import Row
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
    """What the rows of one statement show; computed once for each kind of row, not for each row."""

    def __init__(self, builder: StatementBuilder) -> None:
        self._builder = builder
        scopes = sorted({scope for shown in builder.shown for scope in shown.within})
        self._scopes = scopes
        self._scopes_at = [builder.scope_at(scope) for scope in scopes]
        self._here = sorted({shown.here for shown in builder.shown if shown.here is not None})
        by_kind = {shown.here for shown in builder.shown if shown.kind is not None}
        self._places = [(at, at in by_kind) for at in self._here]
        self._known: dict[Signature, tuple[Field, ...]] = {}

    def fields(self, row: Row) -> tuple[Field, ...]:
        """Return (Type.field, data class, form) of every field that *row* shows."""
        builder = self._builder
        signature = (
            None if builder.groups_at is None else row[builder.groups_at],
            *(row[at] if by_kind else row[at] is not None for at, by_kind in self._places),
            *(row[at] for at in self._scopes_at),
        )
        found = self._known.get(signature)
        if found is None:
            found = self._known[signature] = tuple(self._work_out(signature))
        return found

    def _work_out(self, signature: Signature) -> Iterable[Field]:
        groups, *rest = signature
        there = dict(zip(self._here, rest, strict=False))
        scopes = {scope for scope, is_in in zip(self._scopes, rest[len(there) :], strict=True) if is_in}
        best: dict[str, ShownField] = {}
        for shown in self._builder.shown:
            if shown.here is not None and (not there[shown.here] or shown.kind not in {None, there[shown.here]}):
                continue
            if shown.within and not scopes.intersection(shown.within):
                continue
            if shown.groups and (int(str(groups or 0)) & shown.groups) != shown.groups:
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
        at, authorisation_at, delay_at = builder.subject_at, builder.authorisation_at, builder.delay_at
        for row in rows:
            subject = row[at]  # type: ignore[index]  # statements that show a subject have its id
            authorisation = None if authorisation_at is None else row[authorisation_at]
            fields = resolver.fields(row)
            if fields:
                delay = None if delay_at is None or row[delay_at[0]] is None else (row[delay_at[0]], row[delay_at[1]])
                key = (subject, builder.basis, builder.citation, authorisation, delay)
                collected.setdefault(key, {}).update(dict.fromkeys(fields))
    shown = [
        Disclosed(subject, Basis(basis), citation, authorisation, tuple(fields), delay)
        for (subject, basis, citation, authorisation, delay), fields in collected.items()
    ]
    made = AccessEntryBuilder.of(runtime, actor, purpose, document_hash).build_all(runtime, shown)
    uses = list({(subject, authorisation): None for subject, _, _, authorisation, _ in collected if authorisation})
    return made, uses
