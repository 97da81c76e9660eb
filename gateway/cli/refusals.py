"""Refusals of what the commands call, and what would help. Loaded when there is one: it imports most of the gateway."""

from sqlalchemy.exc import DBAPIError

from credit.core.errors import CalendarRefused
from credit.policy_texts.refusals import DataFileRefused
from gateway.auth.dev_issuer import DevIssuerRefused
from gateway.demo.bootstrap import DemoRefused
from gateway.documents.errors import DocumentsRefused
from gateway.load_reference import ReferenceRefused
from gateway.server import ServingRefused
from gateway.settings.settings import SettingRefused
from policy.crypto.field_encryption import SealBroken
from policy.crypto.key_file import KeyFileRefused
from policy.errors import PolicyRefused
from policy.rules import FILES
from storage.errors import DatabaseUnavailable, UnknownDatabase

SETTINGS = "every setting is described in docs/operations.md"
HINTS: tuple[tuple[type[Exception], str], ...] = (
    (SettingRefused, SETTINGS),
    (DataFileRefused, "the files of that kind under credit/ show the form"),
    (CalendarRefused, "credit/calendar/data shows the form; nothing was entered"),
    (DevIssuerRefused, SETTINGS),
    (PolicyRefused, "mend the row, then run 'chengxin policy check'"),
    (KeyFileRefused, "CHENGXIN_KEK_FILE names the file; only its owner may be able to read it"),
    (SealBroken, "the value is damaged, and nothing was written; restore its row from a backup, or correct its record"),
    (UnknownDatabase, "set CHENGXIN_DATABASE_URL to sqlite:///path/to/file or postgresql://user@host/database"),
    (DatabaseUnavailable, "see that the database runs, and that CHENGXIN_DATABASE_URL names it"),
    (DBAPIError, "see that the database runs, and that CHENGXIN_DATABASE_URL names it"),
    (OSError, SETTINGS),
)
REFUSALS: tuple[type[Exception], ...] = (
    ServingRefused,
    DemoRefused,
    DocumentsRefused,
    ReferenceRefused,
    *(kind for kind, _ in HINTS),
)
"""Reported in two lines. Any other exception is a bug, and keeps its traceback."""


def explain_error(error: Exception) -> tuple[str, str]:
    """Return the two lines of a refusal."""
    if isinstance(error, PolicyRefused) and not error.line:
        return _message(error), f"a policy is a folder with {', '.join(FILES)}"
    hint = getattr(error, "hint", "") or next(hint for kind, hint in HINTS if isinstance(error, kind))
    return _message(error), hint


def _message(error: Exception) -> str:
    # A message of the database or the system may quote a row or an address: report its class only.
    if isinstance(error, DBAPIError):
        return f"the database refused ({type(error.orig or error).__name__})"
    if isinstance(error, OSError):
        about = f": {error.filename}" if error.filename else ""
        return f"{(error.strerror or type(error).__name__).lower()}{about}"
    return str(error).rstrip(".")
