"""What follows from a restraint, as anybody can ask for it [5.2] [5.2.4]."""

import pytest

from tests.schema.service import ServiceUnderTest

ASK = (
    "query Measures($on: Date, $of: Circumstance) { measures(on: $on, circumstance: $of) { code clause name effect } }"
)


@pytest.mark.parametrize(
    ("case", "variables", "clauses"),
    [
        ("today", {}, ["5.2.1", "5.2.2", "5.2.3"]),
        ("of one circumstance", {"of": "IMPERSONATION"}, ["5.2.1", "5.2.2", "5.2.3"]),
        ("before the governing document", {"on": "2022-05-24"}, []),
    ],
)
async def test_everybody_may_read_what_a_restraint_means(
    shared_service: ServiceUnderTest, case, variables, clauses
) -> None:
    found = (await shared_service.ask(ASK, variables=variables)).data["measures"]
    assert [each["clause"] for each in found] == clauses, case
