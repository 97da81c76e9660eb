"""Every mutation that grants an incentive refuses it by the same names [4.1] [4.2] [5.2.1].

What a refusal reveals of the subject is on record before it is shown, whichever mutation it is of [5.1.6].
"""

from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, get_args

import pytest
from graphql import GraphQLUnionType

from credit.core.errors import CreditError
from credit.incentives import refusals
from schema.core.errors import NotRecorded
from schema.core.inputs import KeyedInput
from schema.core.mutations.mutation import or_refusal
from schema.execution.refusal_entries import REVEALING
from schema.incentives.types import NoIncentive, Restrained
from tests.shipped_schema import shipped_types

NAMES = {one.__name__ for one in get_args(NoIncentive)}


@pytest.mark.parametrize("granting", ["GrantIncentiveResult", "DeferDocumentsResult", "MakeCommitmentResult"])
def test_each_way_to_an_incentive_has_every_refusal_of_one(granting: str) -> None:
    union = shipped_types().type_map[granting]
    assert isinstance(union, GraphQLUnionType)
    assert {one.name for one in union.types} >= NAMES


def test_each_of_them_names_the_remedy() -> None:
    named = shipped_types().type_map
    for name in NAMES:
        assert {"wayOut", "wayOutEn"} <= set(named[name].fields), name  # type: ignore[attr-defined]  # an object


SILENT = {
    refusals.NotEligible, refusals.CheckMissing, refusals.CheckStale, refusals.SourceUnknown, refusals.HelperMissing,
    refusals.CommitmentNotWritten, refusals.AlreadyGranted,
}  # fmt: skip
"""The refusals that speak of the matter, the check or the papers, and reveal nothing of the subject."""


def test_of_each_it_is_known_whether_it_reveals_something_of_the_subject() -> None:
    assert set(refusals.NoIncentive.__subclasses__()) == SILENT | set(REVEALING)
    assert SILENT.isdisjoint(REVEALING)


async def refused() -> None:
    raise refusals.Restrained(None)


def resolver_info(record: Callable[[Any, CreditError, object], Awaitable[None]]) -> Any:
    """Give what a resolver knows of its field and its request, where refusals are recorded by *record*."""
    return SimpleNamespace(field_name="grantIncentive", context=SimpleNamespace(record_refusal=record, refused=[]))


async def test_a_refusal_of_any_mutation_is_recorded_before_it_is_shown() -> None:
    recorded: list[tuple[CreditError, object]] = []

    async def record(context: Any, error: CreditError, given: object) -> None:
        recorded.append((error, given))

    info, given = resolver_info(record), KeyedInput()
    assert isinstance(await or_refusal(info, given, refused()), Restrained)
    ((error, of),) = recorded
    assert (type(error), of) == (refusals.Restrained, given)
    assert info.context.refused == [("grantIncentive", "RESTRAINED")]


async def test_a_refusal_that_cannot_be_recorded_is_not_shown() -> None:
    async def record(context: Any, error: CreditError, given: object) -> None:
        raise NotRecorded

    info = resolver_info(record)
    with pytest.raises(NotRecorded):
        await or_refusal(info, KeyedInput(), refused())
    assert info.context.refused == []
