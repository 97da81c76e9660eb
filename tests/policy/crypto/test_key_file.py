"""The key file: whole or not at all, for its owner's eyes only, and refused with a sentence that says what to do."""

import json
import os
import stat
from base64 import b64encode

import pytest

from policy.crypto import key_file
from policy.crypto.key_file import KeyFileRefused

posix = pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "keys.json"
    key_file.create(path, os.urandom)
    return path


def key(byte):
    return b64encode(bytes([byte]) * 32).decode()


GOOD = {
    "format": "chengxin-keys-1",
    "kek": {"current": "00" * 8, "keys": {"00" * 8: key(1), "11" * 8: key(2)}},
    "index": {"current": 2, "roots": {"1": key(3), "2": key(4)}},
}


def write(path, contents):
    path.write_text(contents if isinstance(contents, str) else json.dumps(contents), encoding="utf-8")
    path.chmod(0o600)
    return path


def test_a_new_file_is_read_back(path):
    roots = key_file.read(path)
    assert list(roots.keks) == [roots.kek_id]
    assert list(roots.index) == [roots.index_version] == [1]
    assert len({*roots.keks.values(), *roots.index.values()}) == 2


def test_a_byte_order_mark_of_an_editor_is_ignored(tmp_path):
    assert key_file.read(write(tmp_path / "keys.json", f"\ufeff{json.dumps(GOOD)}")).index_version == 2


@posix
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_new_file_is_its_owners_alone_whatever_the_umask(tmp_path, umask):
    before = os.umask(umask)
    try:
        key_file.create(tmp_path / "keys.json", os.urandom)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600


def test_nothing_is_left_beside_it(path):
    assert list(path.parent.iterdir()) == [path]


def test_a_file_is_never_overwritten(path):
    before = path.read_bytes()
    with pytest.raises(KeyFileRefused, match="never overwritten"):
        key_file.create(path, os.urandom)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


@posix
def test_not_even_a_link_that_leads_nowhere_is_overwritten(tmp_path):
    (tmp_path / "keys.json").symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(KeyFileRefused, match="never overwritten"):
        key_file.create(tmp_path / "keys.json", os.urandom)
    assert not (tmp_path / "elsewhere.json").exists()


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(KeyFileRefused, match="cannot be written"):
        key_file.create(tmp_path / "nowhere" / "keys.json", os.urandom)


def test_writing_that_breaks_off_leaves_no_file(tmp_path, monkeypatch):
    def fail(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(KeyFileRefused, match="No space left"):
        key_file.create(tmp_path / "keys.json", os.urandom)
    assert list(tmp_path.iterdir()) == []


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o666, 0o777])
def test_a_file_that_is_open_to_others_is_refused(path, mode):
    path.chmod(mode)
    with pytest.raises(KeyFileRefused, match=f"mode {mode:04o}.*chmod 600"):
        key_file.read(path)


@posix
@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_file_that_is_its_owners_alone_is_read(path, mode):
    path.chmod(mode)
    assert key_file.read(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(KeyFileRefused, match=r"no key file at .* create one"):
        key_file.read(tmp_path / "keys.json")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(KeyFileRefused, match="cannot be read"):
        key_file.read(tmp_path)


def test_several_keys_stand_beside_each_other(tmp_path):
    roots = key_file.read(write(tmp_path / "keys.json", GOOD))
    assert (roots.kek_id, set(roots.keks)) == ("00" * 8, {"00" * 8, "11" * 8})
    assert (roots.index_version, set(roots.index)) == (2, {1, 2})


@pytest.mark.parametrize(
    ("case", "contents"),
    [
        ("empty", ""),
        ("not JSON", "secret"),
        ("cut short", json.dumps(GOOD)[:-1]),
        ("another thing", "[]"),
        ("a number", "7"),
        ("another format", GOOD | {"format": "chengxin-keys-2"}),
        ("a name too many", GOOD | {"more": 1}),
        ("a name too few", {name: GOOD[name] for name in ("format", "kek")}),
        ("no current KEK", GOOD | {"kek": GOOD["kek"] | {"current": "22" * 8}}),
        ("a KEK's id of another shape", GOOD | {"kek": {"current": "one", "keys": {"one": key(1)}}}),
        ("a key too short", GOOD | {"kek": {"current": "00" * 8, "keys": {"00" * 8: key(1)[:-8]}}}),
        ("a key that is not base64", GOOD | {"kek": {"current": "00" * 8, "keys": {"00" * 8: "?" + key(1)[1:]}}}),
        ("a key that is no text", GOOD | {"kek": {"current": "00" * 8, "keys": {"00" * 8: None}}}),
        ("no index", GOOD | {"index": {"current": 1, "roots": {}}}),
        ("an index version beyond a byte", GOOD | {"index": {"current": 256, "roots": {"256": key(1)}}}),
        ("index version zero", GOOD | {"index": {"current": 0, "roots": {"0": key(1)}}}),
        ("a current version that is no number", GOOD | {"index": {"current": True, "roots": {"1": key(1)}}}),
        ("a name twice", json.dumps(GOOD).replace('"format"', '"format": "chengxin-keys-1", "format"', 1)),
        ("bytes that are not UTF-8", b"\xff\xfe{}".decode("latin-1")),
    ],
)
def test_a_file_that_is_not_well_formed_is_refused_without_quoting_it(tmp_path, case, contents):
    with pytest.raises(KeyFileRefused, match="not well formed") as refused:
        key_file.read(write(tmp_path / "keys.json", contents))
    assert refused.value.__context__ is None  # A JSON error would carry the whole file with it.
    assert key(1) not in str(refused.value)
