"""What may differ between two databases, and who may notice: all tables, and what the sample data has for them.

A variation changes one thing. Its observers are all who see a difference, read off the rules by hand; to everybody
else the two databases are the same to the byte. `confidential` and the like have no observer at all.
"""

from datetime import timedelta

from credit.core.evidence_files import FileRecord
from queryplan.entities import Entity
from tests.builders import NOW, TODAY
from tests.schema.noninterference.case_variations import CASES, DELAYS, WORDS
from tests.schema.noninterference.changes import Change, add_applicant
from tests.schema.noninterference.paper_variations import PAPERS, prepare_papers
from tests.schema.noninterference.record_variations import CHECK, FIGURES, FILES, RECORDS
from tests.schema.noninterference.subject_variations import DELEGATIONS, PARTICULARS, REGISTRATIONS
from tests.storage import rows

VARIATIONS = (
    *CASES, *WORDS, *DELAYS, *PARTICULARS, *REGISTRATIONS, *DELEGATIONS, *RECORDS, *PAPERS, *FILES, *FIGURES
)  # fmt: skip


async def prepare(change: Change) -> None:
    """Add to the sample data one of each that the variations change: both databases of every pair have it."""
    await add_applicant(change)
    await prepare_papers(change)
    case = change.world.case("in-force")
    await change.version("in-force", 1)
    await change.file("file of in-force", "person-1", FileRecord.RESTRAINT_CASE, case.case_id)
    own = {
        "case_id": case.case_id,
        "record_id": case.case_id,
        "department_code": "LZ-SCJG",
        "assigned_ref": "reviewer-1",
    }
    await change.record("objection", Entity.OBJECTION, "person-1", rows.objection("one", "one", "case"), **own)
    await change.record("check of person-1", Entity.FOCUSED_CHECK, "person-1", CHECK)
    # An investigation whose entries open later.
    await change.case("investigated", "company-1", collected_at=NOW - timedelta(days=3))
    await change.delay("investigated", "company-1", TODAY + timedelta(days=10))
