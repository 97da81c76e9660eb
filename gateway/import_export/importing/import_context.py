"""The context of an import, and who may write in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from consent.leaves.provenance import Provenance
from consent.vocabulary import Channel, DataClass, Purpose
from gateway.import_export.authorize import admit_writing
from gateway.import_export.reference_lists import Lists
from gateway.services import Services
from policy.actors import Actor
from queryplan.scopes import Scope


@dataclass(frozen=True, slots=True)
class ImportContext:
    """The services, the actor, the reference lists, and the instant of the import."""

    services: Services
    actor: Actor
    lists: Lists
    now: datetime
    request_id: UUID
    """The same in every record and every entry of one import."""

    @property
    def today(self) -> date:
        """The date in Asia/Shanghai."""
        return self.services.runtime.today(self.now)

    @property
    def provenance(self) -> Provenance:
        """By which way its acts come in."""
        return Provenance(Channel.COMMAND_LINE, self.actor.known_by, self.request_id)

    def admit_writing(self, purpose: Purpose, classes: Sequence[DataClass]) -> Sequence[Scope]:
        """Return the scopes in which the actor may write the first of *classes*; raises ExchangeRefused."""
        return admit_writing(self.services.policy, self.actor, self.lists, purpose, classes)
