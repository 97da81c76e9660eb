"""When a message is sent again: later each time, never all at once, and never given up for its age [5.1.4(5)]."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.outbox_relay.backoff import LONGEST, Backoff, next_try, wait
from gateway.outbox_relay.http_delivery import Delivered, Rejected, Retry, delivery_result_of

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempts", "least", "most"),
    [(1, 2.5, 5), (2, 5, 10), (5, 40, 80), (10, 1280, 2560), (11, 1800, 3600), (10_000, 1800, 3600)],
)
def test_the_wait_doubles_up_to_an_hour_and_is_drawn_from_its_upper_half(attempts, least, most):
    assert wait(attempts, longest=LONGEST, chance=lambda: 0.0) == timedelta(seconds=least)
    nearly = wait(attempts, longest=LONGEST, chance=lambda: 0.999_999)
    assert timedelta(seconds=most * 0.999) < nearly <= timedelta(seconds=most)


@pytest.mark.parametrize(
    ("case", "age", "attempts", "asked", "waits"),
    [
        ("a young message is tried within the hour", timedelta(days=1), 50, None, timedelta(minutes=30)),
        ("an old one once a day, for ever", timedelta(days=400), 50, None, timedelta(hours=12)),
        ("longer is what the recipient asks for", timedelta(0), 1, timedelta(minutes=7), timedelta(minutes=7)),
        ("and not beyond a day", timedelta(0), 1, timedelta(days=9), timedelta(days=1)),
        ("nor does it shorten the own wait", timedelta(0), 5, timedelta(seconds=1), timedelta(seconds=40)),
    ],
)  # fmt: skip
def test_nothing_is_given_up_for_its_age(case, age, attempts, asked, waits):
    found = next_try(attempts, created_at=NOW - age, now=NOW, chance=lambda: 0.0, asked=asked)
    assert found - NOW == waits


def test_a_recipient_that_is_away_is_asked_at_least_every_five_minutes():
    backoff = Backoff()
    for _ in range(50):
        backoff.lose(NOW, lambda: 0.999, None)
    assert backoff.until is not None
    assert timedelta(minutes=4.9) < backoff.until - NOW <= timedelta(minutes=5)
    assert not backoff.is_over(NOW)
    assert backoff.is_over(NOW + timedelta(minutes=5))
    backoff.regain()
    assert backoff.is_over(NOW)


@pytest.mark.parametrize(
    ("status", "retry_after", "fate"),
    [
        (200, None, Delivered()),
        (201, None, Delivered()),
        (204, None, Delivered()),
        (301, None, Retry("HTTP_301", away=True)),
        (400, None, Rejected("REFUSED_400")),
        (401, None, Retry("HTTP_401", away=True)),
        (403, None, Retry("HTTP_403", away=True)),
        (404, None, Retry("HTTP_404", away=True)),
        (409, None, Rejected("REFUSED_409")),
        (413, None, Rejected("REFUSED_413")),
        (422, None, Rejected("REFUSED_422")),
        (429, "120", Retry("HTTP_429", away=True, after=timedelta(minutes=2))),
        (429, "Mon, 02 Mar 2026 01:05:00 GMT", Retry("HTTP_429", away=True, after=timedelta(minutes=5))),
        (429, "Mon, 02 Mar 2026 00:05:00 GMT", Retry("HTTP_429", away=True, after=timedelta(0))),
        (429, "soon", Retry("HTTP_429", away=True)),
        (429, "9" * 4000, Retry("HTTP_429", away=True, after=timedelta(days=1))),
        (500, None, Retry("HTTP_500", away=False)),
        (503, None, Retry("HTTP_503", away=True)),
    ],
)
def test_what_a_status_means_for_a_letter(status, retry_after, fate):
    assert delivery_result_of(status, retry_after, NOW) == fate
