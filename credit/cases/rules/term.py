"""How long a restraint lasts after publication: the validity of [5.1.3], the period of [5.1.5]."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from credit.cases.refusals import PERIOD_NEEDS_CITATION, DayOutOfOrder, Lacking
from credit.cases.status import MONTHS, period_end


@dataclass(frozen=True, slots=True)
class Term:
    """A length in *months*, or a last day *until*; with the *citation* of the law if it is not six months.

    **Reading**: six months is what the period is at most without another law; a shorter one is the authority's to give.
    """

    months: int | None = MONTHS
    until: date | None = None
    citation: str | None = None

    def __post_init__(self) -> None:
        if (self.months is None) is (self.until is None):
            raise ValueError("a term is either a number of months or a last day")
        if self.months is not None and self.months < 1:
            raise ValueError("a management period lasts at least a month")

    def last_day(self, published_on: date, anew_from: date | None = None) -> date:
        """Return the last day in force, if the period runs from publication or *anew from* a later day [5.1.5].

        **Reading**: a period given by its last day starts anew with as many days as it had.
        """
        start = published_on if anew_from is None else anew_from
        if self.until is None:
            return period_end(start, self.months or MONTHS)
        return self.until + (start - published_on)

    def require_citation(self, start: date | None = None) -> None:
        """Raise PERIOD_NEEDS_CITATION for more than six months without a law that says so [5.1.5].

        *start* is the day from which it is counted; without it only a number of months is checked. **Reading**: before
        publication that is the day of the determination, or of its correction. So nobody determines a last day that has
        passed, or one that could not be published.
        """
        too_long = self.until is None and (self.months or 0) > MONTHS
        if self.until is not None and start is not None:
            if self.until < start:
                raise DayOutOfOrder(start)
            too_long = self.until > period_end(start)
        if too_long and not (self.citation and self.citation.strip()):
            raise Lacking(PERIOD_NEEDS_CITATION)


SIX_MONTHS: Final = Term()
"""The term that the document itself sets [5.1.5]."""


def term_of(published_on: date, ends_on: date, citation: str | None = None) -> Term:
    """Return the term of a restraint from its first and last day: in months if these fit.

    For rows that contain only the days, and for imported lists [6.2].
    """
    months = (ends_on.year - published_on.year) * 12 + ends_on.month - published_on.month
    if months >= 1 and period_end(published_on, months) == ends_on:
        return Term(months, citation=citation)
    return Term(None, ends_on, citation)
