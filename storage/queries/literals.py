"""Words and numbers of ours as text of the statement: PostgreSQL would plan a bind again on every call."""

from sqlalchemy import ColumnElement, Integer, String, literal_column


def word(text: str) -> ColumnElement[str]:
    """Return a word of ours; never text from outside."""
    return literal_column(f"'{text}'", String())


def number(value: int) -> ColumnElement[int]:
    """Return a number."""
    return literal_column(str(int(value)), Integer())
