"""What may differ of a case, who may notice, and the clauses that say so: a table to be read against the rules."""

from datetime import date, timedelta
from typing import Any

from storage import tables
from tests.builders import HEALTH, NOW, TODAY, WJJ
from tests.schema.noninterference.changes import APPLICANT, PAST_YEAR, Change, Variation, Vary
from tests.schema.noninterference.observers import (
    ABOVE,
    AUDITOR,
    COMPANY_1,
    CREDIT_CHECK,
    DEPARTMENT,
    HEALTH_DEPARTMENT,
    NOBODY,
    OFFICE,
    PERSON_1,
    PERSON_2,
    PLATFORM,
    PUBLIC,
    REVIEWER,
    SUPERVISORS,
    SUPERVISORS_OF_HEALTH,
)


def _case(name: str, **facts: Any) -> Vary:
    whose, more = facts.pop("whose", "company-1"), facts.pop("more", {})
    return lambda change: change.case(name, whose, more, **facts)


VERIFIED = {"verified_at": NOW - timedelta(days=5)}
NOTICED = VERIFIED | {"noticed_on": date(2026, 11, 16), "served_on": date(2026, 11, 16)}
STATED = NOTICED | {"stated_on": date(2026, 11, 17)}
REVIEWED = STATED | {"reviewed_on": date(2026, 11, 18)}
IN_FORCE = {"published_on": date(2026, 11, 16)}
OF_HEALTH = {"department_code": WJJ, "sector_code": HEALTH, "handler_ref": "handler-5"}
EVERYWHERE = DEPARTMENT | ABOVE | COMPANY_1 | CREDIT_CHECK | SUPERVISORS | PLATFORM | PUBLIC

CASES = (
    # An accusation is known to the authority, its supervision, and after the notice to its subject [5.1.4(2)].
    Variation("a case that is collected", "5.1.3 5.1.4(2)", DEPARTMENT | ABOVE, _case("collected")),
    Variation("a case that is verified", "5.1.4(1) 5.1.4(2)", DEPARTMENT | ABOVE, _case("verified", **VERIFIED)),
    Variation("a case that its subject was notified of", "5.1.4(2)", DEPARTMENT | ABOVE | COMPANY_1,
              _case("noticed", **NOTICED)),
    Variation("a case under review", "5.1.4(4)", DEPARTMENT | ABOVE | COMPANY_1 | REVIEWER,
              _case("reviewing", reviewer_ref="reviewer-1", **STATED)),
    Variation("a case dropped before the notice", "5.1.4(2)", DEPARTMENT | ABOVE,
              _case("dropped", dropped_on=date(2026, 11, 18), **VERIFIED)),
    Variation("a case dropped by its review", "5.1.4(4)", DEPARTMENT | ABOVE | COMPANY_1,
              _case("dropped later", dropped_on=date(2026, 11, 18), more={"review_outcome": "DROPPED"}, **REVIEWED)),
    Variation("a case referred to an administrative penalty", "5.1.2", DEPARTMENT | ABOVE | COMPANY_1,
              _case("referred", referred_on=date(2026, 11, 18), **NOTICED)),
    Variation("a case determined and not yet published", "5.1.5", DEPARTMENT | ABOVE | COMPANY_1,
              _case("determined", determined_on=date(2026, 11, 19), **NOTICED)),
    # A restraint in force is known to who has to act on it, and listed; what has ended is neither shared nor used.
    Variation("a restraint in force", "4.1 5.1.5 5.2.2", EVERYWHERE, _case("more", **IN_FORCE)),
    Variation("a restraint that is not listed", "5.1.5", EVERYWHERE - PUBLIC,
              _case("unlisted", more={"unlisted": True}, **IN_FORCE)),
    Variation("a restraint whose listing has ended", "5.1.5", EVERYWHERE - PUBLIC,
              _case("listed once", more={"listed_until": date(2026, 11, 19)}, **IN_FORCE)),
    Variation("a restraint that rests for a review", "5.1.4(3)", DEPARTMENT | ABOVE | COMPANY_1,
              _case("paused", more={"paused_on": date(2026, 11, 19), "reopened_on": date(2026, 11, 19),
                                    "stated_on": date(2026, 11, 17)}, **IN_FORCE)),
    Variation("a restraint that has ended and is repaired", "5.1.5", DEPARTMENT | ABOVE | COMPANY_1,
              _case("ended", published_on=date(2026, 3, 3), rectified_on=date(2026, 4, 1))),
    Variation("a restraint that was removed", "5.1.4(6)", DEPARTMENT | ABOVE | COMPANY_1,
              _case("removed", published_on=date(2026, 9, 2), removed_on=date(2026, 9, 20))),
    Variation("a restraint of a past year whose figures are published", "5.1.5 6.3", DEPARTMENT | ABOVE | COMPANY_1,
              _case("of a past year", published_on=date(PAST_YEAR, 3, 3), rectified_on=date(PAST_YEAR, 4, 1),
                    collected_at=NOW - timedelta(days=640))),
    # A claim concerns the authority, and who hides the restraint by its date; not the public, nor the window.
    Variation("a claim of rectification of a restraint in force", "5.1.5 5.1.6",
              DEPARTMENT | REVIEWER | OFFICE | SUPERVISORS | PLATFORM | PERSON_1,
              lambda change: change.claimed("in-force")),
    # Of another department and sector.
    Variation("a case that another department collected", "5.1.1 5.2.2", HEALTH_DEPARTMENT | ABOVE,
              _case("of health", **OF_HEALTH)),
    Variation("a restraint in force of another sector", "5.1.1 5.2.2",
              HEALTH_DEPARTMENT | ABOVE | COMPANY_1 | CREDIT_CHECK | SUPERVISORS_OF_HEALTH | PLATFORM | PUBLIC,
              _case("in force of health", **OF_HEALTH, **IN_FORCE)),
    # Whether somebody is restrained elsewhere is for those alone who act on it [4.1] [5.1.6].
    Variation("a restraint of an applicant by another department", "4.1 5.1.6",
              HEALTH_DEPARTMENT | ABOVE | SUPERVISORS_OF_HEALTH | PLATFORM | PUBLIC,
              _case("of the applicant", whose=APPLICANT, **OF_HEALTH, **IN_FORCE)),
    Variation("a restraint by another department, of one whose case has ended", "4.1 5.1.6",
              HEALTH_DEPARTMENT | ABOVE | SUPERVISORS_OF_HEALTH | PLATFORM | PUBLIC | {"club-1 SELF_ACCESS"},
              _case("of the club", whose="club-1", **OF_HEALTH, **IN_FORCE)),
    # A record that touches state secrets is shown by no interface.
    Variation("a confidential case that is collected", "5.1.6", NOBODY, _case("secret", confidential=True)),
    Variation("a confidential case under review", "5.1.6", NOBODY,
              _case("secret review", reviewer_ref="reviewer-1", confidential=True, **STATED)),
    Variation("a confidential restraint in force", "5.1.6", NOBODY,
              _case("secret restraint", whose="person-1", confidential=True, **IN_FORCE)),
)  # fmt: skip


