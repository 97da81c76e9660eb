"""What a monitor remembers of a gateway's logs, in a file that is replaced whole and durably.

    JSON {"type":"chengxin-log-monitor/1","logs":{NAME:{"note":text,"counted_size":n,"counted_sum":n}, …},
          "system_read":n,"last_epoch":n|null,"epoch_sizes":{NAME:n, …},"lost":{NAME:n, …},
          "erased":{NAME:n, …},"is_closed":true|false}

    note          the last checkpoint that was verified, as its log has signed it
    counted_size  up to where the subjects that entries state were counted: an epoch's size; counted_sum: how many
    system_read   the first entry of `system` whose claims were not compared yet
    lost          the subjects of entries that restores have stated as lost
    erased        how many entries of theirs erasures have stated
    is_closed     whether `system` has said that no row of before is taken over any more

Where a log contradicts itself, what shows it is put beside that file, as NAME.evidence-<16 hex digits>.json, and the
file stays as it was.
"""

import os
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import orjson

from consent.ports import LOG_CODES, Log
from gateway.durable_file import DurableFile
from gateway.json_input import InvalidJson, parse_json
from gateway.ledger.monitor.errors import LogContradiction, LogUnchecked

TYPE: Final = "chengxin-log-monitor/1"
_LOGS: Final[tuple[Log, ...]] = tuple(LOG_CODES)


@dataclass(slots=True)
class RememberedLog:
    """The last verified checkpoint of a log, and how far its subjects were counted."""

    note: bytes
    counted_size: int = 0
    counted_sum: int = 0


@dataclass(slots=True)
class MonitorState:
    """What is remembered; an empty one remembers nothing."""

    logs: dict[Log, RememberedLog] = field(default_factory=dict)
    system_read: int = 0
    last_epoch: int | None = None
    epoch_sizes: dict[Log, int] = field(default_factory=dict)
    lost: dict[Log, int] = field(default_factory=dict)
    erased: dict[Log, int] = field(default_factory=dict)
    is_closed: bool = False

    @classmethod
    def read(cls, file: Path) -> "MonitorState":
        """Return what *file* holds, nothing where there is none. Raises LogUnchecked for another file."""
        try:
            return cls._parse(parse_json(file.read_bytes()))
        except FileNotFoundError:
            return cls()
        except (InvalidJson, KeyError, TypeError, ValueError, AttributeError):
            raise LogUnchecked("The state file is none of a monitor; name another one, or move it away.") from None
        except OSError as error:
            raise LogUnchecked(f"The state file could not be read: {type(error).__name__}.") from None

    def write(self, file: Path) -> None:
        """Replace *file*, durably. Raises LogUnchecked where that fails."""
        facts = {
            "type": TYPE,
            "logs": {
                name: {"note": it.note.decode(), "counted_size": it.counted_size, "counted_sum": it.counted_sum}
                for name, it in self.logs.items()
            },
            "system_read": self.system_read,
            "last_epoch": self.last_epoch,
            "epoch_sizes": self.epoch_sizes,
            "lost": self.lost,
            "erased": self.erased,
            "is_closed": self.is_closed,
        }
        _write(file, facts)

    @classmethod
    def _parse(cls, values: dict[str, Any]) -> "MonitorState":
        if values["type"] != TYPE:
            raise ValueError
        logs = {
            name: RememberedLog(it["note"].encode(), _number(it["counted_size"]), _number(it["counted_sum"]))
            for name in _LOGS
            if (it := values["logs"].get(name)) is not None
        }
        last, is_closed = values["last_epoch"], values["is_closed"]
        if not isinstance(is_closed, bool):
            raise TypeError
        sizes, lost, erased = (
            {name: _number(values[item][name]) for name in _LOGS if name in values[item]}
            for item in ("epoch_sizes", "lost", "erased")
        )
        return cls(
            logs,
            _number(values["system_read"]),
            None if last is None else _number(last),
            sizes,
            lost,
            erased,
            is_closed,
        )


def keep_evidence(file: Path, found: LogContradiction) -> Path:
    """Write what shows the contradiction beside *file*; return where. Raises LogUnchecked where that fails."""
    facts = {
        "type": "chengxin-log-evidence/1",
        "word": str(found.word),
        "log": found.log,
        "facts": found.facts,
        "notes": [note.decode("utf-8", "replace") for note in found.evidence],
    }
    digest = sha256(orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
    evidence = file.with_name(f"{file.name}.evidence-{digest}.json")
    _write(evidence, facts)
    return evidence


def _write(file: Path, facts: dict[str, Any]) -> None:
    try:
        with DurableFile(Path(os.path.realpath(file)), replace=True) as pending:
            pending.file.write(orjson.dumps(facts, option=orjson.OPT_INDENT_2) + b"\n")
            pending.commit()
    except OSError as error:
        raise LogUnchecked(f"The file could not be written: {type(error).__name__}.") from None


def _number(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError
    return value
