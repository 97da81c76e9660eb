"""`chengxin ledger follow` and `restore-store`: a verified copy of a gateway's logs, and the way back from it."""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final

import httpx
import orjson
import typer

from consent.ledger.notes.log_policy import LogPolicy
from consent.ports import LOG_CODES, Log
from gateway.cli.arguments import Json
from gateway.cli.ledger.options import Policy, read_policy, require_url
from gateway.cli.output import CommandMisused, CommandRefused, print_facts, print_progress
from gateway.cli.stop_signal import stop_signal
from gateway.ledger.errors import LedgerStoreError
from gateway.ledger.factory import open_store, store_at
from gateway.ledger.monitor.checkpoints import accepted
from gateway.ledger.monitor.errors import ContradictionWord, LogContradiction, LogUnchecked
from gateway.ledger.monitor.log_copy import Copied, LogCopy
from gateway.ledger.monitor.log_growth import LogGrowth
from gateway.ledger.monitor.log_source import ANSWER_SECONDS, HttpLog, LogSource, StoredLog
from gateway.ledger.stores.tile_store import TileStore
from gateway.ledger.witness_panel import WitnessPanel
from gateway.settings import parsers
from gateway.settings.parsers import NotAccepted
from gateway.settings.settings import read

FINE, CONTRADICTION, UNCHECKED = 0, 1, 2
_PLACE: Final = "file:/path/to/folder or s3://bucket/prefix"
Endpoint = Annotated[str | None, typer.Option("--s3-endpoint", metavar="URL", help="Another service than Amazon's.")]
Region = Annotated[str, typer.Option("--s3-region", metavar="NAME", help="The region of the bucket.")]
S3Key = Annotated[
    Path | None, typer.Option("--s3-key-file", metavar="FILE", help="Two lines: the id of a key, and its secret.")
]


def follow(
    url: Annotated[str, typer.Argument(metavar="URL", help="The address of the gateway.")],
    policy: Policy,
    to: Annotated[str, typer.Option("--to", metavar="PLACE", help=f"Where the copy lies: {_PLACE}.")],
    every: Annotated[float, typer.Option("--every", metavar="SECONDS", min=0.2, help="How often to look.")] = 5.0,
    s3_endpoint: Endpoint = None,
    s3_region: Region = "us-east-1",
    s3_key_file: S3Key = None,
    *,
    once: Annotated[bool, typer.Option("--once", help="Look once and end.")] = False,
    as_json: Json = False,
) -> int:
    """Keep a verified copy of a gateway's three logs, which grows by itself until stopped.

    Nothing is stored that is not proved to be of a checkpoint that the policy accepts.
    """
    trusted, address = read_policy(policy), require_url(url)
    store = _store(to, s3_endpoint, s3_region, s3_key_file)

    async def work() -> int:
        stop = stop_signal()
        with httpx.Client(timeout=ANSWER_SECONDS) as client:
            sources = [HttpLog(client, address, log) for log in LOG_CODES]
            while True:
                code = await _copied(sources, store, trusted, as_json=as_json, is_quiet=not once)
                if once or code == CONTRADICTION or stop.is_set():
                    return code
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), every)

    return asyncio.run(work())


def restore_store(
    from_: Annotated[str, typer.Option("--from", metavar="PLACE", help=f"The copy: {_PLACE}, or an address.")],
    policy: Policy,
    to: Annotated[
        str | None, typer.Option("--to", metavar="PLACE", help="The store; without it, that of the settings.")
    ] = None,
    s3_endpoint: Endpoint = None,
    s3_region: Region = "us-east-1",
    s3_key_file: S3Key = None,
    *,
    as_json: Json = False,
) -> int:
    """Copy the entries that a store lost, because it was put back to an earlier moment, from a copy into it.

    The witnesses of the policy are asked too: what they have cosigned must be in the store afterwards.
    """
    trusted = read_policy(policy)
    store = open_store(read(os.environ)) if to is None else _store(to, s3_endpoint, s3_region, s3_key_file)

    async def work() -> int:
        with httpx.Client(timeout=ANSWER_SECONDS) as client:
            sources: list[LogSource]
            if from_.startswith(("http://", "https://")):
                sources = [HttpLog(client, from_, log) for log in LOG_CODES]
            else:
                copy = _store(from_, s3_endpoint, s3_region, s3_key_file)
                sources = [StoredLog(copy, log) for log in LOG_CODES]
            return await _copied(sources, store, trusted, as_json=as_json, asks_witnesses=True)

    return asyncio.run(work())


