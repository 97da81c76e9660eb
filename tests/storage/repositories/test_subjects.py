"""Subjects are registered once, sealed, and found by the keyed hashes of their identifiers [3.2]."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from credit.core.values.identifiers import IdentifierKind
from credit.subjects.subject import Capacity, SealedText, SubjectKind
from storage.errors import SubjectAlreadyRegistered
from storage.repositories.subjects.subjects import NewIdentifier, NewSubject, SubjectKey, SubjectRepository
from storage.tables import identifier_terms, identifiers, subject_keys, subjects
from storage.unit_of_work import SqlUnitOfWork
from tests.consent.samples import NOW
from tests.storage.reference_fixtures import AREA, count, lay

OLD, NEW = b"\x01" + b"o" * 32, b"\x02" + b"n" * 32
ID_NUMBER, CODE = IdentifierKind.ID_NUMBER, IdentifierKind.SOCIAL_CREDIT_CODE


@pytest.fixture(autouse=True)
async def settled(database):
    await lay(database)


def identifier(number: int, term: bytes = NEW, kind: IdentifierKind = ID_NUMBER, older: bytes = OLD) -> NewIdentifier:
    return NewIdentifier(
        UUID(int=number + 500), kind, SealedText(b"sealed number", "3****************7"), derived=True, term=term,
        terms=(term, older),
    )  # fmt: skip


def subject(number: int, *own: NewIdentifier) -> NewSubject:
    return NewSubject(
        subject_id=UUID(int=number),
        kind=SubjectKind.NATURAL_PERSON,
        area_code=AREA,
        name=SealedText(b"sealed name", "演**"),
        phone=None,
        address=SealedText(b"sealed address", "临淄区****"),
        key=SubjectKey(b"wrapped key", "kek-1"),
        identifiers=own or (identifier(number),),
        registered_at=NOW,
        registered_by="staff-1",
        capacities=Capacity.AGENT | Capacity.INTERMEDIARY,
    )


async def register(database, *new: NewSubject) -> None:
    async with SqlUnitOfWork(database) as work:
        await work.subjects.register_all(new)
        await work.commit()


async def test_everything_arrives_as_it_was_sealed(database):
    await register(database, subject(1))
    columns = subjects.c.name_sealed, subjects.c.name_mask, subjects.c.phone_sealed, subjects.c.phone_mask
    assert await database.fetch(select(*columns)) == [(b"sealed name", "演**", None, None)]
    assert await database.fetch(select(subjects.c.capacities, subjects.c.version)) == [(5, 1)]
    of_number = identifiers.c.number_sealed, identifiers.c.number_mask, identifiers.c.derived
    assert await database.fetch(select(*of_number)) == [(b"sealed number", "3****************7", True)]
    assert await database.fetch(select(identifier_terms.c.term, identifier_terms.c.subject_id)) == [(NEW, UUID(int=1))]
    async with database.snapshot() as session:
        assert await SubjectRepository(session).key(UUID(int=1)) == SubjectKey(b"wrapped key", "kek-1")
        assert await SubjectRepository(session).key(UUID(int=2)) is None


@pytest.mark.parametrize(
    ("case", "kind", "terms", "found"),
    [
        ("by the term under which it stands", ID_NUMBER, (NEW,), True),
        ("by any version, during rotation", ID_NUMBER, (b"\x03" + b"x" * 32, NEW), True),
        ("not by another kind of number", CODE, (NEW,), False),
        ("not by a term that is not there", ID_NUMBER, (OLD,), False),
        ("not by nothing", ID_NUMBER, (), False),
    ],
)
async def test_a_subject_is_found(database, case, kind, terms, found):
    await register(database, subject(1))
    async with database.snapshot() as session:
        assert await SubjectRepository(session).find(kind, terms) == (UUID(int=1) if found else None)


async def test_many_are_found_at_once(database):
    many = [subject(n, identifier(n, n.to_bytes(33), older=b"")) for n in range(1, 1203)]
    await register(database, *many)
    asked = [(ID_NUMBER, n.to_bytes(33)) for n in range(1, 1300)]
    async with database.snapshot() as session:
        found = await SubjectRepository(session).find_all(asked)
    assert found == {(ID_NUMBER, n.to_bytes(33)): UUID(int=n) for n in range(1, 1203)}


@pytest.mark.parametrize(
    ("case", "second"),
    [
        ("the same identifier", subject(2, identifier(2))),
        ("one that stands under an older version", subject(2, identifier(2, b"\x03" + b"x" * 32, older=NEW))),
        ("the same subject", subject(1, identifier(2, b"\x03" + b"x" * 32))),
    ],
)
async def test_nobody_is_registered_twice(database, case, second):
    await register(database, subject(1))
    with pytest.raises(SubjectAlreadyRegistered) as refused:
        await register(database, second)
    assert "x" * 8 not in str(refused.value)
    assert await count(database, subjects) == await count(database, identifier_terms) == 1


async def test_nor_twice_in_one_go(database):
    with pytest.raises(SubjectAlreadyRegistered):
        await register(database, subject(1), subject(2))
    assert await count(database, subjects) == await count(database, subject_keys) == 0


async def test_an_identifier_of_another_kind_may_hash_alike(database):
    await register(database, subject(1), subject(2, identifier(2, kind=CODE)))
    assert await count(database, subjects) == 2


async def test_two_who_register_the_same_at_once_do_not_both_succeed(database):
    first, second = subject(1), replace(subject(2), identifiers=(identifier(2),))
    outcomes = await asyncio.gather(register(database, first), register(database, second), return_exceptions=True)
    assert sorted(map(type, outcomes), key=str) == sorted([type(None), SubjectAlreadyRegistered], key=str)
    assert await count(database, identifier_terms) == 1


async def test_an_area_that_is_not_there_is_no_duplicate(database):
    with pytest.raises(IntegrityError):
        await register(database, replace(subject(1), area_code="999999"))


async def test_nothing_to_register(database):
    await register(database)
    assert await count(database, subjects) == 0


def test_neither_box_nor_mask_shows_in_a_log():
    shown = repr(subject(1))
    assert not any(part in shown for part in ("演", "sealed", "wrapped", "3***", "nnn"))
