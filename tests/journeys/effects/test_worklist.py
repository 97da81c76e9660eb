"""Worklists over HTTP: what is to be done today, what is late, and who has to do it [5.1.4] [6.1].

Spring Festival 2026: off are the 15th to the 23rd of February, worked are the Saturdays 14 and 28. A notice that is
verified on Wed 11 February is due on Sat 14; one that is verified on Fri 13 on Wed 25: the days before it, two of
them working days, warn.
"""

from datetime import UTC, datetime
from typing import Any

import pytest

from queryplan.entities import Entity
from schema.core.global_ids import encode
from tests.builders import SCJG, WJJ
from tests.databases import on_both
from tests.journeys.cases.test_a_case import PAPER, SHORT, OfCase, february, put
from tests.journeys.running_server import RunningServer

ITEMS = """
  nodes { step label side assignee handler since isLate clause case { number }
          due { on state isMissed daysLeft provisional clause } }
"""
ARGUMENTS = "$late: Boolean, $dueBy: Date, $handler: String, $first: Int = 50"
GIVEN = "late: $late, dueBy: $dueBy, handler: $handler, first: $first"
PURPOSE = {"handler": "DETERMINATION", "head": "DETERMINATION", "reviewer": "REVIEW", "office": "SUPERVISION"}


def worklist(server: RunningServer, who: str, at: datetime, **given: Any) -> list[dict[str, Any]]:
    """Give what is on the worklist of *who*, of the case of this journey."""
    server.clock.at = at
    purpose = PURPOSE.get(who.rsplit(maxsplit=1)[-1], "SELF_ACCESS")
    reply = server.ask(
        who, f"query({ARGUMENTS}) {{ worklist({GIVEN}) {{ {ITEMS} }} }}", given, headers={"Access-Purpose": purpose}
    )
    assert not reply.errors, reply.json
    return [one for one in reply.data["worklist"]["nodes"] if (one["case"] or {}).get("number") == "案-春节"]


def todo(server: RunningServer, who: str, at: datetime, **given: Any) -> list[tuple[str, str | None, str | None]]:
    """Give step, last day and state of its clock."""
    return [
        (one["step"], one["due"] and one["due"]["on"], one["due"] and one["due"]["state"])
        for one in worklist(server, who, at, **given)
    ]


@on_both
async def test_a_handlers_days_through_spring_festival(server: RunningServer) -> None:
    """Two working days before, on, and after the last day; the holiday between counts for nothing."""
    step = OfCase(server, await put(server))
    assert todo(server, "handler", february(2)) == [("VERIFY", None, None)]
    step.done("handler", "verifyCase", february(13), evidence=PAPER, severity=SHORT)
    (fresh,) = worklist(server, "handler", february(13, 18))
    assert (fresh["label"], fresh["clause"], fresh["assignee"]) == ("书面告知", "5.1.4(2)", "handler-1")
    assert fresh["since"] == "2026-02-13"
    for at, state, left, late in (
        (february(13), "OPEN", 3, False),
        (february(14), "DUE_SOON", 2, False),  # a worked Saturday; the next working day is the 24th
        (february(20), "DUE_SOON", 2, False),
        (february(24), "DUE_SOON", 1, False),
        (february(25, 23), "DUE_SOON", 0, False),
        (february(26), "OVERDUE", None, True),
    ):
        (one,) = worklist(server, "handler", at)
        due = one["due"]
        assert (due["on"], due["state"], due["daysLeft"]) == ("2026-02-25", state, left), at
        assert (one["isLate"], due["isMissed"], due["provisional"]) == (late, late, False)
    assert todo(server, "handler", february(26), late=True) == [("NOTIFY", "2026-02-25", "OVERDUE")]
    assert todo(server, "handler", february(26), late=False) == []
    assert todo(server, "handler", february(24), dueBy="2026-02-24") == []
    assert todo(server, "handler", february(24), dueBy="2026-02-25") == [("NOTIFY", "2026-02-25", "DUE_SOON")]
    assert step.done("handler", "noticeCase", february(27)) == "NOTICED"
    assert todo(server, "handler", february(27)) == [("PROVE_SERVICE", None, None)]
    step.done("handler", "serveCase", february(27), evidence=["回执-1"], means="BY_POST")
    # While the subject may state, the handler waits; the chance is the subject's, and nobody is late with it.
    assert todo(server, "handler", february(28)) == []
    (chance,) = worklist(server, "person-1", february(28))
    assert (chance["step"], chance["side"], chance["due"]["on"]) == ("STATE", "SUBJECT", "2026-03-03")
    assert (chance["due"]["isMissed"], chance["isLate"]) == (None, False)
    march = datetime(2026, 3, 4, 2, tzinfo=UTC)
    assert todo(server, "person-1", march) == []
    (decide,) = worklist(server, "handler", march)
    assert (decide["step"], decide["since"], decide["due"]) == ("DETERMINE", "2026-03-04", None)


