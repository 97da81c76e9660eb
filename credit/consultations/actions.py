"""Consulting before a rating, an award or a selection: find, look up what may be looked up, reply, keep [5.2.3].

Every name takes the same way through the same statements, whether or not anybody is recorded under it: only the reply
is told apart, and it depends on the flags of those who are answerable and on nothing else.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Protocol
from uuid import UUID

from credit.cases.actions.take_step import HEAD, reference
from credit.cases.status import UnrectifiedPolicy
from credit.consultations import consultation as consultations_consultation
from credit.consultations.consultation import (
    MOST_NAMES,
    Consultation,
    ConsultationKind,
    ConsultationLine,
    LogLine,
    Name,
    RecipientKind,
    Reply,
    answerable,
    ground_of,
    log_lines,
)
from credit.core.context import ActionContext
from credit.core.errors import UnknownCase
from credit.core.recorded_step import SALT_BYTES
from credit.core.unit_of_work import UnitOfWork
from credit.subjects.subject import IdentifierKind

ASSOCIATION: Final = "association"
ASKING: Final[Mapping[str, RecipientKind]] = {HEAD: RecipientKind.DEPARTMENT, ASSOCIATION: RecipientKind.ASSOCIATION}
"""Who consults, for whom [5.2.3]."""


@dataclass(frozen=True, slots=True)
class NameLookup:
    """Whom a line names: a subject by its id, or a number by the terms of its blind index."""

    subject_id: UUID | None = None
    kind: IdentifierKind | None = None
    terms: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class ConsultationPurpose:
    """What the answer is for. *statute* is a department's own legal ground; without it, it asks on authorisations."""

    kind: ConsultationKind
    occasion: str
    statute: str | None = None


@dataclass(frozen=True, slots=True)
class LoggedConsultation:
    """One line of a subject's own log as it is kept, with what the ledger commits to.

    Where nobody is recorded under the name, *log* is about an id that nobody has, and the archive keeps nothing of it.
    """

    line_id: UUID
    log: LogLine
    salt: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class AnsweredConsultation:
    """A consultation, its replies, and what stands in the logs of those it was about."""

    consultation: Consultation
    lines: tuple[ConsultationLine, ...]
    kept: tuple[LoggedConsultation, ...] = ()


class ConsultationStore(Protocol):
    """Consultations, and what they ask of the archive. Each verb runs the same statements for every name."""

    async def find(self, asked: Sequence[NameLookup]) -> Sequence[UUID | None]:
        """Return whom each line is about; None where nobody is recorded."""
        ...

    async def authorised(self, subjects: Collection[UUID], recipient: str, today: date) -> Mapping[UUID, UUID]:
        """Return each subject's live authorisation towards *recipient*, kept from others until this work ends."""
        ...

    async def restrained(self, subjects: Collection[UUID], today: date, lapse: UnrectifiedPolicy) -> frozenset[UUID]:
        """Return who of *subjects* is restrained today: by date, confidential cases left out. Nobody else is read."""
        ...

    async def use(self, authorisations: Mapping[UUID, UUID]) -> None:
        """Count one use of each authorisation: whose, and which."""
        ...

    async def keep(self, consultation: Consultation, lines: Sequence[LoggedConsultation]) -> None:
        """Keep it, and the lines of those who are on record, with their leaves."""
        ...

    async def replies(self, consultation_id: UUID) -> tuple[int, bool, Mapping[int, Reply]] | None:
        """Return how many names it had, whether by statute, and the replies about those on record; None for none."""
        ...


async def consult(
    work: UnitOfWork,
    context: ActionContext,
    matter: ConsultationPurpose,
    asked: Sequence[NameLookup],
    *,
    most: int = MOST_NAMES,
) -> AnsweredConsultation:
    """Answer a consultation at this moment, and keep it in the log of everybody it is about [5.1.6] [5.2.3].

    Raises what `credit.consultations.consultation.consult` refuses, StepNotWellFormed, and UnknownCase for who may not
    ask.
    """
    if context.actor.role not in ASKING or context.actor.department is None:
        raise UnknownCase
    statute = None if matter.statute is None or not matter.statute.strip() else reference("statute", matter.statute)
    unnamed = consultations_consultation.consult(
        consultation_id=context.new_id(),
        kind=matter.kind,
        recipient_kind=ASKING[context.actor.role],
        recipient_code=context.actor.department,
        occasion=reference("occasion", matter.occasion),
        by=context.actor.ref,
        at=context.now,
        names=[Name(line, None) for line in range(1, len(asked) + 1)],
        statute=statute,
        most=most,
    )
    found = await work.consultations.find(asked)
    allowed: Mapping[UUID, UUID] = {}
    if statute is None:
        subjects = {subject for subject in found if subject is not None}
        allowed = await work.consultations.authorised(subjects, context.actor.department, context.today)
    names = tuple(
        Name(line, subject, None if subject is None else allowed.get(subject))
        for line, subject in enumerate(found, start=1)
    )
    consultation = replace(unnamed, names=names)
    restrained = await work.consultations.restrained(answerable(consultation), context.today, context.unrectified)
    await work.consultations.use(_used(consultation))
    kept = tuple(
        LoggedConsultation(context.new_id(), log, context.random(SALT_BYTES))
        for log in _every_line(context, consultation, restrained)
    )
    await work.consultations.keep(consultation, kept)
    return AnsweredConsultation(consultation, consultations_consultation.reply(consultation, restrained), kept)


async def answered_before(work: UnitOfWork, consultation_id: UUID) -> tuple[ConsultationLine, ...]:
    """Return what was replied, for who sends the same request again. Raises UnknownCase."""
    found = await work.consultations.replies(consultation_id)
    if found is None:
        raise UnknownCase
    names, by_statute, replies = found
    nobody = Reply.NOT_RESTRAINED if by_statute else Reply.NO_AUTHORISATION
    return tuple(ConsultationLine(line, replies.get(line, nobody)) for line in range(1, names + 1))


def _used(consultation: Consultation) -> Mapping[UUID, UUID]:
    """Return the authorisations that this consultation uses, each once, however often a subject is named in it."""
    return {
        name.subject_id: name.authorisation_id
        for name in consultation.names
        if name.subject_id is not None and name.authorisation_id is not None and ground_of(consultation, name)
    }


def _every_line(context: ActionContext, consultation: Consultation, restrained: Collection[UUID]) -> Sequence[LogLine]:
    """Return a line for every name. One that nobody is recorded under gets an id that nobody has."""
    everybody = tuple(
        name if name.subject_id is not None else replace(name, subject_id=context.new_id())
        for name in consultation.names
    )
    return log_lines(replace(consultation, names=everybody), restrained)
