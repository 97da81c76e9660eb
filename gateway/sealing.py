"""A unit of work that can seal: keys and archive meet here, and neither the archive nor the rules see a key."""

from credit.errors import UnknownCase
from credit.subjects import Kept, Place, Sealed
from policy.keys import Keyring
from policy.masking import mask_text
from storage.engine import Database
from storage.unit_of_work import UnitOfWork


class SealingWork(UnitOfWork):
    """The promise of `credit.ports.Sealing`, over one transaction of *database*."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        super().__init__(database)
        self._keyring = keyring

    async def seal(self, place: Place, text: str) -> Kept:
        """Return *text* sealed for *place* under its subject's key, beside its mask; raises UnknownCase."""
        return Kept(self._keyring.seal(text, place, await self._key(place)), mask_text(text))

    async def reseal(self, sealed: Sealed, place: Place) -> bytes:
        """Return what is sealed, sealed for another place of the same subject. Its text goes nowhere else."""
        return self._keyring.reseal(sealed, place)

    async def _key(self, place: Place) -> bytes:
        key = await self.subjects.key(place.subject_id)
        if key is None:
            raise UnknownCase
        return key.wrapped
