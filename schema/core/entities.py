"""How entities appear in the schema: the types of a subject, and the class that admits a row."""

from consent.vocabulary import DataClass
from credit.subjects.subject import SubjectKind
from queryplan.entities import Entity

KIND_OF: dict[str, str] = {
    "NaturalPerson": SubjectKind.NATURAL_PERSON.value,
    "LegalPerson": SubjectKind.LEGAL_PERSON.value,
    "SoleTrader": SubjectKind.SOLE_TRADER.value,
    "OtherOrganisation": SubjectKind.OTHER_ORGANISATION.value,
}
"""The concrete types of a subject, and the kind that a row of each has."""

_CLASS_OF = {entity: DataClass(entity.spec.data_class) for entity in Entity}


def data_class_of(entity: Entity) -> DataClass:
    """Return the class that a caller must be allowed to read before a row of *entity* is looked up by its id."""
    return _CLASS_OF[entity]