@on_both
async def test_a_reviewer_and_a_head(server: RunningServer) -> None:
    """The head is asked for a reviewer first; then the review stands on that one's list, and on nobody else's."""
    step = OfCase(server, await put(server))
    step.served()
    step.done("person-1", "stateDefence", february(24), evidence=["陈述-1"])
    assert todo(server, "handler", february(24)) == []
    assert todo(server, "reviewer", february(24)) == []
    assert todo(server, "head", february(24)) == [
        ("ASSIGN_REVIEWER", "2026-03-16", "OPEN"),
        ("REVIEW", "2026-03-16", "OPEN"),
    ]
    step.done("head", "assignReviewer", february(25), reviewer="reviewer-1")
    (mine,) = worklist(server, "reviewer", february(25))
    assert (mine["step"], mine["assignee"], mine["due"]["on"]) == ("REVIEW", "reviewer-1", "2026-03-16")
    assert todo(server, "handling reviewer", february(25)) == []
    soon = datetime(2026, 3, 12, 2, tzinfo=UTC)
    assert todo(server, "reviewer", soon) == [("REVIEW", "2026-03-16", "DUE_SOON")]
    late = datetime(2026, 3, 17, 2, tzinfo=UTC)
    assert todo(server, "head", late, late=True) == [("REVIEW", "2026-03-16", "OVERDUE")]
    assert todo(server, "head", late, late=True, handler="handler-2") == []
    assert todo(server, "office", late, late=True, handler="handler-1") == [("REVIEW", "2026-03-16", "OVERDUE")]


async def test_a_provisional_day_is_marked(server: RunningServer) -> None:
    """2027 has no table yet: the day is counted by plain weekdays, and marked."""
    verified = datetime(2026, 12, 30, 2, tzinfo=UTC)
    await put(server, collected_at=verified, verified_at=verified)
    (one,) = worklist(server, "handler", verified)
    assert (one["due"]["on"], one["due"]["provisional"]) == ("2027-01-04", True)


@on_both
async def test_what_is_not_ones_own_is_on_no_list(server: RunningServer) -> None:
    """Not a colleague's, not a confidential one, and nothing for whoever has no business with cases."""
    await put(server)
    await put(server, "案-密", "club-1", confidential=True)
    assert todo(server, "other handler", february(3)) == []
    assert todo(server, "person-1", february(3)) == []  # its subject does not see an investigation
    server.clock.at = february(3)
    whole = server.ask(
        "head", "query @purpose(is: DETERMINATION) { worklist(first: 50) { nodes { case { number } } } }"
    )
    assert "案-密" not in whole.response.text
    for who, purpose in (("clerk", "CREDIT_CHECK"), ("regulator", "FOCUSED_CHECK"), ("admin", "SUPERVISION")):
        reply = server.ask(who, "{ worklist { totalCount } }", headers={"Access-Purpose": purpose})
        assert (reply.status, reply.data) == (403, None), who
    assert server.ask("anonymous", "query @purpose(is: PUBLICITY) { worklist { totalCount } }").status == 401


