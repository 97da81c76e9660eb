"""How much slower pages are while a sequencer integrates and publishes their record, on both databases.

    python -m bench.ledger.beside_pages [--subjects 2000] [--seconds 10] [--turns 5] [--only sqlite]

Three gateways answer the same page in turns, each on a database of its own: one whose record waits, one that integrates
and folds in its own process, and one that starts a process for that beside itself, as by default. The load comes from a
further process. Each page is recorded; ratios are to the first.
"""

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.table import Table as Grid

from bench import results
from bench.__main__ import Arena
from bench.issuer import Issuer
from bench.questions import GATEWAY, QUESTIONS
from bench.servers import ROOT, children, processor_seconds
from tests.postgresql import running_server

ALONE, WITHIN, BESIDE = (f"{GATEWAY}, {how}" for how in ("no sequencer", "one within", "one beside"))
OFF = {"CHENGXIN_LEDGER_SEQUENCER": "off", "CHENGXIN_LEDGER_AUDIT_HOURS": "0"}
SETTINGS = {
    ALONE: OFF,
    WITHIN: {**OFF, "CHENGXIN_LEDGER_SEQUENCER": "within"},
    BESIDE: {**OFF, "CHENGXIN_LEDGER_SEQUENCER": "process"},
}


def measure(database: str, chosen: argparse.Namespace, table: Grid) -> None:
    """Add the rows of one database to *table*."""
    question = next(one for one in QUESTIONS.values() if not one.is_by_subject)
    with ExitStack() as stack:
        issuer, arenas = Issuer(), dict[str, Arena]()
        for name, settings in SETTINGS.items():
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            url = f"sqlite:///{folder}/bench.db"
            if database == "postgresql":
                url = f"{stack.enter_context(running_server(fsync='on', full_page_writes='on'))}/postgres"
            arena = arenas[name] = Arena(folder, stack)
            arena.add_gateway(name, ROOT, url, issuer, chosen.subjects, folder / "kek.key", settings)
        for arena in arenas.values():
            arena.contenders[0].check(question)
        figures: dict[str, list[results.Figure]] = {name: [] for name in arenas}
        (sequencer,) = children(arenas[BESIDE].contenders[0].process.pid)
        spent = list[float]()
        for turn in range(chosen.turns):
            for name, arena in arenas.items():
                before = processor_seconds(sequencer)
                found = arena.contenders[0].measure(question, chosen.seconds, 0.5 if turn else 2.0)
                figures[name].append(found)
                if name == BESIDE:
                    spent.append((processor_seconds(sequencer) - before) / (found.rate * chosen.seconds) * 1e6)
    alone = results.median(figures[ALONE])
    for name, found in figures.items():
        one = results.median(found)
        beside = f"{results.median(found).processor:,.0f}" + (f" + {min(spent):,.0f}" if name == BESIDE else "")
        table.add_row(
            database, name, f"{one.rate:,.0f}", f"{one.rate / alone.rate:.3f}", beside, f"{one.p99 * 1e3:.1f}"
        )


def main() -> None:
    """Measure, and print a table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--subjects", type=int, default=2_000)
    arguments.add_argument("--seconds", type=float, default=10.0)
    arguments.add_argument("--turns", type=int, default=5)
    arguments.add_argument("--only", choices=("sqlite", "postgresql"))
    chosen = arguments.parse_args()
    table = Grid("database", "", "pages a second", "ratio", "µs of processor a page", "p99 ms")
    for database in ("postgresql", "sqlite"):
        if chosen.only in {None, database}:
            measure(database, chosen, table)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
