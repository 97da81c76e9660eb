"""The actions on a kind of data, and which other actions each permission or refusal includes."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from consent.vocabulary import Form


class Action(StrEnum):
    """An action. `read` includes `mask`, which is to read the masked form; `write` and `transition` include none."""

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
"""The actions that a row covers. To allow `read` also allows `mask`; to deny `mask` also denies `read`."""

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
"""The form that the purpose must need for each action: only what it needs in some form may be written."""
