"""Who asks, and the names of those who notice a variation together, read off the rules by hand."""

from collections.abc import Mapping

from policy.actors import Actor, Role
from tests.builders import ACTORS, WJJ

OFFICERS: Mapping[str, Actor] = {
    **ACTORS,
    "handler of health": Actor("handler-5", Role.HANDLER, WJJ),
    "head of health": Actor("head-2", Role.HEAD, WJJ),
    "second agent": Actor("agent-2", Role.AGENT),
}
"""Who asks, besides subjects. The second agent is a delegate of company-1, the first one of person-1."""
SUBJECTS = ("person-1", "person-2", "company-1", "club-1")

DEPARTMENT = frozenset(
    {"handler DETERMINATION", "other handler DETERMINATION", "head DETERMINATION", "head SUPERVISION"}
)
HEALTH_DEPARTMENT = frozenset({
    "handler of health DETERMINATION", "head of health DETERMINATION", "head of health SUPERVISION",
})  # fmt: skip
OFFICE = frozenset({"office SUPERVISION"})
AUDITOR = frozenset({"auditor AUDIT"})
ABOVE = OFFICE | AUDITOR
PERSON_1 = frozenset({"person-1 SELF_ACCESS", "agent SELF_ACCESS"})
PERSON_2 = frozenset({"person-2 SELF_ACCESS"})
COMPANY_1 = frozenset({"company-1 SELF_ACCESS", "second agent SELF_ACCESS"})
REVIEWER = frozenset({"reviewer REVIEW"})
SUPERVISORS = frozenset({"regulator FOCUSED_CHECK", "regulator of wenshao FOCUSED_CHECK"})
SUPERVISORS_OF_HEALTH = frozenset({"regulator of health FOCUSED_CHECK"})
PLATFORM = frozenset({"platform PLATFORM_EXCHANGE"})
PUBLIC = frozenset({"anonymous PUBLICITY", "handler PUBLICITY"})
CREDIT_CHECK = frozenset({"clerk CREDIT_CHECK"})
"""The window with the live authorisation of company-1."""
CLERK = frozenset({"clerk APPLICATION_HANDLING"})
WINDOW = CLERK | {"handler APPLICATION_HANDLING", "other handler APPLICATION_HANDLING"}
OTHER_WINDOW = frozenset({"other clerk APPLICATION_HANDLING", "handler of health APPLICATION_HANDLING"})
ASSOCIATION = frozenset({"association CONSULTATION"})
NOBODY: frozenset[str] = frozenset()
SEE_NOTHING = frozenset({
    # Nothing in the table is of their sector, area or relation; what they get is the same throughout.
    "regulator elsewhere FOCUSED_CHECK", "stranger SELF_ACCESS",
    "head CONSULTATION", "head of health CONSULTATION", "handling reviewer REVIEW",
})  # fmt: skip
EVERYBODY = frozenset().union(
    DEPARTMENT, HEALTH_DEPARTMENT, ABOVE, PERSON_1, PERSON_2, COMPANY_1, REVIEWER, SUPERVISORS, SUPERVISORS_OF_HEALTH,
    PLATFORM, PUBLIC, CREDIT_CHECK, WINDOW, OTHER_WINDOW, ASSOCIATION, SEE_NOTHING,
    {"other clerk CREDIT_CHECK", "club-1 SELF_ACCESS"},
)  # fmt: skip
