"""The roots of subjects: one by its id or its number, and the caller's own [4.1]."""

import strawberry

from credit.core.values.identifiers import IdentifierKind
from queryplan.entities import Entity
from schema.core.fields import RootLookup, RootSource, planned
from schema.subjects.types import Subject


@strawberry.type(description="Subjects [3.2].")
class SubjectQuery:
    @planned(RootSource(RootLookup.ID, Entity.SUBJECT), "One subject by its global id.")
    def subject(self, id: strawberry.ID) -> Subject | None: ...

    @planned(
        RootSource(RootLookup.IDENTIFIER, Entity.SUBJECT),
        "One subject by its exact identifier: the query of the service window [4.1]. The number is normalised (spaces, "
        "full-width digits, 15 digits) and never quoted back. Give it as a variable, not in the document.",
    )
    def subject_by_identifier(self, kind: IdentifierKind, number: str) -> Subject | None: ...

    @planned(
        RootSource(RootLookup.OWN, Entity.SUBJECT),
        "The subject that the caller is, or acts for by a recorded authority; `id` chooses among several.",
    )
    def my_subject(self, id: strawberry.ID | None = None) -> Subject | None: ...
