"""The facts about the actor that the scopes of a statement use."""

from policy.actors import Actor


def actor_binds(actor: Actor) -> dict[str, object]:
    """Return the binds of the actor for every scope. A missing value is None, and matches no row."""
    return {
        "actor_ref": actor.ref,
        "actor_department": actor.department,
        "actor_sector": actor.sector,
        "actor_area": actor.area,
        # Every code that begins with the area sorts below the area followed by the highest character.
        "actor_area_end": None if actor.area is None else actor.area + "\U0010ffff",
        "actor_subject": actor.subject,
    }
