"""Seals and masks the particulars of a registration, so that storage receives only sealed text.

Used by the mutation `registerSubject`, the import of files, and the demo's persons.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from credit.core.values.identifiers import IdNumber
from credit.subjects.registration import Registration
from credit.subjects.subject import Place, SealedText, identifier_kind
from policy.crypto.keyring import Keyring
from policy.crypto.masking import masks_for
from policy.crypto.subject_secrets import draw_secret
from storage.repositories.subjects.subject_secrets import NewSecret
from storage.repositories.subjects.subjects import NewIdentifier, NewSubject, SubjectKey


def sealed(keyring: Keyring, wrapped: bytes, place: Place, text: str | None, mask: str | None) -> SealedText | None:
    """Return *text* sealed for *place* beside its mask; None where there is no text."""
    return None if text is None or mask is None else SealedText(keyring.seal(text, place, wrapped), mask)


def new_subject(
    registration: Registration, keyring: Keyring, *, area_name: str, by: str, at: datetime, new_id: Callable[[], UUID]
) -> NewSubject:
    """Return *registration* as storage accepts it: sealed under the subject's own key, masked and indexed."""
    subject_id, identifier_id = new_id(), new_id()
    wrapped = keyring.new_key(subject_id)
    kind = identifier_kind(registration.kind)
    number = registration.identifier
    masks = masks_for(
        registration.kind,
        name=registration.name,
        number=number.text,
        phone=registration.phone,
        address=registration.address,
        area_name=area_name,
    )

    digests: list[tuple[Place, bytes]] = []

    def seal_item(table: str, column: str, row_id: UUID, text: str | None, mask: str | None) -> SealedText | None:
        place = Place(table, column, subject_id, row_id, 1)
        if text is not None:
            digests.append((place, keyring.content_digest(text, place, wrapped)))
        return sealed(keyring, wrapped, place, text, mask)

    name = seal_item("subjects", "name", subject_id, registration.name, masks.name)
    sealed_number = seal_item("identifiers", "number", identifier_id, number.text, masks.number)
    assert name is not None  # noqa: S101 - a registration has a name
    assert sealed_number is not None  # noqa: S101 - and a number
    return NewSubject(
        subject_id=subject_id,
        kind=registration.kind,
        area_code=registration.area_code,
        name=name,
        phone=seal_item("subjects", "phone", subject_id, registration.phone, masks.phone),
        address=seal_item("subjects", "address", subject_id, registration.address, masks.address),
        key=SubjectKey(wrapped, keyring.kek_id),
        identifiers=(
            NewIdentifier(
                identifier_id=identifier_id,
                kind=kind,
                number=sealed_number,
                derived=isinstance(number, IdNumber) and number.derived,
                term=keyring.term(kind, number.text),
                terms=keyring.terms(kind, number.text),
            ),
        ),
        registered_at=at,
        registered_by=by,
        capacities=registration.capacities,
        secret=new_secret(keyring, subject_id, wrapped, at, new_id()),
        digests=digests,
    )


def new_secret(keyring: Keyring, subject_id: UUID, wrapped: bytes, at: datetime, secret_id: UUID) -> NewSecret:
    """Return a secret for the subject with this wrapped key: what blinds its heads in the ledger [5.1.6]."""
    drawn = draw_secret(keyring, subject_id, wrapped)
    return NewSecret(subject_id, secret_id, at, drawn.digest, drawn.sealed, drawn.salt)


Areas = Mapping[str, str]
"""The district's areas: code to Chinese name."""
