"""The client of docs/joint-measures.md against a real HTTP peer: what it sends, and what it reads [4.1] [3.3]."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from credit.core.values.identifiers import IdentifierKind
from credit.joint_measures.source_answer import Finding, MemorandumKind, Source, SourceAnswer, Unanswered
from gateway.joint_measures.circuit_breaker import CircuitBreaker, CircuitState
from gateway.joint_measures.client import JointMeasuresClient, NotConfigured, RetryLimits, TokenRefused, token_in
from gateway.joint_measures.factory import joint_measures
from gateway.joint_measures.fake_server import DEMO_TOKEN, FakeServerBehaviour, inside, peer
from gateway.settings.settings import SettingRefused, read
from tests.credit.subjects.synthetic_numbers import PERSON
from tests.gateway.fakes import ServerThread

pytestmark = pytest.mark.slow

AUTHORISATION, REQUEST = UUID(int=1), UUID(int=2)
OPTIONS = {"log_config": None, "access_log": False}
PRODUCTION = {
    "CHENGXIN_MODE": "production", "CHENGXIN_DATABASE_URL": "postgresql://u@h/d", "CHENGXIN_KEK_FILE": "kek",
    "CHENGXIN_OIDC_ISSUER": "https://a.example", "CHENGXIN_OIDC_AUDIENCE": "chengxin",
    "CHENGXIN_OIDC_JWKS_URL": "https://a.example/jwks", "CHENGXIN_LEDGER_STORE": "file:/l",
    "CHENGXIN_LEDGER_ORIGIN": "credit.linzi.example",
}  # fmt: skip


@pytest.fixture
def behaviour() -> FakeServerBehaviour:
    return FakeServerBehaviour()


@pytest.fixture
def url(behaviour: FakeServerBehaviour) -> Iterator[str]:
    with ServerThread(peer(behaviour), OPTIONS) as running:
        yield running.url


def module(url: str, token: str = DEMO_TOKEN, attempts: int = 3, seconds: float = 2.0) -> JointMeasuresClient:
    breaker = CircuitBreaker(lambda: 0.0, failures=2, pause_seconds=30)
    client = httpx.AsyncClient(base_url=url)
    return JointMeasuresClient(client, breaker, RetryLimits(seconds, attempts, 0.01), lambda: token, jitter=lambda: 0.0)


async def ask(of: JointMeasuresClient | NotConfigured) -> SourceAnswer:
    try:
        return await of.ask(IdentifierKind.ID_NUMBER, PERSON, AUTHORISATION, REQUEST)
    finally:
        await of.close()


async def test_the_number_goes_in_the_body_and_with_it_nothing_else_about_the_subject(url, behaviour):
    assert await ask(module(url)) == SourceAnswer(Source.JOINT_MEASURES, Finding.CLEAN)
    assert behaviour.asked == [
        {
            "address": f"{url}/v1/checks",
            "request": str(REQUEST),
            "purpose": "CREDIT_CHECK",
            "authorisation": str(AUTHORISATION),
            "subject": {"kind": "ID_NUMBER", "number": PERSON},
        }
    ]


@pytest.mark.parametrize(
    ("finding", "memorandum"), [("CLEAN", None), ("ADVERSE", None), ("UNKNOWN", None), ("GOVERNED", "示例备忘录")]
)
async def test_each_finding_is_read_to_the_letter(url, behaviour, finding, memorandum):
    behaviour.answers[PERSON] = (finding, memorandum)
    kind = MemorandumKind.PENALTY if memorandum else None
    assert await ask(module(url)) == SourceAnswer(Source.JOINT_MEASURES, Finding(finding), memorandum, kind=kind)


@pytest.mark.parametrize("kind", MemorandumKind)
async def test_the_kind_of_a_memorandum_is_read_and_an_unknown_one_is_none(url, behaviour, kind):
    """[3.3]"""
    behaviour.answers[PERSON], behaviour.kind = ("GOVERNED", "示例备忘录"), kind.value
    assert (await ask(module(url))).kind is kind
    behaviour.kind = "BOTH"
    assert (await ask(module(url))).reason is Unanswered.MALFORMED


async def test_a_determination_asks_by_statute_and_names_no_authorisation(url, behaviour):
    """[3.3]"""
    asked = module(url)
    await asked.ask(IdentifierKind.ID_NUMBER, PERSON, None, REQUEST)
    await asked.close()
    assert behaviour.asked == [
        {
            "address": f"{url}/v1/checks",
            "request": str(REQUEST),
            "purpose": "DETERMINATION",
            "subject": {"kind": "ID_NUMBER", "number": PERSON},
        }
    ]


async def test_a_wrong_token_is_a_refusal(url):
    assert (await ask(module(url, token="another"))).reason is Unanswered.REFUSED


async def test_an_unreachable_module_is_unknown():
    answer = await ask(module("http://127.0.0.1:9"))
    assert (answer.finding, answer.reason) == (Finding.UNKNOWN, Unanswered.UNREACHABLE)


async def test_a_redirect_is_not_followed(url, behaviour):
    behaviour.refuse = 307
    assert (await ask(module(url))).reason is Unanswered.REFUSED
    assert len(behaviour.asked) == 1


async def test_a_name_that_is_too_long_or_no_text_is_none_of_the_contract(url, behaviour):
    for memorandum in ('"' + "长" * 201 + '"', "7", '""'):
        behaviour.body = f'{{"finding": "GOVERNED", "memorandum": {memorandum}}}'.encode()
        assert (await ask(module(url))).reason is Unanswered.MALFORMED, memorandum[:5]


async def test_an_answer_that_can_be_read_in_two_ways_is_none(url, behaviour):
    """Clean to one reader and adverse to the next: unknown, which is never clean [4.1]."""
    behaviour.body = b'{"finding": "ADVERSE", "finding": "CLEAN"}'
    assert (await ask(module(url))).reason is Unanswered.MALFORMED


async def test_all_attempts_share_one_time_limit(url, behaviour):
    """If each of the 100 attempts had the whole limit, they would take 40 seconds, longer than this test waits."""
    behaviour.slow_seconds = 30.0
    async with asyncio.timeout(20):
        assert (await ask(module(url, attempts=100, seconds=0.4))).reason is Unanswered.TOO_SLOW


async def test_refusals_do_not_open_the_circuit_and_failures_do(url, behaviour):
    asked = module(url, attempts=1)
    behaviour.refuse = 403
    for _ in range(3):
        assert (await asked.ask(IdentifierKind.ID_NUMBER, PERSON, AUTHORISATION, REQUEST)).reason is Unanswered.REFUSED
    behaviour.refuse, behaviour.fail_times = None, 9
    reasons = [(await asked.ask(IdentifierKind.ID_NUMBER, PERSON, AUTHORISATION, REQUEST)).reason for _ in range(3)]
    assert reasons == [Unanswered.UNREACHABLE, Unanswered.UNREACHABLE, Unanswered.PAUSED]
    await asked.close()


async def test_a_caller_that_gives_up_does_not_speak_against_the_module(url, behaviour):
    asked = module(url)
    behaviour.slow_seconds = 5.0
    task = asyncio.create_task(asked.ask(IdentifierKind.ID_NUMBER, PERSON, AUTHORISATION, REQUEST))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asked._breaker.state is CircuitState.CLOSED
    await asked.close()


async def test_the_demos_own_module_is_reached_without_a_socket():
    breaker = CircuitBreaker(lambda: 0.0, failures=2, pause_seconds=30)
    own = JointMeasuresClient(inside(), breaker, RetryLimits(), lambda: DEMO_TOKEN)
    assert (await ask(own)).finding is Finding.CLEAN


async def test_production_without_an_address_is_unknown_and_says_so():
    wired = joint_measures(read(PRODUCTION))
    assert isinstance(wired, NotConfigured)
    assert await ask(wired) == SourceAnswer(Source.JOINT_MEASURES, Finding.UNKNOWN, reason=Unanswered.NOT_CONFIGURED)


def test_a_token_is_required_and_read_each_time(tmp_path: Path):
    path = tmp_path / "token"
    with pytest.raises(TokenRefused):
        token_in(path)
    path.write_text("first\n")
    token = token_in(path)
    path.write_text("second\n")
    assert token() == "second"


async def test_a_token_that_went_missing_is_unknown_like_everything_else(url, behaviour, tmp_path):
    path = tmp_path / "token"
    path.write_text(DEMO_TOKEN)
    asked = module(url)
    asked._token = token_in(path)
    path.unlink()
    assert (await ask(asked)).reason is Unanswered.NOT_CONFIGURED
    assert behaviour.asked == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"CHENGXIN_JOINT_MEASURES_URL": "https://city.example"}, "together, or neither"),
        ({"CHENGXIN_JOINT_MEASURES_TOKEN_FILE": "token"}, "together, or neither"),
        (
            PRODUCTION
            | {"CHENGXIN_JOINT_MEASURES_URL": "http://127.0.0.1:1", "CHENGXIN_JOINT_MEASURES_TOKEN_FILE": "token"},
            "an https address",
        ),
    ],
)
def test_settings_that_do_not_fit_stop_the_start(given, message):
    with pytest.raises(SettingRefused, match=message):
        read(given)


def test_an_address_without_a_readable_token_stops_the_start(tmp_path: Path):
    given = {
        "CHENGXIN_JOINT_MEASURES_URL": "https://city.example",
        "CHENGXIN_JOINT_MEASURES_TOKEN_FILE": str(tmp_path / "none"),
    }
    with pytest.raises(SettingRefused, match="readable file"):
        joint_measures(read(given))
