"""What a record says ends with the reason to read it; its number, dates and outcome stay: the table of decision 33.

`test_which_rows` says which records each purpose lists.
"""

from datetime import date
from functools import partial
from typing import Any

import pytest
from sqlalchemy import insert, update

from credit.subjects.subject import Place
from policy.actors import Actor, Role
from policy.crypto.masking import mask_text
from queryplan.entities import Entity
from schema.core.global_ids import encode
from storage import tables
from tests.builders import DISTRICT, MARKET, SCJG, TODAY, WENSHAO, WJJ
from tests.schema.service import ServiceUnderTest
from tests.storage import rows


async def change(service: ServiceUnderTest, case: str, **values: Any) -> None:
    """Change the columns of a case, as its steps would."""
    table = tables.restraint_cases
    async with service.services.database.writing() as session:
        await session.execute(update(table).where(table.c.case_id == service.world.case(case).case_id).values(values))
        await rows.count_days(session)


async def put(service: ServiceUnderTest, *new: rows.Row) -> None:
    """Insert *new* rows."""
    async with service.services.database.writing() as session:
        for table, row in new:
            await session.execute(insert(table), dict(row))
        await rows.count_days(session)


def box(service: ServiceUnderTest, of: str, text: str, table: str, item: str, row_id: Any) -> dict[str, Any]:
    """Give the two columns of a sealed text of *of*."""
    party = service.world.party(of)
    place = Place(table, item, party.subject_id, row_id, 1)
    return {
        f"{item}_sealed": service.world.keyring.seal(text, place, party.wrapped), f"{item}_mask": mask_text(text)
    }  # fmt: skip


def given(data: Any) -> dict[str, Any]:
    """Give the fields that have a value."""
    return {name: value for name, value in data.items() if value is not None}


CHECKED = """query @purpose(is: FOCUSED_CHECK) { focusedChecks { totalCount nodes {
  checkedOn outcome checkedBy facts subject { id name identifier address isRestrained restraintCases { totalCount } }
} } }"""


@pytest.mark.parametrize(
    ("case", "of", "ended", "still"),
    [
        ("in-force", "person-1", {}, True),
        ("in-force", "person-1", {"ends_on": "2026-11-19", "rectified_on": "2026-11-10"}, False),
        ("in-force", "person-1", {"removed_on": "2026-11-20", "removal": "WRONG"}, False),
        ("company in force", "company-1", {"removed_on": "2026-11-20", "removal": "CHANGED"}, False),
    ],
)
async def test_a_supervisor_does_not_keep_who_a_former_target_was(
    service: ServiceUnderTest, case: str, of: str, ended: dict[str, str], *, still: bool
) -> None:
    """[5.2.2] [5.1.5] The check stays with its day and outcome."""
    party, row_id = service.world.party(of), rows.key("check")
    facts = box(service, of, "现场核查", "focused_checks", "facts", row_id)
    await put(service, rows.filled(
        tables.focused_checks, "check", subject_id=party.subject_id, check_id=row_id, sector_code=MARKET,
        area_code=DISTRICT, checked_on=TODAY, **facts,
    ))  # fmt: skip
    if ended:
        await change(service, case, **{name: _day(value) for name, value in ended.items()})
    reply = await service.ask(CHECKED, "regulator")
    (check,) = reply.data["focusedChecks"]["nodes"]
    assert (check["checkedOn"], check["outcome"]) == (TODAY.isoformat(), "NOTHING_FOUND")
    assert check["facts"] == ("现场核查" if still else None)
    subject = given(check["subject"])
    assert subject.pop("id") == party.gid
    assert (subject != {}) is still
    assert still == (party.name in reply.body.decode())
    asked = await service.ask(
        "query($i: ID!) @purpose(is: FOCUSED_CHECK) { subject(id: $i) { id name isRestrained } }",
        "regulator", {"i": party.gid},
    )  # fmt: skip
    assert given(asked.data["subject"]) == (
        {"id": party.gid, "name": party.name, "isRestrained": True} if still else {"id": party.gid}
    )


def _day(value: str) -> Any:
    return value if value.isalpha() else type(TODAY).fromisoformat(value)


