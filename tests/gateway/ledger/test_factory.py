"""The ledger of the settings: where it lies, how its logs are named, and by which policy anybody verifies them."""

import sys

import pytest

from consent.ledger.notes.log_policy import LogPolicy
from gateway.ledger.errors import StoreUnreachable
from gateway.ledger.factory import LOGS, ledger, log_policy, open_store, origin_of
from gateway.ledger.stores.file_store import FileStore
from gateway.settings.settings import SettingRefused, read
from policy.crypto.keyring import Keyring
from tests.consent.ledger.samples import POLICY, WITNESS


def given(tmp_path, **named):
    files = {"DATABASE_URL": f"sqlite:///{tmp_path}/data/x.db", "KEK_FILE": f"{tmp_path}/keys/kek"}
    return read({f"CHENGXIN_{name}": value for name, value in (files | named).items()})


@pytest.mark.parametrize(
    ("named", "folder"), [({}, "data/ledger"), ({"DATABASE_URL": "postgresql://u@h/d"}, "keys/ledger")]
)
async def test_the_folder_that_nobody_chose_is_made(tmp_path, named, folder):
    for beside in ("data", "keys"):
        (tmp_path / beside).mkdir()
    store = open_store(given(tmp_path, **named))
    await store.check()
    await store.write_new("consent/tile/0/000.p/1", bytes(32))
    assert (tmp_path / folder / "consent/tile/0/000.p/1").exists()
    await store.close()


async def test_no_folder_of_a_database_is_made(tmp_path):
    """It would be readable by others than its owner."""
    store = open_store(given(tmp_path))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(StoreUnreachable):
        await store.check()
    await store.close()


async def test_a_folder_that_was_chosen_is_never_made(tmp_path):
    store = open_store(given(tmp_path, LEDGER_STORE=f"file:{tmp_path}/mounted"))
    assert isinstance(store, FileStore)
    assert not (tmp_path / "mounted").exists()
    await store.close()


def test_a_folder_that_cannot_be_made_stops_the_start(tmp_path):
    (tmp_path / "data").write_text("a file")
    with pytest.raises(SettingRefused, match="Set CHENGXIN_LEDGER_STORE to a folder that this process can write"):
        open_store(given(tmp_path))


def test_a_bucket_without_the_extra_stops_the_start(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(SettingRefused, match="Install the extra s3"):
        open_store(given(tmp_path, LEDGER_STORE="s3://bucket/prefix"))


@pytest.mark.parametrize("content", [None, b"", b"only-an-id\n", b"one two three", b"\xff\xfe\n\x00"])
def test_a_key_file_of_two_lines_is_asked_for(tmp_path, content):
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(
        SettingRefused, match="Set CHENGXIN_LEDGER_S3_KEY_FILE to a readable file of two lines"
    ) as raised:
        open_store(given(tmp_path, LEDGER_STORE="s3://bucket/prefix", LEDGER_S3_KEY_FILE=str(file)))
    assert "only-an-id" not in str(raised.value)


def test_each_log_has_a_name_and_a_key_of_its_own(tmp_path, kek):
    (tmp_path / "data").mkdir()
    settings = given(tmp_path, LEDGER_ORIGIN="credit.linzi.example/log")
    made = ledger(settings, Keyring.load(kek, bytes))
    assert [origin_of(settings, log) for log in LOGS] == [
        "credit.linzi.example/log/consent", "credit.linzi.example/log/access", "credit.linzi.example/log/system",
    ]  # fmt: skip
    keys = [each.key for each in made.policy.logs]
    assert [key.name for key in keys] == [origin_of(settings, log) for log in LOGS]
    assert len({key.public_key for key in keys}) == len(LOGS)
    assert made.policy.quorum == "none"
    again = ledger(settings, Keyring.load(kek, bytes))
    assert [each.key for each in again.policy.logs] == keys


def test_the_policy_has_our_logs_and_the_witnesses_of_the_file(tmp_path):
    file = tmp_path / "policy"
    file.write_bytes(POLICY.encode())
    ours = (WITNESS,)  # any key serves
    made = log_policy(given(tmp_path, LEDGER_POLICY=str(file)), ours)
    assert (made.witnesses, made.groups, made.quorum) == (POLICY.witnesses, POLICY.groups, POLICY.quorum)
    assert [each.key for each in made.logs] == [WITNESS]
    assert LogPolicy.parse(made.encode()) == made


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "Set CHENGXIN_LEDGER_POLICY to a file that can be read."),
        (b"", "Set CHENGXIN_LEDGER_POLICY to a policy of witnesses: it has not one quorum."),
        (b"quorum nobody\n", "Set CHENGXIN_LEDGER_POLICY to a policy of witnesses: a name is not given before."),
        (b"\0", "Set CHENGXIN_LEDGER_POLICY to a policy of witnesses: it has a control character."),
    ],
)
def test_a_policy_that_is_none_stops_the_start(tmp_path, content, sentence):
    file = tmp_path / "policy"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingRefused) as raised:
        log_policy(given(tmp_path, LEDGER_POLICY=str(file)), ())
    assert str(raised.value) == sentence
