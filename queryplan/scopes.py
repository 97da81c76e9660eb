"""Which rows of an entity a caller may see, by name."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """A condition on a row, given the actor and today. `storage` writes each scope in SQL.

    Binds used: `actor_ref`, `actor_department`, `actor_sector`, `actor_area`, `actor_area_end`, `actor_subject`,
    `today`, `registered_from`. A scope whose bind is missing (None) matches no row. Worklists also use `longest_clock`:
    the day by which a task without a clock is sorted, by its first day, as a JSON object.
    """

    ALL = "all"
    OWN = "own"
    """The subject itself: `subject_id = :actor_subject`."""
    DELEGATED = "delegated"
    """Subjects with a live recorded delegation to the actor."""
    DELEGATED_CONTACT = "delegated-contact"
    """The same, where the delegation includes the group CONTACT; and so on for the groups below."""
    DELEGATED_RESTRAINT = "delegated-restraint"
    DELEGATED_FACTS = "delegated-facts"
    DELEGATED_APPLICATIONS = "delegated-applications"
    DELEGATED_OVERSIGHT = "delegated-oversight"
    """The same, where the delegate may consent for the subject or contest its records."""
    DEPARTMENT = "department"
    """Rows of the actor's department; of subjects: those with a case, an error or an objection there."""
    DEPARTMENT_OPEN = "department-open"
    """Rows of the actor's department that are open: a case that is running or in force, an error that is not corrected,
    an objection that is not answered, and what belongs to such; of tasks: those about such. Of subjects: those with
    such a record there [5.1.6]."""
    TO_CONFIRM = "to-confirm"
    """Former records of the actor's department that wait for the confirmation of its head; subjects of such [5.1.4]."""
    FILED = "filed"
    """Rows of applications at the actor's department; of subjects: those with an application there."""
    FILED_OPEN = "filed-open"
    """Rows of applications at the actor's department that are open: not decided, or with a promise that is still due;
    of subjects: those with such an application there [5.1.6]."""
    ASSIGNED = "assigned"
    """Cases of the actor's present department whose handler is the actor; of subjects: those of such cases."""
    ASSIGNED_OPEN = "assigned-open"
    """Assigned rows that are open: of cases that are running, in force, or with an error or an objection that is open;
    of subjects: those of such cases [5.1.6]."""
    REVIEWING = "reviewing"
    """Cases of the actor's present department whose reviewer is the actor and whose handler is not, and objections that
    the actor was given there; of subjects: those of such cases."""
    REVIEWING_OPEN = "reviewing-open"
    """Such a case while its review is open or the decision of the review is not issued; such an objection until it is
    answered; what belongs to either, and subjects of such [5.1.4(4)] [5.1.6]."""
    UNDER_REVIEW = "under-review"
    """The cases of `reviewing-open` and what belongs to them, without those that only an objection contests."""
    SECTOR_AREA = "sector-area"
    """Restraints in force in the actor's sector whose subject is in the actor's area; subjects of such, and what was
    found at them there."""
    CHECKED = "checked"
    """Focused checks that were made in the actor's sector and area, whether or not their subject is still a target."""
    RESTRAINED = "restrained"
    """Restraints in force today, and the subjects of such."""
    PUBLISHED = "published"
    """Restraints in force today and open to the public; subjects of such."""
    SUBMITTED = "submitted"
    """Rows recorded at the actor's service window; of subjects: those that the window put on record, until something is
    filed there, but not before the day `registered_from`; of authorisations: those whose recipient is the actor's
    department."""
    SUBMITTED_OPEN = "submitted-open"
    """Rows recorded at the actor's service window whose subject is in `submitted`, or has an application open there;
    the subjects of such [5.1.6]."""
    CONSULTED = "consulted"
    """Authorisations for a consultation whose recipient is the actor's department or association [5.2.3]."""

    ANSWERING = "answering"
    """Objections that no department answers for, given to the actor in the district office, until answered."""
    CONTESTED = "contested"
    """Authorisations that were recorded from paper: contested and not decided, or waiting for a second person because
    of a contest; and those that the actor itself decided on or confirmed. Guardianships that were contested."""
    CONTESTED_HERE = "contested-here"
    """Such authorisations, of those whose recipient is the actor's department; subjects of such as wait."""
    RECORDED = "recorded"
    """Delegations that the actor's department recorded on paper."""
    BY_OTHERS = "by-others"
    """Entries of reads by anybody else than the subject and its delegates."""
    RECORDED_CONTESTED = "recorded-contested"
    """Those of them that were contested."""


CONTAINED_IN: Final[Mapping[Scope, Scope]] = {
    Scope.DELEGATED_CONTACT: Scope.DELEGATED,
    Scope.DELEGATED_RESTRAINT: Scope.DELEGATED,
    Scope.DELEGATED_FACTS: Scope.DELEGATED,
    Scope.DELEGATED_APPLICATIONS: Scope.DELEGATED,
    Scope.DELEGATED_OVERSIGHT: Scope.DELEGATED,
    Scope.UNDER_REVIEW: Scope.REVIEWING,
}
"""By scope, another one that has all its subjects: what is shown of the wider is shown of the narrower."""

WHILE_OPEN: Final[Mapping[Scope, Scope]] = {
    Scope.DEPARTMENT_OPEN: Scope.DEPARTMENT,
    Scope.FILED_OPEN: Scope.FILED,
    Scope.ASSIGNED_OPEN: Scope.ASSIGNED,
    Scope.REVIEWING_OPEN: Scope.REVIEWING,
    Scope.SUBMITTED_OPEN: Scope.SUBMITTED,
}
"""The scopes that end with their reason: the rows of another one that are open [5.1.6]."""

OF_STATE: Final = frozenset({Scope.RESTRAINED, Scope.PUBLISHED})
"""The scopes that name a state of the record, whoever asks. A list of records in that state is shown even where it is
empty: that nothing is in that state is its answer."""