async def _copied(
    sources: Sequence[LogSource],
    store: TileStore,
    policy: LogPolicy,
    *,
    as_json: bool,
    is_quiet: bool = False,
    asks_witnesses: bool = False,
) -> int:
    """Copy each log; print what was copied. *is_quiet*: only where something was."""
    done: dict[Log, Copied] = {}
    try:
        for source in sources:
            done[source.log] = await LogCopy(source, store, policy, time.time).grow()
            if asks_witnesses:
                await _require_witnessed(store, source.log, policy)
    except LogContradiction as found:
        return await _contradiction(store, found, as_json=as_json)
    except (LogUnchecked, LedgerStoreError) as error:
        reason = str(error) or type(error).__name__
        print_facts({"result": "unchecked", "reason": reason}, [f"not copied: {reason}"], as_json=as_json)
        return UNCHECKED
    if not is_quiet or any(each.before != each.after for each in done.values()):
        facts = {"result": "fine", "logs": {log: {"before": it.before, "after": it.after} for log, it in done.items()}}
        lines = [f"{log}: {it.after} entries, {it.after - it.before} of them new" for log, it in done.items()]
        print_facts(facts, lines, as_json=as_json)
    return FINE


async def _require_witnessed(store: TileStore, log: Log, policy: LogPolicy) -> None:
    """Do nothing where the store has every tree that a witness has cosigned last. Raises as a copy does."""
    stored = StoredLog(store, log)
    content = await stored.checkpoint()
    if content is None:
        return
    head = accepted(content, log, policy, time.time()).checkpoint
    key = next(each.key for each in policy.logs if each.key.name == head.origin)
    async with httpx.AsyncClient(timeout=ANSWER_SECONDS) as client:
        last = await WitnessPanel(policy, key, client, _no_proof).last_cosigned()
    for each in last:
        if each.size > head.size:
            raise LogUnchecked(
                f"A witness has cosigned {each.size} entries of {log}, and the copy has {head.size}: find a later copy."
            )
        if (await LogGrowth(stored, head).tree_at(each.size)).root != each.root:
            raise LogContradiction(ContradictionWord.NOT_CONSISTENT, log, {"old_size": each.size, "size": head.size})


async def _no_proof(*_: object) -> Sequence[bytes]:
    return ()


async def _contradiction(store: TileStore, found: LogContradiction, *, as_json: bool) -> int:
    notes = [note.decode("utf-8", "replace") for note in found.evidence]
    facts, lines = found.report() | {"notes": notes}, found.lines()
    path = _evidence_path(facts)
    try:
        await store.write_new(path, orjson.dumps(facts, option=orjson.OPT_INDENT_2))
        lines.append(f"evidence: {path} beside the copy")
    except LedgerStoreError as error:
        print_progress(f"note: the evidence was not kept ({type(error).__name__})")
    print_facts(facts, lines, as_json=as_json)
    return CONTRADICTION


def _evidence_path(facts: Mapping[str, Any]) -> str:
    return f"evidence/{sha256(orjson.dumps(facts)).hexdigest()[:16]}.json"


def _store(place: str, endpoint: str | None, region: str, key_file: Path | None) -> TileStore:
    try:
        chosen = parsers.ledger_store(place)
    except NotAccepted:
        raise CommandMisused("that is no place of a copy", f"such as {_PLACE}") from None
    if isinstance(chosen, Path) and not chosen.is_dir():
        raise CommandRefused("the folder of the copy is not there", "make it first: a disk that is away is no copy")
    return store_at(chosen, endpoint, region, key_file)
