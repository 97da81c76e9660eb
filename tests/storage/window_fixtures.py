"""An application with a clean credit check, as incentives, deferrals and commitments need it [4]."""

from collections.abc import Callable
from datetime import date, datetime
from itertools import count
from uuid import UUID

from sqlalchemy import insert

from credit.applications.application import Application, Facilitation
from credit.core.context import ActionContext, Caller
from credit.core.record_refs import ApplicationRef
from credit.credit_checks.credit_check import PURPOSE, CreditCheck
from credit.joint_measures.source_answer import Finding, Source, SourceAnswer
from storage import tables
from storage.database.database import Database
from storage.unit_of_work import SqlUnitOfWork
from tests.action_context import action_context
from tests.builders.taken_over import PROVENANCE, take_over_in
from tests.consent.samples import BUREAU, NOW, OTHER_BUREAU, SUBJECT_ID
from tests.storage.reference_fixtures import SECTOR, lay, settle

APPLICATION_ID, MATTER = UUID(int=60), "M-1"
WHICH = ApplicationRef(SUBJECT_ID, APPLICATION_ID)
CLERK, OTHER_CLERK = Caller("clerk-1", "clerk", BUREAU), Caller("clerk-2", "clerk", OTHER_BUREAU)
FILED = Application(
    SUBJECT_ID, APPLICATION_ID, MATTER, BUREAU, "办-1", Facilitation.ORDINARY, "clerk-1", NOW, accepted_at=NOW
)
TERMS = {
    "code": MATTER, "name_zh": "演示事项", "name_en": "Demo", "department_code": BUREAU, "sector_code": SECTOR,
    "green_channel": True, "deferred_documents": True, "commitment": True, "facilitation_basis": "临审〔2026〕示例1号",
    "deferral_longest_days": 30, "commitment_limit_days": 5, "commitment_verify_days": 20, "incentives": ["ONLINE"],
}  # fmt: skip
AUTHORISATION_ID = UUID(int=4)
AUTHORISED = {
    "subject_id": SUBJECT_ID, "authorisation_id": AUTHORISATION_ID, "purpose": "CREDIT_CHECK", "recipient_code": BUREAU,
    "groups": 5, "means": "联网查询", "template": "credit-check/1", "application_id": APPLICATION_ID,
    "requested_at": NOW, "requested_by": "clerk-1", "granted_at": NOW, "granted_by": "account-1",
    "starts_on": date(2026, 3, 5), "expires_on": date(2026, 4, 3), "uses_allowed": 3, "uses_made": 1,
}  # fmt: skip
NUMBERS = count(6000)


def new_id() -> UUID:
    return UUID(int=next(NUMBERS))


def moment(at: datetime = NOW, ids: Callable[[], UUID] = new_id) -> ActionContext:
    return action_context(at, ids)


async def open_window(database: Database) -> None:
    """Put down the matter, its subject, its application, and a live authorisation for credit checks."""
    await lay(database)
    await settle(database)
    await database.write((insert(tables.matters), TERMS))
    async with SqlUnitOfWork(database, PROVENANCE) as work:
        await work.applications.add(FILED)
        await work.session.execute(insert(tables.authorisations), AUTHORISED)
        await take_over_in(work.session, database, tables.applications, tables.authorisations)
        await work.commit()


async def checked(
    database: Database,
    own: Finding = Finding.CLEAN,
    joint: Finding = Finding.CLEAN,
    at: datetime = NOW,
    application_id: UUID = APPLICATION_ID,
) -> CreditCheck:
    """Keep a credit check of the application with these answers."""
    answers = tuple(
        SourceAnswer(source, finding, "示例备忘录" if finding is Finding.GOVERNED else None)
        for source, finding in zip(Source, (own, joint), strict=True)
    )
    check = CreditCheck(
        new_id(), application_id, SUBJECT_ID, "clerk-1", BUREAU, at, PURPOSE, AUTHORISATION_ID, answers
    )  # fmt: skip
    async with SqlUnitOfWork(database, PROVENANCE) as work:
        await work.credit_checks.append(check)
        await take_over_in(work.session, database, tables.credit_checks)
        await work.commit()
    return check


def restraint(published_on: date, ends_on: date, **more: object) -> dict[str, object]:
    """Give a row of `restraint_cases`."""
    return {
        "subject_id": SUBJECT_ID, "case_id": new_id(), "number": f"案-{next(NUMBERS)}", "department_code": BUREAU,
        "sector_code": SECTOR, "area_code": "370305001", "circumstance": "FALSE_MATERIAL", "channel": "FACT_FINDING",
        "basis": "5.1.2b", "handler_ref": "handler-1", "collected_at": NOW, "determined_on": published_on,
        "published_on": published_on, "ends_on": ends_on, "changed_at": NOW, **more,
    }  # fmt: skip
