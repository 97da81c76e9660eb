"""The logs over real HTTP: what each address gives, how long it may be kept, and what is refused by name [5.1.6]."""

import asyncio
import gzip
import socket
from contextlib import contextmanager

import httpx
import pytest

from consent.ledger.notes.log_policy import LogPolicy
from consent.ledger.notes.signed_notes import SignedNote
from consent.ledger.notes.tlog_proofs import TlogProof
from consent.ledger.tile_proofs import edge_from_tiles, require_tiles
from consent.ledger.tiles import ENTRIES, Tile, bundle_entries, edge_tiles, new_tiles
from gateway.http.client_network import ClientNetworks
from gateway.ledger import endpoints
from gateway.ledger.endpoints import log_routes
from gateway.ledger.errors import StoreCorrupt, StoreUnreachable
from gateway.ledger.log_reader import LogReader
from gateway.rates.route_rates import RouteRates
from storage.errors import DatabaseUnavailable, Outage
from tests.builders import NOW
from tests.gateway.ledger.published_logs import KEYS, POLICY, checkpoint, commitment, entry, hashes, note, publish
from tests.gateway.ledger.stores.memory_store import MemoryStore
from tests.gateway.toy_server import open_toy_server

SIZE = 300
TEXT = "text/plain; charset=utf-8"
FOR_EVER = "public, max-age=31536000, immutable"


class Found:
    """Stands for the table of entries."""

    def __init__(self):
        self.failure = None
        self.waits = None

    async def __call__(self, log, named):
        if self.failure:
            raise self.failure
        if self.waits:
            await asyncio.sleep(self.waits)
        known = {commitment(log, index): index for index in range(SIZE + 1)}
        return known.get(named)


@pytest.fixture(scope="module")
def store():
    made = MemoryStore()

    async def fill():
        for log in ("consent", "system"):
            await publish(made, log, 5, SIZE)

    asyncio.run(fill())
    return made


@pytest.fixture(scope="module")
def found():
    return Found()


@pytest.fixture(scope="module")
def http(store, found, tmp_path_factory):
    """A server, whose clock for checkpoints never stands still."""
    ticks = iter(range(10**9))
    reader = LogReader(store, KEYS, clock=lambda: float(next(ticks)))
    unlimited = RouteRates(None, ClientNetworks(()), lambda: NOW)
    routes = log_routes(reader, found, POLICY.encode(), unlimited)
    with open_toy_server(tmp_path_factory.mktemp("log"), routes, CORS_ORIGINS="https://front.example") as server:
        yield server


@pytest.fixture
def get(http):
    return http.client.get


def test_anybody_verifies_a_log_over_http_alone(get):
    """What another author's client does: policy, checkpoint, every tile, every entry."""
    policy = LogPolicy.parse(get("/log/policy").content)
    witnessed = policy.verified(SignedNote.parse(get("/log/consent/checkpoint").content))
    assert witnessed.checkpoint == checkpoint("consent", SIZE)
    tiles = {tile: get(f"/log/consent/{tile.path}").content for tile in new_tiles(0, SIZE)}
    hashed = {tile: content for tile, content in tiles.items() if tile.level != ENTRIES}
    require_tiles(SIZE, witnessed.checkpoint.root, hashed)
    assert edge_from_tiles(SIZE, {tile: hashed[tile] for tile in edge_tiles(SIZE)}).root == witnessed.checkpoint.root
    entries = [
        each for tile, content in tiles.items() if tile.level == ENTRIES for each in bundle_entries(tile, content)
    ]
    assert entries == [entry("consent", index) for index in range(SIZE)]


def test_a_proof_is_verified_without_the_log(get):
    for index in (0, 255, 256, 299):
        answer = get(f"/log/consent/proof/{commitment('consent', index).hex()}")
        proof = TlogProof.parse(answer.content)
        assert proof.index == index
        assert proof.verified(hashes("consent", SIZE)[index], POLICY).checkpoint.size == SIZE


PATH = "/log/consent/"
PROOF = f"{PATH}proof/{commitment('consent', 7).hex()}"


