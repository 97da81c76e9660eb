"""The decision on one field of a document, and what the answer says of it where it is withheld.

An error reports it, one for each place in the response, or a note does, once for its place in the document:

    {"message":"…","path":["cases","nodes",3,"notes"],
     "extensions":{"code":"WITHHELD","messageEn":"…","at":["cases","nodes","notes"],"reason":"necessity","unlock":"",
                   "field":"RestraintCase.notes","types":["RestraintCase"],"dataClass":"INTERNAL_NOTE"}}
    {"at":["cases","nodes","notes"],"path":["cases","nodes","*","notes"],"reason":"necessity","unlock":"",
     "field":"RestraintCase.notes","types":["RestraintCase"],"dataClass":"INTERNAL_NOTE","message":"…","messageEn":"…"}
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from consent.vocabulary import DataClass
from policy.admission import denied
from policy.decisions import Grant, Withheld, WithheldReason
from schema.core.enums import AccessOutcome

MOST_ERRORS: Final = 100
"""How many errors one place of a document has at most. One more, without `path`, says how many places it leaves out."""
ANY_ITEM: Final = "*"
Indexes = tuple[int, ...]
"""Where a place of the document stands in the response: the index in each list on the way to it."""


@dataclass(slots=True, eq=False)
class FieldDecision:
    """The decision on one field at one place of the document. *types* are the concrete types that it holds for.

    *listed* has how many response keys come before each index of a path in the response.
    """

    path: tuple[str, ...]
    field: str
    data_class: DataClass | None
    outcome: AccessOutcome
    grants: tuple[Grant, ...] = ()
    reason: WithheldReason | None = None
    unlock: str = ""
    types: list[str] = dataclasses.field(default_factory=list)
    listed: Indexes = ()
    _around: tuple[bytes, ...] = ()
    """The text of an error, cut at the indexes of its path."""

    def withheld(self, reason: WithheldReason, unlock: str, types: list[str]) -> "FieldDecision":
        """Return that the field is withheld at this place for *reason*, from objects of these *types*."""
        return FieldDecision(
            self.path, self.field, self.data_class, AccessOutcome.WITHHELD, (), reason, unlock, types, self.listed
        )

    @property
    def pattern(self) -> list[str]:
        """The path in the response, with `*` for the index of any item of a list."""
        found: list[str] = []
        for at, key in enumerate(self.path, start=1):
            found += [key, ANY_ITEM] if at in self.listed else [key]
        return found

    def error(self) -> dict[str, object]:
        """Return the GraphQL error of a place that no list is on the way to."""
        return self._entry(self.path)

    def errors(self, places: Sequence[Indexes]) -> list[bytes]:
        """Return the errors at *places* of the response as JSON: one for each, as far as MOST_ERRORS goes."""
        around = self._around or self.cut()
        found = [
            around[0] + b"".join(b"%d" % at + text for at, text in zip(indexes, around[1:], strict=True))
            for indexes in places[:MOST_ERRORS]
        ]
        if len(places) > MOST_ERRORS:
            found.append(orjson.dumps(self._entry(None, more=len(places) - MOST_ERRORS)))
        return found

    def cut(self) -> tuple[bytes, ...]:
        """Prepare the text of its errors, which differ in the indexes of their paths; return it, cut there."""
        head, tail = orjson.dumps(self._entry([])).split(b'"path":[]', 1)
        pieces, piece = [], head + b'"path":['
        for at, key in enumerate(self.path, start=1):
            piece += b",%b" % orjson.dumps(key) if at > 1 else orjson.dumps(key)
            if at in self.listed:
                pieces.append(piece + b",")
                piece = b""
        self._around = (*pieces, piece + b"]" + tail)
        return self._around

    def note(self) -> dict[str, object]:
        """Return what `extensions.withheld` tells of the place."""
        return {"at": list(self.path), "path": self.pattern, **self._facts(), **self._words()}

    def _entry(self, path: Sequence[str] | None, **more: object) -> dict[str, object]:
        words = self._words(**more)
        facts = {"at": list(self.path), **self._facts(), **more}
        extensions = {"code": AccessOutcome.WITHHELD, "messageEn": words["messageEn"], **facts}
        placed = {} if path is None else {"path": path}
        return {"message": words["message"], **placed, "extensions": extensions}

    def _facts(self) -> dict[str, object]:
        return {
            "reason": self.reason,
            "unlock": self.unlock,
            "field": self.field,
            "types": self.types,
            "dataClass": self.data_class,
        }

    def _words(self, more: object = None) -> dict[str, str]:
        refusal = denied(Withheld(self.reason or WithheldReason.UNCLASSIFIED, self.unlock))
        chinese, english = ("", "") if more is None else (f"（另有 {more} 处。）", f" ({more} more places.)")
        return {"message": refusal.message_zh + chinese, "messageEn": refusal.message + english}