DAY = date(2026, 11, 19)
REVIEWS: list[tuple[str, dict[str, Any], bool, bool]] = [
    # What was done, the columns, whether the decision was issued, and whether the reviewer reads the case.
    ("no statement", {}, False, False),
    ("stated", {"stated_on": DAY}, False, True),
    (
        "reviewed, the decision to be issued",
        {"stated_on": DAY, "reviewed_on": DAY, "review_outcome": "UPHELD"},
        False,
        True,
    ),
    ("reviewed, the decision issued", {"stated_on": DAY, "reviewed_on": DAY, "review_outcome": "UPHELD"}, True, False),
    (
        "dropped by the review",
        {"stated_on": DAY, "reviewed_on": DAY, "review_outcome": "DROPPED", "dropped_on": DAY},
        False,
        False,
    ),
]
REVIEW = """query @purpose(is: REVIEW) { restraintCases { nodes {
  number statedOn reviewedOn reviewOutcome facts evidence internalNotes subject { name identifier }
  statements(first: 3) { nodes { text } } notices(first: 5) { nodes { number issuedOn pdf } }
  steps(first: 3) { nodes { step evidence } } factsVersions(first: 3) { nodes { number facts } }
} } evidenceFiles { nodes { reference content } } }"""


@pytest.mark.parametrize(("columns", "issued", "reads"), [row[1:] for row in REVIEWS], ids=[row[0] for row in REVIEWS])
async def test_a_reviewer_is_released_with_the_review(
    service: ServiceUnderTest, columns: dict[str, Any], *, issued: bool, reads: bool
) -> None:
    """[5.1.4(4)] [5.1.6] Number, dates and outcome stay with it."""
    case, party = service.world.case("unpublished"), service.world.party("person-1")
    about: dict[str, Any] = {"of": "one", "case": "one", "subject_id": party.subject_id, "case_id": case.case_id}
    words = partial(box, service, "person-1")
    await put(
        service,
        rows.case_statement("said", **about, **words("我的申辩", "case_statements", "text", rows.key("said"))),
        rows.case_step("step", **about),
        rows.facts_version("version", **about, **words("原事实", "facts_versions", "facts", rows.key("version"))),
        rows.issued_notice("告知书", **about, **words("UERG", "issued_notices", "pdf", rows.key("告知书"))),
        *of_case(service, "person-1", "unpublished", "file"),
    )  # fmt: skip
    if issued:
        await put(service, rows.issued_notice("决定书", **about, kind="REVIEW_DECISION", issued_on=DAY))
    if columns:
        await change(service, "unpublished", **columns)
    reply = await service.ask(REVIEW, "reviewer")
    assert {error["extensions"]["code"] for error in reply.errors} <= {"WITHHELD"}
    (found,) = (one for one in reply.data["restraintCases"]["nodes"] if one["number"] == case.number)
    assert [found[name] for name in ("statedOn", "reviewedOn", "reviewOutcome")] == [
        shown(columns.get(name)) for name in ("stated_on", "reviewed_on", "review_outcome")
    ]
    assert {one["number"] for one in found["notices"]["nodes"]} == {"告知书"} | ({"决定书"} if issued else set())
    assert [one["step"] for one in found["steps"]["nodes"]] == ["VERIFIED"]
    content = [found[name] for name in ("facts", "evidence", "internalNotes", "subject")]
    content += [one["pdf"] for one in found["notices"]["nodes"] if one["number"] == "告知书"]
    content += [one["evidence"] for one in found["steps"]["nodes"]]
    content += [one["facts"] for one in found["factsVersions"]["nodes"]]
    content += [(found["statements"] or {"nodes": []})["nodes"], reply.data["evidenceFiles"]["nodes"]]
    assert [bool(one) for one in content if one != {"name": None, "identifier": None}] == [reads] * (
        len(content) - (not reads)
    )
    assert reads == (party.name in reply.body.decode())


CONTESTED = """query @purpose(is: REVIEW) { objections { nodes { text case {
  number circumstance facts evidence internalNotes hasAgentsCase
  statements(first: 3) { totalCount } steps(first: 3) { totalCount } factsVersions(first: 3) { totalCount }
  notices(first: 3) { totalCount }
} } } evidenceFiles { nodes { content } } restraintCases(first: 9) { nodes { number facts } } }"""