@pytest.mark.parametrize(
    ("path", "media", "cache"),
    [
        (f"{PATH}checkpoint", TEXT, "public, max-age=2"),
        (f"{PATH}tile/0/000", "application/octet-stream", FOR_EVER),
        (f"{PATH}tile/0/001.p/44", "application/octet-stream", FOR_EVER),
        (f"{PATH}tile/0/000.p/5", "application/octet-stream", FOR_EVER),
        (f"{PATH}tile/0/000.p/77", "application/octet-stream", FOR_EVER),
        (f"{PATH}tile/1/000.p/1", "application/octet-stream", FOR_EVER),
        (f"{PATH}tile/entries/000", "application/octet-stream", FOR_EVER),
        (f"{PATH}tile/entries/001.p/44", "application/octet-stream", FOR_EVER),
        (PROOF, TEXT, "public, max-age=2"),
        ("/log/policy", TEXT, "public, max-age=2"),
        ("/log/system/checkpoint", TEXT, "public, max-age=2"),
    ],
)
def test_what_an_address_gives_and_how_long_it_may_be_kept(http, path, media, cache):
    answer = http.client.get(path, headers={"Origin": "https://elsewhere.example", "Cookie": "a=b"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, media)
    assert answer.headers.get_list("cache-control") == [cache]
    assert answer.headers.get_list("access-control-allow-origin") == ["*"]
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not {"set-cookie", "access-control-allow-credentials"} & set(answer.headers)
    head = http.client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    names = ("content-length", "content-type", "cache-control", "access-control-allow-origin")
    assert [head.headers[each] for each in names] == [answer.headers[each] for each in names]


@pytest.mark.parametrize(
    ("case", "path"),
    [
        ("a log that there is not", "/log/other/checkpoint"),
        ("a log that has published nothing", "/log/access/checkpoint"),
        ("a tile of it", "/log/access/tile/0/000.p/1"),
        ("a proof of it", f"/log/access/proof/{commitment('access', 0).hex()}"),
        ("a tile beyond the checkpoint", f"{PATH}tile/0/002"),
        ("a wider tile than the checkpoint's", f"{PATH}tile/0/001.p/45"),
        ("a full tile that is partial yet", f"{PATH}tile/0/001"),
        ("a tile beyond every log", f"{PATH}tile/0/x999/x999/x999/x999/x999/x999/999"),
        ("a level that the tree has not", f"{PATH}tile/2/000.p/1"),
        ("entries beyond the checkpoint", f"{PATH}tile/entries/001.p/45"),
        ("a commitment of no entry", f"{PATH}proof/{'0' * 64}"),
        ("a commitment of another log", f"{PATH}proof/{commitment('system', 1).hex()}"),
        ("an entry that is not published yet", f"{PATH}proof/{commitment('consent', SIZE).hex()}"),
        ("a file that a log has not", f"{PATH}entries"),
        ("a folder", f"{PATH}"),
        ("a log alone", "/log/consent"),
        ("nothing", "/log/"),
        ("a policy of a log", f"{PATH}policy"),
        ("a checkpoint's folder", f"{PATH}checkpoint/"),
        ("another case", "/log/Consent/checkpoint"),
        ("two slashes", "/log//consent/checkpoint"),
    ],
)
def test_what_is_not_there_is_kept_by_no_cache(get, case, path):
    refused(get(path), 404, "LOG_NOT_FOUND")


MALFORMED = [
    "tile/", "tile/0", "tile/0/", "tile/0/0", "tile/0/0000", "tile/00/000", "tile/64/000", "tile/-1/000", "tile/x/000",
    "tile/0/001/000", "tile/0/x000/000", "tile/0/x001", "tile/0/X001/000", "tile/0/000.p", "tile/0/000.p/",
    "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/05", "tile/0/000.p/5/", "tile/0/000.p/5.p/5", "tile/0/000/",
    "tile/data/000", "tile/Entries/000", "tile/entries/1", "tile/entries/000.p/0", "tile/0/%30%30%30%0A", "tile/0/٠٠٠",
    "tile/0/000%00", "tile/0/000%2F", "tile/0/..%2F..%2Fcheckpoint", "tile/0//000", "tile//0/000",
    "proof/", "proof/0", f"proof/{'0' * 63}", f"proof/{'0' * 65}", f"proof/{'A' * 64}", f"proof/{'g' * 64}",
    f"proof/{'0' * 64}/", f"proof/{'0' * 64}%0A", f"proof/{'٠' * 64}", f"proof/0x{'0' * 62}",
]  # fmt: skip


@pytest.mark.parametrize("path", MALFORMED)
def test_a_malformed_address_is_refused_by_name(get, path):
    refused(get(f"/log/consent/{path}"), 400, "LOG_PATH")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/log/consent/checkpoint", "/log/consent/tile/0/000", "/log/none"])
def test_a_log_is_only_read(http, method, path):
    answer = http.client.request(method, path)
    refused(answer, 405, "LOG_METHOD")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


def refused(answer, status, code):
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (status, code)
    assert answer.headers.get_list("cache-control") == ["no-store"]
    assert answer.headers.get_list("access-control-allow-origin") == ["*"]


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "https://front.example"])
def test_a_page_of_any_origin_may_ask_first(http, origin):
    """Also one of a named origin, whose rules are those of GraphQL elsewhere."""
    asked = {"Origin": origin, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x-any"}
    answer = http.client.options("/log/consent/checkpoint", headers=asked)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers.get_list("access-control-allow-origin") == ["*"]
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD"
    assert http.client.options("/log/none").headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip", "gzip"), ("br, GZIP;q=0.5", "gzip"), ("gzip; q=1.0", "gzip"), ("identity", None), ("", None),
        ("gzip;q=0", None), ("gzip; q=0.000, br", None), ("xgzip", None),
    ],
)  # fmt: skip
def test_readable_entries_are_compressed_for_who_accepts_it(http, accepted, encoding):
    with httpx.stream("GET", f"{http.url}/log/system/tile/entries/000", headers={"Accept-Encoding": accepted}) as raw:
        content = b"".join(raw.iter_raw())
    assert (raw.headers.get("content-encoding"), raw.headers["vary"]) == (encoding, "Accept-Encoding")
    plain = gzip.decompress(content) if encoding else content
    assert bundle_entries(Tile(ENTRIES, 0), plain) == [entry("system", index) for index in range(256)]
    assert len(content) < len(plain) / 4 or not encoding


