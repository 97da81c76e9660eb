"""A further incentive that a law provides: from a deployment's file to a grant, and no code knows of it [4.2.4]."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import update

from gateway.joint_measures.fake_server import FakeServerBehaviour
from storage import tables
from tests.builders.restraints import remove_restraints
from tests.databases import on_both
from tests.journeys.applications.test_incentives import TOKEN, authorised, check, city, grant
from tests.journeys.running_server import RunningServer, open_server
from tests.schema.service import settings_for

FILE = """
[[incentive]]
code = "FEE_DEFERRAL"
name_zh = "缓缴费用"
name_en = "Deferred fees"
offers_zh = "依法可缓缴本事项费用"
offers_en = "Fees may be paid later, as the law provides"
clause = "4.2.4"
citation = "示例条例第8条"
needs = ["WRITTEN_COMMITMENT"]
from = 2026-01-01
"""


@pytest.fixture
async def server(database_url: str, kek: Path, tmp_path: Path) -> AsyncIterator[RunningServer]:
    token, further = tmp_path / "joint.token", tmp_path / "further.toml"
    token.write_text(f"{TOKEN}\n")
    further.write_text(FILE, encoding="utf-8")
    with city(FakeServerBehaviour()) as url:
        settings = settings_for(
            kek, database_url, LOG_FORMAT="json", JOINT_MEASURES_URL=url, JOINT_MEASURES_TOKEN_FILE=str(token),
            INCENTIVES_FILE=str(further),
        )  # fmt: skip
        async with open_server(settings) as opened:
            await remove_restraints(opened.database, opened.world)
            yield opened


@on_both
async def test_a_further_incentive_goes_from_a_file_to_a_grant(server: RunningServer) -> None:
    """[4.2.4]: listed for everybody; granted where the matter lists it; with what the file says it needs."""
    listed = server.ask("anonymous", "{ incentives { code name citation needs channel } }").data["incentives"]
    assert listed[-1] == {
        "code": "FEE_DEFERRAL", "name": "缓缴费用", "citation": "示例条例第8条", "needs": ["WRITTEN_COMMITMENT"],
        "channel": None,
    }  # fmt: skip
    assert [one["code"] for one in listed[:-1]] == ["GREEN_CHANNEL", "DEFERRED_DOCUMENTS", "COMMITMENT"]
    _, application, _ = await authorised(server, "trader-1")
    assert check(server, application)["check"]["finding"] == "CLEAN"
    asked = {"incentive": "FEE_DEFERRAL", "helper": None}
    refused = grant(server, application, **asked)
    assert (refused["__typename"], refused["code"]) == ("NotEligible", "NOT_ELIGIBLE")
    await server.database.write((update(tables.matters).values(incentives=["FEE_DEFERRAL"]), None))
    refused = grant(server, application, **asked)
    assert (refused["__typename"], refused["code"]) == ("CommitmentNotWritten", "COMMITMENT_NOT_WRITTEN")
    granted = grant(server, application, **asked, commitment="承诺-2026-8")
    assert granted["grant"]["incentive"] == "FEE_DEFERRAL"
    # It names no channel, so the application stays in its own.
    assert granted["application"]["facilitation"] == "ORDINARY"
    assert grant(server, application, **asked, commitment="承诺-2026-8")["__typename"] == "AlreadyGranted"
