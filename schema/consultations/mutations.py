"""Consulting before a rating, an award or a selection: one mutation for one name or a batch of them [5.2.3].

A number never leaves this module but as keyed hashes, those of its blind index and of its lookup's entry: neither the
answer nor a refusal quotes it, and the hash that tells requests apart is over the terms of the index, since a plain
hash of a number is as good as the number.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from consent.disclosures.formats import Disclosure
from consent.idempotency import request_hash
from consent.leaves.number_lookups import Entrance
from consent.vocabulary import Basis, DataClass, Form, Purpose
from credit.consultations import actions, refusals
from credit.consultations import consultation as consultations_consultation
from credit.consultations.actions import AnsweredConsultation, ConsultationPurpose, LoggedConsultation, NameLookup
from credit.consultations.consultation import (
    ConsultationGround,
    ConsultationKind,
    ConsultationLine,
    Reply,
    says_on_record,
)
from credit.core.context import ActionContext
from credit.core.errors import CreditError, Problem, StepNotWellFormed
from credit.core.values.identifiers import IdentifierKind, parse_identifier
from credit.corrections.correction import Route
from credit.corrections.deliveries import record_restraint_disclosed
from policy.decisions import Withheld
from queryplan.entities import Entity
from schema.consultations.types import Consultation
from schema.core.context import Info, RequestContext
from schema.core.errors import BadArgument, RootRefused
from schema.core.fields import read_back
from schema.core.global_ids import subject_id_of
from schema.core.inputs import KeyedInput, mutation_input
from schema.core.mutations.idempotency import KEY, check_key
from schema.core.mutations.mutation import MutationResult, RequestKey, or_refusal, run_once, stored_before
from schema.core.mutations.refusals import Collision, NotFound, NotWellFormed, Refusal, refusal_type
from schema.core.ports import CommittingWork, TriedNumber
from schema.execution.access_entries import Disclosed, DisclosureBuilder

SHOWN = (("ConsultedLine.reply", DataClass.CONSULTATION_REPLY.value, Form.CLEAR.value),)
"""What a reply tells of a subject, as its access entry says it."""


@strawberry.input(description="征求意见对象：one name, by its global id or by kind and number; never by both.")
class ConsultedName:
    subject: strawberry.ID | None = strawberry.field(default=None, description="The subject's global id.")
    kind: IdentifierKind | None = strawberry.field(default=None, description="The kind of the number.")
    number: str | None = strawberry.field(
        default=None, description="The whole number, as a variable. It is never quoted back, logged or stored."
    )


@mutation_input(description="征求意见：asks of one or many whether they are restrained at this moment [5.2.3].")
class ConsultInput(KeyedInput):
    kind: ConsultationKind = strawberry.field(description="What the answer is for.")
    occasion: str = strawberry.field(
        description="事由：which rating, award or selection, by its reference; no name and no number in it."
    )
    names: list[ConsultedName] = strawberry.field(description="Whom it is about. How many is a limit of the service.")
    statute: str | None = strawberry.field(
        default=None,
        description="法定依据：the statute on which a department asks. Without it, and always for an association, each "
        "name is answered on the subject's own authorisation only.",
    )
    idempotency_key: str | None = strawberry.field(
        default=None, description=f"{KEY} The replies are then those of the first time."
    )


@strawberry.type(description="答复：the reply to one name, and nothing that would say more [5.2.3].")
class ConsultedLine:
    line: int = strawberry.field(description="The place of the name in the request, from 1.")
    reply: Reply = strawberry.field(
        description="Restrained or not at this moment. Nobody on record, and no authorisation, are one reply."
    )


@strawberry.type(description="The consultation is answered; each reply stands in the log of whom it is about [5.1.6].")
class ConsultationAnswered:
    lines: list[ConsultedLine] = strawberry.field(description="One reply for each name, in the order asked.")
    answered_at: datetime = strawberry.field(description="The moment of which the replies are true (UTC).")
    consultation: Consultation | None = read_back(Entity.CONSULTATION, "The request as it is stored, without names.")


@refusal_type(description="The consultation cannot be answered as it was asked [5.2.3].")
class ConsultationRefused(Refusal):
    shows = (refusals.ConsultationRefused,)

    remedy: str = strawberry.field(name="wayOut", description="可以怎么做。What can be done instead, in Chinese.")
    remedy_en: str = strawberry.field(name="wayOutEn", description="The same in English.")


ConsultResult = Annotated[
    ConsultationAnswered | ConsultationRefused | NotWellFormed | NotFound | Collision,
    strawberry.union("ConsultResult", description="The result of a consultation."),
]


@strawberry.type(description="The mutation by which departments, associations and chambers consult [5.2.3].")
class ConsultationMutation:
    """The mutation by which departments, associations and chambers consult."""

    @strawberry.mutation(
        description="征求意见：asks of one or many whether they are restrained at this moment, before a rating, an "
        "award or a selection. A department asks on a statute or on authorisations, an association on authorisations. "
        "Each reply is in the subject's own log before it is given [5.2.3] [5.1.6]."
    )
    async def consult(self, info: Info, input: ConsultInput) -> ConsultResult:
        check_key(input.idempotency_key)
        _admit(info.context)
        return await or_refusal(info, input, _consult(info.context, input))


CONSULTED: MutationResult[AnsweredConsultation] = MutationResult(
    lambda answered: {
        "consultation_id": str(answered.consultation.consultation_id),
        "at": answered.consultation.at.isoformat(),
    },
    lambda stored: (UUID(stored["consultation_id"]), datetime.fromisoformat(stored["at"])),
)
"""A consultation's id and moment are stored for its key; its replies are read from its own record."""


