"""Stories of cases: each waits at another step of the procedure, or has gone wrong in another way [5.1]."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from credit.calendar.deadlines import correction_due, notice_due, review_due
from credit.cases.actions import procedure, rectification, statements
from credit.cases.actions.collect import Collected, collect
from credit.cases.actions.procedure import DetermineCase, ReviewCase, VerifyCase
from credit.cases.actions.take_step import StepDetails
from credit.cases.case import RemovalCause, ReviewOutcome, ServiceMeans, Severity
from credit.cases.rules.term import SIX_MONTHS
from credit.cases.status import Circumstance, CollectionChannel
from credit.core.record_refs import CaseRef, ObjectionRef
from credit.corrections import actions
from credit.corrections.actions import DiscoverError
from credit.corrections.correction import RecordItem, Remedy
from credit.objections import actions as objections_actions
from credit.objections.actions import ContestedRecord, ObjectionDecision
from credit.objections.objection import ObjectionAnswer, RecordKind
from gateway.demo.records.cases import BASIS, FACTS
from gateway.demo.seed.well_known_ids import (
    ANSWERABLE,
    CAST,
    CORRECTION,
    MYSELF,
    OBJECTION,
    PRINCIPAL,
    REPAIRED,
    TO_ASSIGN,
    TO_CONFIRM,
    TO_CORRECT,
    TO_DETERMINE,
    TO_NOTICE,
    TO_REVIEW,
    TRADING,
    WATCHED,
)
from gateway.demo.stories.story_runner import HANDLER, HEAD, MATTER, REVIEWER, StoryRunner, each_of, papers

FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH = each_of(CAST[:6])
COMPANY, OTHER_COMPANY = each_of(TRADING)
STATEMENT = "（演示）材料是中介代为准备的，本人并不知情，现提交与中介的往来记录，请予核实。"


@dataclass(slots=True)
class Story:
    """One case, step by step. A step without a day is left to its own."""

    stage: StoryRunner
    which: CaseRef

    async def verified(self, day: date) -> "Story":
        """[5.1.4(1)]."""
        said = StepDetails(evidence=papers("核实笔录"))
        context = self.stage.context(HANDLER, day, 15)
        await procedure.verify(self.stage.work, context, VerifyCase(self.which, said, Severity.SHORT_OF_PENALTY))
        return self

    async def noticed(self, day: date) -> "Story":
        """[5.1.4(2)]."""
        said = StepDetails(evidence=papers("告知书存根"))
        await procedure.notice(self.stage.work, self.stage.context(HANDLER, day, 16), self.which, said)
        return self

    async def served(self, day: date, means: ServiceMeans = ServiceMeans.ON_THE_SPOT) -> "Story":
        """[5.1.4(2)]."""
        said = StepDetails(evidence=papers("送达回证"))
        await procedure.serve(self.stage.work, self.stage.context(HANDLER, day, 16, 30), self.which, said, means)
        return self

    async def stated(self, day: date) -> "Story":
        """[5.1.4(3)]."""
        by = self.stage.applicant(self.which.subject_id)
        await statements.state(
            self.stage.work, self.stage.context(by, day, 17), self.which, papers("往来记录复印件"), STATEMENT
        )
        return self

    async def assigned(self, day: date) -> "Story":
        """[5.1.4(4)]."""
        context = self.stage.context(HEAD, day, 17, 30)
        await procedure.assign_reviewer(self.stage.work, context, self.which, REVIEWER.ref)
        return self

    async def reviewed(self, day: date, outcome: ReviewOutcome = ReviewOutcome.UPHELD) -> "Story":
        """[5.1.4(4)]."""
        said = StepDetails(evidence=papers("复核意见"))
        await procedure.review(
            self.stage.work, self.stage.context(REVIEWER, day, 11), ReviewCase(self.which, said, outcome)
        )
        return self

    async def published(self, day: date) -> "Story":
        """Determine in the morning, publish in the afternoon [5.1.4(5)] [5.1.5]."""
        work = self.stage.work
        await procedure.determine(
            work,
            self.stage.context(HANDLER, day, 9),
            DetermineCase(
                self.which,
                StepDetails(evidence=papers("审批表")),
                Severity.SHORT_OF_PENALTY,
                f"演示决〔1912〕第{self.which.id.int % 900 + 100}号",
                SIX_MONTHS,
            ),
        )
        await procedure.publish(work, self.stage.context(HANDLER, day, 16), self.which)
        return self

    async def claimed(self, day: date) -> "Story":
        """[5.1.5]."""
        by = self.stage.applicant(self.which.subject_id)
        evidence = papers("整改照片", "整改说明")
        await rectification.claim(self.stage.work, self.stage.context(by, day), self.which, evidence)
        return self

    async def rectified(self, day: date) -> "Story":
        """[5.1.5]."""
        context, evidence = self.stage.context(HANDLER, day, 11), papers("整改核查记录")
        await procedure.confirm_rectification(self.stage.work, context, self.which, evidence)
        return self


async def cases_of_the_bureau(stage: StoryRunner) -> None:
    """Play all of them."""
    await _waiting(stage)
    await _ended(stage)
    await _twice(stage)
    await _wrong(stage)


async def _waiting(stage: StoryRunner) -> None:
    """One for each next step: late, due soon, or with time left [5.1.4]."""
    await _begun(stage, THIRD, 1, stage.ago(2))
    late = await _begun(stage, FOURTH, 2, stage.ago(9))
    await late.verified(stage.ago(8))
    soon = stage.started(notice_due)
    story = await _begun(stage, FIFTH, 3, soon - timedelta(days=1), TO_NOTICE)
    await story.verified(soon)
    await _told(await _begun(stage, MYSELF.subject_id, 4, stage.ago(4), ANSWERABLE), (3, 2, 1))

    stated = stage.started(review_due)
    back = next(number for number in range(1, 60) if stage.ago(number) == stated)
    story = await _begun(stage, SIXTH, 5, stage.ago(back + 4), TO_REVIEW)
    await _told(story, (back + 3, back + 2, back + 1))
    await (await story.stated(stated)).assigned(stage.ago(back - 1))

    story = await _begun(stage, COMPANY, 6, stage.ago(7), TO_ASSIGN)
    await _told(story, (6, 5, 4))
    await story.stated(stage.ago(3))

    story = await _begun(stage, FIRST, 7, stage.ago(24), TO_DETERMINE)
    await _told(story, (23, 22, 21))
    await (await (await story.stated(stage.ago(19))).assigned(stage.ago(18))).reviewed(stage.ago(6))


async def _ended(stage: StoryRunner) -> None:
    """Let a claim of rectification wait, one be overdue for rectification, one repaired, one dropped [5.1.5]."""
    story = await _published(stage, SECOND, 8, stage.ago(60), TO_CONFIRM)
    await story.claimed(stage.ago(3))
    await _published(stage, OTHER_COMPANY, 9, stage.ago(150))
    story = await _published(stage, PRINCIPAL.subject_id, 10, stage.ago(160), REPAIRED)
    await (await story.claimed(stage.ago(100))).rectified(stage.ago(95))
    await _published(stage, THIRD, 11, stage.ago(30), WATCHED)
    story = await _begun(stage, FOURTH, 12, stage.ago(50))
    await _told(story, (49, 48, 47))
    await (await (await story.stated(stage.ago(45))).assigned(stage.ago(44))).reviewed(
        stage.ago(35), ReviewOutcome.DROPPED
    )


async def _twice(stage: StoryRunner) -> None:
    """Let somebody do it again: the first period runs anew from the publication of the second [5.1.5]."""
    first = await _published(stage, FIFTH, 13, stage.ago(85))
    await first.rectified(stage.ago(70))
    await _published(stage, FIFTH, 14, stage.ago(20))


async def _wrong(stage: StoryRunner) -> None:
    """Let an error wait to be put right, an objection for its answer; another has been answered [5.1.4(6)]."""
    story = await _published(stage, SIXTH, 15, stage.ago(40), TO_CORRECT)
    found = stage.started(correction_due)
    await actions.discover_error(
        stage.work,
        stage.context(HANDLER, found, first=CORRECTION),
        DiscoverError(
            story.which,
            StepDetails(evidence=papers("核对表")),
            Remedy.CORRECT,
            RemovalCause.WRONG,
            frozenset({RecordItem.FACTS}),
        ),
    )
    await _objected(stage, ContestedRecord(THIRD, RecordKind.RESTRAINT_CASE, WATCHED), 4, OBJECTION)
    answered = await _objected(stage, ContestedRecord(SIXTH, RecordKind.RESTRAINT_CASE, TO_CORRECT), 12)
    decided = ObjectionDecision(ObjectionAnswer.REJECTED, "（演示）经核对，认定依据和事实无误。")
    said = StepDetails(evidence=papers("异议答复"))
    await objections_actions.answer_objection(
        stage.work, stage.context(REVIEWER, stage.ago(6)), answered, said, decided
    )


# --- what the stories are made of -------------------------------------------------------------------------------------


async def _begun(stage: StoryRunner, subject_id: UUID, number: int, day: date, case_id: UUID | None = None) -> Story:
    collected = Collected(
        subject_id,
        f"临市监信认〔演示〕{number:04d}号",
        Circumstance.FALSE_MATERIAL,
        CollectionChannel.FACT_FINDING,
        BASIS,
        FACTS[Circumstance.FALSE_MATERIAL].format(matter=MATTER.name_zh),
        papers("申请材料"),
        occurred_on=day - timedelta(days=3),
    )
    case = await collect(stage.work, stage.context(HANDLER, day, 14, first=case_id), collected)
    return Story(stage, CaseRef(subject_id, case.case_id))


async def _told(story: Story, back: Iterable[int]) -> None:
    """Verify, notify and serve, each so many working days ago."""
    verified, noticed, served = map(story.stage.ago, back)
    await (await (await story.verified(verified)).noticed(noticed)).served(served)


async def _published(
    stage: StoryRunner, subject_id: UUID, number: int, day: date, case_id: UUID | None = None
) -> Story:
    """Bring a case to its publication on *day*; its subject has said nothing."""
    back = next(each for each in range(1, 400) if stage.ago(each) <= day)
    story = await _begun(stage, subject_id, number, stage.ago(back + 9), case_id)
    await _told(story, (back + 8, back + 7, back + 6))
    return await story.published(day)


async def _objected(stage: StoryRunner, record: ContestedRecord, back: int, first: UUID | None = None) -> ObjectionRef:
    """Raise an objection so many working days ago, and give it to the reviewer."""
    by, text = stage.applicant(record.subject_id), "（演示）认定的事实与实际不符，请予核实。"
    context = stage.context(by, stage.ago(back), 10, first=first)
    raised = await objections_actions.raise_objection(stage.work, context, record, text, StepDetails())
    which = ObjectionRef(record.subject_id, raised.objection_id)
    await objections_actions.assign_objection(stage.work, stage.context(HEAD, stage.ago(back - 1)), which, REVIEWER.ref)
    return which
