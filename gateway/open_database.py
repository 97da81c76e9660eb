"""Opens the database of a deployment: with its reading of *promptly*, and the bounds of its authorisations."""

from consent.disclosures.pending_groups import Tag
from consent.templates import Templates, catalogue
from gateway.settings.settings import Settings, connection_url
from storage.database.database import Database
from storage.database.limits import DatabaseLimits


def open_database(settings: Settings, limits: DatabaseLimits, tag: Tag | None) -> Database:
    """Return the database of *settings*; *tag* as in `Database.open`, for work that appends entries of the ledger."""
    return Database.open(
        connection_url(settings), limits, settings.publication_days, tag, authorisation_templates(settings)
    )


def authorisation_templates(settings: Settings) -> Templates:
    """Return what can be requested, and what of it is in force [5.1.6]."""
    return catalogue(settings.authorisation_longest_days, settings.authorisation_longest_days_before)
