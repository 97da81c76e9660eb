"""Servers that are killed at random while clients read and write; afterwards nothing that was answered may be missing.

    make drill                       60 kills on SQLite, and 60 on PostgreSQL with two replicas
    python -m tests.drill --kills 5 --only sqlite

Each client keeps every answer that it gets. A change carries an idempotency key, and is sent again with it until there
is an answer. What must hold in the end is in `Found`.
"""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import select

from credit.calendar.deadlines import civil_date
from schema.core.global_ids import decode
from storage import tables
from storage.database.database import Database
from tests.forked import start_chengxin

READ = "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets(first: 5) { nodes { id facts subject { id name } } } }"
CHANGE = (
    "mutation($i: RecordFocusedCheckInput!) @purpose(is: FOCUSED_CHECK) { recordFocusedCheck(input: $i) { __typename "
    "... on FocusedCheckRecorded { check { id } } ... on Refusal { code } } }"
)
READY_SECONDS, ANSWER_SECONDS = 90.0, 20.0
UNAVAILABLE = frozenset({"NOT_RECORDED", "DATABASE_UNAVAILABLE"})
"""The codes of a refusal after which the same request is sent again."""
LETTERS = str.maketrans("0123456789", "ghijklmnop")
"""So that no key looks like a number of a person, which evidence may not hold."""
MOST_ANSWERS = 60
"""The most answers between two kills."""
CLIENTS, FEW_CLIENTS = 4, 1
"""So many read, and as many write; in the short form, few leave more of the processors to the servers that start."""


@dataclass(slots=True)
class Replica:
    """One server process, which is started again on the same port."""

    port: int
    environment: Mapping[str, str]
    log: Path
    process: ForkServerProcess | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        words = ["serve", "--port", str(self.port)]
        self.process = await asyncio.to_thread(start_chengxin, words, self.environment, self.log)

    async def ready(self) -> None:
        await self.readiness(httpx.codes.OK)

    async def readiness(self, wanted: httpx.codes) -> None:
        """Return once `/readyz` answers with the status *wanted*."""
        assert self.process is not None
        async with httpx.AsyncClient(timeout=5) as client, asyncio.timeout(READY_SECONDS):
            while True:
                assert self.process.exitcode is None, self.log.read_text()
                try:
                    if (await client.get(f"{self.url}/readyz")).status_code == wanted:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)

    async def end(self, how: signal.Signals) -> None:
        if self.process is None:
            return
        if self.process.exitcode is None:
            assert self.process.pid is not None
            os.kill(self.process.pid, how)
        await asyncio.to_thread(self.process.join)


