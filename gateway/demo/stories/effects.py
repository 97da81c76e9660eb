"""Stories of the effects of a restraint: visits of the supervisor, and consultations before awards [5.2]."""

from datetime import date
from uuid import UUID

from credit.cases.status import Circumstance
from credit.consultations import actions
from credit.consultations.actions import ConsultationPurpose, NameLookup
from credit.consultations.consultation import ConsultationKind
from credit.focused_checks import actions as focused_checks_actions
from credit.focused_checks import visits
from credit.focused_checks.actions import FocusedCheckReport, NewBreach, SupervisionArea
from credit.focused_checks.focused_check import CheckOutcome
from gateway.demo.district.district import DISTRICT, MARKET, SECTOR_OF
from gateway.demo.records.cases import BASIS
from gateway.demo.seed.well_known_ids import CAST, CLIENT, MYSELF, RATED, TO_CONFIRM, TRADING
from gateway.demo.stories.story_runner import ASSOCIATION_BY, HEAD, REGULATOR, StoryRunner, each_of, papers

AREA = SupervisionArea(SECTOR_OF[MARKET], DISTRICT)
_, SECOND, _, _, FIFTH, SIXTH = each_of(CAST[:6])
STATUTE = "《演示评优办法》第三条"


async def what_follows(runner: StoryRunner) -> None:
    """Run all stories of effects."""
    await _consulted(runner)
    await _visited(runner)


async def _visited(runner: StoryRunner) -> None:
    """Record visits: nothing found, rectified, a new breach that became a case; and a list seen a week ago [5.2.2]."""
    breach, found = NewBreach(TO_CONFIRM, Circumstance.OTHER, BASIS), "（演示）现场发现公示信息与登记不符。"
    await _check(runner, SIXTH, runner.ago(15), CheckOutcome.NOTHING_FOUND)
    await _check(runner, FIFTH, runner.ago(11), CheckOutcome.RECTIFIED, "（演示）已按要求更换标识，现场核实无误。")
    await _check(runner, SECOND, runner.ago(9), CheckOutcome.NEW_BREACH, found, breach)
    week_ago = runner.context(REGULATOR, runner.ago(5))
    await visits.mark_seen(runner.work, week_ago, AREA)
    await visits.subscribe(runner.work, week_ago, AREA)


async def _check(
    runner: StoryRunner,
    subject_id: UUID,
    day: date,
    outcome: CheckOutcome,
    facts: str | None = None,
    breach: NewBreach | None = None,
) -> None:
    visit = FocusedCheckReport(subject_id, day, outcome, facts, papers("现场检查表"), breach)
    await focused_checks_actions.record(runner.work, runner.context(REGULATOR, day, 15), AREA, visit)


async def _consulted(runner: StoryRunner) -> None:
    """Consult: an association by authorisation, and a department by statute [5.2.3]."""
    rated = [NameLookup(RATED.subject_id), NameLookup(CLIENT.subject_id)]
    at = runner.context(ASSOCIATION_BY, runner.ago(1), 9)
    award = ConsultationPurpose(ConsultationKind.AWARD, "演示诚信商户评选")
    answered = await actions.consult(runner.work, at, award, rated)
    for line in answered.logged:
        one = line.log
        if one.authorisation_id is not None:
            kind = runner.people[one.subject_id].kind
            told = runner.reads.of_consultation(one.subject_id, kind, at.now, one.authorisation_id)
            await runner.work.own_logs.append([told])
    named = [*each_of((MYSELF, RATED)), *each_of(TRADING)]
    await actions.consult(
        runner.work,
        runner.context(HEAD, runner.ago(2), 9),
        ConsultationPurpose(ConsultationKind.SELECTION, "演示先进单位推荐", STATUTE),
        [NameLookup(subject_id) for subject_id in named],
    )
