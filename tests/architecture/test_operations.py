"""docs/operations.md names figures, log keys, codes and commands: they must be the ones that there are."""

import re
from pathlib import Path

import pytest

from gateway.cli import run
from gateway.http.errors import Code
from gateway.telemetry.logging import ALLOWED
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.queue_metrics import QueueRoute as Waiting
from gateway.telemetry.queue_metrics import QueueSnapshot
from schema.core.errors import NotRecorded

TOP = Path(__file__).parents[2]
TEXT = (TOP / "docs" / "operations.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    return TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def test_figures_exist_with_these_labels() -> None:
    metrics = Metrics()
    metrics.answered(route="/graphql", method="POST", status=503, seconds=0.1, code="TIMEOUT")
    metrics.saw(QueueSnapshot(None, reads=True, routes={"platform": Waiting()}, dead=0, quarantined=0))
    there = {
        (family.name, frozenset(sample.labels) - {"le"})
        for family in metrics.registry.collect()
        for sample in family.samples
    }
    named = re.findall(r"`(chengxin_[a-z_]+?)(?:_total)?\{([a-z, ]+)\}`", TEXT)
    named += [(name, "") for name in re.findall(r"^\| `(chengxin_[a-z_]+)` \|", TEXT, re.MULTILINE)]
    assert len(named) == 9
    assert {(name, frozenset(labels.split(", ")) - {""}) for name, labels in named} <= there


def test_log_events_and_keys_exist() -> None:
    rows = [row.split("|") for row in section("Logs").splitlines() if row.startswith("| `")]
    source = "".join(file.read_text(encoding="utf-8") for file in (TOP / "gateway").rglob("*.py"))
    for _, events, _, keys, _ in rows:
        assert all(f'"{event}"' in source for event in re.findall(r"`([a-z.]+)`", events))
        named = set(re.findall(r"`([a-z_]+)`", keys)) - {"keys"}  # the name of a check
        assert named <= ALLOWED


@pytest.mark.parametrize("code", ["KEYS_UNAVAILABLE", "TIMEOUT", "TOKEN_REFUSED", "INTERNAL"])
def test_codes_exist(code: str) -> None:
    assert f"`{code}`" in TEXT
    assert code in list(Code)


def test_what_is_not_recorded_is_refused_by_the_code_that_is_told() -> None:
    assert f"`{NotRecorded.code}` with status {NotRecorded.status}" in " ".join(TEXT.split())


@pytest.mark.parametrize("command", sorted(set(re.findall(r"`chengxin ([a-z]+(?: [a-z]+)?)", TEXT))))
def test_commands_exist(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*command.split(), "--help"]) == 0, capsys.readouterr().err
