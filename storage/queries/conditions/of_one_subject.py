"""The disclosures of one subject: those that the index over the subjects has, and on SQLite those that wait for it."""

from typing import Final

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.engine import Dialect

from storage.tables import disclosed_subjects

SUBJECT: Final = "subject"
"""The bind that holds the subject's id."""
_OF_SUBJECT: Final = {
    "postgresql": "disclosures.subjects @> ARRAY[CAST(:subject AS uuid)]",
    "sqlite": "disclosures.disclosure_id IN (SELECT disclosure_id FROM disclosed_subjects WHERE subject_id = :subject "
    "UNION SELECT w.disclosure_id FROM unindexed_disclosures AS w JOIN disclosures AS d "
    "ON d.disclosure_id = w.disclosure_id WHERE instr(d.subjects, :subject) % 16 = 1)",
}


def is_of_subject(dialect: Dialect) -> TextClause:
    """Return the condition on `disclosures` that one of their subjects is that of the bind."""
    return text(_OF_SUBJECT[dialect.name]).bindparams(bindparam(SUBJECT, type_=disclosed_subjects.c.subject_id.type))
