"""Which scope of SUBJECT the scope of another record stands for, where its rows show their subject [5.1.6].

A joined `subject { … }` shows its columns in the rows of the record that are in the scope of the column. The same word
means another condition for each entity, so this table says for each pair how far it reaches. A pair that is granted and
missing here fails `tests/architecture/test_subjects_of_records.py`; one that reaches further than it says fails
`tests/storage/queries/test_subjects_of_records.py`.
"""

from collections.abc import Mapping
from typing import Final

from queryplan.entities import Entity
from queryplan.scopes import Scope

Pair = tuple[Entity, Scope]

_SUBJECTS_OWN: Final = "own delegated delegated-contact delegated-restraint"
_SAME: Final = {
    Entity.ACCESS_ENTRY: f"{_SUBJECTS_OWN} reviewing-open",
    Entity.APPLICATION: f"{_SUBJECTS_OWN} filed filed-open reviewing-open",
    Entity.AUTHORISATION: _SUBJECTS_OWN,
    Entity.CONSULTATION_LINE: _SUBJECTS_OWN,
    Entity.CORRECTION: f"{_SUBJECTS_OWN} department department-open assigned assigned-open reviewing reviewing-open",
    Entity.CREDIT_CHECK: f"{_SUBJECTS_OWN} filed filed-open",
    Entity.DELETION_DUTY: f"{_SUBJECTS_OWN} submitted-open",
    Entity.DELEGATION: f"{_SUBJECTS_OWN} submitted-open recorded-contested",
    Entity.ENTRY_DELAY: _SUBJECTS_OWN,
    Entity.EVIDENCE_FILE: f"{_SUBJECTS_OWN} filed filed-open submitted-open department department-open assigned "
    "assigned-open reviewing-open recorded-contested contested-here to-confirm sector-area",
    Entity.FOCUSED_CHECK: f"{_SUBJECTS_OWN} checked sector-area",
    Entity.INCENTIVE_GRANT: f"{_SUBJECTS_OWN} filed filed-open",
    Entity.NOTIFICATION: f"{_SUBJECTS_OWN} filed filed-open submitted-open department department-open assigned "
    "assigned-open",
    Entity.OBJECTION: f"{_SUBJECTS_OWN} department department-open assigned assigned-open reviewing-open",
    Entity.REGISTRATION: _SUBJECTS_OWN,
    Entity.RESTRAINT_CASE: f"{_SUBJECTS_OWN} department department-open assigned assigned-open reviewing "
    "reviewing-open sector-area restrained published to-confirm",
    Entity.WORK_ITEM: f"{_SUBJECTS_OWN} filed filed-open submitted-open department-open assigned assigned-open "
    "reviewing-open contested-here to-confirm",
}  # fmt: skip
"""The pairs whose subjects are in the same scope of SUBJECT."""

STANDS_FOR: Final[Mapping[Pair, tuple[Scope, ...]]] = {
    **{(entity, Scope(word)): (Scope(word),) for entity, words in _SAME.items() for word in words.split()},
    (Entity.WORK_ITEM, Scope.REVIEWING): (Scope.REVIEWING, Scope.REVIEWING_OPEN),
}
"""By entity and scope: the scopes of SUBJECT of which one has the subject of each row."""

EXISTENCE: Final[Mapping[Pair, str]] = {
    (Entity.AUTHORISATION, Scope.CONTESTED_HERE): "what it has decided, too",
    (Entity.EVIDENCE_FILE, Scope.SUBMITTED): "the papers of what the department asked for",
    (Entity.NOTIFICATION, Scope.SUBMITTED): "what the window was notified of",
    (Entity.DELETION_DUTY, Scope.SUBMITTED): "what the department or the association received and has to delete",
    (Entity.DELEGATION, Scope.SUBMITTED): "what the office recorded",
    (Entity.DELEGATION, Scope.RECORDED): "what the office recorded, and may end",
    (Entity.EVIDENCE_FILE, Scope.RECORDED): "the papers of what the office recorded",
    (Entity.WORK_ITEM, Scope.SUBMITTED): "what the department received and has to delete, too",
    (Entity.WORK_ITEM, Scope.RECORDED_CONTESTED): "the head decides on contested papers and guardianships",
    (Entity.OBJECTION, Scope.REVIEWING): "what it has answered",
    (Entity.EVIDENCE_FILE, Scope.REVIEWING): "the files of what it has answered",
}
"""Pairs that reach further and show that there is somebody (class SUBJECT), and nothing of who it is."""

MASKED: Final[Mapping[Pair, str]] = {
    (Entity.AUTHORISATION, Scope.DEPARTMENT): "the head decides on contested papers of its department [6.1]",
    (Entity.DELETION_DUTY, Scope.DEPARTMENT): "the head supervises what the department has to delete [6.1]",
    (Entity.OBJECTION, Scope.FILED): "what the officer entered on paper [5.1.4(6)]",
    (Entity.WORK_ITEM, Scope.DEPARTMENT): "the head supervises the window and decides on contested papers [6.1]",
}
"""Pairs that reach further and show a masked name at most; clear ones only in other pairs of the table."""

FURTHER: Final[Mapping[Pair, str]] = {
    (Entity.OBJECTION, Scope.FILED_OPEN): "who entered an objection on paper sees whose it is until the answer",
    (Entity.TARGET_CHANGE, Scope.SECTOR_AREA): "the subject is joined by `target_id`, which is null once it has left",
}
"""Pairs that reach further, and why they may."""
