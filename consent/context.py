"""What every action on authorisations gets besides its own arguments: the caller, the time, new ids, random bytes.

The actions of `consent` and of `credit` get the same object; this is the part of it that `consent` reads.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Protocol
from uuid import UUID


class ConsentCaller(Protocol):
    """The caller and its role.

    *subject* is the id of a caller in the role `subject`; a delegate has a *ref* only.
    """

    @property
    def ref(self) -> str: ...

    @property
    def role(self) -> str: ...

    @property
    def department(self) -> str | None: ...

    @property
    def subject(self) -> UUID | None: ...


class ConsentContext(Protocol):
    """The caller, the instant (UTC), the day in Asia/Shanghai, and sources of new ids and of random bytes."""

    @property
    def actor(self) -> ConsentCaller: ...

    @property
    def now(self) -> datetime: ...

    @property
    def today(self) -> date: ...

    @property
    def registration_days(self) -> int:
        """For how many days a window sees whom it has put on record, while nothing is filed there."""
        ...

    @property
    def new_id(self) -> Callable[[], UUID]: ...

    @property
    def random(self) -> Callable[[int], bytes]: ...
