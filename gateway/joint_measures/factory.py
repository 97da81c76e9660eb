"""Builds the joint module's client by the settings: the city's module, the demo's simulation, or none [4.1]."""

import time

import httpx

from gateway.joint_measures.circuit_breaker import CircuitBreaker
from gateway.joint_measures.client import JointMeasuresClient, NotConfigured, RetryLimits, TokenRefused, token_in
from gateway.joint_measures.fake_server import DEMO_TOKEN, inside
from gateway.settings.settings import SettingRefused as Refused
from gateway.settings.settings import Settings

MOST_OF = 0.8


def joint_measures(settings: Settings) -> JointMeasuresClient | NotConfigured:
    """Return the joint module; raises SettingRefused for an address without a token."""
    breaker = CircuitBreaker(
        time.monotonic, failures=settings.joint_measures_failures, pause_seconds=settings.joint_measures_pause_seconds
    )
    # The clerk's own request must outlast this call, so that UNKNOWN can still be stored and returned.
    seconds = min(settings.joint_measures_seconds, MOST_OF * settings.limits.seconds)
    retry_limits = RetryLimits(seconds, settings.joint_measures_attempts)
    if settings.joint_measures_url is None:
        if not settings.is_demo:
            return NotConfigured()
        return JointMeasuresClient(inside(), breaker, retry_limits, lambda: DEMO_TOKEN)
    if settings.joint_measures_token_file is None:
        raise Refused("Set CHENGXIN_JOINT_MEASURES_TOKEN_FILE to a file whose first line is the module's bearer token.")
    try:
        token = token_in(settings.joint_measures_token_file)
    except TokenRefused:
        raise Refused(
            "Set CHENGXIN_JOINT_MEASURES_TOKEN_FILE to a readable file whose first line is the module's bearer token."
        ) from None
    client = httpx.AsyncClient(base_url=settings.joint_measures_url, timeout=seconds, follow_redirects=False)
    return JointMeasuresClient(client, breaker, retry_limits, token)
