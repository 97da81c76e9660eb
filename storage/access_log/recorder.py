"""The recorder: every read of personal data is recorded on disk before the data is sent to the client [5.1.6].

One disk write for each read would limit the gateway to some hundreds of reads a second. So requests that arrive
while a commit is under way wait together, and share the next commit:

    record() ─┐
    record() ─┼─> waiting ──take──> one transaction ──> durable ──> every caller continues
    record() ─┘              ^                │
                             └── meanwhile ───┘
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from consent.disclosures.formats import Disclosure
from consent.leaves.number_lookups import NumberLookup
from consent.ledger.notes.promised_entries import PromisedEntries, PromisedGroup
from queryplan.signals import SignalKind
from storage.access_log.authorisation_uses import Granted, Use, UsesLeft, count_uses, granted_by_its_row, uses_left
from storage.access_log.insert import Row, access_insert
from storage.access_log.interned_rows import InternedIds, InternedRows
from storage.access_log.recorder_chain import NumberedGroup, RecorderChain
from storage.database.conflicts import is_of_content
from storage.database.database import Database
from storage.database.session import TextStep
from storage.errors import AccessNotRecorded, AuthorisationUsedUp, DatabaseClosed

CALLERS_AT_ONCE = 256
SUBJECTS_AT_ONCE = 4_096
"""The most that one transaction takes. A single caller may bring more subjects."""


@dataclass(slots=True, eq=False)
class _Request:
    """What one caller wants recorded, with its entries of the ledger, and the future that the caller awaits.

    *today* is the day on which its *uses* count.
    """

    pages: Sequence[Disclosure]
    lookups: list[Row]
    entries: list[tuple[UUID, bytes]]
    subjects: int
    uses: Mapping[Use, int]
    today: date
    done: asyncio.Future[PromisedEntries | None]
    promised: PromisedEntries | None = None

    def settle(self, refusal: Exception | None = None) -> None:
        """Let the caller continue, or raise *refusal* in it. A caller that was cancelled is skipped."""
        if self.done.done():
            return
        if refusal is None:
            self.done.set_result(self.promised)
        else:
            self.done.set_exception(refusal)


Refused = dict[_Request, AuthorisationUsedUp]
Promise = Callable[[Sequence[bytes]], PromisedGroup]
"""Lets the log promise the entries of a commit."""


class GroupCommitRecorder:
    """Records accesses in groups. Each process has one recorder; `close()` waits for requests that are under way.

    Its groups are numbered from 0 without a gap, in the order in which they become durable (`RecorderChain`).
    An authorisation that its events did not give, as *granted* says, is not live.
    """

    def __init__(
        self,
        database: Database,
        new_id: Callable[[], UUID] = uuid4,
        promise: Promise | None = None,
        granted: Granted = granted_by_its_row,
    ) -> None:
        self._database = database
        self._promise = promise
        self._granted = granted
        self._insert = access_insert(database.dialect)
        self.interned = InternedRows(database)
        self._chain = RecorderChain(new_id, database.tag)
        self._waiting: deque[_Request] = deque()
        self._writer: asyncio.Task[None] | None = None
        self._closed = False

    async def record(
        self,
        pages: Sequence[Disclosure],
        uses: Sequence[Use] = (),
        lookups: Sequence[NumberLookup] = (),
        *,
        today: date = date.max,
    ) -> PromisedEntries | None:
        """Record *pages* and *lookups* with entries of the ledger, and use each of *uses* once; durable on return.

        Returns what the log promises for the entries; None where there are none, or nothing promises.

        Uses count on the day *today*; where none is given, no authorisation is live any more.
        Raises AuthorisationUsedUp where one of them is no longer live or has no use left, and AccessNotRecorded
        where the database does not take the record. In both cases nothing of this call was stored, and nothing
        of what was read may be released. A cancelled call may leave a record of a read whose result was never sent.
        """
        if self._closed:
            raise DatabaseClosed
        if not pages and not uses and not lookups:
            return None
        done: asyncio.Future[PromisedEntries | None] = asyncio.get_running_loop().create_future()
        try:
            entries = [(page.disclosure_id, page.entry()) for page in pages]
            entries += [(lookup.entry_id, lookup.entry()) for lookup in lookups]
            rows = self._insert.lookup_rows(lookups)
        except (TypeError, ValueError) as error:
            raise AccessNotRecorded from error
        subjects = sum([len(page.subjects) for page in pages]) + len(lookups)
        self._waiting.append(_Request(pages, rows, entries, subjects, Counter(uses) if uses else {}, today, done))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_all(), name="access-recorder")
        return await done

    def promised(self, entries: Sequence[bytes]) -> PromisedEntries | None:
        """Return what the log promises for *entries* that another transaction has made durable; None as `record`."""
        if self._promise is None or not entries:
            return None
        return PromisedEntries(self._promise(entries), 0, entries)

    async def close(self) -> None:
        """Accept no more requests, and wait until every accepted request is durable or refused."""
        self._closed = True
        while self._writer is not None:
            await asyncio.wait([self._writer])

    async def _write_all(self) -> None:
        """Write until no request is waiting."""
        # INVARIANT: there is no await between the last look at the waiting requests and the release of the task;
        # a request that arrives later starts a new task.
        try:
            await asyncio.sleep(0)  # include the requests that arrive in the same turn of the event loop
            while batch := self._take():
                await self._settle(batch)
        finally:
            self._writer = None
            for left in self._waiting:  # only when this task was cancelled or failed
                left.settle(AccessNotRecorded())
            self._waiting.clear()

    def _take(self) -> list[_Request]:
        """Take waiting requests in order, as many as fit one transaction. Requests cancelled meanwhile are skipped."""
        batch: list[_Request] = []
        subjects = 0
        while self._waiting and len(batch) < CALLERS_AT_ONCE:
            if self._waiting[0].done.done():
                self._waiting.popleft()
                continue
            subjects += self._waiting[0].subjects
            if batch and subjects > SUBJECTS_AT_ONCE:
                break
            batch.append(self._waiting.popleft())
        return batch

    async def _settle(self, batch: list[_Request]) -> None:
        """Write *batch* in one transaction; if its content is refused, halve it until the refused request is alone."""
        try:
            refused = await self._write(batch)
        except Exception as error:  # noqa: BLE001 - every caller must get an error, whatever it is
            if not is_of_content(error):
                self._begin_anew()
            elif len(batch) > 1:
                middle = len(batch) // 2
                await self._settle(batch[:middle])
                await self._settle(batch[middle:])
                return
            for request in batch:
                refusal = AccessNotRecorded()
                refusal.__cause__ = error
                request.settle(refusal)
        except BaseException:
            self._begin_anew()
            for request in batch:
                request.settle(AccessNotRecorded())
            raise
        else:
            for request in batch:
                request.settle(refused.get(request))

    async def _write(self, batch: list[_Request]) -> Refused:
        """Write what can be written in one transaction; return the requests that no authorisation was left for."""
        ids = await self.interned.ids([page for request in batch for page in request.pages])
        wanted = {use for request in batch for use in request.uses}
        if not wanted:
            group = self._group(batch)
            await self._database.write_text(self._steps(batch, ids, group))
            self._committed(group, batch)
            return {}
        async with self._database.writing() as session:
            live = await uses_left(session, self._database.dialect, wanted)
            left = {use: uses for use, uses in live.items() if await self._granted(session, use)}
            made, refused = _admit(batch, left)
            await count_uses(session, made)
            admitted = [request for request in batch if request not in refused and request.entries]
            group = self._group(admitted)
            for text, rows in self._steps(admitted, ids, group) if admitted else ():
                await session.run_text(text, rows)
        if admitted:
            self._committed(group, admitted)
        return refused

    def _committed(self, group: NumberedGroup, requests: Sequence[_Request]) -> None:
        """State that *group* is durable, and promise each of *requests* its entries."""
        self._chain.committed(group)
        pending = self._database.pending_signals
        for request in requests:
            for page in request.pages:
                pending.add(SignalKind.READ, page.subjects)
        if self._promise is None:
            return
        promised = self._promise([entry for request in requests for _, entry in request.entries])
        first = 0
        for request in requests:
            if request.entries:
                request.promised = PromisedEntries(promised, first, [entry for _, entry in request.entries])
            first += len(request.entries)

    def _begin_anew(self) -> None:
        """Trust nothing that the last commit may have left: no other group gets its number, and ids are looked up."""
        self._chain.begin()
        self.interned.forget()

    def _group(self, requests: Sequence[_Request]) -> NumberedGroup:
        """Return the next group of the chain, with the entries of these requests."""
        return self._chain.group([entry for request in requests for entry in request.entries])

    def _steps(self, requests: Sequence[_Request], ids: InternedIds, group: NumberedGroup) -> list[TextStep]:
        """Return the statements that insert what these requests record."""
        pages = [page for request in requests for page in request.pages]
        lookups = [row for request in requests for row in request.lookups]
        return self._insert.group_steps(pages, ids, lookups, group.row())


def _admit(batch: Sequence[_Request], left: Mapping[Use, UsesLeft]) -> tuple[Counter[Use], Refused]:
    """Return the uses that are made and the requests that are refused: each request makes all of its uses, or none."""
    made: Counter[Use] = Counter()
    refused: Refused = {}
    for request in batch:
        for use, times in request.uses.items():
            if use not in left or not left[use].allows(made[use] + times, request.today):
                refused[request] = AuthorisationUsedUp(use[1])
                break
        else:
            made.update(request.uses)
    return made, refused
