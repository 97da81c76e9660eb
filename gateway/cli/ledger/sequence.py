"""`chengxin ledger sequence`: the jobs of the ledger, where no server does them."""

import asyncio

from gateway.cli.output import print_progress
from gateway.cli.services import settings_of_migrated
from gateway.cli.stop_signal import stop_signal
from gateway.ledger.job_process import run_ledger_jobs


def sequence() -> None:
    """Integrate, publish, keep the trees of subjects and audit until stopped; for servers that do not do it.

    Of several, and of servers with another CHENGXIN_LEDGER_SEQUENCER than `off`, one is at work and the others wait.
    """
    settings = settings_of_migrated()

    async def work() -> None:
        await run_ledger_jobs(settings, stop_signal())

    asyncio.run(work())
    print_progress("stopped")
