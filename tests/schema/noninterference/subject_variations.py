"""What may differ of who somebody is, who put it on record, and who may act for it, with observers and clauses."""

from datetime import timedelta

from consent.delegation import Power
from consent.vocabulary import FieldGroup
from credit.core.evidence_files import FileRecord
from queryplan.entities import Entity
from storage import tables
from storage.unit_of_work import SqlUnitOfWork
from tests import builders
from tests.builders import LONG_AGO, NOW, SCJG, TODAY, WENSHAO, enrol, particulars
from tests.credit.subjects.synthetic_numbers import id_number
from tests.schema.noninterference.changes import Change, Variation, Vary
from tests.schema.noninterference.observers import (
    ABOVE,
    AUDITOR,
    CLERK,
    DEPARTMENT,
    HEALTH_DEPARTMENT,
    NOBODY,
    OFFICE,
    OTHER_WINDOW,
    PERSON_1,
    PERSON_2,
    PLATFORM,
    SUPERVISORS_OF_HEALTH,
)
from tests.storage import rows

OTHER_NUMBER = next(
    number
    for number in (id_number(born="19020203", sequence=f"{sequence:03}") for sequence in range(960, 900, -1))
    if number[-1] == particulars("person", 2, builders.XUEGONG)["number"][-1]
)
ASSIGNED_2 = frozenset({"handler DETERMINATION", "handler of health DETERMINATION"})
"""The handlers of the two cases of person-2: handler-1 and handler-5."""
NAMED_2 = (
    (DEPARTMENT | HEALTH_DEPARTMENT) - {"head SUPERVISION", "head of health SUPERVISION"}
    | OTHER_WINDOW | SUPERVISORS_OF_HEALTH | {"regulator FOCUSED_CHECK"} | PLATFORM | PERSON_2
)  # fmt: skip
TRIED_2 = (
    (DEPARTMENT | HEALTH_DEPARTMENT) - {"head SUPERVISION", "head of health SUPERVISION"}
    | OTHER_WINDOW
)  # fmt: skip
"""Who may find person-2 by its number: with the number in hand, in its own scope [4.2] [5.1.3]."""

PARTICULARS = (
    Variation("another name with the same mask", "4.2 5.1.3 5.2.2 5.1.6", NAMED_2,
              lambda change: change.particulars("person-2", name="演示寅")),
    Variation("another number with the same mask", "5.1.3 5.1.4(5) 5.1.6", ASSIGNED_2 | PLATFORM | PERSON_2 | TRIED_2,
              lambda change: change.particulars("person-2", number=OTHER_NUMBER)),
    Variation("another telephone with the same mask", "5.1.4(2) 5.1.6", ASSIGNED_2 | PERSON_2,
              lambda change: change.particulars("person-2", phone="13988888800")),
    Variation("another address in the same township", "5.1.4(2) 5.2.2 5.1.6", ASSIGNED_2 | PLATFORM | PERSON_2,
              lambda change: change.particulars("person-2", address="临淄区雪宫街道示例路9999号")),
)  # fmt: skip


def _registered(serial: int, by: str = "import", **made: object) -> Vary:
    """Put somebody on record; *made* is the registration, where there is one: of a week ago, or of another instant."""

    async def vary(change: Change) -> None:
        given = particulars("person", 1, WENSHAO, serial)
        name = f"one more, {serial}"
        change.world.parties[name], new = enrol(change.world.keyring, change.world.new_id, by=by, **given)
        async with SqlUnitOfWork(change.database) as work:
            await work.subjects.register_all([new])
            await work.commit()
        if made:
            await _registration(name, **{"at": NOW - timedelta(days=7)} | made)(change)

    return vary


def _registration(
    whose: str, department_code: object, channel: object, case: str | None = None, at: object = LONG_AGO
) -> Vary:
    async def vary(change: Change) -> None:
        own = {"department_code": department_code, "channel": channel, "at": at,
               "case_id": case and change.world.case(case).case_id}  # fmt: skip
        await change.record(f"one more registration of {whose} {case}", Entity.REGISTRATION, whose,
                            rows.registration("one", "one"), **own)  # fmt: skip

    return vary


