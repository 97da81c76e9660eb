"""Links an account with the subject of its number, found under the blind index or registered once [5.1.3] [5.1.6].

The name is compared with the record, and that is an entry in the log of the one on record before it is opened. What is
written is one transaction: the subject if it is new, the link, the registration record, and the lookup of the number.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from consent.leaves.canonical_form import instant
from consent.leaves.number_lookups import Entrance
from consent.leaves.provenance import Provenance
from consent.vocabulary import Channel, Purpose
from credit.core.context import Caller
from credit.core.errors import CaseChangedMeanwhile
from credit.core.values.names import same_name
from credit.subjects.record_events import RecordEvent
from credit.subjects.refusals import NameConflict
from credit.subjects.registration import Registration, register
from credit.subjects.registration_record import RegisteredMeanwhile, RegistrationChannel, registration_record
from credit.subjects.subject import NamedSubject, identifier_kind
from gateway.account_links.find_subject import account_hashes
from gateway.account_links.stated_identity import Identity
from gateway.import_export.importing.existing_records import KnownSubject
from gateway.import_export.importing.recorded_opening import ItemDamaged, RecordedOpening
from gateway.services import Services
from gateway.subjects.sealing_unit_of_work import SealingUnitOfWork
from policy.actors import Actor
from schema.core.ports import TriedNumber
from storage.repositories.subjects.account_links import AccountLinkRepository
from storage.repositories.subjects.subjects import SubjectRepository

PURPOSE: Final = Purpose.SELF_ACCESS
DOCUMENT: Final = sha256(b"POST /link").hexdigest()
"""What the access entry of a compared name contains in place of the hash of a GraphQL document."""
ATTEMPTS: Final = 3


class LinkedOtherwise(Exception):
    """The account is linked with the subject of another number."""


@dataclass(frozen=True, slots=True)
class Linked:
    """The link of an account. *is_new*: this request made it."""

    subject_id: UUID
    linked_at: datetime
    is_new: bool


async def link(services: Services, actor: Actor, identity: Identity, area_code: str) -> Linked:
    """Link the account of *actor* with the subject of *identity*, or return its link, if it is that one.

    *area_code* is the area of a subject that is new. Raises LinkedOtherwise, RegistrationRefused with every problem,
    NameConflict, ItemDamaged, LookupQuota, CaseChangedMeanwhile.
    """
    account = account_hashes(services.keyring, services.settings.oidc_issuer, actor.ref)
    registration = await _registration(services, identity, area_code)
    kind = identifier_kind(registration.kind)
    terms = services.keyring.terms(kind, registration.identifier.text)
    is_admitted = False
    for _ in range(ATTEMPTS):
        async with services.database.snapshot() as session:
            before = await AccountLinkRepository(session).find(account)
            found = await SubjectRepository(session).find(kind, terms)
        if before is not None:
            # The answer is the same whether the other number is on record or not, so it is no lookup.
            if before.subject_id != found:
                raise LinkedOtherwise
            return Linked(before.subject_id, before.linked_at, is_new=False)
        if not is_admitted:
            await services.lookups.admit(actor, Entrance.REGISTRATION, 1)
            is_admitted = True
        try:
            if found is not None:
                await _compare(services, actor, found, registration)
            return await _store(services, actor, account[0], registration, found)
        except RegisteredMeanwhile:
            continue
    raise CaseChangedMeanwhile


async def unlink(services: Services, actor: Actor) -> bool:
    """End the link of the account of *actor*; False where it had none."""
    account = account_hashes(services.keyring, services.settings.oidc_issuer, actor.ref)
    context = services.graphql_service.action_context(Caller(actor.ref, actor.role.value), services.runtime.now())
    provenance = Provenance(Channel.ACCOUNT_LINK, actor.known_by, context.new_id())
    async with SealingUnitOfWork(services.database, services.keyring, provenance) as work:
        link = await work.account_links.find(account)
        was_linked = await work.account_links.remove(account)
        if link is not None and was_linked:
            facts = {"linked_at": instant(link.linked_at)}
            await work.record_event(context, link.subject_id, RecordEvent.ACCOUNT_UNLINKED, facts)
        await work.commit()
    return was_linked


async def _registration(services: Services, identity: Identity, area_code: str) -> Registration:
    async with services.database.snapshot() as session:
        areas = await SubjectRepository(session).area_names()
    today = services.runtime.today(services.runtime.now())
    return register(
        kind=identity.kind, name=identity.name, number=identity.number, area_code=area_code, areas=areas, today=today
    )


async def _compare(services: Services, actor: Actor, subject_id: UUID, registration: Registration) -> None:
    """Raise NameConflict unless the record has the same name; or ItemDamaged. The lookup is recorded then.

    Of what kind an organisation is, no token states.
    """
    async with services.database.snapshot() as session:
        known = await SubjectRepository(session).named(subject_id)
    if known is None:
        raise RegisteredMeanwhile
    try:
        await _require_same_name(services, actor, known, registration.name)
    except (NameConflict, ItemDamaged):
        tried = TriedNumber(registration.identifier.text, is_hit=True)
        await services.lookups.record(actor, PURPOSE, Entrance.REGISTRATION, [tried])
        raise


async def _require_same_name(services: Services, actor: Actor, known: NamedSubject, name: str) -> None:
    box = known.name
    if box is None:
        raise NameConflict
    opening = RecordedOpening(services, actor, DOCUMENT, PURPOSE, Channel.ACCOUNT_LINK)
    await opening.record([(KnownSubject(known.subject_id, known.kind, None, box), box)])
    if not same_name(opening.open(box), name):
        raise NameConflict


async def _store(
    services: Services, actor: Actor, account: bytes, registration: Registration, known: UUID | None
) -> Linked:
    now = services.runtime.now()
    context = services.graphql_service.action_context(Caller(actor.ref, actor.role.value), now)
    tried = TriedNumber(registration.identifier.text, is_hit=False)
    provenance = Provenance(Channel.ACCOUNT_LINK, actor.known_by, context.new_id())
    async with SealingUnitOfWork(services.database, services.keyring, provenance) as work:
        subject_id = await work.register(registration, context, known)
        await work.link(account, registration_record(context, subject_id, RegistrationChannel.ACCOUNT))
        await work.own_logs.append_lookups(services.lookups.entries(actor, PURPOSE, Entrance.REGISTRATION, [tried]))
        await work.commit()
    return Linked(subject_id, now, is_new=True)
