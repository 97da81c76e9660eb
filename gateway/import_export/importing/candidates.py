"""Parsed rows of an import, by the rules of [5.1.3], and what the rest of the file must agree with."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from credit.core.errors import Problem, RowRefused
from credit.core.values.document_numbers import number_key
from credit.core.values.identifiers import IdentifierKind
from credit.core.values.names import comparable
from credit.file_formats.case_columns import KIND, NAME
from credit.subjects.registration import Registration
from credit.subjects.subject import SubjectKind, identifier_kind
from gateway.import_export.errors import RowFlaw
from policy.crypto.keyring import Keyring

Problems = tuple[Problem, ...]


class Readable(Protocol):
    """The parsed content of a row of any form: its subject, the department's own number, and all the other items."""

    @property
    def subject(self) -> Registration: ...

    @property
    def number(self) -> str: ...

    @property
    def contents(self) -> tuple[object, ...]: ...

    @property
    def warnings(self) -> tuple[Problem, ...]: ...


Content = TypeVar("Content", bound=Readable)


@dataclass(frozen=True, slots=True)
class ParsedRow(Generic[Content]):
    """A well-formed row, and the search terms of its subject, the current version first."""

    line: int
    intake: Content
    terms: tuple[bytes, ...] = field(repr=False)

    @property
    def kind(self) -> IdentifierKind:
        """The kind of the subject's identifier."""
        return identifier_kind(self.intake.subject.kind)

    @property
    def number(self) -> str:
        """The number of the subject, in its normal form."""
        return self.intake.subject.identifier.text

    @property
    def term(self) -> bytes:
        """The current search term of the subject."""
        return self.terms[0]


def read_parsed_row(line: int, parse: Callable[[], Content], keyring: Keyring) -> ParsedRow[Content] | Problems:
    """Return the row that *parse* reads, with the search terms of its subject; or every problem with it."""
    try:
        intake = parse()
    except RowRefused as refused:
        return refused.problems
    subject = intake.subject
    return ParsedRow(line, intake, keyring.terms(identifier_kind(subject.kind), subject.identifier.text))


class RowsSoFar:
    """Facts of the rows accepted so far: the name that belongs to each number, and the cases.

    It holds keyed search terms and hashes of at most some hundred bytes a row, in memory only, and no value. Later
    rows are compared with a batch at once; `confirm` makes it permanent, `discard` removes it when it fails.
    """

    def __init__(self) -> None:
        self._subjects: dict[bytes, bytes] = {}
        self._cases: dict[bytes, bytes] = {}
        self._new_subjects: dict[bytes, bytes] = {}
        self._new_cases: dict[bytes, bytes] = {}

    def knows(self, parsed_row: ParsedRow[Any]) -> bool:
        """Return whether an earlier accepted row has the same subject."""
        return _find(parsed_row.term, self._new_subjects, self._subjects) is not None

    def conflict(self, parsed_row: ParsedRow[Any]) -> Problem | None:
        """Return the contradiction with an earlier accepted row, if there is one."""
        earlier = _find(parsed_row.term, self._new_subjects, self._subjects)
        if earlier is not None and earlier != _subject(parsed_row):
            return (
                (RowFlaw.KIND_CONFLICT.at(KIND)) if earlier[:1] != _kind(parsed_row) else RowFlaw.NAME_CONFLICT.at(NAME)
            )
        return None

    def repeats(self, parsed_row: ParsedRow[Any]) -> bool | None:
        """Return whether an earlier row has the same case, equal (True) or different (False); None if there is none."""
        earlier = _find(_case_key(parsed_row), self._new_cases, self._cases)
        return None if earlier is None else earlier == _content(parsed_row)

    def accept(self, parsed_row: ParsedRow[Any]) -> None:
        """Remember this row: later rows must agree with it."""
        self._new_subjects[parsed_row.term] = _subject(parsed_row)
        self._new_cases[_case_key(parsed_row)] = _content(parsed_row)

    def confirm(self) -> None:
        """Confirm the rows accepted since the last `confirm`."""
        self._subjects.update(self._new_subjects)
        self._cases.update(self._new_cases)
        self.discard()

    def discard(self) -> None:
        """Forget the rows accepted since the last `confirm`."""
        self._new_subjects.clear()
        self._new_cases.clear()


def _find(key: bytes, *places: Mapping[bytes, bytes]) -> bytes | None:
    return next((place[key] for place in places if key in place), None)


def _kind(parsed_row: ParsedRow[Any]) -> bytes:
    return bytes([list(SubjectKind).index(parsed_row.intake.subject.kind)])


def _subject(parsed_row: ParsedRow[Any]) -> bytes:
    return _kind(parsed_row) + _digest(comparable(parsed_row.intake.subject.name))


def _case_key(parsed_row: ParsedRow[Any]) -> bytes:
    return parsed_row.term + _digest(number_key(parsed_row.intake.number))


def _content(parsed_row: ParsedRow[Any]) -> bytes:
    return _digest("\0".join(str(item) for item in parsed_row.intake.contents))


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
