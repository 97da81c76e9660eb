"""References to the record of an action, with the version that its caller saw."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Ref:
    """A record of a subject. *expected_version* is the version that the caller saw; None accepts any."""

    subject_id: UUID
    id: UUID
    expected_version: int | None = None

    def is_current(self, version: int) -> bool:
        """Whether *version* is the one that the caller saw, or any is accepted."""
        return self.expected_version in {None, version}


class CaseRef(Ref):
    """A reference to a restraint case."""

    __slots__ = ()


class ApplicationRef(Ref):
    """A reference to an application."""

    __slots__ = ()


class CorrectionRef(Ref):
    """A reference to a correction."""

    __slots__ = ()


class ObjectionRef(Ref):
    """A reference to an objection."""

    __slots__ = ()


class NotificationRef(Ref):
    """A reference to a notification."""

    __slots__ = ()
