"""How often a subject may be asked: what was not granted may not be asked for again at once [5.1.6].

What the asker may do depends on what the asker knows: the day up to which it had asked, and that nothing was granted. A
request that was refused on the first day and one that nobody ever answered therefore look alike, until the same day.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from consent.authorisation import Authorisation
from consent.errors import AskedBefore
from consent.templates import Template


def check_frequency(
    template: Template,
    before: Iterable[Authorisation],
    *,
    application_id: UUID | None,
    filed_at: datetime | None,
    today: date,
) -> None:
    """Return nothing if the subject may be asked today, or raise AskedBefore.

    *before* are this asker's earlier requests of the subject for the same purpose. *filed_at* is when the application
    was filed, None for none of the subject's: one that the subject itself filed since it was asked is a new occasion.
    """
    ungranted = (one for one in before if one.granted_at is None)
    waiting = [
        one.expires_on + timedelta(days=template.ask_again_days)
        for one in ungranted
        if not _is_new(one, application_id, filed_at)
    ]
    until = max(waiting, default=None)
    if until is not None and today <= until:
        raise AskedBefore(until)


def _is_new(before: Authorisation, application_id: UUID | None, filed_at: datetime | None) -> bool:
    """Tell whether the application is another than the one asked for, and came after that request."""
    return application_id != before.application_id and filed_at is not None and filed_at > before.requested_at
