"""Unknown documents: what one costs by stage, and what memory does while many come. Run `python -m bench.documents`.

The documents differ in the name of their operation, and so does each plan. Nothing is read: there is nobody on record.
"""

import argparse
import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from graphql import parse, specified_rules, validate
from rich.console import Console
from rich.table import Table as Grid

from bench import world
from gateway.server import freeze_objects
from gateway.services import Services, build_services
from gateway.settings import settings
from gateway.telemetry import logging as log
from policy.actors import Actor, Role
from schema.core.ports import GraphQLRequest
from schema.execution.preparation.prepared_operation import prepare
from schema.execution.preparation.validation import DocumentValidator
from storage.database.migrate import migrate

PAGE = """query Q%d @purpose(is: FOCUSED_CHECK) {
  focusedCheckTargets(first: 20) { nodes { circumstance endsOn subject { name identifier phone } } }
}"""
ACTOR = Actor("regulator-1", Role.REGULATOR, None, "market", "370305")
STEPS = 10
console = Console()


def resident() -> float:
    """Return the resident memory of this process, in MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def best(work: Callable[[], object], rounds: int = 50) -> float:
    """Return the least processor time of *work*, in microseconds."""
    taken = []
    for _ in range(rounds):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return min(taken) * 1e6


def services_over(folder: str) -> Services:
    """Return the services over an empty database, with a budget that nothing here uses up."""
    url = f"sqlite:///{folder}/documents.db"
    chosen = settings.read(
        {
            "CHENGXIN_DATABASE_URL": url,
            "CHENGXIN_KEK_FILE": world.new_keyring(folder),
            "CHENGXIN_DEV_KEY_FILE": f"{folder}/dev.json",
            "CHENGXIN_LOG_FORMAT": "json",
            "CHENGXIN_DOCUMENT_MILLISECONDS": "1000000",
            "CHENGXIN_DOCUMENT_MILLISECONDS_PER_CLIENT": "1000000",
        }
    )
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        log.configure(chosen, stream=nowhere)
    migrate(url)
    return build_services(chosen)


def stages(services: Services) -> None:
    """Print what each stage of an unknown page costs."""
    preparer, text = services.graphql_service._preparer, PAGE % 0
    schema, document = preparer.plan_context.schema, parse(text, no_location=True)
    validator = DocumentValidator(schema, hide_suggestions=False)
    operation = preparer.documents.read(text, None)
    asked = GraphQLRequest(query=text, actor=ACTOR, request_id="bench")
    variables = preparer.variables(operation, asked)

    def plan() -> object:
        return preparer.make_plan(operation, variables, ACTOR.role, operation.purposes.written)

    made = preparer.make_plan(operation, variables, ACTOR.role, operation.purposes.written)
    whole = best(lambda: (preparer.cache.clear(), preparer.documents.read(text, None)))
    grid = Grid(title="an unknown page of focused-check targets, CPU µs", title_justify="left")
    grid.add_column("stage")
    grid.add_column("µs", justify="right")
    for stage, taken in (
        ("parse", best(lambda: parse(text, no_location=True, max_tokens=2_000))),
        ("validate", best(lambda: validator.errors(document))),
        ("validate as graphql-core does", best(lambda: validate(schema, document, specified_rules))),
        ("parse, hash, measure and validate", whole),
        ("authorise and plan", best(plan)),
        ("prepare the statements", best(lambda: prepare(made, preparer.query_runner, "bench"))),
    ):
        grid.add_row(stage, f"{taken:,.0f}")
    console.print(grid)


async def memory(services: Services, count: int) -> None:
    """Print the memory of the process while *count* distinct documents come."""
    service, cache = services.graphql_service, services.graphql_service._preparer.cache
    console.print("documents   resident MiB   counted MiB   entries   CPU ms each")
    started, step = time.process_time(), max(1, count // STEPS)
    for at in range(count + 1):
        if at % step == 0:
            each = (time.process_time() - started) / step * 1e3 if at else 0.0
            size = cache.size / 2**20
            console.print(f"{at:9,}   {resident():12,.0f}   {size:11.1f}   {len(cache):7,}   {each:11.1f}")
            started = time.process_time()
        answer = await service.execute(GraphQLRequest(query=PAGE % at, actor=ACTOR, request_id="bench"))
        assert answer.status == 200, answer.body


async def main(count: int) -> None:
    """Measure one after the other."""
    with TemporaryDirectory() as folder:
        services = await asyncio.to_thread(services_over, folder)
        await services.policy.prepare(ACTOR.role, None)
        freeze_objects()  # as a server does
        stages(services)
        await memory(services, count)
        await services.close()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--documents", type=int, default=100_000, help="how many distinct documents come")
    asyncio.run(main(arguments.parse_args().documents))
