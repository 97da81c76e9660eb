"""The payload of a NOTIFY: signals of one kind. It has internal ids and nothing else.

<kind> <subject_id as base64url, 22 characters>,…      * in place of an id: anybody
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from queryplan.signals import Signal, SignalKind

IN_PAYLOAD: Final = 300
"""How many subjects fit: a payload has less than 8,000 bytes [PostgreSQL NOTIFY]."""
ANYBODY: Final = "*"


def payloads(signals: Iterable[Signal]) -> list[str]:
    """Return the payloads that carry *signals*."""
    by_kind: dict[SignalKind, list[str]] = {}
    for kind, subject_id in signals:
        text = ANYBODY if subject_id is None else urlsafe_b64encode(subject_id.bytes)[:22].decode()
        by_kind.setdefault(kind, []).append(text)
    return [
        f"{kind} {','.join(texts[start : start + IN_PAYLOAD])}"
        for kind, texts in by_kind.items()
        for start in range(0, len(texts), IN_PAYLOAD)
    ]


def signals_of(payload: str) -> Sequence[Signal]:
    """Return the signals of a payload. Raises ValueError for one that is none of ours."""
    kind, _, subjects = payload.partition(" ")
    return [Signal(SignalKind(kind), _subject(text)) for text in subjects.split(",")]


def _subject(text: str) -> UUID | None:
    return None if text == ANYBODY else UUID(bytes=urlsafe_b64decode(text + "=="))