@dataclass(slots=True)
class Answers:
    """What the clients were told: the subjects that each read showed, by its request, and the check of each key."""

    reads: dict[str, set[UUID]] = field(default_factory=dict)
    changes: dict[str, UUID] = field(default_factory=dict)
    sent: Counter[str] = field(default_factory=Counter)
    """How often each change was sent."""
    count: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What the database says of the answers. The first three must be empty."""

    unrecorded: set[str]
    """Requests whose answer showed subjects that no record names."""
    missing: set[str]
    """Changes that were answered and are not there, or with another id."""
    repeated: set[str]
    """Changes that happened more than once."""
    reads: int
    changes: int
    sent_again: int


@dataclass(slots=True)
class Drill:
    """The clients and the killer."""

    replicas: list[Replica]
    chance: Random
    clients: int = CLIENTS
    headers: dict[str, str] = field(default_factory=dict)
    answers: Answers = field(default_factory=Answers)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    over: bool = False

    async def run(self, kills: int) -> None:
        """Kill so many times, with some answers in between."""
        async with self.under_load():
            for _ in range(kills):
                await self.answers_come(self.chance.randint(1, MOST_ANSWERS))
                await asyncio.sleep(self.chance.uniform(0, 0.05))
                victim = self.chance.choice(self.replicas)
                await victim.end(signal.SIGKILL)
                await victim.start()
                await victim.ready()

    @asynccontextmanager
    async def under_load(self) -> AsyncIterator[None]:
        """Let the clients ask as long as the block runs. Afterwards each has its last answer, and no server runs."""
        try:
            for replica in self.replicas:  # the first one makes the demo's data, where there is none
                await replica.start()
                await replica.ready()
            async with httpx.AsyncClient(timeout=ANSWER_SECONDS) as client:
                token = await client.get(f"{self.replicas[0].url}/dev/token", params={"persona": "regulator"})
                self.headers["Authorization"] = f"Bearer {token.text}"
                async with asyncio.TaskGroup() as clients:
                    for work in [self._read, self._change] * self.clients:
                        clients.create_task(work(client))
                    yield
                    self.over = True
            for replica in self.replicas:
                await replica.end(signal.SIGTERM)
        finally:
            for replica in self.replicas:
                await replica.end(signal.SIGKILL)

    async def answers_come(self, more: int) -> None:
        """Return when so many *more* requests have been answered."""
        until = self.answers.count + more
        async with asyncio.timeout(READY_SECONDS):
            while self.answers.count < until:
                self.answered.clear()
                await self.answered.wait()

    async def _ask(self, client: httpx.AsyncClient, body: Mapping[str, object], request: str) -> dict[str, Any] | None:
        """Return the answer; None where the server was killed before it came, or is not there.

        Also None where the database went away between a change and the record of what is shown of it: the change is
        durable, and is shown to who sends it again.
        """
        url = f"{self.chance.choice(self.replicas).url}/graphql"
        headers = {**self.headers, "X-Request-Id": request}
        try:
            answer = await client.post(url, json=body, headers=headers)
        except httpx.TransportError:
            await asyncio.sleep(0.05)
            return None
        found: dict[str, Any] = answer.json()
        errors = found.get("errors", ())
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE or (
            errors and all(error["extensions"]["code"] in UNAVAILABLE for error in errors)
        ):
            await asyncio.sleep(0.05)
            return None
        assert not errors, found
        self.answers.count += 1
        self.answered.set()
        return found["data"]

    async def _read(self, client: httpx.AsyncClient) -> None:
        while not self.over:
            request = uuid4().hex
            found = await self._ask(client, {"query": READ}, request)
            if found is not None:
                nodes = found["focusedCheckTargets"]["nodes"]
                self.answers.reads[request] = {decode(one["subject"]["id"]).keys[0] for one in nodes}

    async def _change(self, client: httpx.AsyncClient) -> None:
        found = None
        while found is None:
            found = await self._ask(client, {"query": READ}, uuid4().hex)
        targets = [one["subject"]["id"] for one in found["focusedCheckTargets"]["nodes"]]
        while not self.over:
            body, key = change(self.chance.choice(targets))
            found = None
            while found is None:
                self.answers.sent[key] += 1
                found = await self._ask(client, body, uuid4().hex)
            recorded = found["recordFocusedCheck"]
            assert recorded["__typename"] == "FocusedCheckRecorded", recorded
            self.answers.changes[key] = decode(recorded["check"]["id"]).keys[-1]


def change(target: str) -> tuple[dict[str, object], str]:
    """Return the request of a new change about the subject *target*, and its idempotency key."""
    key = f"drill-{uuid4().hex.translate(LETTERS)}"
    asked = {
        "subject": target,
        "checkedOn": civil_date(datetime.now(UTC)).isoformat(),
        "outcome": "NOTHING_FOUND",
        "evidence": [key],
        "idempotencyKey": key,
    }
    return {"query": CHANGE, "variables": {"i": asked}}, key


async def examine(url: str, answers: Answers) -> Found:
    """Compare the answers with the database."""
    database = Database.open(url)
    try:
        shown: dict[str, set[UUID]] = {}
        disclosed = tables.disclosures.c
        for request_id, subjects in await database.fetch(select(disclosed.request_id, disclosed.subjects)):
            shown.setdefault(UUID(str(request_id)).hex, set()).update(subjects)
        checks: dict[str, list[UUID]] = {}
        for check_id, evidence in await database.fetch(
            select(tables.focused_checks.c.check_id, tables.focused_checks.c.evidence)
        ):
            for key in evidence:
                checks.setdefault(key, []).append(check_id)
    finally:
        await database.close()
    return Found(
        unrecorded={
            request for request, subjects in answers.reads.items() if not subjects <= shown.get(request, set())
        },
        missing={key for key, check_id in answers.changes.items() if check_id not in checks.get(key, [])},
        repeated={key for key in answers.sent if len(checks.get(key, [])) > 1},
        reads=len(answers.reads),
        changes=len(answers.changes),
        sent_again=sum(times - 1 for times in answers.sent.values()),
    )


def environment_for(folder: Path, url: str, **settings: str) -> dict[str, str]:
    """Return the environment of a demo on the database at *url*, with its keys in *folder*, and further *settings*."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHENGXIN_")}
    return {
        **kept,
        "CHENGXIN_DATABASE_URL": url,
        "CHENGXIN_KEK_FILE": f"{folder}/kek.key",
        "CHENGXIN_DEV_KEY_FILE": f"{folder}/dev-issuer.json",
        **{f"CHENGXIN_{name}": value for name, value in settings.items()},
    }


async def drill(
    folder: Path, url: str, ports: list[int], kills: int, seed: int, clients: int = CLIENTS, **settings: str
) -> Found:
    """Run the drill with a replica on each port, and return what the database says afterwards."""
    environment = environment_for(folder, url, **settings)
    replicas = [Replica(port, environment, folder / f"{port}.log") for port in ports]
    held = Drill(replicas, Random(seed), clients)  # noqa: S311 - chooses whom to kill, no secrets
    await held.run(kills)
    return await examine(url, held.answers)
