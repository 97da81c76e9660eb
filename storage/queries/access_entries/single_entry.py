"""One entry of a subject's log, by its id, as the subject sees it today [5.1.6]."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Uuid, bindparam, select, union_all

from storage.database.sql_ids import has_id, id_bytes, id_text
from storage.queries.access_entries.entry_rows import NOBODY
from storage.queries.conditions.scope_rules import is_opened
from storage.tables import access_contexts, access_entries, disclosures

_SUBJECT, _ENTRY = (bindparam(name, type_=Uuid()) for name in ("subject_id", "entry_id"))
NEEDED = ("subject_id", "delay_id", "opens_on")


def opened_entry(*names: str) -> Select[Any]:
    """Return a SELECT of these columns of the entry in the binds `subject_id` and `entry_id`, unless a delay hides it.

    It asks as of the bind `today`, and gives no row for an entry that there is not.
    """
    columns = (*NEEDED, *names)
    row = union_all(_kept(columns), _disclosed(columns)).subquery("entry")
    return select(*(row.c[name] for name in names)).where(is_opened(row))


def _kept(names: tuple[str, ...]) -> Select[Any]:
    kept = access_entries.c
    return select(*(kept[name] for name in names)).where(kept.subject_id == _SUBJECT, kept.entry_id == _ENTRY)


def _disclosed(names: tuple[str, ...]) -> Select[Any]:
    shown, context = disclosures.c, access_contexts.c
    values: dict[str, ColumnElement[Any]] = {"subject_id": _SUBJECT, "delay_id": id_text(shown.delay_id)}
    source: FromClause = disclosures.join(access_contexts, context.context_id == shown.context_id)
    columns = [values[name] if name in values else (shown if name in shown else context)[name] for name in names]
    return (
        select(*(column.label(name) for name, column in zip(names, columns, strict=True)))
        .select_from(source)
        .where(shown.disclosure_id == id_bytes(_ENTRY), has_id(shown.subjects, id_bytes(_SUBJECT)), _SUBJECT != NOBODY)
    )
