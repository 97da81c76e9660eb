"""Consultations before a rating, an award or a selection: find the subjects, reply, and record [5.2.3].

The same SQL statements run for every name, whether or not a subject is recorded under it. Only the reply differs, and
it depends on nothing but the restraint flags of the subjects that may be looked up.
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
from credit.core.values.blanks import is_blank
from credit.core.values.identifiers import IdentifierKind

ASSOCIATION: Final = "association"
ASKING: Final[Mapping[str, RecipientKind]] = {HEAD: RecipientKind.DEPARTMENT, ASSOCIATION: RecipientKind.ASSOCIATION}
"""The roles that consult, each with its kind of recipient [5.2.3]."""


@dataclass(frozen=True, slots=True)
class NameLookup:
    """What a line names: a subject by its id, or a number by the terms of its blind index."""

    subject_id: UUID | None = None
    kind: IdentifierKind | None = None
    terms: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class ConsultationPurpose:
    """What the answer is for. *statute* is a department's own legal ground; else authorisations count."""

    kind: ConsultationKind
    occasion: str
    statute: str | None = None


@dataclass(frozen=True, slots=True)
class LoggedConsultation:
    """One line of a subject's own log, with the fields that the ledger commits to.

    If no subject is recorded under the name, *log* has an id that no subject has, and nothing is stored.
    """

    line_id: UUID
    log: LogLine
    salt: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class AnsweredConsultation:
    """A consultation, its replies, and the lines in the logs of its subjects."""

    consultation: Consultation
    lines: tuple[ConsultationLine, ...]
    logged: tuple[LoggedConsultation, ...] = ()


class ConsultationStore(Protocol):
    """Consultations, and the look-ups that they need. Each method runs the same statements for every name."""

    async def find(self, asked: Sequence[NameLookup]) -> Sequence[UUID | None]:
        """Return the subject of each line; None if none is recorded."""
        ...

    async def authorised(self, subjects: Collection[UUID], recipient: str, today: date) -> Mapping[UUID, UUID]:
        """Return each subject's live authorisation towards *recipient*, locked until this unit of work ends."""
        ...

    async def restrained(
        self, subjects: Collection[UUID], today: date, unrectified: UnrectifiedPolicy
    ) -> frozenset[UUID]:
        """Return which *subjects* are restrained today: by date, without confidential cases. No others are read."""
        ...

    async def use(self, authorisations: Mapping[UUID, UUID]) -> None:
        """Count one use of each authorisation, given by subject."""
        ...

    async def save(self, consultation: Consultation, lines: Sequence[LoggedConsultation]) -> None:
        """Save it, and the lines of recorded subjects, with their leaves."""
        ...

    async def replies(self, consultation_id: UUID) -> tuple[int, bool, Mapping[int, Reply]] | None:
        """Return its number of names, whether by statute, and the replies about recorded subjects; None if unknown."""
        ...


async def consult(
    work: UnitOfWork,
    context: ActionContext,
    matter: ConsultationPurpose,
    asked: Sequence[NameLookup],
    *,
    most: int = MOST_NAMES,
) -> AnsweredConsultation:
    """Answer a consultation at this moment, and record it in the log of each of its subjects [5.1.6] [5.2.3].

    Raises what `credit.consultations.consultation.consult` refuses, StepNotWellFormed, and UnknownCase for a caller
    that may not consult.
    """
    if context.actor.role not in ASKING or context.actor.department is None:
        raise UnknownCase
    statute = None if matter.statute is None or is_blank(matter.statute) else reference("statute", matter.statute)
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
    logged = tuple(
        LoggedConsultation(context.new_id(), log, context.random(SALT_BYTES))
        for log in _every_line(context, consultation, restrained)
    )
    await work.consultations.save(consultation, logged)
    return AnsweredConsultation(consultation, consultations_consultation.reply(consultation, restrained), logged)


async def answered_before(work: UnitOfWork, consultation_id: UUID) -> tuple[ConsultationLine, ...]:
    """Return the earlier replies to a caller that repeats its request. Raises UnknownCase."""
    found = await work.consultations.replies(consultation_id)
    if found is None:
        raise UnknownCase
    names, by_statute, replies = found
    nobody = Reply.NOT_RESTRAINED if by_statute else Reply.NO_AUTHORISATION
    return tuple(ConsultationLine(line, replies.get(line, nobody)) for line in range(1, names + 1))


def _used(consultation: Consultation) -> Mapping[UUID, UUID]:
    """Return the authorisations that this consultation uses, each once, however often it names a subject."""
    return {
        name.subject_id: name.authorisation_id
        for name in consultation.names
        if name.subject_id is not None and name.authorisation_id is not None and ground_of(consultation, name)
    }


def _every_line(context: ActionContext, consultation: Consultation, restrained: Collection[UUID]) -> Sequence[LogLine]:
    """Return a line for every name. A name without a recorded subject gets an id that no subject has."""
    everybody = tuple(
        name if name.subject_id is not None else replace(name, subject_id=context.new_id())
        for name in consultation.names
    )
    return log_lines(replace(consultation, names=everybody), restrained)
