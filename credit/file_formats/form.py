"""A form: the columns of one kind of record under the departments' headers, and the filled cells of a row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from credit.core.errors import RowRefused
from credit.core.flaws import Flaw
from credit.core.problems import Complaints
from credit.core.values.characters import clean, squashed
from credit.subjects.subject import SubjectKind


@dataclass(frozen=True, slots=True)
class HeaderReading:
    """The check of a file's header: the required columns that it lacks, and its unknown columns."""

    missing: tuple[str, ...]
    ignored: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordForm:
    """The columns of one kind of record: each canonical header, in the order of export, with its other names.

    *may_be_missing* are columns that a file need not have; *states_kind* are headers that state the kind of the subject
    in their column; *days* are columns of days, in which a spreadsheet may have left its serial number of a day.
    """

    headers: Mapping[str, tuple[str, ...]]
    may_be_missing: frozenset[str]
    states_kind: Mapping[str, SubjectKind] = field(default_factory=dict)
    days: frozenset[str] = frozenset()

    def read_headers(self, headers: Iterable[str]) -> HeaderReading:
        """Check, before the first row, whether a file has this form."""
        listed, canonical = tuple(headers), self._canonical()
        known = {canonical[key(header)] for header in listed if key(header) in canonical}
        missing = (header for header in self.headers if header not in known and header not in self.may_be_missing)
        ignored = (header for header in listed if key(header) not in canonical)
        return HeaderReading(tuple(missing), tuple(ignored))

    def is_of_days(self, header: str) -> bool:
        """Return whether the column under *header* has days."""
        return self._canonical().get(key(header)) in self.days

    def cells_of(self, row: Mapping[str, object], complaints: Complaints) -> dict[str, str]:
        """Return the filled cells of *row* under their canonical headers; unknown columns are dropped.

        A form is exactly its list of columns [5.1.3]. Text stays as it is, except line breaks and space.
        """
        cells: dict[str, str] = {}
        names = self._canonical()
        for header, value in row.items():
            # `csv.DictReader` puts cells beyond the last header under None, as a list.
            if not isinstance(header, str):
                complaints.note(next(iter(self.headers)), Flaw.SHIFTED)
                continue
            canonical = names.get(key(header))
            text = value if isinstance(value, str) else ""
            if canonical is None or not clean(text):
                continue
            if canonical in cells and clean(cells[canonical]) != clean(text):
                complaints.note(canonical, Flaw.AMBIGUOUS)
            cells.setdefault(canonical, text)
        return cells

    def stated_kind(self, row: Mapping[str, object]) -> SubjectKind | None:
        """Return the kind that the names of filled columns state, if they agree: only a person has a 身份证号."""
        kinds = {key(header): kind for header, kind in self.states_kind.items()}
        stated = {
            kinds[key(header)]
            for header, value in row.items()
            if isinstance(header, str) and key(header) in kinds and isinstance(value, str) and clean(value)
        }
        return stated.pop() if len(stated) == 1 else None

    def refused(self, complaints: Complaints) -> RowRefused:
        """Return the refusal of a row, with its problems in the order of the columns."""
        order = list(self.headers)
        return RowRefused(tuple(sorted(complaints.problems, key=lambda problem: order.index(problem.field))))

    def _canonical(self) -> Mapping[str, str]:
        return _canonical_of(tuple(self.headers.items()))


@lru_cache(maxsize=16)
def _canonical_of(headers: tuple[tuple[str, tuple[str, ...]], ...]) -> Mapping[str, str]:
    return {key(name): canonical for canonical, also in headers for name in (canonical, *also)}


@lru_cache(maxsize=1024)
def key(header: str) -> str:
    """Return a header for comparison: brackets of one width, no spaces, no star for a required column."""
    return squashed(clean(header)).strip("*:")
