"""Who refuses, withdraws or does not answer is served like who was never asked, over HTTP [4.2] [5.1.6].

The answers to the same steps are compared byte for byte, at every matter: what differs between two applicants (their
names, numbers and ids) is put the same first, and nothing else is.
"""

import json
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from policy.actors import Actor, Role
from queryplan.entities import Entity
from schema.core.global_ids import decode, encode
from tests.builders import MATTERS, NOW, SCJG, WENSHAO, particulars
from tests.journeys.applications.test_at_the_window import answer, request
from tests.journeys.running_server import RunningServer
from tests.journeys.support.documents import REFUSE, WITHDRAW
from tests.journeys.support.grants import grant

APPLICATION = """id no: number status facilitation filedAt acceptedAt decidedAt outcome isOpen version changedAt
  subject { id kind name identifier phone } matter { code name } department { code }
  deferral { state } commitment { state } incentives { nodes { incentive } } creditChecks { totalCount }"""
FILE = f"""mutation($i: FileApplicationInput!) @purpose(is: APPLICATION_HANDLING) {{ fileApplication(input: $i) {{
  __typename ... on ApplicationChanged {{ application {{ {APPLICATION} }} }} ... on Refusal {{ code }} }} }}"""
STEP = f"""mutation($i: %s!) @purpose(is: APPLICATION_HANDLING) {{ %sApplication(input: $i) {{
  __typename ... on ApplicationChanged {{ application {{ {APPLICATION} }} }} ... on Refusal {{ code }} }} }}"""
ACCEPT, DECIDE = STEP % ("ApplicationInput", "accept"), STEP % ("DecideApplicationInput", "decide")
READ = f"""query($i: ID!) @purpose(is: APPLICATION_HANDLING) {{
  node(id: $i) {{ ... on Application {{ {APPLICATION} }} }}
  worklist(first: 50) {{ totalCount }}
}}"""
OWN = f"""query @purpose(is: SELF_ACCESS) {{ mySubject {{ name isRestrained
  applications(first: 50) {{ totalCount nodes {{ {APPLICATION} }} }}
  restraintCases {{ totalCount }} focusedChecks {{ totalCount }} corrections {{ totalCount }}
}} }}"""
TARGETS = "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets(first: 100) { nodes { id } } }"
WINDOWS = {SCJG: "clerk"}
"""The clerk of each department; others are named `other clerk`."""


def served(server: RunningServer, serial: int, act: str | None) -> Sequence[bytes]:
    """Serve a new applicant at every matter, who did *act* before the first was accepted; gives every answer."""
    given = particulars("person", serial, WENSHAO, 40 + serial)
    document = {**given, "area": encode(Entity.AREA, WENSHAO), "kind": "NATURAL_PERSON"}
    del document["area_code"]
    answers: list[bytes] = []
    unlike = {str(given[name]) for name in ("name", "number", "phone") if given[name]}

    def ask(who: str, query: str, **variables: Any) -> dict[str, Any]:
        reply = server.ask(who, query, variables)
        # Data, errors and masks; promises of the ledger say when an entry was made, and differ with each.
        shown = reply.json | {"extensions": {"masked": reply.json.get("extensions", {}).get("masked")}}
        answers.append(alike(json.dumps(shown, ensure_ascii=False, separators=(",", ":")), unlike).encode())
        found: dict[str, Any] = reply.data
        return found

    for serial_of_matter, (code, (department, _)) in enumerate(MATTERS.items()):
        server.clock.at = NOW + timedelta(minutes=serial_of_matter)  # lists are in the order of the filing
        clerk = WINDOWS.get(department, "other clerk")
        filing = {"person": document, "matter": encode(Entity.MATTER, code)}
        filed = ask(clerk, FILE, i=filing)["fileApplication"]["application"]
        which = {"application": filed["id"]}
        if serial_of_matter == 0:
            (subject_id,) = decode(filed["subject"]["id"]).keys
            applicant = Actor(f"account-{serial}", Role.SUBJECT, subject=subject_id)  # type: ignore[arg-type]  # a UUID
            server.know(f"applicant {serial}", applicant)
            take(server, f"applicant {serial}", filed["subject"]["id"], act)
        ask(clerk, READ, i=filed["id"])
        ask(clerk, ACCEPT, i=which)
        ask(clerk, DECIDE, i={**which, "outcome": "APPROVED"})
        ask(clerk, READ, i=filed["id"])
    ask(f"applicant {serial}", OWN)
    ask("regulator", TARGETS)
    return answers


def take(server: RunningServer, who: str, subject: str, act: str | None) -> None:
    """Let the clerk ask the applicant for an authorisation, and the applicant do *act*."""
    if act is None:
        return
    asked = request(server, subject)["authorisation"]["id"]
    if act == "withdraws":
        assert grant(server, who, asked)["authorisation"]["status"] == "LIVE"
        assert answer(server, who, WITHDRAW, asked)["authorisation"]["status"] == "WITHDRAWN"
    elif act == "refuses":
        assert answer(server, who, REFUSE, asked)["authorisation"]["status"] == "REFUSED"


def alike(body: str, unlike: set[str]) -> str:
    """Put ids, names and numbers the same; what is masked keeps its mask."""
    for text in unlike:
        body = body.replace(text, "‹applicant›")
    numbered: dict[str, str] = {}
    body = re.sub(r'(?<="(?:id|no)":")[^"]+', lambda found: numbered.setdefault(found[0], f"‹{len(numbered)}›"), body)
    return re.sub(r'"(identifier|phone)":"[^"]*"', r'"\1":"‹masked›"', body)


async def test_every_matter_goes_the_same_way_whatever_the_applicant_answers(server: RunningServer):
    never_asked = served(server, 1, None)
    assert len(never_asked) == 5 * len(MATTERS) + 2
    assert b'"outcome":"APPROVED"' in never_asked[-3]
    for serial, act in enumerate(("does not answer", "refuses", "withdraws"), start=2):
        for step, (one, other) in enumerate(zip(never_asked, served(server, serial, act), strict=True)):
            assert one == other, (act, step)


@pytest.mark.parametrize("body", ['{"id":"a","name":"甲","identifier":"3***1"}'])
def test_what_is_put_the_same_is_ids_names_and_numbers(body):
    assert alike(body, {"甲"}) == '{"id":"‹0›","name":"‹applicant›","identifier":"‹masked›"}'
