"""Checks who may import or export: a token or the operator states who acts, and the policy decides, as everywhere."""

from collections.abc import Sequence
from typing import Final

from consent.vocabulary import DataClass, Purpose
from credit.core.operator_acts import LONGEST_ACCOUNT, is_operator
from gateway.auth.accounts import is_account_reference
from gateway.auth.claims import NEEDS
from gateway.import_export.errors import ExchangeRefused, ImportRefusal
from gateway.import_export.reference_lists import Lists
from policy.actions import Action
from policy.actors import Actor
from policy.decisions import Decisions, Withheld
from queryplan.scopes import Scope

WRITTEN: Final = (DataClass.CASE_PROCEDURE, DataClass.SUBJECT)
"""The classes that an import writes: cases as they were collected, and their subjects [5.1.3]."""
COMPARED: Final = (DataClass.PERSON_NAME, DataClass.ORGANISATION_NAME, DataClass.FACTS)
"""The classes that an import must compare with the record."""


def check_actor(actor: Actor, lists: Lists) -> None:
    """Refuse a reference that names a person, a role without its department or area, and an unknown department.

    Raises ExchangeRefused. Later checks would not refuse an incomplete role: its scopes would just be empty.
    """
    account = actor.account
    is_too_long = is_operator(actor.ref) and len(account) > LONGEST_ACCOUNT
    if is_too_long or not is_account_reference(account):
        raise ExchangeRefused(ImportRefusal.REFERENCE)
    missing = [need for need in NEEDS.get(actor.role, ()) if getattr(actor, need) is None]
    if missing:
        raise ExchangeRefused(ImportRefusal.ROLE_INCOMPLETE, hint=", ".join(missing))
    if actor.department is not None and actor.department not in lists.reference.departments:
        raise ExchangeRefused(ImportRefusal.UNKNOWN_DEPARTMENT)


def admit_import(table: Decisions, actor: Actor, lists: Lists) -> Sequence[Scope]:
    """Return the scopes in which *actor* may import cases; raises ExchangeRefused, whose hint says who may."""
    scopes = admit_writing(table, actor, lists, Purpose.DETERMINATION, WRITTEN)
    for data_class in COMPARED:
        grants = table.read(actor.role, Purpose.DETERMINATION, data_class)
        if isinstance(grants, Withheld):
            raise ExchangeRefused(ImportRefusal.NOT_ADMITTED, hint=grants.unlock)
    return scopes


def admit_writing(
    table: Decisions, actor: Actor, lists: Lists, purpose: Purpose, classes: Sequence[DataClass]
) -> Sequence[Scope]:
    """Return the scopes in which *actor* may write the first of *classes*; raises ExchangeRefused."""
    check_actor(actor, lists)
    admitted: list[Sequence[Scope]] = []
    for data_class in classes:
        scopes = table.act(actor.role, purpose, data_class, Action.WRITE)
        if isinstance(scopes, Withheld):
            raise ExchangeRefused(ImportRefusal.NOT_ADMITTED, hint=scopes.unlock)
        admitted.append(scopes)
    return admitted[0]
