"""Run by tests: sends what is due at an instant, and dies (kill -9) between sending a given message and marking it.

The settings are those of the environment.
"""

import os
import signal
from datetime import datetime

from gateway.outbox_relay.runner import relay_of
from gateway.services import build_services
from gateway.settings.settings import read


async def main(instant: str, number: str) -> None:
    at, left = datetime.fromisoformat(instant), [int(number)]
    services = build_services(read(os.environ), lambda: at)

    def die() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    async with relay_of(services) as relay:
        relay.before_recording = die
        await relay.round()
    await services.close()