@dataclass(slots=True)
class _Done:
    """What this request answered itself; None where it only repeats an earlier one."""

    answered: AnsweredConsultation | None = None
    entries: list[bytes] = field(default_factory=list)
    """Those of the log `access` about what was answered and tried."""


async def _consult(context: RequestContext, given: ConsultInput) -> ConsultationAnswered:
    # More than the limit is refused by the rules, before anything is looked for.
    asked, numbers = _asked(context, given.names[: context.limits.names + 1])
    key = RequestKey(given.idempotency_key, context.keyring.request_tag(_hash(given, asked)))
    done = _Done()
    if len(asked) <= context.limits.names and await stored_before(context, key) is None:
        await context.lookups.admit(context.actor, Entrance.CONSULTATION, len(numbers))

    async def act(work: CommittingWork, by: ActionContext) -> AnsweredConsultation:
        matter = ConsultationPurpose(given.kind, given.occasion, given.statute)
        done.answered = answered = await actions.consult(work, by, matter, asked, most=context.limits.names)
        known = await work.own_logs.known([one.log.subject_id for one in answered.logged])
        disclosure = _disclosure(context, answered.logged, known)
        await work.own_logs.append([disclosure])
        tried = _tried(answered.consultation, numbers)
        lookups = context.lookups.entries(context.actor, context.purpose, Entrance.CONSULTATION, tried)
        await work.own_logs.append_lookups(lookups)
        # Entries would say who is on record, where a reply does not: by the number of subjects, and by hit or miss.
        if all(says_on_record(answered.consultation, one) for one in answered.lines):
            done.entries += [disclosure.entry(), *(each.entry() for each in lookups)]
        await _notify_subjects(context, work, answered.logged)
        return answered

    consultation_id, answered_at = await run_once(context, given, key, act, CONSULTED)
    context.committed(done.entries)
    lines = await _replies(context, consultation_id) if done.answered is None else done.answered.lines
    return ConsultationAnswered(
        lines=[ConsultedLine(line=one.line, reply=one.reply) for one in lines],
        answered_at=answered_at,
        consultation=(consultation_id,),  # type: ignore[arg-type]  # its keys, until it is read back
    )


