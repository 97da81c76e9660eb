"""Which record an action is about, and at which version its caller saw it."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Ref:
    """A record of a subject. *expected_version* is the version that the caller saw; None where it does not care."""

    subject_id: UUID
    id: UUID
    expected_version: int | None = None

    def is_current(self, version: int) -> bool:
        """Whether the caller saw the record as it stands, or does not care."""
        return self.expected_version in {None, version}


class CaseRef(Ref):
    """Which restraint case."""

    __slots__ = ()


class ApplicationRef(Ref):
    """Which application."""

    __slots__ = ()


class CorrectionRef(Ref):
    """Which correction."""

    __slots__ = ()


class ObjectionRef(Ref):
    """Which objection."""

    __slots__ = ()


class NotificationRef(Ref):
    """Which notification."""

    __slots__ = ()
