"""An application at the window of the market bureau, cleared by a credit check, and the steps of what it promises."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from graphql import get_named_type
from sqlalchemy import select, update

from consent.rules import Bounds
from credit.calendar.deadlines import civil_date
from credit.credit_checks.credit_check import PURPOSE, CreditCheck
from credit.joint_measures.source_answer import Finding, Source, SourceAnswer
from storage import tables
from storage.unit_of_work import SqlUnitOfWork
from tests.builders import SCJG, answer, ask_for
from tests.builders.applications import put_application
from tests.builders.taken_over import PROVENANCE, take_over_in
from tests.journeys.running_server import Reply, RunningServer
from tests.shipped_schema import shipped_types

MUTATIONS = shipped_types().mutation_type
PURPOSES = {"person-1": "SELF_ACCESS", "agent": "SELF_ACCESS", "person-2": "SELF_ACCESS"}
DEFERRAL = """state promisedFor due { on provisional isMissed state daysLeft clause } suppliedOn endedOn version
  isOpen isOverdue documents { document handedInOn receivedBy receipt } reminders { sentOn servedOn paper proof by }
  application { id facilitation }"""
COMMITMENT = """state outcome completedOn verifiedOn isOnTheSpot isOpen version endedOn application { facilitation }
  completionDue { on provisional isMissed state clause } verificationDue { on provisional isMissed state clause }"""
MORE = {
    "NotDue": "until provisional wayOut", "DateOutOfBounds": "earliest latest", "PromiseRefused": "since wayOut",
    "Restrained": "wayOut until", "SourceUnknown": "wayOut source", "CheckStale": "checkedOn validUntil",
    "NotWellFormed": "problems { field code }",
    "DeferralChanged": f"deferral {{ {DEFERRAL} }}", "CommitmentChanged": f"commitment {{ {COMMITMENT} }}",
    "ApplicationChanged": "application { status }", "NotEligible": "wayOut",
    "CaseChanged": "case { id status circumstance channel }",
}  # fmt: skip


def at(day: str, hour: int = 10) -> datetime:
    """Give an hour of a day of 2026 in Shanghai, in UTC."""
    month, number = map(int, day.split("-"))
    return datetime(2026, month, number, hour - 8, tzinfo=UTC)


async def cleared(server: RunningServer, date_of_check: str, finding: Finding = Finding.CLEAN) -> "Promise":
    """Give an application of person-1, filed in January and checked at 9 on that day.

    The restraints of the world are of November: on any day before, nobody is restrained yet. The check rests on an
    authorisation that its subject granted.
    """
    day, party = at(date_of_check, 9), server.world.party("person-1")
    application = await put_application(server.database, server.world, "of person-1", "person-1", at("01-05"))
    bounds = Bounds(expires_on=civil_date(day) + timedelta(days=7), uses=3)
    held = await ask_for(server.database, server.world, party, bounds, at=day)
    await answer(server.database, server.world, held, "grant", at=day)
    answers = tuple(SourceAnswer(source, finding) for source in Source)
    check = CreditCheck(
        server.world.new_id(), application.row_id, application.subject_id, "clerk-1", SCJG, day, PURPOSE,
        held.row_id, answers,
    )  # fmt: skip
    async with SqlUnitOfWork(server.database, PROVENANCE) as work:
        await work.credit_checks.append(check)
        await take_over_in(work.session, server.database, tables.credit_checks)
        await work.commit()
    return Promise(server)


async def allow(server: RunningServer, **terms: Any) -> None:
    """Let the matter's own document say this of promises."""
    terms_of_matter = {"facilitation_basis": "临审〔2026〕示例1号", **terms}
    matter = update(tables.matters).where(tables.matters.c.code == "SCJG-01")
    await server.database.write((matter.values(**terms_of_matter), None))


