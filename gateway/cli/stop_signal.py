"""The signals that end a command which runs until it is stopped."""

import asyncio
import signal


def stop_signal() -> asyncio.Event:
    """Return an event that is set by SIGINT and by SIGTERM, so that what is under way is finished."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    return stop
