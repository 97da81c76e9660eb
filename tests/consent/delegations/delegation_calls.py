"""Terms of delegations, and calls of their actions, each in a unit of work of its own."""

from dataclasses import replace
from datetime import date

from consent.delegation import EVERY_GROUP, EVERY_POWER, LONGEST_DAYS, DelegationKind, GuardianshipFinding, Power
from consent.delegation_actions import contest_guardianship, decide_guardianship, end_delegation, record_delegation
from consent.delegation_rules import Terms
from tests.consent.samples import AGENT, CLERK, OTHER_BUREAU, SUBJECT, SUBJECT_ID, TODAY, day, moment

OTHER_CLERK = replace(CLERK, ref="staff-2", department=OTHER_BUREAU)
TERMS = Terms(SUBJECT_ID, DelegationKind.AGENT, "agent-1", EVERY_GROUP, EVERY_POWER, ("LZ-POA-1",), day(365))
GUARDIAN = replace(TERMS, kind=DelegationKind.GUARDIAN)
OFFICER = replace(TERMS, kind=DelegationKind.OFFICER)
RELATIVE = replace(TERMS, kind=DelegationKind.CLOSE_RELATIVE, powers=Power.OBJECTION, evidence=("DEATH-1", "KINSHIP-1"))
ADULT, AGED_10, AGED_17 = (date(TODAY.year - years, 1, 1) for years in (40, 10, 17))
TURNS_18 = date(AGED_17.year + 18, 1, 1)
MOTHER = replace(AGENT, ref="mother")
HEAD = replace(CLERK, ref="head-1", role="head")
OTHER_HEAD = replace(HEAD, ref="head-2", department=OTHER_BUREAU)
OFFICE = replace(CLERK, ref="office-1", role="office", department=None)
RECORDER_AS_HEAD = replace(HEAD, ref=CLERK.ref)
GUARDIAN_AS_HEAD = replace(HEAD, ref="mother")
OF_MOTHER = replace(GUARDIAN, delegate_ref="mother", evidence=("JUDGMENT-1",))
HOLDS, NEVER_HELD = GuardianshipFinding.HOLDS, GuardianshipFinding.NEVER_HELD


async def record(memory, terms=TERMS, by=CLERK, longest=LONGEST_DAYS):
    async with memory.work() as work:
        return await record_delegation(work, moment().acting_as(by), longest, terms)


async def end(memory, delegation, by=SUBJECT, **more):
    async with memory.work() as work:
        ids = {"subject_id": delegation.subject_id, "delegation_id": delegation.delegation_id}
        return await end_delegation(work, moment().acting_as(by), **ids, **more)


async def contest(memory, delegation, by=SUBJECT, **more):
    async with memory.work() as work:
        ids = {"subject_id": delegation.subject_id, "delegation_id": delegation.delegation_id}
        return await contest_guardianship(work, moment().acting_as(by), **ids, **more)


async def decide(memory, delegation, finding, by=HEAD, evidence=("JUDGMENT-2",), **more):
    async with memory.work() as work:
        ids = {"subject_id": delegation.subject_id, "delegation_id": delegation.delegation_id}
        found = {"finding": finding, "evidence": evidence}
        return await decide_guardianship(work, moment().acting_as(by), **ids, **found, **more)