REGISTRATIONS = (
    # That somebody is on record is told to nobody, but to the window that put it there, until something is filed.
    # Supervision finds it by an id that it cannot know: random, and shown by records only.
    Variation("one subject more", "5.1.6 6.1", ABOVE, _registered(7)),
    Variation("one subject more, from the window", "4.2 5.1.6 6.1", CLERK | ABOVE,
              _registered(8, by="clerk-1", department_code=SCJG, channel="WINDOW")),
    # After a month it starts from the number again.
    Variation("one subject more, long ago from the window", "4.2 5.1.6 6.1", ABOVE,
              _registered(9, by="clerk-1", department_code=SCJG, channel="WINDOW", at=LONG_AGO)),
    Variation("who put a subject on record", "5.1.3 5.1.6", PERSON_1 | AUDITOR,
              _registration("person-1", None, "PLATFORM")),
    Variation("a registration that came with a case, before its notice", "5.1.4(2) 5.1.6", AUDITOR,
              _registration("company-1", SCJG, "CASE", "investigated")),
)  # fmt: skip


def _delegation(**changed: object) -> Vary:
    """Change the delegation of person-1 to the agent."""
    return lambda change: change.update(
        tables.delegations, {"delegation_id": change.world.held["delegation live"].row_id}, **changed
    )


def _delegated(name: str, **facts: object) -> Vary:
    return lambda change: _add_delegation(change, name, facts)


async def _add_delegation(change: Change, name: str, facts: dict[str, object]) -> None:
    await change.record(name, Entity.DELEGATION, "person-1", rows.delegation("one", "one"),
                        **{"delegate_ref": "agent-2"} | facts)  # fmt: skip


async def _happened(change: Change) -> None:
    held = change.world.held["delegation live"]
    table, row = rows.filled(
        tables.delegation_events, "one", event_id=change.world.new_id(), subject_id=held.subject_id,
        delegation_id=held.row_id, event="RECORDED", at=NOW - timedelta(days=30),
    )  # fmt: skip
    await change.insert((table, row))


def _guardian(name: str, **facts: object) -> Vary:
    """Add a guardianship that the market bureau recorded, with the file of its judgment."""

    async def vary(change: Change) -> None:
        await _add_delegation(change, name, {"kind": "GUARDIAN", "department_code": SCJG, "recorded_by": "clerk-1",
                                             "recorded_as": "clerk"} | facts)  # fmt: skip
        row_id = change.world.held[name].row_id
        await change.file(f"judgment of {name}", "person-1", FileRecord.DELEGATION, row_id, by="clerk")

    return vary


SECOND_AGENT = frozenset({"second agent SELF_ACCESS"})
DELEGATIONS = (
    # A delegate sees its own delegations, not who else acts for the subject.
    Variation("one delegate more", "5.1.6", {"person-1 SELF_ACCESS"} | SECOND_AGENT,
              _delegated("one more delegation"), widens=SECOND_AGENT),
    Variation("one delegate more, recorded at the window", "5.1.6",
              CLERK | {"person-1 SELF_ACCESS"} | SECOND_AGENT,
              _delegated("a delegation from the window", department_code=SCJG, recorded_by="clerk-1",
                         recorded_as="clerk"), widens=SECOND_AGENT),
    # Its office; once it is contested also who decides on it, and the guardian no more.
    Variation("a recorded guardianship, with its file", "5.1.6", CLERK | {"person-1 SELF_ACCESS"} | SECOND_AGENT,
              _guardian("a guardianship"), widens=SECOND_AGENT),
    Variation("a guardianship contested on paper, with its file", "5.1.6",
              CLERK | OFFICE | {"person-1 SELF_ACCESS", "head SUPERVISION"},
              _guardian("a contested guardianship", contested_at=NOW - timedelta(days=1), contested_by="clerk-7",
                        contested_on=TODAY - timedelta(days=2), contest_paper="来信-1")),
    Variation("another power of a delegate", "5.1.6", PERSON_1,
              _delegation(powers=int(Power.CONSENT | Power.OBJECTION))),
    Variation("another scope of a delegation", "5.1.6", PERSON_1,
              _delegation(groups=int(FieldGroup.CONTACT | FieldGroup.RESTRAINT))),
    Variation("another last day of a delegation", "5.1.6", PERSON_1,
              _delegation(expires_on=TODAY + timedelta(days=1))),
    Variation("a delegation that was ended", "5.1.6", PERSON_1,
              _delegation(withdrawn_at=NOW - timedelta(days=1), ended_by="account-1", ended_as="subject")),
    Variation("what happened to a delegation", "5.1.6", NOBODY, _happened),
)  # fmt: skip
