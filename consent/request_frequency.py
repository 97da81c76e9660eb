"""How often a request may be repeated: if it was not granted, the same may not be requested again at once [5.1.6].

The waiting time depends only on what the requesting department knows: the days of its request, and that nothing was
granted. So it learns no difference between a request that was refused on the first day and one that was never answered:
both block until the same day. A request for a whole year blocks no longer than one of the usual length. The subject
itself is never blocked: it can change its mind, or offer an authorisation (`consent.rules.grant`, `offer`).
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from consent.authorisation import Authorisation
from consent.errors import AskedBefore
from consent.templates import Template
from consent.vocabulary import civil_date


def check_frequency(
    template: Template,
    before: Iterable[Authorisation],
    *,
    application_id: UUID | None,
    filed_at: datetime | None,
    today: date,
) -> None:
    """Return nothing if a request may be made today, or raise AskedBefore.

    *before* are the earlier requests of this department to the subject for the same purpose. *filed_at* is when the
    application was filed, None if it is not the subject's: an application that the subject filed after the earlier
    request is a new occasion.
    """
    ungranted = (one for one in before if one.granted_at is None)
    waiting = [
        _waited_for_until(one, template) + timedelta(days=template.ask_again_days)
        for one in ungranted
        if not _is_new(one, application_id, filed_at)
    ]
    until = max(waiting, default=None)
    if until is not None and today <= until:
        raise AskedBefore(until)


def _waited_for_until(one: Authorisation, template: Template) -> date:
    """Return until when an answer is waited for: the last day of the request, or sooner if it asks for more days."""
    return min(one.expires_on, civil_date(one.requested_at) + timedelta(days=template.default_days))


def _is_new(before: Authorisation, application_id: UUID | None, filed_at: datetime | None) -> bool:
    """Return whether the application is not the one of the earlier request, and was filed after that request."""
    return application_id != before.application_id and filed_at is not None and filed_at > before.requested_at
