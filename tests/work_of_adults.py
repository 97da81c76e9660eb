"""A unit of work without keys and files, for actions that ask how old a subject is."""

from datetime import date
from uuid import UUID

from storage.unit_of_work import SqlUnitOfWork


class WorkOfAdults(SqlUnitOfWork):
    """Every subject is of age: a bare one has no number that would state a birth date."""

    async def age_on(self, subject_id: UUID, day: date) -> int | None:  # noqa: ARG002 - whoever it is
        return None

    async def kind_of(self, subject_id: UUID) -> str | None:  # noqa: ARG002 - as above
        return "NATURAL_PERSON"

    async def attach_files(self, *_of: object) -> tuple[str, ...]:
        """Attach nothing: the evidence of these tests is file numbers."""
        return ()
