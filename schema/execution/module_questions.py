"""Sends a number to the city's joint module: first on record, then opened, for that alone [4.1] [3.3] [5.1.6]."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from consent.disclosures.formats import Disclosure
from consent.vocabulary import Form, Purpose
from credit.core.values.identifiers import IdentifierKind
from credit.joint_measures.source_answer import Finding, Source, SourceAnswer, Unanswered
from credit.subjects.subject import Sealed, SubjectKind
from policy.decisions import Withheld
from schema.core.context import RequestContext
from schema.core.ports import CommittingWork
from schema.execution.disclosure import RecordedBoxes, RecordedDisclosure
from schema.execution.durable_records import CommittedDisclosures
from schema.execution.refusal_entries import TYPE_OF_KIND, Shown

OPENS: Final = frozenset({("identifiers", "number")})


@dataclass(frozen=True, slots=True)
class RecordedQuestion:
    """Whom to ask the module about, in its box; None where no number may be sent.

    *recorded* opens the box: the record says that the city will receive it.
    """

    number: tuple[IdentifierKind, Sealed] | None
    recorded: RecordedBoxes


async def record_question(
    context: RequestContext,
    work: CommittingWork,
    subject_id: UUID,
    purpose: Purpose,
    record_of: Callable[[Sequence[Shown]], Disclosure],
    *,
    shown: Sequence[Shown] = (),
    with_number: bool = True,
) -> RecordedQuestion:
    """Record that the number will be sent, beside what else is *shown*, and commit *work*; durable before it is sent.

    The caller's right to read the number for *purpose* decides whether it is sent.
    """
    kind = await work.checking.kind(subject_id)
    found = await work.checking.number(subject_id) if with_number else None
    fields, number = list(shown), None
    may_send = None if kind is None or found is None else _shown_number(context, kind, purpose)
    if found is not None and may_send is not None:
        fields.append(may_send)
        number = found
    disclosure = RecordedDisclosure(context.keyring, context.actor, purpose, context.policy.version, OPENS)
    boxes = [] if number is None else [number[1]]
    record = CommittedDisclosures(work, [record_of(fields)], context.committed)
    return RecordedQuestion(number, await disclosure.record(boxes, record))


async def ask_module(
    context: RequestContext, question: RecordedQuestion, authorisation_id: UUID | None, without: Unanswered
) -> SourceAnswer:
    """Ask the city's joint module. The number is opened for this alone, and lives no longer than the call.

    *without* is the reason of the answer where no number may be sent.
    """
    if question.number is None:
        return SourceAnswer(Source.JOINT_MEASURES, Finding.UNKNOWN, reason=without)
    kind, box = question.number
    number = question.recorded.open(box)
    return await context.joint_measures.ask(kind, number, authorisation_id, context.runtime.new_id())


def _shown_number(context: RequestContext, kind: SubjectKind, purpose: Purpose) -> Shown | None:
    field = f"{TYPE_OF_KIND[kind]}.identifier"
    data_class = context.policy.classes[field]
    withheld = isinstance(context.policy.read(context.actor.role, purpose, data_class), Withheld)
    return None if withheld else (field, data_class, Form.CLEAR)
