"""Keyrings on real files, and places. Randomness is real here: the exact layouts are held by the vectors."""

import os
from uuid import UUID

import pytest

from credit.subjects.subject import Place, Sealed
from policy.crypto.keyring import Keyring

SUBJECT = UUID("00000000-0000-4000-8000-000000000001")
OTHER = UUID("00000000-0000-4000-8000-000000000002")


@pytest.fixture(scope="session")
def new_keyring(tmp_path_factory):
    def make():
        path = tmp_path_factory.mktemp("keys") / "keys.json"
        Keyring.create(path, os.urandom)
        return Keyring.load(path, os.urandom)

    return make


@pytest.fixture
def keyring(new_keyring):
    return new_keyring()


@pytest.fixture
def place():
    return Place("subjects", "name", SUBJECT, SUBJECT, 1)


@pytest.fixture
def box():
    """Seal a text for a subject of its own, as storage would hand it over."""

    def make(keyring, text, place):
        key = keyring.new_key(place.subject_id)
        return Sealed(place, keyring.seal(text, place, key), key)

    return make