@pytest.mark.parametrize(("answer", "reads"), [({}, True), ({"answered_on": DAY, "answer": "REJECTED"}, False)])
async def test_who_answers_an_objection_reads_what_the_case_rests_on(
    service: ServiceUnderTest, answer: dict[str, Any], *, reads: bool
) -> None:
    """[5.1.4(6)] Facts and evidence until the answer; no notes, and nothing of the procedure [5.1.4(4)]."""
    case, party = service.world.case("company in force"), service.world.party("company-1")
    about: dict[str, Any] = {"of": "one", "case": "one", "subject_id": party.subject_id, "case_id": case.case_id}
    words = box(service, "company-1", "有误", "objections", "text", rows.key("contests"))
    own = {"record_id": case.case_id, "assigned_ref": "reviewer-1", "department_code": SCJG, **words}
    await put(
        service,
        rows.objection("contests", **about | own | answer),
        *(row("one of each", **about) for row in (rows.case_statement, rows.case_step, rows.facts_version)),
        rows.issued_notice("告知书", **about),
        *of_case(service, "company-1", "company in force", "file"),
    )
    reply = await service.ask(CONTESTED, "reviewer")
    (found,) = (one for one in reply.data["objections"]["nodes"] if one["case"]["number"] == case.number)
    contested = found["case"]
    assert contested["circumstance"] is not None
    assert [found["text"], contested["facts"], contested["evidence"]] == (
        ["有误", case.facts, case.evidence] if reads else [None] * 3
    )
    assert (contested["internalNotes"], contested["hasAgentsCase"]) == (None, None)
    lists = ("statements", "steps", "factsVersions", "notices")
    assert {name: (contested[name] or {}).get("totalCount", 0) for name in lists} == dict.fromkeys(lists, 0)
    assert [one["content"] for one in reply.data["evidenceFiles"]["nodes"]] == (["UE5H"] if reads else [])
    assert case.number not in {one["number"] for one in reply.data["restraintCases"]["nodes"]}


def of_case(service: ServiceUnderTest, of: str, case: str, name: str) -> tuple[rows.Row, rows.Row]:
    """Give a file of a case, sealed, with its attachment."""
    party, row_id = service.world.party(of), rows.key(name)
    (files, held), (attachments, bound) = rows.file(name, of="one", record="RESTRAINT_CASE", to="case")
    own = {"subject_id": party.subject_id}
    sealed = box(service, of, "UE5H", "files", "content", row_id)
    return (files, {**held, **own, **sealed}), (
        attachments, {**bound, **own, "record_id": service.world.case(case).case_id},
    )  # fmt: skip


def shown(value: Any) -> Any:
    """Give a column as an answer shows it."""
    return value.isoformat() if isinstance(value, date) else value


@pytest.mark.parametrize(
    ("query", "variables", "codes"),
    [
        ("query @purpose(is: CREDIT_CHECK) { evidenceFiles { nodes { reference } } }", {}, ["LIST_ON_CONSENT"]),
        ("query @purpose(is: CREDIT_CHECK) { evidenceFiles { totalCount } }", {}, ["LIST_ON_CONSENT"]),
        (
            "query($r: String) @purpose(is: CREDIT_CHECK) { evidenceFiles(reference: $r) { nodes { reference } } }",
            {"r": None},
            ["LIST_ON_CONSENT"],
        ),
        (
            "query($r: String) @purpose(is: CREDIT_CHECK) { evidenceFiles(reference: $r) { nodes { reference } } }",
            {"r": "file:paper"},
            [],
        ),
    ],
)
async def test_the_papers_of_a_window_are_no_list(
    service: ServiceUnderTest, query: str, variables: dict[str, Any], codes: list[str]
) -> None:
    """[5.1.6] One at a time, by the reference that its authorisation names."""
    held = service.world.authorisation("live")
    (files, one), (attachments, bound) = rows.file("paper", of="one", record="AUTHORISATION", to="paper")
    own, table = {"subject_id": held.subject_id}, tables.authorisations
    async with service.services.database.writing() as session:
        given = update(table).where(table.c.authorisation_id == held.row_id)
        await session.execute(given.values(paper_evidence="file:paper"))
    await put(service, (files, {**one, **own}), (attachments, {**bound, **own, "record_id": held.row_id}))
    reply = await service.ask(query, "clerk", variables)
    assert reply.codes == codes
    if not codes:
        assert reply.data["evidenceFiles"]["nodes"] == [{"reference": "file:paper"}]


