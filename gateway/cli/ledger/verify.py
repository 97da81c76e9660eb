"""`chengxin ledger verify`: verify a gateway's logs from outside."""

import asyncio
import random
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final

import httpx
import typer

from consent.errors import PolicyFileRefused
from consent.ledger.notes.log_policy import LogPolicy
from consent.ports import LOG_CODES
from gateway.cli.arguments import Json
from gateway.cli.ledger.options import Policy, read_policy, require_url
from gateway.cli.output import print_facts, print_progress
from gateway.ledger.monitor.errors import LogContradiction, LogUnchecked
from gateway.ledger.monitor.log_source import ANSWER_SECONDS, HttpLog
from gateway.ledger.monitor.monitor import SAMPLES, LogMonitor, MonitorReport
from gateway.ledger.monitor.monitor_state import MonitorState, keep_evidence

FINE, CONTRADICTION, UNCHECKED = 0, 1, 2
UNKNOWABLE: Final = (
    "a read that was never recorded leaves nothing in a log; a department proves with its promises that its own were",
    "whether a subject is real: a subject that was invented may take the count of a read that is hidden",
    "what the entries of consent and access say: they are commitments, and their subjects hold what opens them",
)


def verify(
    url: Annotated[str, typer.Argument(metavar="URL", help="The address of the gateway.")],
    policy: Policy,
    state: Annotated[
        Path | None, typer.Option("--state", metavar="FILE", help="What was seen before, and is remembered.")
    ] = None,
    since: Annotated[
        int | None, typer.Option("--since", metavar="N", min=0, help="Read every entry from this one on again.")
    ] = None,
    samples: Annotated[
        int, typer.Option("--samples", metavar="N", min=0, max=1000, help="How many proofs of each log to ask for.")
    ] = SAMPLES,
    *,
    as_json: Json = False,
) -> int:
    """Verify the three logs of a gateway over HTTP: signatures, witnesses, tiles, history, epochs, proofs.

    Exit 0: nothing contradicts; 1: a contradiction, which is named; 2: it could not be checked.
    """
    trusted, address = read_policy(policy), require_url(url)
    try:
        before = MonitorState() if state is None else MonitorState.read(state)
        report, shown, after = asyncio.run(_verify(address, trusted, before, since, samples))
        if state is not None:
            after.write(state)
    except LogContradiction as found:
        return _contradiction(found, state, as_json=as_json)
    except LogUnchecked as unchecked:
        reason = str(unchecked)
        print_facts({"result": "unchecked", "reason": reason}, [f"not checked: {reason}"], as_json=as_json)
        return UNCHECKED
    facts = {"result": "fine", **report.facts(), "shown_policy": shown, "unknowable": UNKNOWABLE}
    print_facts(facts, [*_lines(report), _policy_line(trusted, shown)], as_json=as_json)
    return FINE


async def _verify(
    url: str, policy: LogPolicy, before: MonitorState, since: int | None, samples: int
) -> tuple[MonitorReport, str | None, MonitorState]:
    with httpx.Client(timeout=ANSWER_SECONDS) as client:
        sources = {log: HttpLog(client, url, log) for log in LOG_CODES}
        monitor = LogMonitor(sources, policy, random.SystemRandom().randrange, time.time, samples)
        after = await monitor.verify(before, since)
        return monitor.report, await asyncio.to_thread(_shown_policy, client, url), after


def _shown_policy(client: httpx.Client, url: str) -> str | None:
    """Return the policy that the gateway shows, which decides nothing here."""
    try:
        answer = client.get(f"{url}/log/policy")
        LogPolicy.parse(answer.content)
    except (httpx.HTTPError, PolicyFileRefused):
        return None
    return answer.content.decode("utf-8", "replace")


def _contradiction(found: LogContradiction, state: Path | None, *, as_json: bool) -> int:
    facts, lines = found.report(), found.lines()
    if state is not None and found.evidence:
        try:
            facts["evidence"] = str(keep_evidence(state, found))
            lines.append(f"evidence: {facts['evidence']}")
        except LogUnchecked as error:
            print_progress(f"note: the evidence was not kept: {error}")
    print_facts(facts, lines, as_json=as_json)
    return CONTRADICTION


def _lines(report: MonitorReport) -> Iterable[str]:
    for name, each in report.logs.items():
        cosigned = f"cosigned by {', '.join(each.cosigned_by)}" if each.cosigned_by else "cosigned by nobody"
        yield f"{name}: {each.size} entries, root {each.root[:16]}…, {cosigned}"
        yield (
            f"  read {each.entries} entries from {each.first} on, {each.hash_tiles} tiles of hashes, "
            f"{each.proofs} proofs"
        )
    yield f"epochs: {report.epochs} add up; restores: {report.restores}; {report.waiting} wait for a checkpoint"
    if report.kinds.get("later"):
        yield f"entries of a later release, which this one cannot read: {report.kinds['later']}"
    yield "nothing contradicts"
    for unknowable in UNKNOWABLE:
        yield f"cannot be known from outside: {unknowable}"


def _policy_line(trusted: LogPolicy, shown: str | None) -> str:
    if shown is None:
        return "policy: the gateway shows none; your file decided"
    same = LogPolicy.parse(shown.encode("utf-8", "surrogateescape")).encode() == trusted.encode()
    return f"policy: the gateway shows {'the same as' if same else 'another than'} your file, which decided"
