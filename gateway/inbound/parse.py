"""Parses a pushed message by the rules of the CSV import [5.1.3]: a message is one row, and every problem is named.

A pushed case is collected, not determined: a message with an item of a determination is refused as one that has an
unknown item.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from credit.cases.status import CollectionChannel
from credit.core.errors import InvalidItem
from credit.core.flaws import Flaw
from credit.core.values.dates import parse_iso_date
from credit.core.values.names_in_text import names_in_clear
from credit.core.values.references import LONGEST, LONGEST_NAME, parse_reference
from credit.file_formats import case_columns as h
from credit.file_formats.case_rows import Intake, parse_row
from credit.file_formats.choices import ReferenceLists
from credit.subjects.subject import PERSONS
from gateway.import_export.importing.candidates import ParsedRow, read_parsed_row
from policy.crypto.keyring import Keyring

SCHEMA: Final = "chengxin/collected-case/1"
HEADER: Final[Mapping[str, str]] = {
    "number": h.CASE_NUMBER,
    "department": h.DEPARTMENT,
    "circumstance": h.CIRCUMSTANCE,
    "facts": h.FACTS,
    "basis": h.BASIS,
    "kind": h.KIND,
    "name": h.NAME,
    "identifier": h.NUMBER,
    "address": h.ADDRESS,
    "phone": h.PHONE,
    "area": h.AREA,
}
"""Item of a message to the column with the same meaning."""
_ITEM: Final = {header: item for item, header in HEADER.items()}
_BESIDES: Final = frozenset({"schema", "evidence", "handler", "occurred_on"})
NOT_ASSIGNED: Final = "inbox"
"""The handler of a case whose message names none: the head of the department assigns it."""

Reason = tuple[str, str]
"""The item, and the code of its problem."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """A well-formed message. Its repr shows no personal data."""

    candidate: ParsedRow[Intake]
    evidence: tuple[str, ...] = field(repr=False)
    handler: str
    occurred_on: date | None

    @property
    def warnings(self) -> tuple[Reason, ...]:
        """What the message gives and the record leaves out."""
        return tuple((item_of(problem.field), problem.code) for problem in self.candidate.intake.warnings)


def read_pushed(
    message: Any,  # noqa: ANN401 - JSON
    reference: ReferenceLists,
    keyring: Keyring,
    today: date,
) -> Pushed | tuple[Reason, ...]:
    """Return the case of a message, or every problem with it, by item."""
    if not isinstance(message, dict) or message.get("schema") != SCHEMA:
        return (("schema", "UNKNOWN_SCHEMA"),)
    reasons: list[Reason] = [
        ("(other)", "UNKNOWN_ITEM") for name in message if name not in HEADER and name not in _BESIDES
    ][:1]
    reasons += [(name, "NOT_TEXT") for name in HEADER if not isinstance(message.get(name), str | None)]
    evidence = _references(message.get("evidence"))
    handler = _reference(message.get("handler") or NOT_ASSIGNED, LONGEST_NAME)
    occurred_on = _day(message.get("occurred_on"), today)
    for name, value in (("evidence", evidence), ("handler", handler), ("occurred_on", occurred_on)):
        if isinstance(value, Flaw):
            reasons.append((name, value.value))
    cells = {header: message[name] for name, header in HEADER.items() if isinstance(message.get(name), str)}
    cells[h.CHANNEL] = CollectionChannel.SUPERVISION_PUSH.zh
    candidate = read_parsed_row(1, lambda: parse_row(cells, reference, today=today), keyring)
    if not isinstance(candidate, ParsedRow):
        reasons += [(_ITEM.get(problem.field, "(other)"), problem.code) for problem in candidate]
        return tuple(dict.fromkeys(reasons))
    reasons += _naming(candidate.intake, {"evidence": evidence, "handler": (handler,)})
    if reasons or isinstance(evidence, Flaw) or isinstance(handler, Flaw) or isinstance(occurred_on, Flaw):
        return tuple(dict.fromkeys(reasons))
    return Pushed(candidate, evidence, handler, occurred_on)


def item_of(header: str) -> str:
    """Return the item of a message that a column stands for."""
    return _ITEM.get(header, "(other)")


def _naming(intake: Intake, in_clear: Mapping[str, tuple[str, ...] | Flaw]) -> list[Reason]:
    """Return the items, kept in clear, that name the person whom the case is about; the columns are read as a row."""
    if intake.subject.kind not in PERSONS:
        return []
    return [
        (name, Flaw.HOLDS_PERSONAL_DATA.value)
        for name, texts in in_clear.items()
        if any(names_in_clear(intake.subject.name, text) for text in texts)
    ]


def _references(given: object) -> tuple[str, ...] | Flaw:
    """Parse references to evidence: at least one is required, because the authority answers for it [5.1.1]."""
    if not isinstance(given, list) or not given:
        return Flaw.REQUIRED
    found = [_reference(each) for each in given[:100]]
    flaws = [each for each in found if isinstance(each, Flaw)]
    return flaws[0] if flaws else tuple(str(each) for each in found)


def _reference(given: object, longest: int = LONGEST) -> str | Flaw:
    if not isinstance(given, str) or not given.strip():
        return Flaw.REQUIRED
    try:
        return parse_reference(given, longest)
    except InvalidItem as error:
        return Flaw(error.code)


def _day(given: object, today: date) -> date | Flaw | None:
    if given is None:
        return None
    try:
        day = parse_iso_date(given if isinstance(given, str) else "")
    except InvalidItem as error:
        return Flaw(error.code)
    return Flaw.IN_FUTURE if day > today else day
