"""The archive's refusals.

StorageError
├── UnknownDatabase            the URL names no database that we can open
├── ArchiveClosed              a read or a write after close()
├── SubjectAlreadyRegistered   an identifier is another subject's, or the subject is there already
├── AuthorisationUsedUp        a use was asked of an authorisation that is not live or has none left
└── Stale                      somebody else changed the row since it was loaded

Messages carry references at most: never an identifier, a blind-index term, a mask or a URL, which may hold a password.
"""

from uuid import UUID


class StorageError(Exception):
    """Whatever the archive refuses by name."""


class UnknownDatabase(StorageError):  # noqa: N818 - the class is the reason
    """The URL names no database that we can open."""

    def __init__(self) -> None:
        super().__init__(
            "the database URL must be sqlite:///relative/path, sqlite:////absolute/path or postgresql://user@host/name"
        )


class ArchiveClosed(StorageError):  # noqa: N818 - the class is the reason
    """A read or a write was asked for after the archive was closed."""

    def __init__(self) -> None:
        super().__init__("the archive is closed")


class SubjectAlreadyRegistered(StorageError):  # noqa: N818 - the class is the reason
    """An identifier belongs to a registered subject already. Whose, is not said."""

    def __init__(self) -> None:
        super().__init__("a subject with this identifier is registered already")


class AuthorisationUsedUp(StorageError):  # noqa: N818 - the class is the reason
    """An authorisation is not live, or every use that it allowed has been made."""

    def __init__(self, authorisation_id: UUID) -> None:
        super().__init__(f"authorisation {authorisation_id} has no use left")
        self.authorisation_id = authorisation_id


class Stale(StorageError):  # noqa: N818 - the class is the reason
    """Somebody else changed the row since it was loaded; load it again."""

    def __init__(self, what: str, row_id: UUID) -> None:
        super().__init__(f"{what} {row_id} was changed by somebody else")
        self.row_id = row_id
