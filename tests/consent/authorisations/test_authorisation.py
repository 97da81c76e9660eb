"""The status of an authorisation is derived from its facts [5.1.6]."""

from dataclasses import fields, replace

import pytest

from consent.authorisation import Authorisation, Status, status_of
from consent.delegation import Delegation
from consent.leaves.access_entries import AccessEntry
from consent.leaves.consent_events import ConsentEvent
from consent.leaves.provenance import COLUMNS as PROVENANCE
from storage import tables
from tests.consent.samples import NOW, TODAY, day, delegated, live, on_paper, requested, used


@pytest.mark.parametrize(
    ("case", "authorisation", "today", "status"),
    [
        ("asked, not answered", requested(), TODAY, Status.REQUESTED),
        ("silence on the last day is still a question", requested(), day(30), Status.REQUESTED),
        ("silence is not consent", requested(), day(31), Status.LAPSED),
        ("refused", replace(requested(), refused_at=NOW), TODAY, Status.REFUSED),
        ("a refusal stays one", replace(requested(), refused_at=NOW), day(31), Status.REFUSED),
        ("granted", live(), TODAY, Status.LIVE),
        ("the last day counts", live(), day(30), Status.LIVE),
        ("the day after does not", live(), day(31), Status.EXPIRED),
        ("one use left", used(live(), 2), TODAY, Status.LIVE),
        ("no use left", used(live(), 3), TODAY, Status.USED_UP),
        ("expired and used up", used(live(), 3), day(31), Status.EXPIRED),
        ("withdrawn", replace(live(), withdrawn_at=NOW), TODAY, Status.WITHDRAWN),
        ("withdrawn stays withdrawn", replace(live(), withdrawn_at=NOW), day(31), Status.WITHDRAWN),
        ("on paper", on_paper(), TODAY, Status.LIVE),
        ("on paper, after a contest", replace(on_paper(), held_at=NOW), TODAY, Status.UNCONFIRMED),
        ("on paper, after a contest, too late", replace(on_paper(), held_at=NOW), day(31), Status.EXPIRED),
        ("confirmed", replace(on_paper(), held_at=NOW, confirmed_at=NOW), TODAY, Status.LIVE),
        ("contested", replace(on_paper(), contested_at=NOW), TODAY, Status.CONTESTED),
        ("contested after its end", replace(on_paper(), contested_at=NOW), day(31), Status.CONTESTED),
        ("contested, then withdrawn", replace(on_paper(), contested_at=NOW, withdrawn_at=NOW), TODAY, Status.WITHDRAWN),
    ],
)
def test_status(case, authorisation, today, status):
    assert authorisation.status(today) is status
    assert authorisation.is_live(today) is (status is Status.LIVE)


def test_status_from_raw_columns():
    assert status_of(NOW, None, None, None, None, None, TODAY, 1, 0, TODAY) is Status.LIVE
    assert status_of(NOW, None, None, None, None, None, TODAY, 1, 1, TODAY) is Status.USED_UP


@pytest.mark.parametrize(
    ("record", "table"),
    [
        (Authorisation, tables.authorisations),
        (Delegation, tables.delegations),
        (AccessEntry, tables.access_entries),
        (ConsentEvent, tables.consent_events),
    ],
)
def test_the_fields_are_the_columns(record, table):
    named = {field.name for field in fields(record)}
    if "request" in named:
        named = named - {"request"} | set(PROVENANCE)
    assert named == set(table.columns.keys())


def test_what_staff_typed_stays_out_of_the_repr():
    assert "LZ-2026-0012" not in repr(on_paper())


@pytest.mark.parametrize(
    ("case", "changes", "today", "is_live"),
    [
        ("on its first day", {}, TODAY, True),
        ("before it", {"starts_on": day(1)}, TODAY, False),
        ("on its last day", {}, day(10), True),
        ("after it", {}, day(11), False),
        ("withdrawn", {"withdrawn_at": NOW}, TODAY, False),
    ],
)
def test_a_delegate_acts_while_the_recorded_authority_lasts(case, changes, today, is_live):
    delegation = delegated()
    assert replace(delegation, **changes).is_live(today) is is_live
    assert "LZ-POA-1" not in repr(delegation)
