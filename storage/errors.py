"""Errors of the database layer and of query plans.

StorageError
├── UnknownDatabase            the URL names no database that we can open
├── DatabaseUnavailable        the database does not answer, or cannot do its work now
├── DatabaseClosed             a read or a write after close()
├── SessionOver                a statement after the end of its transaction or snapshot
├── SubjectAlreadyRegistered   an identifier belongs to another subject, or the subject is registered already
├── AuthorisationUsedUp        the authorisation is not live, or has no use left
├── AccessNotRecorded          the database did not store an access entry: then nothing may be released
├── TreeMoved                  the tree of a log is not the one that was read
├── Stale                      another transaction changed the row since it was loaded
├── InvalidPlan                a plan that storage cannot run, or must not run
│   ├── UnknownColumn          the entity has no column of this name, or not in this form
│   ├── UnknownRelation        the entity has no relation of this name, or the statement no such alias
│   ├── Unscoped               a statement over personal records without scope, authorisation or parent
│   ├── NoConsentJoined        a column asks for an authorisation in a statement that joins none
│   └── NotATotalOrder         pages in this order could lose or repeat rows
└── WrongBind                  a bind is missing or of another type than its column

Messages carry references at most: never an identifier, a blind-index term, a mask or a URL, which may hold a password.
"""

from enum import StrEnum
from uuid import UUID

from queryplan.plan import StoreUnavailable


class StorageError(Exception):
    """The base of every error that storage raises by name."""


class UnknownDatabase(StorageError):
    """The URL names no database that we can open."""

    def __init__(self) -> None:
        super().__init__(
            "the database URL must be sqlite:///relative/path, sqlite:////absolute/path or postgresql://user@host/name"
        )


class Outage(StrEnum):
    """Why the database is not available. Stable words, for logs."""

    UNREACHABLE = "unreachable"
    """It gives no answer, or does not accept a connection."""
    SLOW = "slow"
    """A statement took longer than it may, and was stopped."""
    LOCKED = "locked"
    """Another transaction holds a lock for longer than we wait, or waits for ours while we wait for its."""
    BUSY = "busy"
    """All of our connections are in use for longer than we wait."""
    FULL = "full"
    """Its disk, memory or number of connections is used up, or its disk fails."""
    READ_ONLY = "read-only"
    """It takes no writes."""


class DatabaseUnavailable(StorageError, StoreUnavailable):
    """The database does not answer, or cannot do its work now. A write may have become durable all the same."""

    code = "DATABASE_UNAVAILABLE"
    """The code of the refusal that the client sees."""

    def __init__(self, outage: Outage) -> None:
        super().__init__(f"the database is not available: {outage}")
        self.outage = outage


class DatabaseClosed(StorageError):
    """A read or a write came after the database was closed."""

    def __init__(self) -> None:
        super().__init__("the archive is closed")


class SessionOver(StorageError):
    """A statement came after the end of its transaction or snapshot; a bug of the caller."""

    def __init__(self) -> None:
        super().__init__("this transaction or snapshot is over")


class TreeMoved(StorageError):
    """The tree of a log is not the one that was read: another sequencer advanced it, or the database was restored."""

    def __init__(self) -> None:
        super().__init__("the tree of a log is not the one that was read")


class SubjectAlreadyRegistered(StorageError):
    """An identifier belongs to a registered subject already. The error does not say to which subject."""

    def __init__(self) -> None:
        super().__init__("a subject with this identifier is registered already")


class AuthorisationUsedUp(StorageError):
    """An authorisation is not live, or has no use left."""

    code = "AUTHORISATION_USED_UP"
    """The code of the refusal that the client sees."""

    def __init__(self, authorisation_id: UUID) -> None:
        super().__init__(f"authorisation {authorisation_id} has no use left")
        self.authorisation_id = authorisation_id


class AccessNotRecorded(StorageError):
    """The database did not store an access entry. What was read must not be released."""

    def __init__(self) -> None:
        super().__init__("the access could not be recorded")


class Stale(StorageError):
    """Another transaction changed the row since it was loaded; load it again."""

    def __init__(self, what: str, row_id: UUID) -> None:
        super().__init__(f"{what} {row_id} was changed by somebody else")
        self.row_id = row_id


class InvalidPlan(StorageError):
    """A plan that storage cannot run, or must not run."""


class UnknownColumn(InvalidPlan):
    """The entity has no column of this name, or none that can be used in this way."""

    def __init__(self, table: str, name: str) -> None:
        super().__init__(f"{table} has no column {name} that can be read so")


class UnknownRelation(InvalidPlan):
    """The entity has no relation of this name, or the statement no such alias."""

    def __init__(self, table: str, name: str) -> None:
        super().__init__(f"{table} has no step or alias {name}")


class Unscoped(InvalidPlan):
    """A statement over personal records names no scope, no authorisation and no parent [5.1.6]."""

    def __init__(self, table: str) -> None:
        super().__init__(f"nothing narrows the rows of {table}; name a scope, be it Scope.ALL")


class NoConsentJoined(InvalidPlan):
    """A column depends on the scope of an authorisation, and the statement joins no authorisation."""

    def __init__(self, table: str) -> None:
        super().__init__(f"a column of {table} depends on an authorisation, and the statement names no purpose")


class NotATotalOrder(InvalidPlan):
    """The order could give two rows the same position, so that pages lose or repeat one."""

    def __init__(self, table: str, row_id: str) -> None:
        super().__init__(f"the order of a page of {table} must include {row_id}")


class WrongBind(StorageError):
    """A bind is missing, or has another type than its column. The message does not quote the value."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the bind {name} is missing or of the wrong type")
        self.name = name
