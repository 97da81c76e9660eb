"""A client prefers where it finds what is withheld: by a header [RFC 7240], or by a setting of the operator."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from gateway.clients.client_file import ClientSettings, read_clients
from gateway.http.preferences import applied, prefers_cost, withheld_mode
from gateway.settings.settings import SettingRefused
from policy.actors import Role
from schema.core.ports import WithheldMode
from tests.gateway.auth.test_claims import bearer
from tests.gateway.fakes import HttpServer
from tests.gateway.toy_server import open_toy_server

ERRORS, EXTENSIONS = WithheldMode
HELLO = {"query": "{ hello }"}


@pytest.mark.parametrize(
    ("case", "sent", "mode"),
    [
        ("nothing", [], None),
        ("as we write it", ["withheld=extensions"], EXTENSIONS),
        ("the other one", ["withheld=errors"], ERRORS),
        ("in quotes, with spaces", [' Withheld = "extensions" '], EXTENSIONS),
        ("among others, with a parameter", ["respond-async, wait=5, withheld=extensions; a=b"], EXTENSIONS),
        ("in a second line", ["wait=5", "withheld=extensions"], EXTENSIONS),
        ("the first of two counts", ["withheld=errors, withheld=extensions"], ERRORS),
        ("a value that we do not know is ignored", ["withheld=nowhere"], None),
        ("without a value", ["withheld"], None),
    ],
)
def test_a_preference_is_read_from_the_header(case: str, sent: Sequence[str], mode: WithheldMode | None) -> None:
    assert withheld_mode(sent) is mode, case


def test_the_cost_is_preferred_by_a_word_of_its_own() -> None:
    assert [prefers_cost([sent]) for sent in ("wait=5, Cost", "cost; a=b", "costs", "withheld=cost")] == [
        True,
        True,
        False,
        False,
    ]
    assert applied(EXTENSIONS, cost=True) == {"Preference-Applied": "cost, withheld=extensions"}
    assert applied(None, cost=False) == {}


def test_an_applied_preference_is_confirmed_and_answers_vary_by_it(http_server: HttpServer) -> None:
    client, origin = http_server.client, {"Origin": "https://front.example"}
    plain = client.post("/graphql", json=HELLO, headers=origin)
    assert http_server.service.seen[-1].withheld is ERRORS
    asked = client.post("/graphql", json=HELLO, headers={**origin, "Prefer": "withheld=extensions"})
    assert http_server.service.seen[-1].withheld is EXTENSIONS
    refused = client.post("/graphql", json={"query": "{"}, headers={"Prefer": "withheld=extensions"})
    assert "Preference-Applied" not in plain.headers
    assert asked.headers["Preference-Applied"] == "withheld=extensions"
    assert "Preference-Applied" not in refused.headers, "nothing was executed"
    assert plain.headers.get_list("Vary") == asked.headers.get_list("Vary") == ["Prefer", "Origin"]
    assert "Preference-Applied" in asked.headers["Access-Control-Expose-Headers"]
    preflight = {**origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "prefer"}
    assert client.options("/graphql", headers=preflight).is_success


CLIENTS = '[client.window]\nwithheld = "extensions"\n\n[client."https://front.example/app"]\n'


def test_each_client_has_the_settings_of_its_table(tmp_path: Path) -> None:
    file = tmp_path / "clients.toml"
    file.write_text(CLIENTS, encoding="utf-8")
    clients = read_clients(file)
    assert clients.of("window") == ClientSettings(withheld=EXTENSIONS)
    for other in (None, "https://front.example/app", "another"):
        assert clients.of(other) == ClientSettings(withheld=ERRORS)
    assert read_clients(None).of("window") == ClientSettings()


@pytest.mark.parametrize(
    ("case", "text", "names"),
    [
        ("no TOML", "[client", "TOML"),
        ("another table", '[clients.window]\nwithheld = "errors"', "[client."),
        ("no table", 'client = "window"', "[client."),
        ("a client without a table", 'client.window = "extensions"', "'window'"),
        ("a setting that there is not", "[client.window]\nwitheld = 1", "'witheld'"),
        ("a mode that there is not", '[client.window]\nwithheld = "nowhere"', "errors or extensions"),
        ("a mode that is a list", "[client.window]\nwithheld = []", "errors or extensions"),
    ],
)
def test_a_wrong_file_stops_the_start_by_name(tmp_path: Path, case: str, text: str, names: str) -> None:
    file = tmp_path / "clients.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingRefused, match=r"^Set CHENGXIN_CLIENTS_FILE to ") as caught:
        read_clients(file)
    assert names in str(caught.value), case


@pytest.mark.parametrize(
    ("case", "claims", "client"),
    [
        ("azp", {"azp": "window", "client_id": "another"}, "window"),
        ("client_id", {"client_id": "another"}, "another"),
        ("neither", {}, None),
        ("no text", {"azp": ["window"]}, None),
        ("too long", {"azp": "w" * 256}, None),
    ],
)
def test_the_client_is_named_by_the_token(case: str, claims: dict[str, object], client: str | None) -> None:
    assert bearer(None, **claims).act(Role.CLERK).client == client, case


def test_the_setting_of_a_client_counts_where_it_states_no_preference(tmp_path: Path) -> None:
    file = tmp_path / "clients.toml"
    file.write_text(CLIENTS, encoding="utf-8")
    with open_toy_server(tmp_path, CLIENTS_FILE=str(file)) as server:
        for prefer, mode in (({}, EXTENSIONS), ({"Prefer": "withheld=errors"}, ERRORS)):
            headers = {**server.bearer("clerk"), **prefer}
            assert server.client.post("/graphql", json=HELLO, headers=headers).is_success
            assert server.service.seen[-1].withheld is mode