AREAS: list[tuple[str, str, str, set[str], bool]] = [
    # Who asks for what by which list, of which persons it reads the area, and whether of organisations.
    ("anonymous", "PUBLICITY", "publicRestraintList", set(), True),
    ("reviewer", "REVIEW", "restraintCases", set(), False),
    ("office", "SUPERVISION", "restraintCases", set(), True),
    ("auditor", "AUDIT", "restraintCases", set(), True),
    ("head", "DETERMINATION", "restraintCases", set(), True),
    # Of the subjects of its own cases the address is clear [5.1.4(2)].
    ("handler", "DETERMINATION", "restraintCases", {"person-1", "person-2", "trader-2"}, True),
    ("regulator", "FOCUSED_CHECK", "focusedCheckTargets", {"person-1", "person-2", "trader-1", "trader-2"}, True),
    ("platform", "PLATFORM_EXCHANGE", "restraintCases", {"person-1", "person-2", "trader-1", "trader-2"}, True),
    ("person-1", "SELF_ACCESS", "restraintCases", {"person-1"}, False),
]


@pytest.mark.parametrize(
    ("who", "purpose", "root", "persons", "organisations"),
    AREAS,
    ids=[f"{who}-{purpose}" for who, purpose, *_ in AREAS],
)
async def test_where_a_person_lives_is_read_as_its_address_is(
    service: ServiceUnderTest, who: str, purpose: str, root: str, persons: set[str], *, organisations: bool
) -> None:
    """[5.1.5] [5.1.6] The list of everybody has no township of a person; an organisation's is published with it."""
    fields = "nodes { number area { code } subject { kind area { code } } }"
    query = f"query @purpose(is: {purpose}) {{ {root}(first: 50) {{ {fields} }} }}"
    nodes = (await service.ask(query, who)).data[root]["nodes"]
    world = service.world
    names = {party.subject_id: name for name, party in world.parties.items()}
    whose = {case.number: names[case.subject_id] for case in world.cases.values()}
    shown = {whose[node["number"]] for node in nodes if node["subject"]["area"]}
    assert {name for name in shown if name.startswith(("person", "trader"))} == persons
    assert any(name.startswith(("company", "club")) for name in shown) is organisations
    # The area of the case is that of its subject, and is shown where that of a person is.
    assert {whose[node["number"]] for node in nodes if node["area"]} >= persons
    if not persons:
        assert not any(node["area"] for node in nodes)


async def test_the_public_list_is_not_searched_by_area(service: ServiceUnderTest) -> None:
    """[5.1.5] To filter by an area is to read it."""
    query = "query($a: ID) {{ {}(area: $a) {{ totalCount }} }}"
    given = {"a": encode(Entity.AREA, WENSHAO)}
    refused = await service.ask(query.format("restraintCases"), "anonymous", given, purpose="PUBLICITY")
    assert refused.codes == ["FILTER_REFUSED"]
    unknown = await service.ask(query.format("publicRestraintList"), "anonymous", given, purpose="PUBLICITY")
    assert unknown.data is None
    targets = await service.ask(query.format("focusedCheckTargets"), "regulator", given, purpose="FOCUSED_CHECK")
    assert targets.data["focusedCheckTargets"]["totalCount"] == 3


FORMER = {
    "taken_over_on": DAY,
    "former_determined_on": DAY,
    "determined_on": None,
    "published_on": None,
    "ends_on": None,
}
CONFIRMING = """query @purpose(is: DETERMINATION) { restraintCases(first: 50) { nodes {
  number facts evidence internalNotes subject { phone } steps(first: 3) { nodes { evidence } }
} } evidenceFiles { nodes { content } } worklist(first: 50) { nodes { step case { number facts } } } }"""


