"""What one may do with a kind of data, and how far each permission or refusal of it reaches."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from consent.vocabulary import Form


class Action(StrEnum):
    """What is done. Who may `read` may also `mask`, which is to read the masked form; the others stand alone."""

    MASK = "mask"
    READ = "read"
    WRITE = "write"
    TRANSITION = "transition"


class Effect(StrEnum):
    """What a row of the tables says. A deny in either table wins."""

    ALLOW = "allow"
    DENY = "deny"


REACH: Final[Mapping[Effect, Mapping[Action, tuple[Action, ...]]]] = {
    Effect.ALLOW: {**{action: (action,) for action in Action}, Action.READ: (Action.READ, Action.MASK)},
    Effect.DENY: {**{action: (action,) for action in Action}, Action.MASK: (Action.MASK, Action.READ)},
}
"""The actions that a row speaks of. To allow the more is to allow the less; to deny the less is to deny the more."""

FORM_REACH: Final[Mapping[Effect, Mapping[Form, tuple[Form, ...]]]] = {
    Effect.ALLOW: {Form.CLEAR: (Form.CLEAR, Form.MASKED), Form.MASKED: (Form.MASKED,)},
    Effect.DENY: {Form.CLEAR: (Form.CLEAR,), Form.MASKED: (Form.MASKED, Form.CLEAR)},
}
"""The same for the forms of `need.csv`."""

NEEDS: Final[Mapping[Action, Form]] = {
    Action.MASK: Form.MASKED,
    Action.READ: Form.CLEAR,
    Action.WRITE: Form.MASKED,
    Action.TRANSITION: Form.MASKED,
}
"""The least necessity that an action presupposes: one may write only what the purpose needs in some form."""
