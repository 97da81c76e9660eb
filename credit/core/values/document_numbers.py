"""Numbers that authorities give to cases, applications and documents: 试〔2026〕1号."""

from credit.core.values.references import parse_reference


def parse_document_number(raw: str, longest: int) -> str:
    """Read the number of a document. Raises InvalidItem."""
    return parse_reference(raw, longest)
