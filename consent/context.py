"""What an action on authorisations is given besides its own arguments: who acts, when, new ids and chance.

Whoever calls gives one object to the actions of `consent` and of `credit`; here is what `consent` reads of it.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Protocol
from uuid import UUID


class ConsentCaller(Protocol):
    """Who acts, in which role. *subject* is whom a `subject` is; a delegate is known by *ref*."""

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
    def new_id(self) -> Callable[[], UUID]: ...

    @property
    def random(self) -> Callable[[int], bytes]: ...