@pytest.mark.parametrize("who", ["handler", "head"])
async def test_subjects_see_that_a_list_with_their_case_was_read(server: RunningServer, who: str) -> None:
    """Each row reveals that a step of a person's case is due [5.1.6]."""
    await put(server)
    worklist(server, who, february(3))
    log = server.ask(
        "person-1",
        "query @purpose(is: SELF_ACCESS) { myAccessLog(first: 5) { nodes { actor fieldsShown { field } } } }",
    ).data["myAccessLog"]["nodes"]
    fields = {shown["field"] for one in log if one["actor"] == f"{who}-1" for shown in one["fieldsShown"]}
    assert {"Query.worklist", "WorkItem.step", "WorkItem.due", "RestraintCase.number"} <= fields


OVERDUE = """query($d: ID) @purpose(is: SUPERVISION) {
  overdueByHandler(department: $d) { department handler waiting dueSoon late }
}"""


@on_both
async def test_a_head_sees_the_lateness_by_handler(server: RunningServer) -> None:
    """Two days before, on, and after the last day; the office sees it of every department [6.1]."""
    await put(server, verified_at=february(13))
    # Nothing of the sample data is due on these days.
    for at, soon, late in ((february(13), 0, 0), (february(14), 1, 0), (february(25), 1, 0), (february(26), 0, 1)):
        server.clock.at = at
        rows = server.ask("head", OVERDUE).data["overdueByHandler"]
        assert {row["department"] for row in rows} == {SCJG}
        (mine,) = [row for row in rows if row["handler"] == "handler-1"]
        assert (mine["dueSoon"], mine["late"]) == (soon, late), at
        assert mine in server.ask("office", OVERDUE).data["overdueByHandler"]
    elsewhere = {"d": encode(Entity.DEPARTMENT, WJJ)}
    assert server.ask("head", OVERDUE, elsewhere).data["overdueByHandler"] == []
    assert server.ask("handler", OVERDUE).status == 403


SHEETS = "year asOf hiddenBelow district { cases } departments { department name cases clocks { label met missed } }"


@on_both
async def test_figures_for_who_supervises_and_for_everybody(server: RunningServer) -> None:
    """Supervisors see every count, also of the current year; everybody sees a past year without small counts [6.3]."""
    document = f"query($y: Int!) @purpose(is: SUPERVISION) {{ figures(year: $y) {{ {SHEETS} }} }}"
    running = server.ask("office", document, {"y": 2026}).data["figures"]
    assert (running["asOf"], running["hiddenBelow"]) == ("2026-11-20", 1)
    assert running["district"]["cases"] == 11  # the twelfth is nobody's to know
    assert len(running["departments"]) == 4
    own = server.ask("head", document, {"y": 2026}).data["figures"]
    assert own["district"] is None
    assert own["departments"] == [one for one in running["departments"] if one["department"] == SCJG]
    for who, status in (("handler", 403), ("regulator", 403), ("anonymous", 401)):
        assert server.ask(who, document, {"y": 2026}).status == status
    public = f"query($y: Int!) {{ publishedFigures(year: $y) {{ {SHEETS} }} }}"
    assert server.ask("anonymous", public, {"y": 2026}).data["publishedFigures"] is None
    assert server.ask("anonymous", public, {"y": 1999}).data["publishedFigures"] is None
    server.clock.at = datetime(2027, 1, 4, 2, tzinfo=UTC)
    published = server.ask("anonymous", public, {"y": 2026}).data["publishedFigures"]
    assert (published["asOf"], published["district"]["cases"]) == ("2026-12-31", 11)
    assert published["hiddenBelow"] == 5
    whole = server.ask("office", document, {"y": 2026}).data["figures"]
    assert (whole["asOf"], whole["hiddenBelow"], whole["district"]) == ("2026-12-31", 1, published["district"])
    assert None not in counts(whole)
    assert None in counts(published)
    assert all(shown in {None, true} for shown, true in zip(counts(published), counts(whole), strict=True))


def counts(sheets: dict[str, Any]) -> list[int | None]:
    """Give every count of the departments' sheets, in one order."""
    departments = sheets["departments"]
    return [
        count
        for one in departments
        for count in (one["cases"], *(clock[key] for clock in one["clocks"] for key in ("met", "missed")))
    ]
