"""Whom the rows of a file are about: found on record by their number, or registered; nobody is told which [5.1.6].

Whether somebody was known is not for a clerk with a list of numbers to find out (decision 5): nothing on record is
opened, nothing is changed, and both ways have one outcome.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from gateway.import_export.errors import RowFlaw
from gateway.import_export.importing.candidates import Candidate, Seen
from gateway.import_export.importing.compare import Outcome, Verdict
from gateway.import_export.importing.import_context import Opening
from gateway.subjects.seal_registration import new_subject
from storage.database.session import Session
from storage.repositories.subjects.subjects import NewSubject, Subjects, Term


async def find_owners(session: Session, new: Sequence[Candidate[Any]]) -> Mapping[Term, UUID]:
    """Find the subjects of a batch through the blind index."""
    return await Subjects(session).find_all([(one.kind, term) for one in new for term in one.terms])


def owner_of(candidate: Candidate[Any], found: Mapping[Term, UUID]) -> UUID | None:
    """Return the subject of *candidate*, under whichever version of its search term it stands."""
    return next((found[candidate.kind, term] for term in candidate.terms if (candidate.kind, term) in found), None)


def held_to_file(candidate: Candidate[Any], seen: Seen, header: str) -> Verdict | None:
    """Hold a row to the rows before it: one number has one name, and one record is given in one way."""
    if conflict := seen.conflict(candidate):
        return Verdict(candidate.line, Outcome.REFUSED, problems=(conflict,))
    match seen.repeats(candidate):
        case True:
            return Verdict(candidate.line, Outcome.UNCHANGED)
        case False:
            return Verdict(candidate.line, Outcome.REFUSED, problems=(RowFlaw.RECORD_TWICE.at(header),))
    return None


@dataclass(slots=True)
class Enrolling:
    """Registers whom the rows are about, once for each number of a run."""

    opening: Opening
    made: dict[bytes, UUID] = field(default_factory=dict, repr=False)
    """Whom this run registers, until they can be found on record."""

    def owner(self, candidate: Candidate[Any], known: UUID | None, into: list[NewSubject]) -> UUID:
        """Return whose row it is: a subject on record, one registered a row ago, or a new one, put *into* the batch."""
        if known is not None:
            return known
        if candidate.term not in self.made:
            opening, registration = self.opening, candidate.intake.subject
            new = new_subject(
                registration,
                opening.parts.keyring,
                area_name=opening.lists.reference.areas[registration.area_code],
                by=opening.actor.ref,
                at=opening.now,
                new_id=opening.parts.street.new_id,
            )
            into.append(new)
            self.made[candidate.term] = new.subject_id
        return self.made[candidate.term]
