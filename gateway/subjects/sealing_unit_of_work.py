"""A unit of work that can seal: it joins keys and storage; neither storage nor the rules see a key."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from consent.context import ConsentContext
from consent.leaves.provenance import Provenance
from credit.core.context import ActionContext
from credit.core.errors import UnknownCase
from credit.core.values.identifiers import IdentifierKind
from credit.core.values.names_in_text import names_in_clear
from credit.corrections.ports import Particulars
from credit.subjects.registration import Registration
from credit.subjects.registration_record import RegisteredMeanwhile, RegistrationRecord
from credit.subjects.subject import PERSONS, Place, Sealed, SealedText, SubjectKind, identifier_kind
from gateway.account_links.find_subject import account_digest, account_place
from gateway.files.attach import AttachTo, attach, carry
from gateway.subjects.change_identity import reidentify
from gateway.subjects.seal_registration import new_subject
from policy.crypto.field_encryption import SealBroken
from policy.crypto.keyring import Keyring
from policy.crypto.masking import mask_text
from storage.database.database import Database
from storage.errors import SubjectAlreadyRegistered
from storage.ledger.on_the_spot import Report, unreported
from storage.repositories.subjects.account_links import AccountLink
from storage.repositories.subjects.identities import IdentityRepository
from storage.unit_of_work import SqlUnitOfWork

OWN_DIGESTS: Final = frozenset({"issued_notices"})
"""The tables whose entries have the digest of the bytes themselves, which nobody can guess."""


class SealingUnitOfWork(SqlUnitOfWork):
    """Implements `credit.core.unit_of_work.UnitOfWork` over one transaction of *database*."""

    def __init__(
        self, database: Database, keyring: Keyring, provenance: Provenance | None = None, report: Report = unreported
    ) -> None:
        super().__init__(database, provenance, report)
        self._keyring = keyring

    async def seal(self, place: Place, text: str) -> SealedText:
        """Return *text* sealed for *place* under its subject's key, beside its mask; raises UnknownCase."""
        wrapped = await self._key(place)
        if place.table not in OWN_DIGESTS:
            self.note_sealed(place, self._keyring.content_digest(text, place, wrapped))
        return SealedText(self._keyring.seal(text, place, wrapped), mask_text(text))

    async def is_text(self, sealed: Sealed, text: str) -> bool:
        """Return whether the box holds this *text*; a caller learns of it only what it wrote itself."""
        return self._keyring.compares(sealed, lambda stored: stored == text)

    async def reseal(self, sealed: Sealed, place: Place) -> bytes:
        """Return sealed text, sealed for another place of the same subject. The text is used for nothing else."""
        self.note_sealed(place, self._keyring.content_digest_of(sealed, place))
        return self._keyring.reseal(sealed, place)

    async def attach_files(
        self, context: ConsentContext, subject_id: UUID, record: str, record_id: UUID, references: Sequence[str]
    ) -> Sequence[str]:
        """Attach the uploaded files among *references*; each goes under the subject's key. Return the unknown ones."""
        return await attach(self, self._keyring, context, AttachTo(subject_id, record, record_id), references)

    async def carry_files(
        self,
        context: ConsentContext,
        subject_id: UUID,
        source: tuple[str, UUID],
        to: tuple[str, UUID],
        references: Sequence[str],
    ) -> None:
        """Attach the officers' files of the record *source* among *references* to the record *to*."""
        await carry(self, context, AttachTo(subject_id, *source), AttachTo(subject_id, *to), references)

    async def register(self, registration: Registration, context: ActionContext, known: UUID | None) -> UUID:
        """Return the subject of *registration*: *known*, or a new one; raises RegisteredMeanwhile if it is neither."""
        if known is not None:
            kind = identifier_kind(registration.kind)
            found = await self.subjects.find(kind, self._keyring.terms(kind, registration.identifier.text))
            if found != known:
                raise RegisteredMeanwhile
            return known
        area_name = (await self.subjects.area_names())[registration.area_code]
        new = new_subject(
            registration,
            self._keyring,
            area_name=area_name,
            by=context.actor.ref,
            at=context.now,
            new_id=context.new_id,
        )
        try:
            await self.subjects.register(new)
        except SubjectAlreadyRegistered:
            raise RegisteredMeanwhile from None
        return new.subject_id

    async def link(self, account: bytes, made: RegistrationRecord) -> None:
        """Link an account, given by its hash, with the subject of the registration, and record that.

        Raises RegisteredMeanwhile where the account has a link.
        """
        place = account_place(made.subject_id, made.registration_id)
        self.note_sealed(place, account_digest(self._keyring, account, place, await self._key(place)))
        if not await self.account_links.add(account, AccountLink(made.subject_id, made.at)):
            raise RegisteredMeanwhile
        await self.subjects.record([made])

    async def kind_of(self, subject_id: UUID) -> SubjectKind | None:
        return await IdentityRepository(self.session).kind_of(subject_id)

    async def age_on(self, subject_id: UUID, day: date) -> int | None:
        """Return the age that the sealed number states; the number and the birth date stay inside the keyring."""
        found = await self.checking.number(subject_id)
        if found is None or found[0] is not IdentifierKind.ID_NUMBER:
            return None
        return self._keyring.age_on(found[1], day)

    async def reidentify(self, subject_id: UUID, particulars: Particulars, at: datetime) -> None:
        """Correct a subject's identity; its old number then finds no subject. Raises NumberOfAnother."""
        identities = IdentityRepository(self.session)
        await reidentify(self._keyring, self.sealed_rows, identities, subject_id, particulars, at, self.note_sealed)

    async def is_named_in(self, subject_id: UUID, texts: Collection[str]) -> bool:
        """Return whether one of *texts*, kept in clear, contains the name of the subject, if it is a person [5.1.6].

        A caller learns of the name only what it wrote itself. A damaged name is found nowhere: otherwise the very
        correction that replaces it would be refused.
        """
        row = await self.sealed_rows.load("subjects", subject_id, subject_id)
        box = None if row is None else row.boxes["name"]
        if box is None or await self.kind_of(subject_id) not in PERSONS:
            return False
        try:
            return self._keyring.compares(box, lambda name: any(names_in_clear(name, text) for text in texts))
        except SealBroken:
            return False

    async def _key(self, place: Place) -> bytes:
        key = await self.subjects.key(place.subject_id)
        if key is None:
            raise UnknownCase
        return key.wrapped
