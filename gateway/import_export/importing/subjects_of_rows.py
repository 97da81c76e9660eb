"""Whom the rows of a file are about: found on record by their number, or registered; nobody is told which [5.1.6].

Whether somebody was known is not for a clerk with a list of numbers to find out (decision 5): nothing on record is
opened, nothing is changed, and both ways have one outcome.
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
    """Find the subjects of a batch through the blind index."""
    return await SubjectRepository(session).find_all([(one.kind, term) for one in new for term in one.terms])


def owner_of(parsed_row: ParsedRow[Any], found: Mapping[Term, UUID]) -> UUID | None:
    """Return the subject of *candidate*, under whichever version of its search term it stands."""
    return next((found[parsed_row.kind, term] for term in parsed_row.terms if (parsed_row.kind, term) in found), None)


def held_to_file(parsed_row: ParsedRow[Any], seen: RowsSoFar, header: str) -> RowOutcome | None:
    """Hold a row to the rows before it: one number has one name, and one record is given in one way."""
    if conflict := seen.conflict(parsed_row):
        return RowOutcome(parsed_row.line, RowResult.REFUSED, problems=(conflict,))
    match seen.repeats(parsed_row):
        case True:
            return RowOutcome(parsed_row.line, RowResult.UNCHANGED)
        case False:
            return RowOutcome(parsed_row.line, RowResult.REFUSED, problems=(RowFlaw.RECORD_TWICE.at(header),))
    return None


@dataclass(slots=True)
class Enrolling:
    """Registers whom the rows are about, once for each number of a run."""

    opening: ImportContext
    made: dict[bytes, UUID] = field(default_factory=dict, repr=False)
    """Whom this run registers, until they can be found on record."""

    def owner(self, parsed_row: ParsedRow[Any], known: UUID | None, into: list[NewSubject]) -> UUID:
        """Return whose row it is: a subject on record, one registered a row ago, or a new one, put *into* the batch."""
        if known is not None:
            return known
        if parsed_row.term not in self.made:
            opening, registration = self.opening, parsed_row.intake.subject
            new = new_subject(
                registration,
                opening.services.keyring,
                area_name=opening.lists.reference.areas[registration.area_code],
                by=opening.actor.ref,
                at=opening.now,
                new_id=opening.services.runtime.new_id,
            )
            into.append(new)
            self.made[parsed_row.term] = new.subject_id
        return self.made[parsed_row.term]
