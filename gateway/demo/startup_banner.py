"""The text that a demo prints when it starts: its address, and one query for each kind of user, ready to copy."""

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

from gateway.demo.personas.examples import public_examples
from gateway.demo.personas.personas import personas
from gateway.http.developer_pages import curl
from gateway.settings.settings import Settings

VERIFIER: Final = Path(sys.executable).with_name("chengxin")
"""The command beside the interpreter that serves: it is on nobody's path."""


def announcement(settings: Settings, today: date) -> str:
    """Return the text. Each command fetches its own token, so that no token is out of date."""
    return "\n".join(_lines(settings, today)) + "\n"


def _lines(settings: Settings, today: date) -> Iterator[str]:
    base = settings.local_url
    yield f"诚信网关（演示）已启动 · Chengxin Gateway, a demo, is open at {base}"
    yield f"浏览器 · in a browser: {base}/" + (f"  {base}/graphiql" if settings.graphiql else "")
    yield "另开终端，逐条粘贴 · paste into another terminal, one for each kind of user:"
    example = public_examples()[0]
    yield from _command(f"公众 · Everybody: {example.title}", curl(base, None, example))
    for persona in personas(today):
        example = persona.examples[0]
        yield from _command(f"{persona.title}: {example.title}", curl(base, persona, example))
    yield from _command(
        "任何人从外部核验账本 · anybody verifies the ledger from outside", _verification(base, settings)
    )
    yield f"# 离线核验回执 · receipts are verified, offline, by {base}/verify-receipt"
    yield ""
    yield "停止 · to stop: Ctrl+C"


def _verification(base: str, settings: Settings) -> str:
    """Return the command that fetches the keys of the logs, and verifies all that they have published."""
    policy = settings.kek_file.with_name("ledger-policy.txt")
    return f"curl -s {base}/log/policy > {policy} && {VERIFIER} ledger verify {base} --policy {policy}"


def _command(title: str, command: str) -> Iterator[str]:
    yield ""
    yield f"# {title}"
    yield command
