"""What an act of the system's operator says of itself, at a command that no account is named for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID

from consent.leaves.provenance import Provenance
from consent.vocabulary import Channel, KnownBy
from credit.calendar.deadlines import civil_date
from credit.core.context import Caller

OPERATOR: Final = "operator"
"""The account and the role of the record: whoever runs the command has no account here."""


@dataclass(frozen=True, slots=True)
class OperatorContext:
    """The operator as the caller of an act, the instant (UTC), and the sources of new ids and of random bytes."""

    now: datetime
    new_id: Callable[[], UUID]
    random: Callable[[int], bytes]
    registration_days: int = 0
    actor: Caller = field(default_factory=lambda: Caller(OPERATOR, OPERATOR))

    @property
    def today(self) -> date:
        """The day in Asia/Shanghai."""
        return civil_date(self.now)

    def provenance(self) -> Provenance:
        """Return by which way the acts of one command come in."""
        return Provenance(Channel.COMMAND_LINE, KnownBy.OPERATOR, self.new_id())
