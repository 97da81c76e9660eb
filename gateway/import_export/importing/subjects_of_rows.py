"""The subjects of the rows of a file: found by number, or registered; the file's sender does not learn which [5.1.6].

A clerk with a list of numbers must not find out who is on record (decision 5): no sealed data is opened, nothing on
record is changed, and both cases have the same outcome.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from gateway.import_export.errors import RowFlaw
from gateway.import_export.importing.candidates import ParsedRow, RowsSoFar
from gateway.import_export.importing.compare import RowOutcome, RowResult
from gateway.import_export.importing.import_context import ImportContext
from gateway.subjects.seal_registration import new_subject
from storage.database.session import Session
from storage.repositories.subjects.subjects import NewSubject, SubjectRepository, Term


async def find_owners(session: Session, new: Sequence[ParsedRow[Any]]) -> Mapping[Term, UUID]:
    """Find the subjects of a batch by the blind index."""
    return await SubjectRepository(session).find_all([(one.kind, term) for one in new for term in one.terms])


def owner_of(parsed_row: ParsedRow[Any], found: Mapping[Term, UUID]) -> UUID | None:
    """Return the subject of *parsed_row*, by any version of its search term."""
    return next((found[parsed_row.kind, term] for term in parsed_row.terms if (parsed_row.kind, term) in found), None)


def compare_with_file(parsed_row: ParsedRow[Any], seen: RowsSoFar, header: str) -> RowOutcome | None:
    """Compare a row with the rows before it: one number has one name, and equal keys have equal content."""
    if conflict := seen.conflict(parsed_row):
        return RowOutcome(parsed_row.line, RowResult.REFUSED, problems=(conflict,))
    match seen.repeats(parsed_row):
        case True:
            return RowOutcome(parsed_row.line, RowResult.UNCHANGED)
        case False:
            return RowOutcome(parsed_row.line, RowResult.REFUSED, problems=(RowFlaw.RECORD_TWICE.at(header),))
    return None


@dataclass(slots=True)
class RowSubjects:
    """Registers the subjects of rows, once for each number of a run."""

    context: ImportContext
    made: dict[bytes, UUID] = field(default_factory=dict, repr=False)
    """Subjects that this run registers, until the record has them."""

    def owner(self, parsed_row: ParsedRow[Any], known: UUID | None, into: list[NewSubject]) -> UUID:
        """Return the row's subject: one on record, one registered for an earlier row, or a new one, added to *into*."""
        if known is not None:
            return known
        if parsed_row.term not in self.made:
            context, registration = self.context, parsed_row.intake.subject
            new = new_subject(
                registration,
                context.services.keyring,
                area_name=context.lists.reference.areas[registration.area_code],
                by=context.actor.ref,
                at=context.now,
                new_id=context.services.runtime.new_id,
            )
            into.append(new)
            self.made[parsed_row.term] = new.subject_id
        return self.made[parsed_row.term]
