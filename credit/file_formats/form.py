"""A form: the columns of one kind of record as departments head them, and the filled cells of a row under them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from credit.core.cells import clean, squashed
from credit.core.flaws import Flaw
from credit.core.problems import Complaints
from credit.subjects.subject import SubjectKind


@dataclass(frozen=True, slots=True)
class HeaderReading:
    """What a file's header says: the required columns it lacks, and those that mean nothing here."""

    missing: tuple[str, ...]
    ignored: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordForm:
    """The columns of one kind of record: each canonical header, in the order of export, with what else it is called.

    *may_be_missing* are columns that a file need not have; *states_kind* are headers that say of which kind whoever
    stands under them is.
    """

    headers: Mapping[str, tuple[str, ...]]
    may_be_missing: frozenset[str]
    states_kind: Mapping[str, SubjectKind] = field(default_factory=dict)

    def read_headers(self, headers: Iterable[str]) -> HeaderReading:
        """Tell before the first row whether a file can be of this form at all."""
        listed, canonical = tuple(headers), self._canonical()
        known = {canonical[key(header)] for header in listed if key(header) in canonical}
        missing = (header for header in self.headers if header not in known and header not in self.may_be_missing)
        ignored = (header for header in listed if key(header) not in canonical)
        return HeaderReading(tuple(missing), tuple(ignored))

    def cells_of(self, row: Mapping[str, object], complaints: Complaints) -> dict[str, str]:
        """Return the filled cells of *row* under their canonical headers; columns of no meaning here are left behind.

        A form is all of its list and nothing more [5.1.3]. Text stays as it is, but for line breaks and space.
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
        """Return the kind that a filled column states by its name, where they agree: 身份证号 is only a person's."""
        kinds = {key(header): kind for header, kind in self.states_kind.items()}
        stated = {
            kinds[key(header)]
            for header, value in row.items()
            if isinstance(header, str) and key(header) in kinds and isinstance(value, str) and clean(value)
        }
        return stated.pop() if len(stated) == 1 else None

    def _canonical(self) -> Mapping[str, str]:
        return _canonical_of(tuple(self.headers.items()))


@lru_cache(maxsize=16)
def _canonical_of(headers: tuple[tuple[str, tuple[str, ...]], ...]) -> Mapping[str, str]:
    return {key(name): canonical for canonical, also in headers for name in (canonical, *also)}


@lru_cache(maxsize=1024)
def key(header: str) -> str:
    """Return a header for comparison: brackets of one width, no spaces, no star for a required column."""
    return squashed(clean(header)).strip("*:")
