"""Registers a subject: once for each number, and once for each idempotency key of the caller [3.2] [5.1.3]."""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from sqlalchemy import select

from consent.idempotency import once_for_ids
from credit.core.context import ActionContext
from credit.subjects.registration import register
from credit.subjects.subject import Capacity, SubjectKind
from gateway.subjects.seal_registration import Areas, new_subject
from policy.crypto.keyring import Keyring
from storage import tables
from storage.database.database import Database
from storage.errors import SubjectAlreadyRegistered
from storage.unit_of_work import SqlUnitOfWork


class SubjectRegistration:
    """Registers subjects for GraphQLService, each in one transaction."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring
        self._areas: Areas = {}

    async def __call__(
        self,
        context: ActionContext,
        *,
        kind: SubjectKind,
        name: str,
        number: str,
        area_code: str,
        phone: str | None,
        address: str | None,
        capacities: Capacity,
        key: str | None,
        asked: str,
    ) -> UUID:
        if area_code not in self._areas:
            self._areas = await areas(self._database)
        registration = register(
            kind=kind,
            name=name,
            number=number,
            area_code=area_code,
            areas=self._areas,
            today=context.today,
            phone=phone,
            address=address,
            capacities=capacities,
        )
        new = new_subject(
            registration,
            self._keyring,
            area_name=self._areas[area_code],
            by=context.actor.ref,
            at=context.now,
            new_id=context.new_id,
        )

        async def once(register_or_find: Callable[[SqlUnitOfWork], Awaitable[UUID]]) -> UUID:
            async with SqlUnitOfWork(self._database) as work:

                async def act() -> Mapping[str, str]:
                    return {"subject_id": str(await register_or_find(work))}

                done = await once_for_ids(work, context.actor.ref, key, asked=asked, at=context.now, act=act)
                await work.commit()
            return UUID(done["subject_id"])

        async def put(work: SqlUnitOfWork) -> UUID:
            await work.subjects.register(new)
            return new.subject_id

        async def find(work: SqlUnitOfWork) -> UUID:
            (identifier,) = new.identifiers
            found = await work.subjects.find(identifier.kind, identifier.terms)
            if found is None:
                raise SubjectAlreadyRegistered
            return found

        try:
            return await once(put)
        except SubjectAlreadyRegistered:
            return await once(find)


async def areas(database: Database) -> Areas:
    """Return the district's areas, code to Chinese name."""
    async with database.snapshot() as session:
        rows = await session.fetch(select(tables.areas.c.code, tables.areas.c.name_zh))
    return {code: name for code, name in rows}  # noqa: C416 - a row of the database is no pair for the types
