"""`chengxin receipt verify`: verify a receipt offline."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from consent.errors import LedgerRefused
from consent.receipts.receipts import MOST_BYTES
from consent.receipts.verify import ProvedReceipt, verify_receipt
from gateway.cli.arguments import Json, id_of
from gateway.cli.ledger.options import Policy, read_policy
from gateway.cli.output import CommandMisused, CommandRefused, print_facts


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The receipt.")],
    policy: Policy,
    subject: Annotated[
        str | None, typer.Option("--subject", metavar="ID", help="Whose it must be; else it says whose it is.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Verify a receipt without the ledger, and say what it proves."""
    trusted = read_policy(policy)
    wanted = None if subject is None else id_of(subject, "subject", "such as 00000000-0000-0000-0000-000000000001")
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
        proved = verify_receipt(content, trusted, int(time.time()), wanted)
    except OSError as error:
        raise CommandMisused(
            f"the receipt cannot be read ({type(error).__name__})", "name the file of a receipt"
        ) from None
    except LedgerRefused as refused:
        raise CommandRefused(
            f"{refused.code} {refused.flaw}: {refused.message_zh} {refused.message}",
            "it proves nothing; docs/receipts.md says what each word means",
        ) from None
    print_facts(_facts(proved), _lines(proved), as_json=as_json)


def _facts(proved: ProvedReceipt) -> dict[str, Any]:
    return {
        "result": "proved",
        "origin": proved.origin,
        "index": proved.index,
        "size": proved.size,
        "cosigned": [{"witness": name, "at": _instant(at)} for name, at in proved.cosigned],
        "subject_id": str(proved.subject_id),
        "record": proved.record,
        "grounds": [{"ground": ground, "authorisation_id": _id(used)} for ground, used in proved.grounds],
        "statement": proved.statement,
    }


def _lines(proved: ProvedReceipt) -> Iterable[str]:
    yield f"主体 subject: {proved.subject_id}"
    yield f"日志 log: {proved.origin}, entry {proved.index} of {proved.size}"
    for name, at in proved.cosigned:
        yield f"见证 cosigned: {name} at {_instant(at)}"
    yield "记录 the record, as the log has it:"
    for name, value in proved.record.items():
        yield f"  {name}: {value}"
    for ground, used in proved.grounds:
        yield f"依据 ground: {ground.get('basis')} {ground.get('citation')}, authorisation {_id(used) or 'none'}"
        for shown in ground.get("fields", ()):
            yield f"  {' '.join(map(str, shown))}"
    yield "管理者声明 stated and sealed by the controller, beyond the record:"
    for name in ("pii_controller", "privacy_notice", "purposes"):
        yield f"  {name}: {proved.statement[name]}"


def _instant(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


def _id(used: UUID | None) -> str | None:
    return None if used is None else str(used)
