"""Stories of documents: some notices, made by the real notice service [A]."""

from uuid import UUID

from credit.cases.case import ServiceMeans
from credit.cases.status import Circumstance
from credit.core.record_refs import CaseRef
from credit.notices import actions
from credit.notices.actions import IssueNotice
from credit.notices.facts import FORMS, NoticeKind, draft, labels_of
from gateway.demo.district.district import MARKET, department_rows
from gateway.demo.records.cases import FACTS
from gateway.demo.seed.well_known_ids import ANSWERABLE, CAST, MYSELF, TO_REVIEW, WATCHED
from gateway.demo.stories.story_runner import HANDLER, MATTER, StoryRunner

_WINDOW = next(row for row in department_rows() if row["code"] == MARKET)


async def on_paper(runner: StoryRunner) -> None:
    """Issue notices, the receipt of one, and a determination."""
    await _issued(runner, MYSELF.subject_id, ANSWERABLE, IssueNotice(NoticeKind.NOTICE, "演示告〔1912〕第2号"))
    receipt = IssueNotice(NoticeKind.RECEIPT_OF_SERVICE, means=ServiceMeans.ON_THE_SPOT)
    await _issued(runner, MYSELF.subject_id, ANSWERABLE, receipt)
    await _issued(runner, CAST[5].subject_id, TO_REVIEW, IssueNotice(NoticeKind.NOTICE, "演示告〔1912〕第3号"))
    determination = IssueNotice(NoticeKind.DETERMINATION, document_number="演示告〔1912〕第4号")
    await _issued(runner, CAST[2].subject_id, WATCHED, determination)


async def _issued(runner: StoryRunner, subject_id: UUID, case_id: UUID, wanted: IssueNotice) -> None:
    if runner.notices is None:
        return
    context = runner.context(HANDLER, runner.ago(1), 9)
    prepared = await actions.prepare(runner.work, context, CaseRef(subject_id, case_id), wanted)
    person = runner.people[subject_id]
    every = {
        "addressee": person.registration.name,
        "subject_kind": person.kind,
        "department": _WINDOW["name_zh"],
        "window": _WINDOW["window_zh"],
        "telephone": _WINDOW["telephone"],
        **runner.notices.remedies(MARKET).facts,
        "conduct": FACTS[Circumstance.FALSE_MATERIAL].format(matter=MATTER.name_zh),
    }
    fitting = {name: every[name] for name in labels_of(FORMS[wanted.kind]) if name in every}
    made = await runner.notices.make(draft(wanted.kind, {**fitting, **prepared.facts}), MARKET, context.now)
    await actions.record(runner.work, context, prepared, made)
