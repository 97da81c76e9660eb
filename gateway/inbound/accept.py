"""Accepts a pushed message: once for each key, as a collected case, or into quarantine with its reasons [5.1.3].

The department named in the message collects the case (decision 12); its handler is the one named in the message, or not
assigned yet. A name that has to be compared with the record is opened for that department, and recorded.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from consent.leaves.number_lookups import Entrance, NumberLookup
from consent.leaves.provenance import Provenance
from consent.vocabulary import Channel, Purpose
from credit.cases.actions.collect import collect_breach
from credit.cases.breach import Breach
from credit.cases.status import CollectionChannel
from credit.core.context import Caller
from credit.core.errors import CreditError
from credit.corrections.correction import Delivery, RecordItem, Route
from credit.corrections.deliveries import record_delivery
from credit.subjects.registration_record import RegistrationChannel, registration_record
from credit.subjects.subject import Place
from gateway.http.errors import Code
from gateway.import_export.importing.candidates import RowsSoFar
from gateway.import_export.importing.compare import RowComparer, RowResult, refused_as_damaged
from gateway.import_export.importing.existing_records import look_up
from gateway.import_export.importing.recorded_opening import ItemDamaged, RecordedOpening
from gateway.import_export.reference_lists import Lists, load_lists
from gateway.inbound.parse import Pushed, Reason, item_of, read_pushed
from gateway.json_input import DuplicateKey, InvalidJson, parse_json
from gateway.services import Services
from gateway.subjects.seal_registration import new_subject
from gateway.subjects.sealing_unit_of_work import SealingUnitOfWork
from policy.actors import Actor, Role
from policy.crypto.masking import mask_text
from queryplan.scopes import Scope
from schema.core.ports import TriedNumber
from storage.errors import SubjectAlreadyRegistered
from storage.repositories.messages.inbound_messages import ACCEPTED, BODY, QUARANTINED, TABLE, Came, Held

SOURCE: Final = "supervision-platform"
GIVEN: Final = frozenset(
    {RecordItem.NAME, RecordItem.NUMBER, RecordItem.ADDRESS, RecordItem.FACTS, RecordItem.AUTHORITY, RecordItem.BASIS}
)
"""The items of a pushed case that its sender has: if one turns out wrong, the sender is notified [5.1.4(6)]."""
ATTEMPTS: Final = 3


class KeyUsedOtherwise(Exception):
    """The key already belongs to a message with another content."""


class _Meanwhile(Exception):
    """Another request has registered the subject or the message in the meantime: look again."""


@dataclass(frozen=True, slots=True)
class InboundResult:
    """The result for a message. *reasons* and *warnings* are of this attempt; *again*: it was accepted before."""

    came: Came
    reasons: tuple[Reason, ...] = ()
    again: bool = False
    warnings: tuple[Reason, ...] = ()
    """Items that were left out of an accepted case, with their codes."""


@dataclass(frozen=True, slots=True)
class _Message:
    """A message as it was read, and the department that it names, if that is one of ours."""

    read: Pushed | tuple[Reason, ...]
    lists: Lists
    department: str | None


@dataclass(frozen=True, slots=True)
class _Compared:
    """Why the record or the rules refuse a case; nothing if they do not. *is_hit*: the reasons tell of somebody."""

    reasons: tuple[Reason, ...] = ()
    is_hit: bool = False


async def accept(services: Services, actor: Actor, key: str, body: bytes) -> InboundResult:
    """Accept a message, or return its earlier result; raises KeyUsedOtherwise, LookupQuota.

    A message that names a person counts as a lookup, whatever the answer says; one that was accepted before does not.
    """
    is_admitted = False
    for _ in range(ATTEMPTS):
        known = await _known(services, key, body)
        message = await _read(services, body)
        warnings = message.read.warnings if isinstance(message.read, Pushed) else ()
        if known is not None:
            return InboundResult(known, again=True, warnings=warnings)
        if isinstance(message.read, Pushed) and not is_admitted:
            await services.lookups.admit(actor, Entrance.PUSH, 1)
            is_admitted = True
        try:
            return await _accept(services, actor, key, body, message)
        except (_Meanwhile, SubjectAlreadyRegistered):
            continue
    raise _Meanwhile


async def _known(services: Services, key: str, body: bytes) -> Came | None:
    async with SealingUnitOfWork(services.database, services.keyring) as work:
        known = await work.inbound.known(SOURCE, key)
    if known is not None and known.fingerprint not in services.keyring.fingerprints(body):
        raise KeyUsedOtherwise
    return known


async def _read(services: Services, body: bytes) -> _Message:
    lists = await load_lists(services.database)
    try:
        message = parse_json(body)
    except DuplicateKey:
        return _Message((("(message)", Code.DUPLICATE_KEY.value),), lists, None)
    except InvalidJson:
        return _Message((("(message)", Code.BAD_JSON.value),), lists, None)
    today = services.runtime.today(services.runtime.now())
    department = message.get("department") if isinstance(message, dict) else None
    is_known = isinstance(department, str) and department in lists.reference.departments
    return _Message(
        read_pushed(message, lists.reference, services.keyring, today), lists, department if is_known else None
    )


async def _accept(services: Services, actor: Actor, key: str, body: bytes, message: _Message) -> InboundResult:
    read = message.read
    if not isinstance(read, Pushed):
        return await _quarantine(services, key, body, read, message.department)
    department = read.candidate.intake.department_code
    compared = await _compare(services, actor, read, message.lists, body)
    tried = [TriedNumber(read.candidate.number, compared.is_hit)]
    lookups = services.lookups.entries(actor, Purpose.PLATFORM_EXCHANGE, Entrance.PUSH, tried)
    if compared.reasons:
        return await _quarantine(services, key, body, compared.reasons, department, lookups)
    try:
        return await _collect(services, actor, key, body, read, message.lists, lookups)
    except CreditError as refused:
        return await _quarantine(services, key, body, (("(case)", refused.code),), department, lookups)


async def _compare(services: Services, actor: Actor, read: Pushed, lists: Lists, body: bytes) -> _Compared:
    """Compare a message with the record, by the rules of the import; a name is opened only after that is recorded."""
    candidate = read.candidate
    taking_in = Actor(actor.ref, Role.HANDLER, candidate.intake.department_code, known_by=actor.known_by)
    message = hashlib.sha256(services.keyring.fingerprints(body)[0]).hexdigest()
    opening = RecordedOpening(services, taking_in, message, channel=Channel.PUSH)
    # A pushed case is collected: what would complete it is no item of the message.
    compare = RowComparer(
        taking_in, (Scope.DEPARTMENT,), lists.sectors.__getitem__, opening.open, services.runtime.now(), cut_over=None
    )
    async with services.database.snapshot() as snapshot:
        today = services.runtime.today(services.runtime.now())
        existing = await look_up(snapshot, [candidate], department=taking_in.department, today=today)
    if existing.case(candidate) is not None:
        return _Compared((("number", "CASE_ON_RECORD"),), is_hit=True)
    await opening.record(compare.opens(candidate, existing, RowsSoFar()))
    try:
        compared = compare.compare(candidate, existing, RowsSoFar())
    except ItemDamaged as damaged:
        compared = refused_as_damaged(candidate, damaged)
    if compared.outcome is RowResult.TAKEN_IN:
        return _Compared()
    unknown = compare.compare(candidate, existing.without_subjects(), RowsSoFar())
    reasons = tuple((item_of(problem.field), problem.code) for problem in compared.problems)
    return _Compared(reasons or (("(case)", "REFUSED"),), is_hit=compared.problems != unknown.problems)


async def _collect(
    services: Services, actor: Actor, key: str, body: bytes, read: Pushed, lists: Lists, lookups: Sequence[NumberLookup]
) -> InboundResult:
    """Collect the case: subject, case, delivery to its sender, lookup and note of the message in one transaction."""
    intake, now = read.candidate.intake, services.runtime.now()
    context = services.graphql_service.action_context(Caller(actor.ref, actor.role.value), now)
    provenance = Provenance(Channel.PUSH, actor.known_by, context.new_id())
    async with SealingUnitOfWork(services.database, services.keyring, provenance) as work:
        subject_id = await work.subjects.find(read.candidate.kind, read.candidate.terms)
        if subject_id is None:
            area = lists.reference.areas[intake.subject.area_code]
            new = new_subject(
                intake.subject, services.keyring, area_name=area, by=actor.ref, at=now, new_id=context.new_id
            )
            await work.subjects.register(new)
            subject_id = new.subject_id
        breach = Breach(
            subject_id=subject_id,
            application_id=None,
            department_code=intake.department_code,
            circumstance=intake.circumstance,
            channel=CollectionChannel.SUPERVISION_PUSH,
            established_on=read.occurred_on or context.today,
            facts_zh=intake.facts,
            evidence=read.evidence,
        )
        case = await collect_breach(
            work, context, breach, number=intake.number, basis=intake.basis, handler_ref=read.handler,
            occurred_on=read.occurred_on,
        )  # fmt: skip
        delivery = Delivery(case.case_id, SOURCE, Route.SUPERVISION_PLATFORM, GIVEN, now)
        await record_delivery(work, context, subject_id, delivery)
        made = registration_record(context, subject_id, RegistrationChannel.PLATFORM, case.case_id)
        await work.subjects.record([made])
        await work.own_logs.append_lookups(lookups)
        came = Came(SOURCE, key, services.keyring.fingerprints(body)[0], now, ACCEPTED, case_id=case.case_id)
        await _note(work, came)
        await work.commit()
    return InboundResult(came, warnings=read.warnings)


async def _quarantine(
    services: Services,
    key: str,
    body: bytes,
    reasons: tuple[Reason, ...],
    department: str | None,
    lookups: Sequence[NumberLookup] = (),
) -> InboundResult:
    """Store a message that was not accepted, sealed under its own key, until a person has looked at it."""
    item_id, now = services.runtime.new_id(), services.runtime.now()
    wrapped = services.keyring.new_key(item_id)
    text = body.decode("utf-8", "replace")
    sealed = services.keyring.seal(text, Place(TABLE, BODY, item_id, item_id, 1), wrapped)
    reasons_text = " ".join(f"{item}:{code}" for item, code in reasons)
    came = Came(SOURCE, key, services.keyring.fingerprints(body)[0], now, QUARANTINED, item_id=item_id)
    async with SealingUnitOfWork(services.database, services.keyring) as work:
        held = Held(item_id, SOURCE, key, now, department, reasons_text)
        await work.inbound.hold(held, sealed, mask_text(text), wrapped, services.keyring.kek_id)
        await work.own_logs.append_lookups(lookups)
        await _note(work, came)
        await work.commit()
    return InboundResult(came, reasons)


async def _note(work: SealingUnitOfWork, came: Came) -> None:
    if not await work.inbound.note(came):
        raise _Meanwhile


def case_reference(case_id: UUID | None) -> str | None:
    """Return a case's id as the response shows it: the same as in the payloads that we send."""
    return None if case_id is None else str(case_id)
