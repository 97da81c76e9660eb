"""Runs a mutation about somebody: a subject that the caller may know, or a person by the full number [5.1.3] [5.1.6].

A global id alone is no key to anybody: one outside the caller's scope is refused exactly as one that does not exist.
A number on record is compared with the name that is given; the comparison is recorded for the one on record before the
name is opened. Whether the number was known is told to nobody, except by a name that differs.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from consent.leaves.number_lookups import Entrance
from consent.vocabulary import DataClass, Purpose
from credit.applications.actions import find_at_department
from credit.core.context import ActionContext
from credit.core.errors import CaseChangedMeanwhile, CreditError, UnknownCase
from credit.core.record_refs import ApplicationRef
from credit.core.values.identifiers import parse_identifier
from credit.core.values.names import same_name
from credit.subjects.refusals import NameConflict
from credit.subjects.registration import Registration
from credit.subjects.registration_record import RegisteredMeanwhile, RegistrationChannel, registration_record
from credit.subjects.subject import NamedSubject, identifier_kind
from policy.crypto.field_encryption import SealBroken
from policy.decisions import Withheld
from schema.core.context import Info, RequestContext
from schema.core.inputs import AboutSomebodyInput, KeyedInput, PersonInput, named_party, registration_of
from schema.core.mutations.mutation import (
    Done,
    MutationResult,
    RequestKey,
    or_refusal,
    request_key,
    run_once,
    stored_before,
)
from schema.core.ports import CommittingWork, TriedNumber
from schema.execution.access_entries import DisclosureBuilder
from schema.execution.actor_binds import actor_binds
from schema.execution.disclosure import RecordedBoxes, RecordedDisclosure
from schema.execution.durable_records import CommittedDisclosures
from schema.execution.refusal_entries import name_shown

ActOn = Callable[[CommittingWork, ActionContext, UUID], Awaitable[Done]]
"""Calls one action about a subject in a transaction that has begun."""
OPENS: Final = frozenset({("subjects", "name")})
ATTEMPTS: Final = 3


@dataclass(frozen=True, slots=True)
class ComparedPerson:
    """A person whose name agrees with the record: *known* is the subject on record, None where the number is new."""

    registration: Registration
    known: UUID | None


async def run_about_somebody(
    info: Info,
    given: AboutSomebodyInput,
    result: MutationResult[Done],
    channel: RegistrationChannel,
    act: ActOn[Done],
    application: ApplicationRef | None = None,
) -> Any:  # noqa: ANN401 - a member of the mutation's union
    """Carry out *act* once for the subject or the person that *given* names; return its payload, or the refusal.

    An *application* of the caller's department makes its applicant known, also after it was decided.
    """
    return await or_refusal(info, given, _run(info, given, result, channel, act, application))


async def _run(
    info: Info,
    given: AboutSomebodyInput,
    result: MutationResult[Done],
    channel: RegistrationChannel,
    act: ActOn[Done],
    application: ApplicationRef | None,
) -> Any:  # noqa: ANN401 - as above
    context, key = info.context, request_key(info, given)
    party = named_party(given)
    if isinstance(party, PersonInput):
        return await run_for_person(context, given, key, party, result, channel, act)

    async def known(work: CommittingWork, by: ActionContext) -> Done:
        await require_known(context, work, party, application)
        return await act(work, by, party)

    return await run_once(context, given, key, known, result)


async def run_for_person(
    context: RequestContext,
    given: KeyedInput,
    key: RequestKey,
    person: PersonInput,
    result: MutationResult[Done],
    channel: RegistrationChannel,
    act: ActOn[Done],
) -> Any:  # noqa: ANN401 - as above
    """Put *person* on record if need be, and carry out *act* for it in the same transaction; return the payload.

    Raises RegistrationRefused, NameConflict, CaseChangedMeanwhile, SealBroken.
    """
    before = await stored_before(context, key)
    if before is not None:
        return result.payload(before)
    number = _number(person)
    await context.lookups.admit(context.actor, Entrance.REGISTRATION, len(number))
    try:
        payload = await _attempts(context, given, key, person, result, channel, act)
    except (CreditError, SealBroken) as error:  # a damaged name tells of somebody too
        is_hit = isinstance(error, NameConflict | SealBroken)
        tried = [TriedNumber(each, is_hit=is_hit) for each in number]
        await context.lookups.record(context.actor, context.purpose, Entrance.REGISTRATION, tried)
        raise
    tried = [TriedNumber(each, is_hit=False) for each in number]
    await context.lookups.record(context.actor, context.purpose, Entrance.REGISTRATION, tried)
    return payload


async def _attempts(
    context: RequestContext,
    given: KeyedInput,
    key: RequestKey,
    person: PersonInput,
    result: MutationResult[Done],
    channel: RegistrationChannel,
    act: ActOn[Done],
) -> Any:  # noqa: ANN401 - as above
    for _ in range(ATTEMPTS):
        compared = await compare_with_record(context, person)
        try:
            return await run_once(context, given, key, _registering(compared, channel, act), result)
        except RegisteredMeanwhile:
            continue
    raise CaseChangedMeanwhile


def _number(person: PersonInput) -> list[str]:
    """Return the number that is tried; nothing for one that is none, and will be refused.

    Whatever is answered, it is counted and recorded like a search: only a name that differs tells of somebody.
    """
    try:
        return [registered_number(person)]
    except CreditError:
        return []


def _registering(
    compared: ComparedPerson, channel: RegistrationChannel, act: ActOn[Done]
) -> Callable[[CommittingWork, ActionContext], Awaitable[Done]]:
    async def registering(work: CommittingWork, by: ActionContext) -> Done:
        subject_id = await work.register(compared.registration, by, compared.known)
        done = await act(work, by, subject_id)
        made = registration_record(by, subject_id, channel, getattr(done, "case_id", None))
        await work.subjects.record([made])
        return done

    return registering


async def compare_with_record(context: RequestContext, person: PersonInput) -> ComparedPerson:
    """Return *person* as it may be put on record; raises RegistrationRefused with every problem, and NameConflict."""
    async with context.begin() as work:
        registration = registration_of(person, await work.subjects.area_names(), context.today)
        kind, number = identifier_kind(registration.kind), registration.identifier.text
        found = await work.subjects.find(kind, context.keyring.terms(kind, number))
        known = None if found is None else await work.subjects.named(found)
        if known is None:
            return ComparedPerson(registration, None)
        boxes = await record_name(context, work, known)
    if known.kind is not registration.kind or known.name is None:
        raise NameConflict
    if not same_name(boxes.open(known.name), registration.name):
        raise NameConflict
    return ComparedPerson(registration, known.subject_id)


def registered_number(person: PersonInput) -> str:
    """Return the number of *person* in the form in which it is on record."""
    return parse_identifier(identifier_kind(person.kind), person.number).text


async def record_name(
    context: RequestContext, work: CommittingWork, known: NamedSubject, citation: str | None = None
) -> RecordedBoxes:
    """Record that the name of *known* is opened, commit *work*, and return what opens it; raises RootRefused."""
    shown = await name_shown(context, work, known.subject_id, known.kind, citation)
    purpose = _purpose(context)
    builder = DisclosureBuilder.of(context.runtime, context.actor, purpose, context.origin, context.now)
    disclosure = RecordedDisclosure(context.keyring, context.actor, purpose, context.policy.version, OPENS)
    # No promise: it would tell the caller that the number was on record before.
    record = CommittedDisclosures(work, builder.build([shown]), lambda _: None)
    return await disclosure.record([] if known.name is None else [known.name], record)


async def require_known(
    context: RequestContext,
    work: CommittingWork,
    subject_id: UUID,
    application: ApplicationRef | None = None,
    purpose: Purpose | None = None,
) -> None:
    """Return nothing if the caller may know the subject; raises UnknownCase otherwise, whether or not it exists.

    The caller may know whom it could find by the number for the same purpose (the class `SUBJECT_SEARCH`).
    """
    if application is not None:
        if application.subject_id != subject_id:
            raise UnknownCase
        await find_at_department(work, context.action.actor, application)
        return
    answer = context.policy.read(context.actor.role, purpose or context.purpose, DataClass.SUBJECT_SEARCH)
    scopes = () if isinstance(answer, Withheld) else {grant.scope for grant in answer}
    binds = actor_binds(context.actor, context.today, context.action.registration_days)
    if not await work.subjects.is_within(subject_id, scopes, context.unrectified, binds):
        raise UnknownCase


def _purpose(context: RequestContext) -> Purpose:
    if context.purpose is None:
        raise ValueError("a mutation about somebody is admitted for a purpose")
    return context.purpose
