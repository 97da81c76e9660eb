"""Consultations before a rating, an award or a selection: the reply is only restrained or not, at this moment [5.2.3].

    consult ──> answerable (whose flag may be looked at) ──> reply ──> entries in the subjects' logs

LAW: a reply depends on nothing but the flags of the answerable subjects. A subject without authorisation and a name
without a recorded subject get the same reply.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from credit.consultations.refusals import (
    NOBODY_NAMED,
    STATUTE_NOT_FOR_ASSOCIATIONS,
    TOO_MANY_NAMES,
    ConsultationRefused,
)
from credit.core.labels import Labelled
from credit.core.values.references import parse_reference

MOST_NAMES: Final = 500
"""How many names one consultation may have, unless the deployment sets another limit."""


class ConsultationKind(Labelled):
    """What the answer is for."""

    RATING = "RATING", "信用等级评定", "5.2.3"
    AWARD = "AWARD", "评优", "5.2.3"
    SELECTION = "SELECTION", "评先", "5.2.3"


class RecipientKind(Labelled):
    """The kind of recipient: part of government, or outside it."""

    DEPARTMENT = "DEPARTMENT", "部门（单位）", "5.2.3"
    ASSOCIATION = "ASSOCIATION", "行业协会、商会", "5.2.3"


class ConsultationGround(Labelled):
    """The ground on which the reply about a name rests."""

    STATUTE = "STATUTE", "法定职责", "5.2.3"
    AUTHORISATION = "AUTHORISATION", "主体授权", "5.1.6"


class Reply(Labelled):
    """All that a recipient ever learns about a name."""

    RESTRAINED = "RESTRAINED", "处于失信制约管理期内", "5.2.3"
    NOT_RESTRAINED = "NOT_RESTRAINED", "未处于失信制约管理期内", "5.2.3"
    NO_AUTHORISATION = "NO_AUTHORISATION", "未取得授权，不予答复", "5.1.6"


@dataclass(frozen=True, slots=True)
class Name:
    """One line of a consultation: the subject found under it, and its live authorisation towards the recipient."""

    line: int
    subject_id: UUID | None
    authorisation_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Consultation:
    """A request, single or in a batch. *statute* is a department's own legal ground, as cited."""

    consultation_id: UUID
    kind: ConsultationKind
    recipient_kind: RecipientKind
    recipient_code: str
    occasion: str
    """Which rating, award or selection: a reference without particulars of anybody."""
    statute: str | None
    by: str
    at: datetime
    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class ConsultationLine:
    """The reply to one line, and nothing that reveals more."""

    line: int
    reply: Reply


@dataclass(frozen=True, slots=True)
class LogLine:
    """The entry in the subject's own log: who asked, for what, on which ground, and what was replied [5.1.6]."""

    subject_id: UUID
    consultation_id: UUID
    line: int
    recipient_code: str
    kind: ConsultationKind
    at: datetime
    ground: ConsultationGround | None
    citation: str | None
    authorisation_id: UUID | None
    reply: Reply


def says_on_record(consultation: Consultation, line: ConsultationLine) -> bool:
    """Return whether the reply says that the name is on record; on a statute, who is not there is not restrained."""
    if consultation.statute is not None:
        return line.reply is Reply.RESTRAINED
    return line.reply is not Reply.NO_AUTHORISATION


def consult(
    *,
    consultation_id: UUID,
    kind: ConsultationKind,
    recipient_kind: RecipientKind,
    recipient_code: str,
    occasion: str,
    by: str,
    at: datetime,
    names: Sequence[Name],
    statute: str | None = None,
    most: int = MOST_NAMES,
) -> Consultation:
    """Accept a consultation. Raises NOBODY_NAMED, TOO_MANY_NAMES, STATUTE_NOT_FOR_ASSOCIATIONS, InvalidItem.

    A department without a statute of its own may also consult; then each subject's authorisation decides.
    """
    if not names:
        raise ConsultationRefused(NOBODY_NAMED)
    if len(names) > most:
        raise ConsultationRefused(TOO_MANY_NAMES, most=most)
    ground = (statute or "").strip() or None
    if ground is not None and recipient_kind is RecipientKind.ASSOCIATION:
        raise ConsultationRefused(STATUTE_NOT_FOR_ASSOCIATIONS)
    return Consultation(
        consultation_id, kind, recipient_kind, recipient_code, parse_reference(occasion), ground, by, at, tuple(names)
    )


def ground_of(consultation: Consultation, name: Name) -> ConsultationGround | None:
    """Return the ground on which *name* may be answered; None if it may not."""
    if consultation.statute is not None and consultation.recipient_kind is RecipientKind.DEPARTMENT:
        return ConsultationGround.STATUTE
    return None if name.authorisation_id is None or name.subject_id is None else ConsultationGround.AUTHORISATION


def answerable(consultation: Consultation) -> frozenset[UUID]:
    """Return the subjects whose flag may be read for this consultation. No other flag is read."""
    return frozenset(
        name.subject_id
        for name in consultation.names
        if name.subject_id is not None and ground_of(consultation, name) is not None
    )


def reply(consultation: Consultation, restrained: Collection[UUID]) -> tuple[ConsultationLine, ...]:
    """Reply to every line, given the subjects *restrained* at this moment [5.2.3]. No subject: not restrained."""
    return tuple(ConsultationLine(name.line, _reply(consultation, name, restrained)) for name in consultation.names)


def log_lines(consultation: Consultation, restrained: Collection[UUID]) -> tuple[LogLine, ...]:
    """Return what each subject will see in its log, even if the recipient got no information [5.1.6]."""
    lines: list[LogLine] = []
    for name in consultation.names:
        if name.subject_id is None:
            continue
        ground = ground_of(consultation, name)
        lines.append(
            LogLine(
                name.subject_id,
                consultation.consultation_id,
                name.line,
                consultation.recipient_code,
                consultation.kind,
                consultation.at,
                ground,
                consultation.statute if ground is ConsultationGround.STATUTE else None,
                name.authorisation_id if ground is ConsultationGround.AUTHORISATION else None,
                _reply(consultation, name, restrained),
            )
        )
    return tuple(lines)


def _reply(consultation: Consultation, name: Name, restrained: Collection[UUID]) -> Reply:
    if ground_of(consultation, name) is None:
        return Reply.NO_AUTHORISATION
    return Reply.RESTRAINED if name.subject_id in restrained else Reply.NOT_RESTRAINED
