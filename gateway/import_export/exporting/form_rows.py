"""The form of basic information [5.1.3], filled in from the GraphQL response: one row a case."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from credit.cases.status import MONTHS, CaseStatus, Circumstance, CollectionChannel
from credit.core.values.characters import guarded
from credit.core.values.garbled import DAMAGED
from credit.core.values.names import needs_confirmation
from credit.file_formats import case_columns as h
from credit.file_formats.case_columns import HEADERS
from credit.file_formats.choices import YES, ReferenceLists, name_of
from credit.subjects.subject import KIND_ZH, SubjectKind

Case = Mapping[str, Any]
Path = tuple[str, ...]

STANDS: Final = frozenset({CaseStatus.DETERMINED, CaseStatus.PUBLISHED, CaseStatus.OVERDUE_FOR_RECTIFICATION})
"""The cases of the form. A case that is not determined lacks half of its columns. The form has no column for the end of
a case (repaired, dropped, removed or referred), so an ended case, imported again, would be in force again."""

_NONE: Final = "无"
_MONTHS: Final = f"{MONTHS}个月"
_LONG: Final = 12


@dataclass(frozen=True, slots=True)
class FormColumn:
    """A column of the form: the path of its value in a case, and its writer."""

    header: str
    path: Path
    write: Callable[[str, ReferenceLists], str] = lambda text, _: text


COLUMNS: Final = (
    FormColumn(h.NAME, ("subject", "name")),
    FormColumn(h.KIND, ("subject", "kind"), lambda text, _: KIND_ZH[SubjectKind(text)]),
    FormColumn(h.NUMBER, ("subject", "identifier")),
    FormColumn(h.ADDRESS, ("subject", "address")),
    FormColumn(h.PHONE, ("subject", "phone")),
    FormColumn(h.AREA, ("area", "code"), lambda code, reference: name_of(code, reference.areas)),
    FormColumn(h.CIRCUMSTANCE, ("circumstance",), lambda text, _: Circumstance(text).zh),
    FormColumn(h.FACTS, ("facts",)),
    FormColumn(h.DEPARTMENT, ("department", "code"), lambda code, reference: name_of(code, reference.departments)),
    FormColumn(h.BASIS, ("basis",)),
    FormColumn(h.DETERMINED_ON, ("determinedOn",)),
    FormColumn(h.VALIDITY, ("endsOn",)),
    FormColumn(h.PERIOD_BASIS, ("periodBasis",)),
    FormColumn(h.LEGAL_DOCUMENT, ("legalDocument",)),
    FormColumn(h.CASE_NUMBER, ("number",)),
    FormColumn(h.CHANNEL, ("channel",), lambda text, _: CollectionChannel(text).zh),
    FormColumn(h.PUBLISHED_ON, ("publishedOn",)),
    FormColumn(h.TAKEN_OVER, ("isTakenOver",)),
    FormColumn(h.NAME_CONFIRMED, ("subject", "name"), lambda text, _: YES if needs_confirmation(text) else ""),
)
"""Every column but the application's number: no purpose of this form shows the application of a case."""

_OF_ORGANISATION: Final = FormColumn(
    h.AREA, ("subject", "area", "code"), lambda code, lists: name_of(code, lists.areas)
)
"""The area of an organisation, where that of the case is withheld: it might be a person's [5.1.5]."""

PATHS: Final = tuple(column.path for column in COLUMNS)

SELECTION: Final = (
    "id number circumstance basis legalDocument determinedOn publishedOn endsOn periodBasis inForce status facts "
    "isTakenOver channel department { code } area { code } "
    "subject { kind name identifier address phone area { code } }"
)


def belongs(case: Case) -> bool:
    """Return whether a case belongs to the form; by whether it is in force, where its steps are withheld."""
    if case["status"] is None:
        return bool(case["inForce"])
    return CaseStatus(case["status"]) in STANDS


def cells_of(
    case: Case, reference: ReferenceLists, withheld: Collection[Path], damaged: Collection[Path], *, as_text: bool
) -> tuple[str, ...]:
    """Return the cells of a case under HEADERS, safe to open in a spreadsheet; a withheld value is an empty cell.

    A *damaged* one is DAMAGED. With *as_text*, long numbers are written as `="…"`, so that a spreadsheet shows all
    their digits.
    """
    texts = {column.header: _text(case, column, reference) for column in COLUMNS}
    if not texts[h.AREA]:
        texts[h.AREA] = _text(case, _OF_ORGANISATION, reference)
    if not texts[h.VALIDITY] and case["publishedOn"] is None and ("endsOn",) not in withheld:
        texts[h.VALIDITY] = _MONTHS  # an unpublished case has no last day, but it has a length [5.1.5]
    if not texts[h.LEGAL_DOCUMENT] and ("legalDocument",) not in withheld:
        texts[h.LEGAL_DOCUMENT] = _NONE
    texts |= {column.header: DAMAGED for column in COLUMNS if column.path in damaged and not texts[column.header]}
    return tuple(_as_cell(texts.get(header, ""), as_text=as_text) for header in HEADERS)


def _text(case: Case, column: FormColumn, reference: ReferenceLists) -> str:
    found: Any = case
    for step in column.path:
        found = None if found is None else found[step]
    if isinstance(found, bool):
        return "是" if found else ""
    return "" if found is None else column.write(found, reference)


def _as_cell(text: str, *, as_text: bool) -> str:
    if as_text and len(text) >= _LONG and text.isascii() and text.isdigit():
        return f'="{text}"'
    return guarded(text)
