"""What the steps of several kinds of record are tried on: a fixed number of statements for a page."""

from collections.abc import Collection
from typing import Any

from credit.cases.actions.take_step import AGENT, SUBJECT
from credit.core.context import Caller
from credit.objections.objection import RecordKind
from schema.core.viewer_steps.records import LoadedRecords, RecordKey, StepRecords


async def own_delegations(records: StepRecords, keys: Collection[RecordKey], actor: Caller) -> dict[str, Any]:
    """Return the delegations that *actor* reads of these records' subjects, for `LoadedRecords`; none to an officer."""
    if actor.role not in {SUBJECT, AGENT}:
        return {}
    held = await records.delegations({subject_id for subject_id, _ in keys})
    if actor.role == AGENT:
        held = {whose: [each for each in of if each.delegate_ref == actor.ref] for whose, of in held.items()}
    return {"delegations": held}


async def load_cases(records: StepRecords, keys: Collection[RecordKey], actor: Caller) -> LoadedRecords:
    """Return cases with their steps."""
    found = {(each.subject_id, each.case_id): each for each in await records.cases(keys)}
    return LoadedRecords(cases=found, **await own_delegations(records, keys, actor))


async def load_applications(records: StepRecords, keys: Collection[RecordKey], actor: Caller) -> LoadedRecords:
    """Return applications with what was promised for them."""
    applications = await records.applications(keys)
    deferrals, commitments = await records.deferrals(keys), await records.commitments(keys)
    return LoadedRecords(
        applications={(each.subject_id, each.application_id): each for each in applications},
        deferrals={(each.subject_id, each.application_id): each for each in deferrals},
        commitments={(each.subject_id, each.application_id): each for each in commitments},
        **await own_delegations(records, keys, actor),
    )


async def load_authorisations(records: StepRecords, keys: Collection[RecordKey], actor: Caller) -> LoadedRecords:
    """Return authorisations, and the others of their subjects, which a confirmation waits for."""
    given = await records.authorisations({subject_id for subject_id, _ in keys})
    return LoadedRecords(authorisations=given, **await own_delegations(records, keys, actor))


async def load_delegations(records: StepRecords, keys: Collection[RecordKey], _actor: Caller) -> LoadedRecords:
    """Return these delegations and no other."""
    held = await records.delegations({subject_id for subject_id, _ in keys})
    return LoadedRecords(
        delegations={whose: [each for each in of if (whose, each.delegation_id) in keys] for whose, of in held.items()}
    )


async def load_duties(records: StepRecords, keys: Collection[RecordKey], _actor: Caller) -> LoadedRecords:
    """Return duties to delete, with the authorisations that they follow."""
    duties = await records.duties(keys)
    return LoadedRecords(
        duties={(each.subject_id, each.duty_id): each for each in duties},
        authorisations=await records.authorisations({subject_id for subject_id, _ in keys}),
    )


async def load_corrections(records: StepRecords, keys: Collection[RecordKey], _actor: Caller) -> LoadedRecords:
    """Return corrections with their cases."""
    found = await records.corrections(keys)
    cases = await records.cases({(each.subject_id, each.case_id) for each in found if each.case_id is not None})
    return LoadedRecords(
        corrections={(each.subject_id, each.correction_id): each for each in found},
        cases={(each.subject_id, each.case_id): each for each in cases},
    )


async def load_objections(records: StepRecords, keys: Collection[RecordKey], _actor: Caller) -> LoadedRecords:
    """Return objections with the cases, and the other records, that they are to."""
    found = await records.objections(keys)
    of_cases = {(each.subject_id, each.record_id) for each in found if each.record is RecordKind.RESTRAINT_CASE}
    return LoadedRecords(
        objections={(each.subject_id, each.objection_id): each for each in found},
        cases={(each.subject_id, each.case_id): each for each in await records.cases(of_cases)},
        contested=await records.contested(found),
    )
