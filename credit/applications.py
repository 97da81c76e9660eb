"""Applications for a government service, the facilitation they go through, and how far they have come [4]."""

from datetime import datetime

from credit.labels import Labelled


class Facilitation(Labelled):
    """The channel an application goes through. Only subjects without adverse record get another than the ordinary.

    Nobody is forced: without an authorisation for a credit check, the ordinary channel serves [4.1] [5.1.6].
    """

    ORDINARY = "ORDINARY", "普通办理", "4.1"
    GREEN_CHANNEL = "GREEN_CHANNEL", "绿色通道", "4.2.1"
    DEFERRED_DOCUMENTS = "DEFERRED_DOCUMENTS", "容缺受理", "4.2.2"
    COMMITMENT = "COMMITMENT", "告知承诺", "4.2.3"


class Outcome(Labelled):
    """How an application ended."""

    APPROVED = "APPROVED", "准予"
    REFUSED = "REFUSED", "不予"
    WITHDRAWN = "WITHDRAWN", "撤回"


class ApplicationStatus(Labelled):
    """How far an application has come."""

    FILED = "FILED", "已申请"
    ACCEPTED = "ACCEPTED", "已受理"
    DECIDED = "DECIDED", "已办结"
    WITHDRAWN = "WITHDRAWN", "已撤回"


def status(
    *, accepted_at: datetime | None, decided_at: datetime | None, outcome: Outcome | str | None
) -> ApplicationStatus:
    """Read an application's status off its dated facts. It is filed from the moment that there is one."""
    if outcome == Outcome.WITHDRAWN:
        return ApplicationStatus.WITHDRAWN
    if decided_at is not None:
        return ApplicationStatus.DECIDED
    return ApplicationStatus.FILED if accepted_at is None else ApplicationStatus.ACCEPTED
