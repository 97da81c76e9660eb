"""Every mutation that grants an incentive refuses it by the same names [4.1] [4.2] [5.2.1]."""

from typing import get_args

import pytest
from graphql import GraphQLUnionType

from schema.build import build
from schema.core.fields import core
from schema.incentives.types import NoIncentive

NAMES = {one.__name__ for one in get_args(NoIncentive)}


@pytest.mark.parametrize("granting", ["GrantIncentiveResult", "DeferDocumentsResult", "MakeCommitmentResult"])
def test_each_way_to_an_incentive_has_every_refusal_of_one(granting: str) -> None:
    union = core(build()).type_map[granting]
    assert isinstance(union, GraphQLUnionType)
    assert {one.name for one in union.types} >= NAMES


def test_each_of_them_names_the_remedy() -> None:
    named = core(build()).type_map
    for name in NAMES:
        assert {"wayOut", "wayOutEn"} <= set(named[name].fields), name  # type: ignore[attr-defined]  # an object
