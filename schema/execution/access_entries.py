"""Who was shown what: the access entries of one answer [5.1.6]."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from consent.log_entries import SALT_BYTES, AccessEntry
from consent.vocabulary import Basis, Form, Purpose
from policy.actors import Actor
from schema.core.ports import Runtime
from schema.execution.output_plan import Row
from schema.execution.planning.statement_builder import ShownField, StatementBuilder

Field = tuple[str, str, str]
Signature = tuple[object, ...]


class ShownFieldResolver:
    """What the rows of one statement show; worked out once for each kind of row, not for each row."""

    def __init__(self, builder: StatementBuilder) -> None:
        self._draft = builder
        scopes = sorted({scope for shown in builder.shown for scope in shown.within})
        self._scopes = scopes
        self._scopes_at = [builder.scope_at(scope) for scope in scopes]
        self._here = sorted({shown.here for shown in builder.shown if shown.here is not None})
        by_kind = {shown.here for shown in builder.shown if shown.kind is not None}
        self._places = [(at, at in by_kind) for at in self._here]
        self._known: dict[Signature, tuple[Field, ...]] = {}

    def fields(self, row: Row) -> tuple[Field, ...]:
        """Return (Type.field, data class, form) of everything that *row* shows."""
        builder = self._draft
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
        for shown in self._draft.shown:
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
    showings: Sequence[tuple[StatementBuilder, ShownFieldResolver, Sequence[Row]]],
    actor: Actor,
    purpose: Purpose,
    document_hash: str,
    runtime: Runtime,
) -> tuple[list[AccessEntry], list[tuple[UUID, UUID]]]:
    """Return one entry for each subject and basis, and each authorisation that this answer uses, once."""
    collected: dict[tuple[UUID, str, str, UUID | None], dict[Field, None]] = {}
    for builder, showing, rows in showings:
        at, authorisation_at = builder.subject_at, builder.authorisation_at
        for row in rows:
            subject = row[at]  # type: ignore[index]  # statements that show something of a subject have its id
            authorisation = None if authorisation_at is None else row[authorisation_at]
            fields = showing.fields(row)
            if fields:
                key = (subject, builder.basis, builder.citation, authorisation)
                collected.setdefault(key, {}).update(dict.fromkeys(fields))
    read_id, now = runtime.new_id(), runtime.now()
    salts = runtime.random(SALT_BYTES * len(collected))
    made = [
        AccessEntry(
            subject_id=subject,
            entry_id=runtime.new_entry_id(now),
            read_id=read_id,
            at=now,
            actor_ref=actor.ref,
            role=actor.role.value,
            department_code=actor.department,
            purpose=purpose,
            basis=Basis(basis),
            citation=citation,
            authorisation_id=authorisation,
            document_hash=document_hash,
            fields=tuple(fields),
            salt=salts[index * SALT_BYTES : (index + 1) * SALT_BYTES],
        )
        for index, ((subject, basis, citation, authorisation), fields) in enumerate(collected.items())
    ]
    uses = list({(subject, authorisation): None for subject, _, _, authorisation in collected if authorisation})
    return made, uses
