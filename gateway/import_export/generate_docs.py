"""Generates the tables of docs/import-format.md from the declarations that the import uses; a test compares them.

The document has markers with the names of the public functions; their results stand between the markers.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from credit.core.flaw_remedies import REMEDIES
from credit.core.flaws import Flaw
from credit.file_formats.application_rows import APPLICATIONS
from credit.file_formats.case_columns import BASIC
from credit.file_formats.form import RecordForm
from credit.file_formats.subject_rows import SUBJECTS
from gateway.import_export.errors import FileFlaw, ImportRefusal, RowFlaw
from gateway.import_export.exporting.tables import KINDS

_OF_A_NUMBER: Final = REMEDIES[Flaw.CHECK_CHARACTER]
_CODES_OF_NUMBERS: Final = (
    (
        "INVALID_ID_NUMBER",
        "身份证号码无效：…",
        "Not a valid ID number; the sentence goes on to say why.",
        _OF_A_NUMBER.chinese,
        _OF_A_NUMBER.english,
    ),
    (
        "INVALID_SOCIAL_CREDIT_CODE",
        "统一社会信用代码无效：…",
        "Not a valid unified social credit code; likewise.",
        _OF_A_NUMBER.chinese,
        _OF_A_NUMBER.english,
    ),
)
_OF_NUMBERS: Final = frozenset(
    {
        Flaw.LENGTH,
        Flaw.ALPHABET,
        Flaw.ROUNDED,
        Flaw.REGION,
        Flaw.BIRTH_DATE,
        Flaw.SEQUENCE,
        Flaw.AUTHORITY,
        Flaw.CATEGORY,
        Flaw.ORGANISATION_CODE,
        Flaw.CHECK_CHARACTER,
        Flaw.NOT_BORN_YET,
    }
)
"""These flaws appear only in the sentences of the two codes above."""
_OF_STEPS: Final = frozenset(
    {
        Flaw.NOT_CORRECTABLE,
        Flaw.NOT_FOUND_WRONG,
        Flaw.NOT_OF_RECORD,
        Flaw.STILL_WRONG,
        Flaw.NOT_AMENDED,
        Flaw.NO_SUCH_FILE,
        Flaw.NOT_OF_CIRCUMSTANCE,
        Flaw.NUMBER_TAKEN,
        Flaw.NOT_OF_A_CASE,
        Flaw.NOT_YOURS,
    }
)
"""These flaws refuse steps that are taken here, or what comes by another way. No row of a file can have them: a test
compares the list with what files meet."""
_OF_MACHINES: Final = frozenset({Flaw.ISO_DATE, Flaw.ISO_INSTANT})
"""These flaws refuse values of GraphQL and JSON; a cell may give a date in other forms."""
_OF_WARNINGS: Final = (Flaw.PHONE, Flaw.MASKED, Flaw.ROUNDED)
"""These flaws of a telephone leave it out. The first refuses no row."""
_OF_OTHER_COMMANDS: Final = frozenset(
    {
        ImportRefusal.ONE_NUMBER,
        ImportRefusal.TOKEN,
        ImportRefusal.OUTPUT,
        ImportRefusal.OUTPUT_EXISTS,
        ImportRefusal.UNENCODABLE,
        ImportRefusal.LONG_LIST,
        ImportRefusal.SHEET_FULL,
        ImportRefusal.ROWS_DIFFER,
        ImportRefusal.TIME_LIMIT,
        ImportRefusal.COUNTER,
    }
)


def columns() -> str:
    """Return the columns of basic information, in the order of export."""
    return _columns(BASIC)


def application_columns() -> str:
    """Return the columns of applications."""
    return _columns(APPLICATIONS)


def subject_columns() -> str:
    """Return the columns of subjects."""
    return _columns(SUBJECTS)


def _columns(form: RecordForm) -> str:
    lines = ["| column | also headed | |", "|---|---|---|"]
    lines += [
        f"| {header} | {'、'.join(also)} | {'' if header in form.may_be_missing else 'required'} |"
        for header, also in form.headers.items()
    ]
    return "\n".join(lines) + "\n"


def reasons() -> str:
    """Return every reason to refuse a row, and then those to refuse a file or an actor."""
    of_rows = (flaw for flaw in Flaw if flaw not in _OF_NUMBERS | _OF_STEPS | _OF_MACHINES | {Flaw.PHONE})
    rows = [*_CODES_OF_NUMBERS, *_worded(of_rows), *_worded(RowFlaw)]
    files = _worded(refusal for refusal in ImportRefusal if refusal not in _OF_OTHER_COMMANDS)
    return _table("refuses a row", rows) + "\n" + _table("refuses the whole", files)


def warnings() -> str:
    """Return every reason to leave a telephone out of a row that is taken in."""
    return _table("leaves a telephone out", _worded(_OF_WARNINGS))


def file_flaws() -> str:
    """Return what can be wrong with a workbook, and the other kinds of file."""
    return _table("a file", _worded(FileFlaw))


def kinds() -> str:
    """Return every kind that can be exported, with its GraphQL field and its columns."""
    lines = ["| kind | | asked from | columns |", "|---|---|---|---|"]
    for name, kind in KINDS.items():
        root = f"{kind.root}.{kind.within}" if kind.within else kind.root
        lines.append(f"| `{name}` | {kind.title} | `{root}` | {'、'.join(kind.columns)} |")
    return "\n".join(lines) + "\n"


def _worded(flaws: Iterable[Flaw | RowFlaw | ImportRefusal | FileFlaw]) -> list[tuple[str, ...]]:
    return [(flaw.value, flaw.message_zh, flaw.message, *_way_out(flaw)) for flaw in flaws]


def _way_out(flaw: Flaw | RowFlaw | ImportRefusal | FileFlaw) -> tuple[str, str] | tuple[()]:
    """Return what to do, in Chinese and English; the sentence of a file says it itself."""
    if isinstance(flaw, Flaw):
        return REMEDIES[flaw].chinese, REMEDIES[flaw].english
    return (flaw.remedy_zh, flaw.remedy) if isinstance(flaw, RowFlaw) else ()


def _table(what: str, rows: Sequence[tuple[str, ...]]) -> str:
    headers = (what, "原因", "reason", "处理办法", "way out")[: len(rows[0])]
    lines = [f"| {' | '.join(headers)} |", "|" + "---|" * len(headers)]
    lines += [f"| `{code}` | {' | '.join(sentences)} |" for code, *sentences in rows]
    return "\n".join(lines) + "\n"
