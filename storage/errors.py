"""Errors of the database layer and of query plans.

StorageError
├── UnknownDatabase            the URL names no database that we can open
├── DatabaseClosed             a read or a write after close()
├── SessionOver                a statement after its transaction or snapshot ended
├── SubjectAlreadyRegistered   an identifier is another subject's, or the subject is there already
├── AuthorisationUsedUp        a use was asked of an authorisation that is not live or has none left
├── AccessNotRecorded          the database did not take an access entry: then nothing may be released
├── Stale                      somebody else changed the row since it was loaded
├── InvalidPlan                a plan that the archive cannot carry out, or must not
│   ├── UnknownColumn          the entity has no column of this name, or not in this form
│   ├── UnknownRelation        the entity has no step of this name, or the statement no such alias
│   ├── Unscoped               a statement over personal records that nothing narrows
│   ├── NoConsentJoined        a column asks for an authorisation in a statement that joins none
│   └── NotATotalOrder         pages of this order could lose or repeat rows
└── WrongBind                  a bind is missing or of another type than its column

Messages carry references at most: never an identifier, a blind-index term, a mask or a URL, which may hold a password.
"""

from uuid import UUID


class StorageError(Exception):
    """Whatever the archive refuses by name."""


class UnknownDatabase(StorageError):
    """The URL names no database that we can open."""

    def __init__(self) -> None:
        super().__init__(
            "the database URL must be sqlite:///relative/path, sqlite:////absolute/path or postgresql://user@host/name"
        )


class DatabaseClosed(StorageError):
    """A read or a write was asked for after the archive was closed."""

    def __init__(self) -> None:
        super().__init__("the archive is closed")


class SessionOver(StorageError):
    """A statement was asked for after its transaction or snapshot had ended; a bug of the caller."""

    def __init__(self) -> None:
        super().__init__("this transaction or snapshot is over")


class SubjectAlreadyRegistered(StorageError):
    """An identifier belongs to a registered subject already. Whose, is not said."""

    def __init__(self) -> None:
        super().__init__("a subject with this identifier is registered already")


class AuthorisationUsedUp(StorageError):
    """An authorisation is not live, or every use that it allowed has been made."""

    code = "AUTHORISATION_USED_UP"
    """What the counter says why nothing is shown."""

    def __init__(self, authorisation_id: UUID) -> None:
        super().__init__(f"authorisation {authorisation_id} has no use left")
        self.authorisation_id = authorisation_id


class AccessNotRecorded(StorageError):
    """The database did not take an access entry. What was read must not be released."""

    def __init__(self) -> None:
        super().__init__("the access could not be recorded")


class Stale(StorageError):
    """Somebody else changed the row since it was loaded; load it again."""

    def __init__(self, what: str, row_id: UUID) -> None:
        super().__init__(f"{what} {row_id} was changed by somebody else")
        self.row_id = row_id


class InvalidPlan(StorageError):
    """A plan that the archive cannot carry out, or must not."""


class UnknownColumn(InvalidPlan):
    """The entity has no column of this name, or none that can be used in this way."""

    def __init__(self, table: str, name: str) -> None:
        super().__init__(f"{table} has no column {name} that can be read so")


class UnknownRelation(InvalidPlan):
    """The entity has no step of this name, or the statement no such alias."""

    def __init__(self, table: str, name: str) -> None:
        super().__init__(f"{table} has no step or alias {name}")


class Unscoped(InvalidPlan):
    """A statement over personal records names no scope, no authorisation and no parent [5.1.6]."""

    def __init__(self, table: str) -> None:
        super().__init__(f"nothing narrows the rows of {table}; name a scope, be it Scope.ALL")


class NoConsentJoined(InvalidPlan):
    """A column asks what an authorisation includes, and the statement joins none."""

    def __init__(self, table: str) -> None:
        super().__init__(f"a column of {table} depends on an authorisation, and the statement names no purpose")


class NotATotalOrder(InvalidPlan):
    """The order could leave two rows in the same place, so that pages lose or repeat one."""

    def __init__(self, table: str, row_id: str) -> None:
        super().__init__(f"the order of a page of {table} must include {row_id}")


class WrongBind(StorageError):
    """A bind is missing, or of another type than what it is compared with. The value is not told."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the bind {name} is missing or of the wrong type")
        self.name = name
