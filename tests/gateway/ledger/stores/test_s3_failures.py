"""A store in a bucket of a service that lies, is slow, full or gone: each is named, and none keeps a caller."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

pytest.importorskip("obstore", reason="the extra s3 is not installed")

from gateway.ledger.errors import LedgerStoreError, StoreFull, StoreUnfit, StoreUnreachable
from gateway.ledger.stores.s3_store import Bucket, BucketStore
from tests.gateway.ledger.stores.store_contract import CHECKPOINT, TILE

KEY = ("AKIAEXAMPLE", "a-secret")
OPERATIONS = {
    "check": lambda store: store.check(),
    "read": lambda store: store.read(CHECKPOINT),
    "write_new": lambda store: store.write_new(TILE, b"tile"),
    "write_all_new": lambda store: store.write_all_new({TILE: b"tile"}),
    "replace": lambda store: store.replace(CHECKPOINT, b"1", None),
    "replace a version": lambda store: store.replace(CHECKPOINT, b"1", '"1"'),
    "remove_partials": lambda store: store.remove_partials(TILE),
}


@contextmanager
def answering(status: int, body: bytes = b"", headers: tuple[tuple[str, str], ...] = ()) -> Iterator[str]:
    """Run a service that gives every request this answer; with status 0, none at all until the end."""
    ended = Event()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if not status:
                ended.wait(5)
                return
            self.send_response(status)
            for name, value in (*headers, ("Content-Length", str(len(body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_DELETE = answer  # noqa: N815 - names of the library

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        ended.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
async def test_a_service_that_is_gone_is_named(operation):
    with pytest.raises(StoreUnreachable) as raised:
        await operation(BucketStore(Bucket("b", "", "http://127.0.0.1:1", key=KEY)))
    assert "127.0.0.1" not in str(raised.value)


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
async def test_a_service_that_does_not_answer_keeps_no_caller(operation):
    with answering(0) as address, pytest.raises(StoreUnreachable):
        await operation(BucketStore(Bucket("b", "", address, key=KEY), seconds=0.05))


FULL = b"<Error><Code>%b</Code><Message>no space</Message></Error>"


@pytest.mark.parametrize("code", [b"XMinioStorageFull", b"QuotaExceeded", b"InsufficientStorage"])
async def test_a_full_service_is_named(code):
    with answering(507, FULL % code) as address, pytest.raises(StoreFull):
        await BucketStore(Bucket("b", "", address, key=KEY)).write_new(TILE, b"tile")


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, b""), (503, b"<Error><Code>SlowDown</Code></Error>"), (403, b""), (401, b""), (301, b""), (400, b"?")],
)
async def test_an_answer_that_is_an_error_is_named(status, body):
    with answering(status, body) as address:
        store = BucketStore(Bucket("b", "", address, key=KEY))
        for operation in OPERATIONS.values():
            with pytest.raises(LedgerStoreError):
                await operation(store)


async def test_a_service_that_replaces_what_must_not_be_replaced_is_found():
    """An older service ignores the condition and answers that it has written."""
    with answering(200, headers=(("ETag", '"1"'),)) as address, pytest.raises(StoreUnfit):
        await BucketStore(Bucket("b", "", address, key=KEY)).check()


async def test_a_service_without_versions_is_found():
    with answering(200) as address, pytest.raises(LedgerStoreError):
        await BucketStore(Bucket("b", "", address, key=KEY)).check()


def test_a_key_is_never_printed():
    assert KEY[1] not in repr(Bucket("b", "", key=KEY))
