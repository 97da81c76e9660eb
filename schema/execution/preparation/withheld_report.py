"""What the answers to an operation tell of values that are masked or withheld, and the JSON around their data.

    errors       {"errors":[…],"data":…,"extensions":{"masked":[…],"record":[…]}}
    extensions   {"data":…,"extensions":{"masked":[…],"withheld":[…],"record":[…]}}

Only a value that does not open is an error in both: it is a fault of the store, and no decision of the policy.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

import orjson

from consent.ledger.notes.promised_entries import PromisedEntries
from policy.decisions import WithheldReason
from schema.core.enums import AccessOutcome
from schema.core.ports import WithheldMode
from schema.execution.output.withheld_values import (
    KeyTree,
    WithheldMarker,
    WithheldPlaces,
    as_null,
    clear_markers,
    find_markers,
    mark_damaged,
    tree_of,
)
from schema.execution.planning.decisions import FieldDecision
from schema.execution.planning.operation_plan import OperationPlan, Path

RECORD: Final = "record"
"""The extension of an answer that has its entries in the log, and what the log promises for them."""
WITHHELD: Final = "withheld"
NO_PLACES: Final[WithheldPlaces] = {}
NO_NOTES: Final[Mapping[str, object]] = {}


@dataclass(slots=True)
class WithheldReport:
    """What is withheld in every answer at a known place (*always*), and by which *markers* the rest is found.

    *prefix*: how many response keys of a place lie above the data. *roots* are null where an authorisation is missing.
    """

    decisions: Sequence[FieldDecision]
    """What is withheld whatever the rows are, at known places or not."""
    always: Sequence[FieldDecision]
    markers: Sequence[WithheldMarker] = ()
    roots: Sequence[tuple[str, WithheldMarker]] = ()
    masked: Sequence[Path] = ()
    prefix: int = 0
    _tree: KeyTree = field(init=False)
    _tree_by_row: KeyTree = field(init=False)
    _errors: list[bytes] = field(init=False)
    _entries: list[bytes] = field(init=False)
    _around: Mapping[WithheldMode, tuple[bytes, bytes]] = field(init=False)

    def __post_init__(self) -> None:
        self._tree = tree_of(one.decision.path[self.prefix :] for one in self.markers)
        self._tree_by_row = tree_of(one.decision.path[self.prefix :] for one in self.markers if one.by_row)
        self._errors = [orjson.dumps(one.error()) for one in self.always]
        self._entries = [orjson.dumps(one.note()) for one in self.decisions]
        self._around = {
            mode: (_before(self.errors(NO_PLACES, mode)), _after(self.notes(NO_PLACES, mode))) for mode in WithheldMode
        }

    @classmethod
    def of(cls, plan: OperationPlan, prefix: int = 0) -> Self:
        """Return what answers to *plan* tell."""
        withheld = [one for one in plan.decisions if one.outcome is AccessOutcome.WITHHELD]
        marked = {id(one.decision) for one in plan.markers}
        masked = dict.fromkeys(one.path for one in plan.decisions if one.outcome in _MASKED)
        return cls(
            withheld,
            [one for one in withheld if id(one) not in marked],
            plan.markers,
            [(root.key, root.without_consent) for root in plan.roots if root.without_consent is not None],
            list(masked),
            prefix,
        )

    def at(self, path: Path) -> "WithheldReport":
        """Return what answers tell of the place *path* alone."""
        found = [one for one in self.decisions if one.path == path]
        return WithheldReport(found, found)

    def find(self, data: Mapping[str, Any], mode: WithheldMode) -> WithheldPlaces:
        """Return the places of *data* with a marker, as far as answers in this mode tell of them."""
        return self._find(data, self._tree if mode is WithheldMode.ERRORS else self._tree_by_row)

    def take(self, data: Mapping[str, Any], damaged: Mapping[Path, WithheldMarker]) -> WithheldPlaces:
        """Return all places of *data* with a marker or a damaged value, and put None there."""
        tree = self._tree
        if damaged:
            markers = {path[self.prefix :]: marker for path, marker in damaged.items()}
            mark_damaged(data, markers)
            tree = tree_of([*(one.decision.path[self.prefix :] for one in self.markers), *markers])
        found = self._find(data, tree)
        if found:
            clear_markers(data, tree)
        return found

    def _find(self, data: Mapping[str, Any], tree: KeyTree) -> WithheldPlaces:
        found: WithheldPlaces = {}
        if tree:
            find_markers(data, tree, found)
        for key, marker in self.roots:
            if data[key] is None:
                found[marker] = [()]
        return found

    def errors(self, places: WithheldPlaces, mode: WithheldMode) -> list[bytes]:
        """Return the errors of an answer as JSON: what is always withheld, then by places."""
        found = [] if mode is WithheldMode.EXTENSIONS else list(self._errors)
        for marker in self._in_order(places):
            if mode is WithheldMode.ERRORS or marker.decision.reason is WithheldReason.DAMAGED:
                found += marker.decision.errors(places[marker])
        return found

    def notes(self, places: WithheldPlaces, mode: WithheldMode) -> dict[str, object]:
        """Return the extensions of an answer: its masked places, and, in that mode, what is withheld."""
        return self.notes_of(self.entries(places, mode))

    def notes_of(self, withheld: Sequence[object]) -> dict[str, object]:
        """Return the extensions of an answer with what it tells of *withheld* places."""
        masked: dict[str, object] = {"masked": self.masked} if self.masked else {}
        return {**masked, WITHHELD: withheld} if withheld else masked

    def entries(self, places: WithheldPlaces, mode: WithheldMode) -> list[object]:
        """Return what `extensions.withheld` tells: each place of the document once."""
        if mode is WithheldMode.ERRORS:
            return []
        by_row = [one.decision for one in self._in_order(places) if one.by_row]
        of_rows = [one.note() for one in by_row if one.reason is not WithheldReason.DAMAGED]
        return [*map(orjson.Fragment, self._entries), *of_rows]

    def body(
        self,
        data: object,
        places: WithheldPlaces,
        mode: WithheldMode,
        promised: PromisedEntries | None = None,
        more: Mapping[str, object] = NO_NOTES,
    ) -> bytes:
        """Return the response with *data* as JSON. `errors` and `extensions` are there where they say something.

        *more* are further extensions, of this request alone.
        """
        before, after = self._around[mode]
        if places:
            before = _before(self.errors(places, mode))
        if promised is not None or more or (places and mode is WithheldMode.EXTENSIONS):
            notes = with_record(self.notes(places, mode), [] if promised is None else [promised])
            after = _after({**notes, **more})
        return before + orjson.dumps(data, default=as_null) + after

    def _in_order(self, places: WithheldPlaces) -> Iterator[WithheldMarker]:
        yield from (one for one in self.markers if one in places)
        known = set(self.markers)
        yield from (one for one in places if one not in known)


Withholdings = list[tuple[WithheldReport, WithheldPlaces]]
"""What each part of an answer withholds."""


def combined(
    whole: WithheldReport, parts: Withholdings, mode: WithheldMode
) -> tuple[list[orjson.Fragment], dict[str, object]]:
    """Return the errors and the extensions of an answer of several *parts*, for a *whole* operation."""
    errors = [orjson.Fragment(error) for report, places in parts for error in report.errors(places, mode)]
    notes = whole.notes_of([one for report, places in parts for one in report.entries(places, mode)])
    return errors, notes


_MASKED: Final = frozenset({AccessOutcome.MASKED, AccessOutcome.MIXED})


def with_record(notes: Mapping[str, object], promised: Sequence[PromisedEntries]) -> Mapping[str, object]:
    """Return the extensions of an answer with what the log promises for its records, one for each commit."""
    return {**notes, RECORD: [each.as_json() for each in promised]} if promised else notes


def _before(errors: Sequence[bytes]) -> bytes:
    return b'{"errors":[' + b",".join(errors) + b'],"data":' if errors else b'{"data":'


def _after(notes: Mapping[str, object]) -> bytes:
    return b',"extensions":' + orjson.dumps(notes) + b"}" if notes else b"}"
