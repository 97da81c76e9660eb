"""A number planted in every text that any mutation takes, however it is written, is never stored in clear [5.1.6].

A sealed text may hold a number, because nobody can read it there; a text that is stored in clear may not. New
mutations are held to it on the day they come, because the inputs are read off the schema.
"""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, get_named_type
from sqlalchemy import LargeBinary, select

from storage.tables import metadata
from tests.credit.subjects.synthetic_numbers import id_number, social_credit_code, spaced, wide
from tests.databases import on_sqlite
from tests.hypothesis_profiles import examples
from tests.schema.fuzz.load import Gunner, admitted, fired, gunner_for, in_sight, input_of, mutations_of, stock
from tests.schema.service import ServiceUnderTest

pytestmark = pytest.mark.slow

NUMBER = id_number(born="19110607", sequence="987")
CODE = social_credit_code("92", body="MA9MARK7")
PLANTED = (
    NUMBER, CODE, wide(NUMBER), spaced(NUMBER), f"证件{NUMBER}号", "-".join((NUMBER[:6], NUMBER[6:14], NUMBER[14:])),
    f"卷宗\u200b{NUMBER[:9]}\u200b{NUMBER[9:]}", CODE.lower(),
)  # fmt: skip


def texts(of: GraphQLInputObjectType) -> Iterator[tuple[str, ...]]:
    """Give the ways to every text within an input."""
    for name, one in of.fields.items():
        named = get_named_type(one.type)
        if isinstance(named, GraphQLInputObjectType):
            yield from ((name, *rest) for rest in texts(named))
        elif named.name == "String" and name != "idempotencyKey":
            yield (name,)


def planted(gunner: Gunner, of: GraphQLInputObjectType, way: tuple[str, ...], text: str) -> dict[str, Any]:
    """Give an input with *text* at the end of that way."""
    given = gunner.filled(of)
    here, at = of, given
    for name in way:
        field = here.fields[name]
        is_list = str(field.type).startswith("[")
        inner = get_named_type(field.type)
        if name == way[-1]:
            at[name] = [text] if is_list else text
            break
        assert isinstance(inner, GraphQLInputObjectType)
        below = gunner.filled(inner)
        at[name] = [below] if is_list else below
        here, at = inner, below
    return given


@on_sqlite
async def test_a_number_planted_in_any_text_is_stored_in_clear_nowhere(service: ServiceUnderTest) -> None:
    gunner = gunner_for(service, 4)
    await stock(service, gunner)
    gunner.odd = 0.0
    echoed: list[Any] = []
    for mutation, definition in mutations_of(service).items():
        of = input_of(definition)
        for way in texts(of):
            who_may = admitted(service, mutation)
            for text in gunner.chance.sample(PLANTED, examples(len(PLANTED), few=2)):
                who, purpose = gunner.chance.choice(who_may)
                gunner.within = await in_sight(service, gunner, who, purpose)
                given = planted(gunner, of, way, text)
                reply = await service.ask(fired(mutation, definition), who, {"i": given}, purpose=purpose.value)
                assert service.failures == [], (mutation, way)
                if holds(str(reply.json)):
                    echoed.append((mutation, way))
    assert echoed == []
    assert {place for place, value in [one async for one in stored(service)] if holds(value)} == set()


def holds(text: str) -> bool:
    plain = "".join(letter for letter in text.upper() if letter.isalnum())
    return NUMBER in plain or CODE in plain or wide(NUMBER) in text or NUMBER[1:-1] in plain


async def stored(service: ServiceUnderTest) -> AsyncIterator[tuple[str, str]]:
    """Give every value of every table that is no sealed box."""
    async with service.services.database.snapshot() as session:
        for table in metadata.sorted_tables:
            columns = [column for column in table.c if not isinstance(column.type, LargeBinary)]
            for row in await session.fetch(select(*columns)):
                for column, value in zip(columns, row, strict=True):
                    yield f"{table.name}.{column.name}", str(value)


SEALED = frozenset({"facts", "text", "reasons", "amendment", "internalNotes", "name", "phone", "address"})
"""The arguments that hold free text about a person. Every other text is a reference, and stored in clear."""


@on_sqlite
async def test_words_that_are_sealed_stand_in_clear_nowhere(service: ServiceUnderTest) -> None:
    gunner = gunner_for(service, 5)
    await stock(service, gunner)
    gunner.odd = 0.0
    marks: dict[str, str] = {}
    accepted = 0
    for mutation, definition in mutations_of(service).items():
        of = input_of(definition)
        for way in (each for each in texts(of) if each[-1] in SEALED):
            mark = f"暗记{len(marks):03}暗"
            marks[mark] = f"{mutation}.{'.'.join(way)}"
            for _ in range(examples(20, few=14)):
                who, purpose = gunner.chance.choice(admitted(service, mutation))
                gunner.within = await in_sight(service, gunner, who, purpose)
                given = planted(gunner, of, way, mark)
                reply = await service.ask(fired(mutation, definition), who, {"i": given}, purpose=purpose.value)
                accepted += "code" not in str(reply.json)
    assert len(marks) > 20
    assert accepted > 5, "else there would be nothing to find"
    clear = [
        (field, place)
        async for place, value in stored(service)
        for mark, field in marks.items()
        if mark in value or mark[2:5] + "暗" in value
    ]
    assert clear == []