@pytest.mark.parametrize(("columns", "reads"), [({}, False), (FORMER, True), (FORMER | {"determined_on": DAY}, False)])
async def test_a_head_reads_the_papers_that_it_has_to_confirm(
    service: ServiceUnderTest, columns: dict[str, Any], *, reads: bool
) -> None:
    """[5.1.4] [5.1.1] And neither notes nor more of the person than before."""
    case, party = service.world.case("unpublished"), service.world.party("person-1")
    await put(
        service,
        rows.case_step("step", of="one", case="one", subject_id=party.subject_id, case_id=case.case_id),
        *of_case(service, "person-1", "unpublished", "file"),
    )
    if columns:
        await change(service, "unpublished", **columns)
    reply = await service.ask(CONFIRMING, "head")
    assert {error["extensions"]["code"] for error in reply.errors} == {"WITHHELD"}
    (found,) = (one for one in reply.data["restraintCases"]["nodes"] if one["number"] == case.number)
    mask = "［已隐去］"
    assert found["facts"] == (case.facts if reads else mask)
    assert found["evidence"] == (case.evidence if reads else None)
    assert (found["internalNotes"], found["subject"]["phone"]) == (None, None)
    assert [bool(one["evidence"]) for one in found["steps"]["nodes"]] == [reads]
    assert [one["content"] for one in reply.data["evidenceFiles"]["nodes"]] == (["UE5H"] if reads else [])
    tasks = {one["case"]["facts"] for one in reply.data["worklist"]["nodes"] if one["step"] == "CONFIRM_TAKEN_OVER"}
    assert tasks == ({case.facts} if reads else set())
    others = {one["facts"] for one in reply.data["restraintCases"]["nodes"] if one["number"] != case.number}
    assert others == {mask}


BREACH = """query @purpose(is: REVIEW) { restraintCases(first: 50) { nodes { number application {
  number status reminders(first: 3) { nodes { number pdf } } creditChecks(first: 3) { totalCount }
  deferral { reminders { sentOn servedOn proof } } subject { name phone }
} } } evidenceFiles { nodes { content } } }"""


@pytest.mark.parametrize(("columns", "reads"), [({}, False), ({"stated_on": DAY}, True)])
async def test_a_reviewer_reads_the_reminder_that_decides_the_case(
    service: ServiceUnderTest, columns: dict[str, Any], *, reads: bool
) -> None:
    """[5.1.2c] [5.1.4(4)] With the proof of its service, and without what a credit check found."""
    case, owing = service.world.case("of the health sector"), service.world.application("at the other department")
    words = partial(box, service, "person-2")
    about = {"subject_id": owing.subject_id, "application_id": owing.row_id, "department_code": WJJ}
    (files, held), (attachments, bound) = rows.file("proof", of="one", record="APPLICATION", to="x")
    await put(
        service,
        rows.issued_notice(
            "催告书", of="one", case="", case_id=None, **about,
            **words("UERG", "issued_notices", "pdf", rows.key("催告书")),
        ),
        (files, {**held, "subject_id": owing.subject_id, **words("UE5H", "files", "content", rows.key("proof"))}),
        (attachments, {**bound, "subject_id": owing.subject_id, "record_id": owing.row_id}),
    )  # fmt: skip
    unpublished = {"determined_on": None, "published_on": None, "ends_on": None}
    await change(
        service, "of the health sector", application_id=owing.row_id, reviewer_ref="reviewer-5", **unpublished | columns
    )
    reply = await service.ask(BREACH, Actor("reviewer-5", Role.REVIEWER, WJJ))
    (found,) = reply.data["restraintCases"]["nodes"]
    assert found["number"] == case.number
    assert reply.data["evidenceFiles"]["nodes"] == ([{"content": "UE5H"}] if reads else [])
    if not reads:
        assert found["application"] is None
        return
    application = found["application"]
    assert application["reminders"]["nodes"] == [{"number": "催告书", "pdf": "UERG"}]
    assert application["deferral"]["reminders"][0]["proof"] == "回执-0001"
    assert application["creditChecks"] is None
    assert application["subject"] == {"name": service.world.party("person-2").name, "phone": None}