@pytest.mark.parametrize("path", ["consent/tile/entries/000", "system/tile/0/000", "system/checkpoint"])
def test_hashes_are_not_compressed(get, path):
    assert "content-encoding" not in get(f"/log/{path}", headers={"Accept-Encoding": "gzip"}).headers


@contextmanager
def failing(of, error):
    of.failure = error
    try:
        yield
    finally:
        of.failure = None


@pytest.mark.parametrize("path", [f"{PATH}checkpoint", f"{PATH}tile/0/000", PROOF])
@pytest.mark.parametrize("error", [StoreUnreachable("gone"), StoreCorrupt("lies")])
def test_a_store_that_fails_is_named_and_can_be_asked_again(http, store, path, error):
    with failing(store, error):
        answer = http.client.get(path)
    refused(answer, 503, "LEDGER_UNAVAILABLE")
    assert int(answer.headers["retry-after"]) > 0
    assert str(error) not in answer.text
    assert http.client.get(path).status_code == 200
    assert any(line["event"] == "request.broke" and type(error).__name__ in str(line) for line in http.lines.events())


def test_a_database_that_fails_takes_the_proofs_alone(http, found):
    with failing(found, DatabaseUnavailable(Outage.SLOW)):
        refused(http.client.get(PROOF), 503, "DATABASE_UNAVAILABLE")
        assert http.client.get(f"{PATH}checkpoint").status_code == 200


def test_a_store_that_lies_is_not_passed_on(http, store):
    good = store.files["consent/checkpoint"]
    store.put("consent/checkpoint", note("consent", 5))
    try:
        http.client.get(f"{PATH}checkpoint")  # it may share a read that another request began before
        refused(http.client.get(f"{PATH}checkpoint"), 503, "LEDGER_UNAVAILABLE")
    finally:
        store.files["consent/checkpoint"] = good


def test_who_reads_logs_takes_no_place_of_graphql_and_too_many_are_refused(http, found, monkeypatch):
    monkeypatch.setattr(found, "waits", 0.3)
    request = f"GET {PROOF} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode()
    sent = []
    for _ in range(endpoints.AT_ONCE + endpoints.WAITING + 5):
        sent.append(socket.create_connection(("127.0.0.1", http.port)))
        sent[-1].sendall(request)
    asked = http.client.post("/graphql", json={"query": "{ hello }"}, headers=http.bearer("clerk"))
    assert asked.json() == {"data": {"hello": "你好"}}
    answers = [_answer(each) for each in sent]
    full = [each for each in answers if b"OVERLOADED" in each]
    assert 5 <= len(full) < len(sent)
    assert all(
        b"503" in each[:20] and b"retry-after" in each and b"access-control-allow-origin" in each for each in full
    )


def _answer(connection: socket.socket) -> bytes:
    with connection, connection.makefile("rb") as file:
        return file.read()


def test_addresses_of_the_log_are_one_route_in_log_lines(http):
    """Which tile or whose proof is read, and by whom, is written nowhere."""
    http.client.get(PROOF)
    lines = [line for line in http.lines.events() if line["event"] == "request.answered" and line["route"] == "/log/"]
    assert lines
    assert commitment("consent", 7).hex() not in http.lines.getvalue()
