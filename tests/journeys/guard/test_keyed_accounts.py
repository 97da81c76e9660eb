"""Officers whose account id is no reference: they work by a keyed one, and their id is stored nowhere [5.1.6].

Other officers came from plain references, and keep theirs.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.auth.accounts import keyed_reference
from gateway.settings.settings import DEMO_ISSUER
from policy.actors import Actor, Role
from policy.crypto.keyring import Keyring
from tests.builders import ACTORS, SCJG
from tests.credit.subjects.synthetic_numbers import id_number
from tests.journeys.cases.test_a_case import PAPER, SHORT, OfCase, february, put
from tests.journeys.running_server import RunningServer, open_server
from tests.schema.service import settings_for

NUMBER = id_number()
KEPT = ("handler", "other handler", "reviewer", "head")


@pytest.fixture
async def keyed_server(sqlite_url: str, kek: Path, tmp_path: Path) -> AsyncIterator[RunningServer]:
    keyring, file = Keyring.load(kek, bytes), tmp_path / "kept.toml"
    kept = [(keyed_reference(keyring, DEMO_ISSUER, ref), ref) for ref in (ACTORS[name].ref for name in KEPT)]
    file.write_text("".join(f'{keyed} = "{ref}"\n' for keyed, ref in kept), encoding="utf-8")
    chosen = {"OIDC_ACCOUNT_REFERENCES": "keyed", "OIDC_KEPT_REFERENCES_FILE": str(file), "LOG_FORMAT": "json"}
    async with open_server(settings_for(kek, sqlite_url, **chosen)) as opened:
        yield opened


async def test_a_case_is_handed_over_by_keyed_reference(keyed_server: RunningServer, sqlite_url: str) -> None:
    server = keyed_server
    server.know("new handler", Actor(NUMBER, Role.HANDLER, SCJG))
    server.know("new handler as reviewer", Actor(NUMBER, Role.REVIEWER, SCJG))
    server.know("handler as reviewer", Actor("handler-1", Role.REVIEWER, SCJG))
    seen = {who: server.ask(who, "{ viewer { ref } }").data["viewer"]["ref"] for who in ("new handler", "handler")}
    assert seen == {"handler": "handler-1", "new handler": keyed_reference(server.world.keyring, DEMO_ISSUER, NUMBER)}
    assert server.ask("new handler as reviewer", "{ viewer { ref } }").data["viewer"]["ref"] == seen["new handler"]

    step = OfCase(server, await put(server))
    verify = {"evidence": PAPER, "severity": SHORT}
    assert step("new handler", "verifyCase", february(10), **verify)["code"] == "NOT_THE_COLLECTOR"
    by_number = step("head", "handOverCase", february(10), handler=NUMBER)
    assert by_number["problems"] == [{"field": "handler", "code": "HOLDS_NUMBER"}]
    step.done("head", "handOverCase", february(10), handler=seen["new handler"])
    assert step("handler", "verifyCase", february(10), **verify)["code"] == "NOT_THE_COLLECTOR"
    assert step.done("new handler", "verifyCase", february(10), **verify) == "VERIFIED"
    step.done("new handler", "noticeCase", february(11))
    step.done("new handler", "serveCase", february(13), evidence=["回执-1"], means="ON_THE_SPOT")
    step.done("person-1", "stateDefence", february(24), evidence=["陈述-1"])
    for handled in (seen["new handler"], "handler-1"):
        refused = step("head", "assignReviewer", february(26), reviewer=handled)
        assert refused["code"] == "REVIEWER_HANDLED_THE_CASE", handled

    file = Path(sqlite_url.removeprefix("sqlite:///"))
    written = b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*"))
    assert seen["new handler"].encode() in written
    assert NUMBER.encode() not in written
    assert NUMBER not in server.lines.getvalue()
