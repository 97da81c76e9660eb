"""The database side of a credit check: a use of an authorisation, and the sealed number [4.1].

All of it is one transaction. Without a live authorisation nothing is written [5.1.6].
"""

from collections import Counter
from datetime import date
from uuid import UUID

from sqlalchemy import literal, or_, select

from consent.templates import Templates
from consent.vocabulary import FieldGroup, Purpose
from credit.applications.ports import Used
from credit.core.values.identifiers import IdentifierKind
from credit.subjects.subject import Place, Sealed, SubjectKind, identifier_kind
from storage.access_log.authorisation_uses import count_uses
from storage.database.session import Session
from storage.queries.consent_join import includes, is_confirmed, is_live, is_within
from storage.repositories.rows import SqlRepository
from storage.tables import authorisations, identifiers, subject_keys, subjects


class CheckAuthorisationRepository(SqlRepository):
    """The authorisations and numbers that a credit check uses: implements `CheckingStore`."""

    def __init__(self, session: Session, templates: Templates) -> None:
        super().__init__(session)
        self._template = templates[Purpose.CREDIT_CHECK]

    async def use(self, subject_id: UUID, application_id: UUID, department_code: str, today: date) -> Used | None:
        """Use a live authorisation once: one for this application before one for any; None where there is none."""
        row = authorisations.c
        live = (
            select(row.authorisation_id, row.groups)
            .where(
                row.subject_id == subject_id,
                is_live(authorisations, self._template),
                includes(row.groups, FieldGroup.RESTRAINT),
                or_(row.application_id.is_(None), row.application_id == application_id),
            )
            .order_by(row.application_id.is_(None), row.groups.desc(), row.expires_on, row.authorisation_id)
            .limit(1)
            # It is locked until the transaction ends: no other transaction withdraws or uses it.
            .with_for_update()
        )
        found = await self._session.fetch(live, {"actor_department": department_code, "today": today})
        if not found:
            return None
        authorisation_id, groups = found[0]
        await count_uses(self._session, Counter([(subject_id, authorisation_id)]))
        return Used(authorisation_id, bool(groups & FieldGroup.IDENTITY))

    async def is_valid(self, subject_id: UUID, authorisation_id: UUID, today: date) -> bool:
        """Return whether an authorisation is still in force: granted, and not withdrawn, contested or over."""
        row = authorisations.c
        in_force = select(literal(1)).where(
            row.subject_id == subject_id,
            row.authorisation_id == authorisation_id,
            row.granted_at.is_not(None),
            row.withdrawn_at.is_(None),
            row.contested_at.is_(None),
            is_confirmed(authorisations),
            is_within(authorisations, self._template),
            includes(row.groups, FieldGroup.RESTRAINT),
            row.expires_on >= today,
        )
        return bool(await self._session.fetch(in_force))

    async def kind(self, subject_id: UUID) -> SubjectKind | None:
        rows = await self._session.fetch(select(subjects.c.kind).where(subjects.c.subject_id == subject_id))
        return SubjectKind(rows[0][0]) if rows else None

    async def number(self, subject_id: UUID) -> tuple[IdentifierKind, Sealed] | None:
        what, number = await self.kind(subject_id), identifiers.c
        rows = await self._session.fetch(
            select(number.kind, number.identifier_id, number.version, number.number_sealed, subject_keys.c.wrapped)
            .select_from(identifiers)
            .join(subject_keys, subject_keys.c.subject_id == number.subject_id)
            .where(number.subject_id == subject_id)
        )
        for kind, identifier_id, version, text, key in rows:
            if what is not None and kind == identifier_kind(what) and text is not None:
                place = Place("identifiers", "number", subject_id, identifier_id, version)
                return IdentifierKind(kind), Sealed(place, bytes(text), bytes(key))
        return None
