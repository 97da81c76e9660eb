"""In-app notifications: every message to a subject or a department has a text, without personal data."""

import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from consent.authorisations.records import RECIPIENTS as TOLD_OF_CONSENT
from consent.leaves.consent_events import Event
from credit.cases.actions.take_step import RECIPIENTS
from credit.cases.steps import StepName
from credit.notifications.topics import BY_TOPIC, Audience, NotificationTopic, notification_of

ROOT = Path(__file__).parents[3]
AT = datetime(2026, 2, 11, 2, tzinfo=UTC)
SUBJECT, CASE, PAPER = UUID(int=1), UUID(int=2), UUID(int=3)
ABOUT = {"to": "subject", "subject_id": str(SUBJECT), "case_id": str(CASE), "department_code": "LZ-SCJG"}


def wire(prefix: str, name: str) -> str:
    return f"{prefix}.{name.lower().replace('_', '-')}"


@pytest.mark.parametrize(
    "step", [step for step, notification in RECIPIENTS.items() if {"subject", "department"} & set(notification)]
)
def test_every_step_with_a_notification_has_a_text(step: StepName) -> None:
    assert wire("restraint-case", step) in BY_TOPIC


@pytest.mark.parametrize("event", TOLD_OF_CONSENT)
def test_every_event_of_an_authorisation_with_a_notification_has_a_text(event: Event) -> None:
    assert wire("authorisation", event) in BY_TOPIC


@pytest.mark.parametrize("topic", NotificationTopic)
def test_the_texts_are_two_sentences_without_personal_data(topic: NotificationTopic) -> None:
    assert topic.zh.endswith("。")
    assert topic.en.endswith(".")
    assert topic.clause
    assert not re.search(r"[{}%\d]", topic.zh + topic.en)


def test_every_topic_is_used() -> None:
    """A text for a topic that no code uses would be dead."""
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in (*ROOT.glob("credit/**/*.py"), *ROOT.glob("consent/*.py"))
        if path.parent.name != "notifications"
    )
    for topic in NotificationTopic:
        noun, verb = topic.topic.split(".")
        # As a step or an event, whose name is the verb; or as it is written.
        assert f"{verb.upper().replace('-', '_')}" in source or f'"{verb}"' in source or topic.topic in source, noun


@pytest.mark.parametrize(
    ("why", "topic", "about"),
    [
        ("the courier carries it", "restraint-case.published", {**ABOUT, "to": "platform"}),
        ("it is about nobody", "import.written", {"file": "x"}),
        ("no words: it waits, and the office sees it", "restraint-case.unheard-of", ABOUT),
        ("a recipient whose code is one of our words", "correction.tell", {**ABOUT, "route": "EXPORT"}),
        ("figures for a supervisor", "focused-check.changed", {"to": "regulator", "sector_code": "market"}),
    ],
)
def test_what_has_no_notification(why: str, topic: str, about: dict[str, str]) -> None:
    assert notification_of(topic, about, AT) is None, why


def test_a_notification_holds_references_only() -> None:
    notification = notification_of("notice.issued", {**ABOUT, "notice_id": str(PAPER)}, AT)
    assert notification is not None
    assert (notification.audience, notification.topic, notification.at) == (
        Audience.SUBJECT,
        NotificationTopic.NOTICE_ISSUED,
        AT,
    )
    assert (notification.subject_id, notification.case_id, notification.issued_notice_id) == (SUBJECT, CASE, PAPER)
    assert (notification.application_id, notification.authorisation_id, notification.objection_id) == (None, None, None)


def test_what_became_of_an_authorisation_is_for_its_recipient() -> None:
    about = {"to": "recipient", "subject_id": str(SUBJECT), "authorisation_id": str(PAPER), "recipient_code": "XH-1"}
    notification = notification_of("authorisation.withdrawn", about, AT)
    assert notification is not None
    assert (notification.audience, notification.department_code, notification.authorisation_id) == (
        Audience.DEPARTMENT,
        "XH-1",
        PAPER,
    )