class Promise:
    """Takes steps of one application's promise over HTTP, on the days given."""

    def __init__(self, server: RunningServer, application: str = "of person-1") -> None:
        self.server = server
        self.application = server.world.application(application)

    def reply(self, who: str, mutation: str, day: datetime, **given: Any) -> Reply:
        self.server.clock.at = day
        assert MUTATIONS is not None
        kind = get_named_type(MUTATIONS.fields[mutation].args["input"].type).name
        members = {one.name for one in get_named_type(MUTATIONS.fields[mutation].type).types}
        fields = "__typename ... on Refusal { code message }"
        fields += "".join(f" ... on {name} {{ {more} }}" for name, more in MORE.items() if name in members)
        query = f"mutation($i: {kind}!) {{ {mutation}(input: $i) {{ {fields} }} }}"
        purpose = "DETERMINATION" if mutation.startswith("collect") else PURPOSES.get(who, "APPLICATION_HANDLING")
        variables = {"i": {"application": self.application.gid, **given}}
        return self.server.ask(who, query, variables, headers={"Access-Purpose": purpose})

    def __call__(self, who: str, mutation: str, day: datetime, **given: Any) -> dict[str, Any]:
        """Take the step, and give the member of the union that came of it."""
        reply = self.reply(who, mutation, day, **given)
        assert not reply.errors, reply.json
        found: dict[str, Any] = reply.data[mutation]
        return found

    def done(self, who: str, mutation: str, day: datetime, **given: Any) -> dict[str, Any]:
        """Take the step, and give what it was done to, as it stands afterwards."""
        found = self(who, mutation, day, **given)
        assert found["__typename"].endswith("Changed"), found
        (changed,) = (value for name, value in found.items() if name != "__typename")
        return dict(changed)

    def seen(self, who: str, day: datetime) -> dict[str, Any]:
        """Give the application with what it promises, as *who* sees it on the day."""
        self.server.clock.at = day
        query = f"""query($i: ID!) {{ node(id: $i) {{ ... on Application {{
            facilitation deferral {{ {DEFERRAL} }} commitment {{ {COMMITMENT} }} }} }} }}"""
        purpose = PURPOSES.get(who, "APPLICATION_HANDLING")
        reply = self.server.ask(who, query, {"i": self.application.gid}, headers={"Access-Purpose": purpose})
        assert not reply.errors, reply.json
        return dict(reply.data["node"])

    async def steps(self) -> list[tuple[str, date, str, str]]:
        """Give the saved steps: name, day, actor, role."""
        columns = tables.application_steps.c
        own = columns.application_id == self.application.row_id
        async with self.server.database.snapshot() as session:
            rows = await session.fetch(
                select(columns.step, columns.on, columns.actor_ref, columns.role)
                .where(own)
                .order_by(columns.at, columns.step)
            )
        return [tuple(row) for row in rows]  # type: ignore[misc]  # four values each

    async def notified(self) -> list[tuple[str, str]]:
        """Give the topics of the outbox about this application, with their recipients."""
        async with self.server.database.snapshot() as session:
            sent = await session.fetch(select(tables.outbox.c.topic, tables.outbox.c.about))
        mine = str(self.application.row_id)
        return sorted((topic, about["to"]) for topic, about in sent if about.get("application_id") == mine)


def case_of(server: RunningServer, gid: str, who: str = "handler") -> dict[str, Any]:
    """Give the case as its handler, or its subject, sees it."""
    purpose = "DETERMINATION" if who == "handler" else "SELF_ACCESS"
    query = "query($i: ID!) { node(id: $i) { ... on RestraintCase { status circumstance channel facts handler } } }"
    reply = server.ask(who, query, {"i": gid}, headers={"Access-Purpose": purpose})
    assert not reply.errors, reply.json
    return dict(reply.data["node"] or {})


def verified(server: RunningServer, gid: str) -> str:
    """Let the handler complete the verification of the case: what was collected stands up to it [5.1.4(1)]."""
    query = """mutation($i: VerifyCaseInput!) @purpose(is: DETERMINATION) { verifyCase(input: $i) {
        __typename ... on CaseChanged { case { status } } ... on Refusal { code } } }"""
    given = {"case": gid, "evidence": ["核实-1"], "severity": "SHORT_OF_PENALTY"}
    reply = server.ask("handler", query, {"i": given})
    assert not reply.errors, reply.json
    found = reply.data["verifyCase"]
    return str(found["case"]["status"] if "case" in found else found["code"])
