"""Handles to the records of the sample data, with the plaintext of what is sealed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from credit.core.values.identifiers import IdentifierKind
from credit.subjects.subject import SubjectKind, identifier_kind
from gateway.auth.dev_issuer import Persona
from policy.actors import Actor, Role
from policy.crypto.keyring import Keyring
from queryplan.entities import Entity
from schema.core.global_ids import encode
from tests.builders.district import ACTORS, Ids, persona


@dataclass(frozen=True, slots=True)
class Party:
    """A subject, with the plaintext of its sealed fields."""

    subject_id: UUID
    kind: SubjectKind
    area: str
    name: str
    number: str
    phone: str | None
    address: str | None
    wrapped: bytes

    @property
    def gid(self) -> str:
        return encode(Entity.SUBJECT, self.subject_id)

    @property
    def number_kind(self) -> IdentifierKind:
        return identifier_kind(self.kind)

    @property
    def document(self) -> dict[str, Any]:
        """What its identity document shows, as a `person` of an input."""
        area = encode(Entity.AREA, self.area)
        return {"kind": self.kind.value, "name": self.name, "number": self.number, "area": area}

    @property
    def itself(self) -> Actor:
        """The subject as an actor."""
        return Actor(f"account-{self.subject_id.hex[:12]}", Role.SUBJECT, subject=self.subject_id)


@dataclass(frozen=True, slots=True)
class Case:
    """A restraint case, and in clear what is sealed of it."""

    subject_id: UUID
    case_id: UUID
    number: str
    facts: str
    evidence: str
    notes: str

    @property
    def gid(self) -> str:
        return encode(Entity.RESTRAINT_CASE, self.subject_id, self.case_id)


@dataclass(frozen=True, slots=True)
class Held:
    """Anything else that belongs to a subject: an application, an authorisation, a delegation."""

    entity: Entity
    subject_id: UUID
    row_id: UUID

    @property
    def gid(self) -> str:
        return encode(self.entity, self.subject_id, self.row_id)


@dataclass(slots=True)
class World:
    """Handles to everything that was put there, by the names that tests use."""

    keyring: Keyring
    new_id: Ids
    parties: dict[str, Party] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)

    def party(self, name: str) -> Party:
        return self.parties[name]

    def case(self, name: str) -> Case:
        return self.cases[name]

    def application(self, name: str) -> Held:
        return self.held[f"application {name}"]

    def authorisation(self, name: str) -> Held:
        return self.held[f"authorisation {name}"]

    def actor(self, name: str) -> Actor:
        """Give the actor of this name, or the subject itself."""
        return ACTORS[name] if name in ACTORS else self.parties[name].itself

    def personas(self) -> Sequence[Persona]:
        """Give a persona for every actor but the anonymous one, for the development issuer."""
        actors = {**ACTORS, **{name: party.itself for name, party in self.parties.items()}}
        return [persona(name, actor) for name, actor in actors.items() if actor.role is not Role.ANONYMOUS]
