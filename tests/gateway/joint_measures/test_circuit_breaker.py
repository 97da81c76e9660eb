"""A module that fails repeatedly is not called for a while, and is then tried by one caller first [4.1]."""

import pytest

from gateway.joint_measures.circuit_breaker import CircuitBreaker, CircuitState


class Clock:
    """A clock that stands still until it is put forward."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(clock, failures=3, pause_seconds=30)


def fail(breaker: CircuitBreaker, times: int) -> None:
    for _ in range(times):
        assert breaker.lets_through()
        breaker.failed()


def test_failures_in_a_row_open_it_and_a_success_between_them_does_not(breaker):
    fail(breaker, 2)
    breaker.succeeded()
    fail(breaker, 2)
    assert breaker.state is CircuitState.CLOSED
    fail(breaker, 1)
    assert breaker.state is CircuitState.OPEN
    assert not breaker.lets_through()


def test_after_the_pause_one_caller_tries_and_the_others_wait(breaker, clock):
    fail(breaker, 3)
    clock.at += 29.9
    assert not breaker.lets_through()
    clock.at += 0.1
    assert breaker.state is CircuitState.HALF_OPEN
    assert breaker.lets_through()
    assert not breaker.lets_through()
    breaker.succeeded()
    assert breaker.state is CircuitState.CLOSED
    assert breaker.lets_through()


def test_one_failure_while_it_is_tried_opens_it_for_another_pause(breaker, clock):
    fail(breaker, 3)
    clock.at += 30
    fail(breaker, 1)
    assert breaker.state is CircuitState.OPEN
    clock.at += 30
    assert breaker.lets_through()


def test_a_caller_that_went_away_lets_the_next_one_try(breaker, clock):
    fail(breaker, 3)
    clock.at += 30
    assert breaker.lets_through()
    breaker.given_up()
    assert breaker.lets_through()
