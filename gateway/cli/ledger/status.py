"""`chengxin ledger status`: how this gateway's ledger stands, for operators and for monitors."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from consent.ports import LOG_CODES, Log
from gateway.cli.arguments import Json
from gateway.cli.output import CommandRefused, exit_with_error, print_facts, print_json
from gateway.cli.refusals import REFUSALS, explain_error
from gateway.cli.services import with_services
from gateway.ledger.status import LedgerStatus, StatusAlarm, read_status, state_of
from gateway.services import Services

FINE, ALARM, UNSEEN = 0, 1, 2
_REFUSED: Final[tuple[type[Exception], ...]] = (CommandRefused, *REFUSALS)
_SECONDS: Final[Sequence[tuple[int, str]]] = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def status(*, as_json: Json = False) -> int:
    """Show how the three logs stand: sizes, what waits, checkpoints, witnesses, epochs, audits, restores.

    Exit 0: nothing alarms; 1: something alarms, by its word; 2: it could not be looked at. Without personal data.
    """
    try:
        found, alarms = with_services(_look)
    except _REFUSED as error:
        reason, hint = (str(error), error.hint) if isinstance(error, CommandRefused) else explain_error(error)
        if as_json:
            print_json({"result": "unseen", "reason": reason, "hint": hint})
        else:
            exit_with_error(reason, hint)
        return UNSEEN
    code = ALARM if alarms else UNSEEN if found.unseen else FINE
    result = ("fine", "alarm", "unseen")[code]
    print_facts({"result": result, **_facts(found, alarms)}, _lines(found, alarms), as_json=as_json)
    return code


async def _look(services: Services) -> tuple[LedgerStatus, list[StatusAlarm]]:
    settings, ledger = services.settings, services.ledger
    found = await read_status(services.database, ledger.store, ledger.policy, services.runtime.now())
    epochs_every = timedelta(seconds=settings.ledger_epoch_seconds)
    return found, found.alarms(epochs_every, timedelta(hours=settings.ledger_audit_hours))


def _facts(found: LedgerStatus, alarms: Sequence[StatusAlarm]) -> dict[str, Any]:
    epoch, audit = found.state.epoch, found.state.audit
    return {
        "at": found.at,
        "alarms": [
            {"word": each.word, "log": each.log, "message": each.word.message, "message_zh": each.word.message_zh}
            for each in alarms
        ],
        "unseen": found.unseen,
        "logs": {log: _log_facts(found, log) for log in LOG_CODES},
        "epoch": epoch
        and {"epoch": epoch.epoch, "made_at": epoch.made_at, "heads": epoch.heads, "entries_since": _since(found)},
        "audit": audit
        and {
            "finished_at": audit.finished_at,
            "finished_findings": audit.finished_findings,
            "started_at": audit.started_at,
            "is_running": audit.walk is not None,
            "findings": audit.findings,
        },
    }


def _log_facts(found: LedgerStatus, log: Log) -> dict[str, Any]:
    state, published = state_of(found, log)
    facts: dict[str, Any] = {
        "entries": state.size,
        "integrated_at": state.integrated_at,
        "waiting_groups": state.waiting,
        "oldest_waiting_at": state.oldest_waiting,
        "held_groups": dict(state.held),
        "lost_entries": state.lost,
        "lost_subjects": state.lost_subjects,
        "restored_at": state.restored_at,
    }
    if published is not None:
        facts |= {
            "published": published.size,
            "checkpoint_at": published.written_at,
            "unpublished_since": found.unpublished_since.get(log),
            "cosigned_by": list(published.cosigned_by),
            "not_cosigned_by": list(published.not_cosigned_by),
        }
    return facts


def _since(found: LedgerStatus) -> dict[str, int]:
    """Return how many entries of each log are not in the last epoch yet."""
    epoch, logs = found.state.epoch, found.state.logs
    if epoch is None:
        return {}
    return {"consent": logs["consent"].size - epoch.consent_size, "access": logs["access"].size - epoch.access_size}


def _lines(found: LedgerStatus, alarms: Sequence[StatusAlarm]) -> Iterator[str]:
    for log in LOG_CODES:
        yield from _log_lines(found, log)
    epoch, audit = found.state.epoch, found.state.audit
    if epoch is None:
        yield "epoch: none yet"
    else:
        since = " and ".join(f"{count} of {log}" for log, count in _since(found).items())
        yield f"epoch {epoch.epoch}: {epoch.heads} heads, {_age(found, epoch.made_at)}; entries since: {since}"
    if audit is None or audit.finished_at is None:
        yield "audit: none has ended yet"
    else:
        yield f"audit: ended {_age(found, audit.finished_at)}, {audit.finished_findings} findings"
    if audit is not None and audit.walk is not None:
        yield f"  one is under way since {_age(found, audit.started_at)}, {audit.findings} findings so far"
    if found.unseen:
        yield f"the store could not be read: {found.unseen}"
    for each in alarms:
        yield f"{each.word}: {f'{each.log}：' if each.log else ''}{each.word.message_zh} · {each.word.message}"
    if not alarms:
        yield "nothing alarms"


def _log_lines(found: LedgerStatus, log: Log) -> Iterator[str]:
    state, published = state_of(found, log)
    shown = [f"{log}: {state.size} entries"]
    if published is not None:
        shown.append(f"{published.size} published")
        if published.written_at is not None:
            shown.append(f"checkpoint {_age(found, published.written_at)}")
        if published.cosigned_by or published.not_cosigned_by:
            shown.append(f"cosigned by {_names(published.cosigned_by)}, not by {_names(published.not_cosigned_by)}")
    yield "; ".join(shown)
    oldest = "" if state.oldest_waiting is None else f", the oldest of {_age(found, state.oldest_waiting)}"
    yield f"  {state.waiting} groups wait{oldest}"
    if state.held:
        yield f"  held: {', '.join(f'{count} {reason}' for reason, count in sorted(state.held.items()))}"
    if state.restored_at is not None:
        lost = f"{state.lost} entries of {state.lost_subjects} subjects"
        yield f"  lost in restores: {lost}, the last {_age(found, state.restored_at)}"


def _names(names: Sequence[str]) -> str:
    return ", ".join(names) or "nobody"


def _age(found: LedgerStatus, at: datetime) -> str:
    seconds = max(0, int((found.at - at).total_seconds()))
    unit, name = next((each for each in _SECONDS if seconds >= each[0]), _SECONDS[-1])
    return f"{seconds // unit} {name} ago"
