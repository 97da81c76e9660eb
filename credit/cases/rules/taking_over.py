"""Records taken over from before the cut-over date, the only ones that enter as published [5.1.4].

**Reading**: what enters from outside is collected, and goes through the procedure here. A record of the time before the
cut-over date of the deployment may enter with its determination and its publication. It is marked, and it counts only
once the head of the determining authority has confirmed it; then the subject is notified.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from credit.cases.case import Case, Fact, FormerRecord
from credit.cases.publicity import PublicityRule, publicity_of
from credit.cases.refusals import NOT_TAKEN_OVER, DayOutOfOrder, NotYet
from credit.cases.rules.closing import repaired_by
from credit.cases.rules.preconditions import (
    require_authority,
    require_evidence,
    require_first,
    require_running,
    require_today,
)
from credit.cases.rules.term import term_of
from credit.cases.rules.transitions import Publication, published_with
from credit.cases.status import CaseStatus, UnrectifiedPolicy, period_end
from credit.core.flaws import Flaw


def flaw_of_former_record(determined_on: date, published_on: date | None, cut_over: date | None) -> Flaw | None:
    """Return why a completed record cannot be taken over; None if it can.

    *cut_over* is the first day on which cases are determined in this system; None where nothing is taken over. A
    determination that was never published restrains nobody: its case is collected here, with the days of its papers.
    """
    if cut_over is None:
        return Flaw.NO_CUT_OVER
    if published_on is None:
        return Flaw.NEVER_PUBLISHED
    return None if determined_on < cut_over and published_on < cut_over else Flaw.AFTER_CUT_OVER


def confirm(
    case: Case,
    fact: Fact,
    others: Iterable[Case],
    *,
    today: date,
    unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS,
    rules: Sequence[PublicityRule] = (),
    rectified_on: date | None = None,
) -> Publication:
    """Confirm with evidence, as the head of the authority, that the former record is right: from now on it counts.

    The periods of the subject's *others* are reckoned anew, because its publication may lie within them [5.1.5]. The
    publicity *rules* of the day of that publication hold for it as for any other case. Where they count from the
    determination, its six months end then, unless a law makes them longer. *rectified_on* is when it was rectified
    before it was taken over, by its papers: otherwise a record whose period is over would be overdue for that.
    """
    require_running(case, fact, today, unrectified)
    require_authority(case, fact)
    former = case.taken_over
    if former is None:
        raise NotYet(NOT_TAKEN_OVER)
    require_first(CaseStatus.DETERMINED, case.determined)
    require_today(fact, today)
    require_evidence(fact)
    _require_former(rectified_on, former)
    publicity = publicity_of(rules, case.circumstance, former.published_on)
    start = publicity.period_from(former.determined_on, former.published_on)
    ends_on = former.ends_on if case.term.citation else min(former.ends_on, period_end(start))
    counted = replace(
        case,
        confirmed=fact,
        determined=Fact(former.determined_on),
        published=Fact(former.published_on),
        ends_on=ends_on,
        publicity=publicity,
        term=term_of(start, ends_on, case.term.citation),
    )
    if rectified_on is not None:
        counted = repaired_by(counted, Fact(rectified_on, fact.by, fact.department, fact.evidence))
    return published_with(counted, others, today, unrectified)


def _require_former(rectified_on: date | None, former: FormerRecord) -> None:
    """Refuse a rectification of before the determination; one of after the record was taken over is a step here."""
    if rectified_on is not None and not former.determined_on <= rectified_on <= former.on:
        raise DayOutOfOrder(former.determined_on if rectified_on < former.determined_on else former.on)
