"""Rows on their way in: read by the rules of [5.1.3], and remembered as far as the rest of the file must agree."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, Protocol, TypeVar

from credit.core.cells import squashed
from credit.core.errors import Problem, RowRefused
from credit.file_formats.case_columns import KIND, NAME
from credit.file_formats.case_rows import Intake, ReferenceLists, parse_row
from credit.subjects.registration import Registration
from credit.subjects.subject import IdentifierKind, SubjectKind, identifier_kind
from gateway.import_export.errors import RowFlaw
from gateway.import_export.files.table_reader import TableRow
from policy.crypto.keyring import Keyring

Problems = tuple[Problem, ...]


class Readable(Protocol):
    """What a row of any form says: of whom, under which number of the department's own, and all the rest of it."""

    @property
    def subject(self) -> Registration: ...

    @property
    def number(self) -> str: ...

    @property
    def said(self) -> tuple[object, ...]: ...


Said = TypeVar("Said", bound=Readable)


@dataclass(frozen=True, slots=True)
class ParsedRow(Generic[Said]):
    """A row that is well formed, and the search terms of its subject, the current version first."""

    line: int
    intake: Said
    terms: tuple[bytes, ...] = field(repr=False)

    @property
    def kind(self) -> IdentifierKind:
        """The kind of the subject's identifier."""
        return identifier_kind(self.intake.subject.kind)

    @property
    def term(self) -> bytes:
        """Whom it is about, without saying so."""
        return self.terms[0]


def read_parsed_row(
    row: TableRow, reference: ReferenceLists, keyring: Keyring, today: date
) -> ParsedRow[Intake] | Problems:
    """Return the row as a candidate, or everything that is wrong with it."""
    try:
        intake = parse_row(row.cells, reference, today=today)
    except RowRefused as refused:
        return refused.problems
    return parsed_row_of(row.line, intake, keyring)


def parsed_row_of(line: int, intake: Said, keyring: Keyring) -> ParsedRow[Said]:
    """Return a row that was read, with the search terms of its subject."""
    subject = intake.subject
    return ParsedRow(line, intake, keyring.terms(identifier_kind(subject.kind), subject.identifier.text))


class RowsSoFar:
    """What the rows accepted so far have said: whose number is whose name, and which cases there were.

    It holds keyed search terms and hashes of at most some hundred bytes a row, in memory only, and no value. What a
    batch adds counts for the rows after it; `keep` makes it last, `drop` forgets it with a batch that failed.
    """

    def __init__(self) -> None:
        self._subjects: dict[bytes, bytes] = {}
        self._cases: dict[bytes, bytes] = {}
        self._new_subjects: dict[bytes, bytes] = {}
        self._new_cases: dict[bytes, bytes] = {}

    def knows(self, parsed_row: ParsedRow[Any]) -> bool:
        """Tell whether a row accepted earlier was about the same subject."""
        return _find(parsed_row.term, self._new_subjects, self._subjects) is not None

    def conflict(self, parsed_row: ParsedRow[Any]) -> Problem | None:
        """Return what contradicts the rows accepted earlier, if anything does."""
        said = _find(parsed_row.term, self._new_subjects, self._subjects)
        if said is not None and said != _subject(parsed_row):
            return (RowFlaw.KIND_CONFLICT.at(KIND)) if said[:1] != _kind(parsed_row) else RowFlaw.NAME_CONFLICT.at(NAME)
        return None

    def repeats(self, parsed_row: ParsedRow[Any]) -> bool | None:
        """Tell whether the same case came before, the same to the word (True) or otherwise (False); None if never."""
        said = _find(_case_key(parsed_row), self._new_cases, self._cases)
        return None if said is None else said == _content(parsed_row)

    def accept(self, parsed_row: ParsedRow[Any]) -> None:
        """Let the rows that follow agree with this one."""
        self._new_subjects[parsed_row.term] = _subject(parsed_row)
        self._new_cases[_case_key(parsed_row)] = _content(parsed_row)

    def keep(self) -> None:
        """Make what was accepted last."""
        self._subjects.update(self._new_subjects)
        self._cases.update(self._new_cases)
        self.drop()

    def drop(self) -> None:
        """Forget what was accepted since the last `keep`."""
        self._new_subjects.clear()
        self._new_cases.clear()


def same_name(one: str, other: str) -> bool:
    """Tell whether two names are the same but for width, case and space."""
    return squashed(one) == squashed(other)


def _find(key: bytes, *places: Mapping[bytes, bytes]) -> bytes | None:
    return next((place[key] for place in places if key in place), None)


def _kind(parsed_row: ParsedRow[Any]) -> bytes:
    return bytes([list(SubjectKind).index(parsed_row.intake.subject.kind)])


def _subject(parsed_row: ParsedRow[Any]) -> bytes:
    return _kind(parsed_row) + _digest(squashed(parsed_row.intake.subject.name))


def _case_key(parsed_row: ParsedRow[Any]) -> bytes:
    return parsed_row.term + _digest(parsed_row.intake.number)


def _content(parsed_row: ParsedRow[Any]) -> bytes:
    return _digest("\0".join(str(said) for said in parsed_row.intake.said))


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
