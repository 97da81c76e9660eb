"""The actor of a request: one person or service, in the one role in which it acts during this request."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from consent.vocabulary import KnownBy
from credit.core.operator_acts import account_of


class Role(StrEnum):
    """The roles. A request has exactly one."""

    ANONYMOUS = "anonymous"
    SUBJECT = "subject"
    AGENT = "agent"
    CLERK = "clerk"
    HANDLER = "handler"
    REVIEWER = "reviewer"
    HEAD = "head"
    REGULATOR = "regulator"
    ASSOCIATION = "association"
    PLATFORM = "platform"
    OFFICE = "office"
    AUDITOR = "auditor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Actor:
    """The caller, as its verified token describes it.

    *ref* is a staff or account reference, never a name or an identity number; records have it, and it says where the
    operator acts on behalf of an account (`credit.core.operator_acts`). *area* is a division code of
    which every area below it is part (`370305` is the whole of Linzi). *subject* is the subject id of a
    `subject`. An `agent` is a delegate; the recorded delegations give the subjects that it acts for, by its *ref*.
    *known_by* is how it was known who acts. *client* is the application by which it calls, where its token names one:
    settings of applications are by it, and no decision on data is.
    """

    ref: str
    role: Role
    department: str | None = None
    sector: str | None = None
    area: str | None = None
    subject: UUID | None = None
    known_by: KnownBy = KnownBy.TOKEN
    client: str | None = None

    @property
    def account(self) -> str:
        """The account that acts, or on whose behalf the operator does: what it sees, and what it is charged with."""
        return account_of(self.ref)


ANONYMOUS = Actor(ref="anonymous", role=Role.ANONYMOUS)
