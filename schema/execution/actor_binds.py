"""The facts about the actor and the day that the scopes of a statement use."""

from datetime import date, timedelta

from credit.subjects.areas import township_of
from policy.actors import Actor


def actor_binds(actor: Actor, today: date, registration_days: int) -> dict[str, object]:
    """Return the binds for every scope. A missing value is None, and matches no row.

    For *registration_days* a window sees whom it has put on record, while nothing is filed [4.2] [5.1.6].
    """
    return {
        "actor_ref": actor.account,
        "actor_department": actor.department,
        "actor_sector": actor.sector,
        "actor_area": actor.area,
        # Every code that begins with the area sorts below the area followed by the highest character.
        "actor_area_end": None if actor.area is None else actor.area + "\U0010ffff",
        "actor_township": None if actor.area is None else township_of(actor.area),
        "actor_subject": actor.subject,
        "today": today,
        "registered_from": today - timedelta(days=registration_days),
    }
