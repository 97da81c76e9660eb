"""Measures the gateway against unprotected contenders over real HTTP, in one run, and prints ratios.

    python -m bench                           both databases; --only sqlite, --subjects N, --seconds S
    python -m bench --against REVISION        also the gateway as it was at a revision of this repository
    python -m bench --save                    writes tables and plots to bench/results/

Each contender is a process of its own and has the same rows; the requests come from another process. All are measured
in turn, several times, and of each the median counts.
"""

import argparse
import base64
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import httpx
import orjson
from rich.console import Console

from bench import results
from bench.issuer import Issuer
from bench.questions import GATEWAY, QUESTIONS, Question
from bench.servers import (
    HERE,
    ROOT,
    environment_of,
    fill,
    free_port,
    memory,
    node,
    processor_seconds,
    production_settings,
    serving,
    tree_of,
)
from tests.postgresql import running_server

console = Console(width=140)


@dataclass(slots=True)
class Contender:
    """A server that runs."""

    name: str
    port: int
    process: "subprocess.Popen[bytes]"
    headers: Mapping[str, str]
    subjects: Sequence[UUID]
    figures: dict[str, list[results.Figure]] = field(default_factory=dict)

    def request(self, question: Question, subject: UUID) -> bytes:
        body = orjson.dumps(question.body(self.name, subject))
        lines = [
            "POST /graphql HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            "Content-Type: application/json",
            "Accept: application/json",
            f"Content-Length: {len(body)}",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        return "\r\n".join([*lines, "", ""]).encode() + body

    def check(self, question: Question) -> None:
        """Ask once, and raise AssertionError unless the answer has all its rows."""
        body = question.body(self.name, self.subjects[0])
        answer = httpx.post(f"http://127.0.0.1:{self.port}/graphql", json=body, headers=dict(self.headers), timeout=30)
        found = answer.json()
        assert answer.status_code == 200, (self.name, answer.text)
        assert "errors" not in found, (self.name, answer.text)
        (root,) = found["data"].values()
        if question.is_by_subject:
            root = root.get("restraintCases") or root["plainCasesBySubjectId"]
        assert len(root["nodes"]) == (5 if question.is_by_subject else 20), (self.name, answer.text)

    def measure(self, question: Question, seconds: float, warm_up: float) -> results.Figure:
        asked = self.subjects if question.is_by_subject else self.subjects[:1]
        spec = {
            "host": "127.0.0.1",
            "port": self.port,
            "requests": [base64.b64encode(self.request(question, subject)).decode() for subject in asked],
            "connections": question.connections,
            "seconds": seconds,
            "warm_up": warm_up,
        }
        command = [sys.executable, "-m", "bench.load"]
        with subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as load:
            assert load.stdin and load.stdout and load.stderr  # noqa: PT018
            load.stdin.write(orjson.dumps(spec))
            load.stdin.close()
            assert load.stderr.readline() == b"counting\n", load.stderr.read()
            before = processor_seconds(self.process.pid)
            load.stderr.readline()
            used = processor_seconds(self.process.pid) - before
            found = json.loads(load.stdout.read())
        assert found["statuses"].keys() == {"200"}, (self.name, found)
        answered = found["answered"]
        return results.Figure(
            answered / found["seconds"], used / answered * 1e6, found["p50"], found["p99"], memory(self.process.pid)
        )


@dataclass(slots=True)
class Arena:
    """The contenders that run on one database."""

    folder: Path
    stack: ExitStack
    contenders: list[Contender] = field(default_factory=list)

    def add(
        self,
        name: str,
        command: Sequence[object],
        port: int,
        environment: Mapping[str, str],
        subjects: Sequence[UUID],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        process = self.stack.enter_context(serving(name, command, port, environment, self.folder))
        self.contenders.append(Contender(name, port, process, headers or {}, subjects))

    def add_gateway(
        self,
        name: str,
        tree: Path,
        url: str,
        issuer: Issuer,
        subjects: int,
        key_file: Path,
        further: Mapping[str, str] | None = None,
    ) -> list[UUID]:
        """Add a gateway with a database of its own, or, with no *subjects*, one beside another on its database."""
        people = fill(tree, url, key_file, subjects) if subjects else []
        port = free_port()
        settings = {
            "CHENGXIN_MODE": "production",
            "CHENGXIN_DATABASE_URL": url,
            "CHENGXIN_KEK_FILE": str(key_file),
            "CHENGXIN_OIDC_ISSUER": issuer.url,
            "CHENGXIN_OIDC_AUDIENCE": "bench",
            "CHENGXIN_OIDC_JWKS_URL": f"{issuer.url}/jwks",
            "CHENGXIN_OIDC_ACCOUNT_REFERENCES": "plain",
            **production_settings(tree, key_file.parent),
            **(further or {}),
        }
        command = [sys.executable, "-c", "import gateway.cli; gateway.cli.main()", "serve", "--port", str(port)]
        headers = {"Authorization": f"Bearer {issuer.token()}"}
        self.add(name, command, port, environment_of(tree, settings), people, headers)
        return people

    def add_python(self, name: str, module: str, url: str, subjects: Sequence[UUID]) -> None:
        port = free_port()
        options = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
        command = [sys.executable, "-m", "uvicorn", f"bench.contenders.{module}:app", "--port", str(port), *options]
        self.add(name, command, port, environment_of(ROOT, {"BENCH_URL": url}), subjects)

    def add_node(self, name: str, script: str, words: Sequence[str], url: str, subjects: Sequence[UUID]) -> None:
        program = node(newest=script == "postgraphile.mjs")
        if program is None or not (HERE / "contenders/node_modules").exists():
            console.print(f"left out: {name} needs Node and `npm --prefix bench/contenders ci`")
            return
        port = free_port()
        command = [program, HERE / "contenders" / script, *words, str(port), url]
        self.add(name, command, port, {**os.environ, "NODE_ENV": "production"}, subjects)


def run(database: str, chosen: argparse.Namespace) -> list[results.Outcome]:
    """Measure all contenders on one database."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = None
        if database == "PostgreSQL":
            server = stack.enter_context(running_server(fsync="on", full_page_writes="on"))
        arena, issuer = Arena(folder, stack), Issuer()
        url = f"{server}/postgres" if server else f"sqlite:///{folder}/bench.db"
        people = arena.add_gateway(GATEWAY, ROOT, url, issuer, chosen.subjects, folder / "kek.key")
        if chosen.against:
            tree = stack.enter_context(tree_of(chosen.against))
            before = f"sqlite:///{folder}/before.db"
            if server:
                subprocess.run(["psql", "-q", f"{server}/postgres", "-c", "CREATE DATABASE before"], check=True)
                before = f"{server}/before"
            name = f"{GATEWAY} at {chosen.against}"
            arena.add_gateway(name, tree, before, issuer, chosen.subjects, folder / "before.key")
        arena.add_python("hand-written", "handwritten", url, people)
        if server:
            arena.add_node("Mercurius-JIT, one join", "mercurius.mjs", ["join"], url, people)
            arena.add_node("Mercurius-JIT, loaders", "mercurius.mjs", ["loaders"], url, people)
            arena.add_node("PostGraphile 5", "postgraphile.mjs", [], url, people)
        arena.add_python("stock Strawberry", "stock", url, people)
        return [_ask(arena, database, question, chosen) for question in QUESTIONS.values()]


def _ask(arena: Arena, database: str, question: Question, chosen: argparse.Namespace) -> results.Outcome:
    figures: dict[str, list[results.Figure]] = {one.name: [] for one in arena.contenders}
    for contender in arena.contenders:
        contender.check(question)
    for turn in range(chosen.turns):
        for contender in arena.contenders:
            figures[contender.name].append(contender.measure(question, chosen.seconds, 0.5 if turn else 2.0))
    medians = {name: results.median(found) for name, found in figures.items()}
    outcome = results.Outcome(f"{database}: {question.name}, {chosen.subjects:,} subjects", medians)
    console.print(outcome.grid(GATEWAY))
    return outcome


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--subjects", type=int, default=20_000)
    arguments.add_argument("--seconds", type=float, default=5.0)
    arguments.add_argument("--turns", type=int, default=3)
    arguments.add_argument("--only", choices=("sqlite", "postgresql"))
    arguments.add_argument("--against", metavar="REVISION")
    arguments.add_argument("--save", action="store_true")
    chosen = arguments.parse_args()
    outcomes = []
    for database in ("PostgreSQL", "SQLite"):
        if chosen.only in {None, database.lower()}:
            outcomes += run(database, chosen)
    if chosen.save:
        results.save(outcomes, GATEWAY, HERE / "results")


if __name__ == "__main__":
    main()
