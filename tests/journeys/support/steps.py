"""The steps of one case over HTTP, as whoever takes them, on the days given: what journeys of cases share."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from graphql import get_named_type

from tests.journeys.running_server import Reply, RunningServer
from tests.shipped_schema import shipped_types

PURPOSE = {"handler": "DETERMINATION", "head": "DETERMINATION", "reviewer": "REVIEW"}
SHOWN = """__typename
  ... on CaseChanged { case { number status } }
  ... on Refusal { code message messageEn }"""
MORE = {
    "NotYet": "clause until provisional", "TooLate": "clause since", "NotTheirs": "clause", "Lacking": "clause",
    "DayOutOfOrder": "nearest", "NotWellFormed": "problems { field code }", "PenaltyReached": "clause wayOut",
}  # fmt: skip
MUTATIONS = shipped_types().mutation_type


class Steps:
    """Takes steps of one case over HTTP, on the days given."""

    def __init__(self, server: RunningServer, gid: str) -> None:
        self.server, self.gid = server, gid

    def reply(self, who: str, mutation: str, at: datetime, **given: Any) -> Reply:
        self.server.clock.at = at
        kind = f"{mutation[0].upper()}{mutation[1:]}Input"
        assert MUTATIONS is not None
        members = {one.name for one in get_named_type(MUTATIONS.fields[mutation].type).types}
        fields = SHOWN + "".join(f"\n  ... on {name} {{ {MORE[name]} }}" for name in MORE if name in members)
        query = f"mutation($i: {kind}!) {{ {mutation}(input: $i) {{ {fields} }} }}"
        purpose = PURPOSE.get(who.rsplit(maxsplit=1)[-1], "SELF_ACCESS")
        return self.server.ask(who, query, {"i": {"case": self.gid, **given}}, headers={"Access-Purpose": purpose})

    def __call__(self, who: str, mutation: str, at: datetime, **given: Any) -> dict[str, Any]:
        reply = self.reply(who, mutation, at, **given)
        assert not reply.errors, reply.json
        found: dict[str, Any] = reply.data[mutation]
        return found

    def done(self, who: str, mutation: str, at: datetime, **given: Any) -> str:
        """Take the step, and give the status of the case afterwards."""
        found = self(who, mutation, at, **given)
        assert found["__typename"] == "CaseChanged", found
        status: str = found["case"]["status"]
        return status