async def _replies(context: RequestContext, consultation_id: UUID) -> Sequence[ConsultationLine]:
    """Return what was replied the first time."""
    async with context.begin() as work:
        return await actions.answered_before(work, consultation_id)


async def _notify_subjects(context: RequestContext, work: CommittingWork, kept: Sequence[LoggedConsultation]) -> None:
    """Record who learned that a subject is restrained: if that was wrong, they are notified [5.1.4(6)]."""
    recipients = {(one.log.subject_id, one.log.recipient_code) for one in kept if one.log.reply is Reply.RESTRAINED}
    for subject_id, recipient in sorted(recipients):
        await record_restraint_disclosed(work, context.action, subject_id, recipient, Route.CONSULTATION)


def _admit(context: RequestContext) -> None:
    """Return nothing if this role may learn who is restrained; raises RootRefused.

    The mutation was admitted to ask. Replies are not read back, so that the guard's word on them is asked for here.
    """
    answer = context.policy.read(context.actor.role, context.purpose, DataClass.CONSULTATION_REPLY)
    if isinstance(answer, Withheld):
        raise RootRefused(
            status=403,
            at=["consult"],
            field="ConsultedLine.reply",
            dataClass=DataClass.CONSULTATION_REPLY,
            reason=answer.reason,
            unlock=answer.unlock,
        )


def _asked(context: RequestContext, names: Sequence[ConsultedName]) -> tuple[list[NameLookup], dict[int, str]]:
    """Return whom each name means, and by their lines the numbers among them, in their normal form.

    Raises StepNotWellFormed with every name that is none, without quoting any.
    """
    asked: list[NameLookup] = []
    numbers: dict[int, str] = {}
    problems: list[Problem] = []
    for at, name in enumerate(names):
        if name.subject is not None and name.kind is None and name.number is None:
            asked.append(NameLookup(subject_id_of(name.subject)))
        elif name.subject is None and name.kind is not None and name.number is not None:
            try:
                number = parse_identifier(name.kind, name.number).text
            except CreditError as unreadable:
                problems.append(Problem.of(f"names.{at}.number", unreadable))
            else:
                asked.append(NameLookup(kind=name.kind, terms=tuple(context.keyring.terms(name.kind, number))))
                numbers[at + 1] = number
        else:
            raise BadArgument(argument=f"names.{at}")
    if problems:
        raise StepNotWellFormed(tuple(problems))
    return asked, numbers


def _tried(consultation: consultations_consultation.Consultation, numbers: Mapping[int, str]) -> list[TriedNumber]:
    """Return each number with whether a reply about somebody on record was given for it."""
    told = consultations_consultation.answerable(consultation)
    return [
        TriedNumber(numbers[name.line], name.subject_id in told) for name in consultation.names if name.line in numbers
    ]


def _hash(given: ConsultInput, asked: Sequence[NameLookup]) -> str:
    names = [str(one.subject_id) if one.kind is None else f"{one.kind}:{one.terms[0].hex()}" for one in asked]
    return request_hash(
        "consult", {"kind": given.kind.value, "occasion": given.occasion, "statute": given.statute, "names": names}
    )


def _disclosure(context: RequestContext, kept: Sequence[LoggedConsultation], known: Collection[UUID]) -> Disclosure:
    """Return the record of the lines: what was disclosed of each subject on record, or that nothing was [5.1.6].

    It is written also where none of the names is on record, so that the same statements run.
    """
    shown = [
        Disclosed(
            one.log.subject_id,
            Basis.STATUTE if one.log.ground is ConsultationGround.STATUTE else Basis.CONSENT,
            "5.2.3" if one.log.ground is ConsultationGround.STATUTE else "5.2.3 5.1.6",
            one.log.authorisation_id,
            () if one.log.ground is None else SHOWN,
        )
        for one in kept
        if one.log.subject_id in known
    ]
    builder = DisclosureBuilder.of(context.runtime, context.actor, Purpose.CONSULTATION, context.origin, context.now)
    return builder.build_one(shown)