async def _other_words(change: Change) -> None:
    held = change.world.held["version 1 of in-force"]
    box = change.sealed("facts_versions", "facts", "person-1", held.row_id, "案-001 的别样旧事")
    await change.update(tables.facts_versions, {"version_id": held.row_id}, facts_sealed=box)


WORDS = (
    # The reviewer answers an objection to it.
    Variation("other facts", "5.1.3 5.1.4(4) 5.1.4(6) 5.2.2 5.1.6",
              {"handler DETERMINATION"} | REVIEWER | SUPERVISORS | PLATFORM | PERSON_1,
              lambda change: change.text("in-force", "facts", "案-001 的别样事实")),
    Variation("other facts of a case that is not determined", "5.1.3 5.1.4(3) 5.1.6",
              {"other handler DETERMINATION"} | PERSON_1,
              lambda change: change.text("unpublished", "facts", "案-009 的别样事实")),
    Variation("other evidence", "5.1.1 5.1.4(4) 5.1.4(6)", {"handler DETERMINATION"} | REVIEWER,
              lambda change: change.text("in-force", "evidence", "案-001 的凭据")),
    # It reads what the record rests on, and not the authority's own notes.
    Variation("other internal notes", "5.1.1 5.1.4(4) 5.1.4(6)", frozenset({"handler DETERMINATION"}),
              lambda change: change.text("in-force", "notes", "案-001 的别样记录")),
    # A version of the facts is seen with its case; its words by who may read the facts.
    Variation("a version of the facts", "5.1.4(4) 5.1.4(6) 6.1", DEPARTMENT | REVIEWER | OFFICE | PERSON_1,
              lambda change: change.version("in-force", 2)),
    Variation("a version of the facts before the notice", "5.1.4(2) 5.1.4(6) 6.1", DEPARTMENT | OFFICE,
              lambda change: change.version("investigated", 1)),
    Variation("other words in a version of the facts", "5.1.3 5.1.4(4) 5.1.6",
              {"handler DETERMINATION"} | PERSON_1, _other_words),
)  # fmt: skip


async def _delayed(change: Change) -> None:
    await change.case("delayed", "company-1")
    await change.delay("delayed", "company-1", TODAY + timedelta(days=20))


async def _extended(change: Change) -> None:
    """Move the day of a running delay, which is a step of the case."""
    held = change.world.held["delay of investigated"]
    later = TODAY + timedelta(days=29)
    await change.update(tables.entry_delays, {"delay_id": held.row_id}, opens_on=later)
    facts = {"delay_id": str(held.row_id), "opens_on": later.isoformat(), "ground": "某法第一条"}
    await change.step("investigated", "company-1", "DELAY_EXTENDED", **facts)


async def _read_under_it(change: Change) -> None:
    delay = change.world.held["delay of investigated"].row_id
    await change.entry("company-1", delay_id=delay, opens_on=TODAY + timedelta(days=10))


async def _open(change: Change) -> None:
    """Give a delay that is over, with a read that it had covered."""
    delay = await change.delay("of the health sector", "person-2", TODAY - timedelta(days=1))
    await change.entry("person-2", delay_id=delay, opens_on=TODAY - timedelta(days=1))


DELAYS = (
    # An investigation and the reads for it are hidden from its subject until the day that the head has ordered.
    Variation("a case whose entries open later", "5.1.4(2) 5.1.6", DEPARTMENT | ABOVE, _delayed),
    Variation("a delay that is extended", "5.1.6 6.1", DEPARTMENT | ABOVE, _extended),
    Variation("a read whose entry opens later", "5.1.6", AUDITOR, _read_under_it),
    Variation(
        "a delay that is over, with a read that it covered", "5.1.6 6.1", PERSON_2 | HEALTH_DEPARTMENT | ABOVE, _open
    ),
)
