"""The figures of a run: as a table in the terminal, and as Markdown and a plot in `bench/results/`."""

import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from rich.table import Table as Grid

HOW = (
    "One run, one process each, over real HTTP; only the gateway guards, records and decrypts. Read the ratios: the "
    "figures say more about the machine than about any of the programs, and promise nothing."
)
BAR, LABEL, WIDE = 26, 230, 480
"""Of the plot, in pixels: the height of a bar with its margin, the width of a label, and that of the longest bar."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What one contender did: requests a second, processor µs a request, seconds of an answer, and MiB at the end."""

    rate: float
    processor: float
    p50: float
    p99: float
    memory: float


def median(found: Sequence[Figure]) -> Figure:
    """Return the median of each figure."""
    return Figure(
        *(
            statistics.median(getattr(one, name) for one in found)
            for name in ("rate", "processor", "p50", "p99", "memory")
        )
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question to all contenders."""

    title: str
    figures: Mapping[str, Figure]

    def rows(self, ours: str) -> list[list[str]]:
        """Return a row for each contender; ratios are to the gateway: of rates, and of processor time."""
        mine = self.figures[ours]
        return [
            [
                name,
                f"{one.rate:,.0f}",
                f"{one.processor:,.0f}",
                f"{one.p50 * 1e3:.1f}",
                f"{one.p99 * 1e3:.1f}",
                f"{one.memory:,.0f}",
                f"{mine.rate / one.rate:.2f}",
                f"{mine.processor / one.processor:.2f}",
            ]
            for name, one in self.figures.items()
        ]

    def grid(self, ours: str) -> Grid:
        grid = Grid(title=self.title, title_justify="left")
        for at, column in enumerate(COLUMNS):
            grid.add_column(column, justify="right" if at else "left")
        for row in self.rows(ours):
            grid.add_row(*row)
        return grid


COLUMNS = ("contender", "requests/s", "CPU µs", "p50 ms", "p99 ms", "MiB", "our rate ÷ theirs", "our CPU ÷ theirs")


def machine() -> str:
    """Name the machine: its processor, how many of them, and the system."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine()
    )
    return f"{os.cpu_count()} × {model}, {platform.system()} {platform.release()}, Python {platform.python_version()}"


def save(outcomes: Sequence[Outcome], ours: str, folder: Path) -> None:
    """Write `contenders.md` and one plot for each outcome."""
    folder.mkdir(exist_ok=True)
    parts = [
        "# The gateway and the contenders",
        f"Measured on {datetime.now(UTC):%Y-%m-%d} by `python -m bench` on {machine()}. {HOW}",
    ]
    for at, outcome in enumerate(outcomes, 1):
        plot = f"contenders-{at}.svg"
        (folder / plot).write_text(_plot(outcome))
        head = [f"| {' | '.join(COLUMNS)} |", f"|---|{'---:|' * (len(COLUMNS) - 1)}"]
        rows = [f"| {' | '.join(row)} |" for row in outcome.rows(ours)]
        parts += [f"## {outcome.title}", "\n".join(head + rows), f"![requests a second]({plot})"]
    (folder / "contenders.md").write_text("\n\n".join(parts) + "\n")


def _plot(outcome: Outcome) -> str:
    most = max(one.rate for one in outcome.figures.values())
    bars = []
    for at, (name, one) in enumerate(outcome.figures.items()):
        top, width = 30 + at * BAR, one.rate / most * WIDE
        colour = "#9db2c6" if at else "#14324f"
        bars.append(
            f'<text x="{LABEL - 8}" y="{top + 14}" text-anchor="end">{escape(name)}</text>'
            f'<rect x="{LABEL}" y="{top}" width="{width:.0f}" height="19" fill="{colour}"/>'
            f'<text x="{LABEL + width + 6:.0f}" y="{top + 14}">{one.rate:,.0f}</text>'
        )
    height, title = 40 + len(outcome.figures) * BAR, escape(f"{outcome.title}, requests a second")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LABEL + WIDE + 80}" height="{height}" '
        'font-family="system-ui,sans-serif" font-size="13">'
        f'<text x="8" y="18" font-weight="bold">{title}</text>{"".join(bars)}</svg>\n'
    )
