"""Subjects from before there were secrets get theirs in the background, each with its entry in the ledger [5.1.6]."""

from typing import Final
from uuid import UUID

from gateway.subjects.seal_registration import new_secret
from policy.crypto.keyring import Keyring
from schema.core.ports import Runtime
from storage.database.database import Database
from storage.repositories.subjects.subject_secrets import SubjectSecretRepository
from storage.unit_of_work import SqlUnitOfWork

SUBJECTS_AT_ONCE: Final = 100


async def give_secrets(database: Database, keyring: Keyring, runtime: Runtime) -> int:
    """Give a secret to every subject that has a key and none, and return how many got one.

    A subject whose key does not open is left out: that key is reported, and nothing of the subject can be read.
    """
    given, after, is_over = 0, UUID(int=0), False
    while not is_over:
        async with SqlUnitOfWork(database) as work:
            secrets = SubjectSecretRepository(work.session)
            waiting = await secrets.without_secret(after, SUBJECTS_AT_ONCE)
            now = runtime.now()
            drawn = [
                new_secret(keyring, subject_id, wrapped, now, runtime.new_id())
                for subject_id, wrapped in waiting
                if keyring.opens(wrapped, subject_id)
            ]
            await secrets.store(drawn)
            await work.commit()
        given, is_over = given + len(drawn), not waiting
        after = waiting[-1][0] if waiting else after
    return given
