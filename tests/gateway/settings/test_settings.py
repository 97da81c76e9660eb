"""Settings: what is accepted, and the one sentence that refuses everything else."""

# ruff: noqa: E501 - one row of a table is one line

import dataclasses
import os
from pathlib import Path

import pytest

from gateway.settings.declarations import PREFIX, TABLE, document
from gateway.settings.settings import (
    DEMO_ISSUER,
    LIMITS,
    SUBSCRIPTION_LIMITS,
    Mode,
    SettingRefused,
    Settings,
    connection_url,
    read,
)
from schema.core.limits import Limits, SubscriptionLimits

OPERATIONS = Path(__file__).parents[3] / "docs" / "operations.md"
PRODUCTION = {
    "MODE": "production",
    "DATABASE_URL": "postgresql://chengxin@db.example/chengxin",
    "KEK_FILE": "/run/secrets/kek",
    "OIDC_ISSUER": "https://login.example/linzi",
    "OIDC_AUDIENCE": "chengxin",
    "OIDC_JWKS_URL": "https://login.example/linzi/jwks",
    "LEDGER_STORE": "s3://ledger/linzi",
    "LEDGER_ORIGIN": "credit.linzi.example",
}


def given(base: dict[str, str] | None = None, **changed: str) -> dict[str, str]:
    return {f"{PREFIX}{name}": value for name, value in ((base or {}) | changed).items()}


def test_a_demo_needs_nothing():
    settings = read({"PATH": "/usr/bin", "HOME": "/root"})
    assert (settings.mode, settings.host, settings.oidc_issuer) == (Mode.DEMO, "127.0.0.1", DEMO_ISSUER)
    assert (settings.introspection, settings.graphiql, settings.log_format) == (True, True, "console")
    assert (settings.policy_dir / "..").resolve() == Path(__file__).parents[3]


def test_production_is_closed_unless_opened():
    settings = read(given(PRODUCTION))
    assert (settings.introspection, settings.graphiql, settings.log_format) == (False, False, "json")
    assert settings.cors_origins == ()
    opened = read(given(PRODUCTION, GRAPHIQL="on", INTROSPECTION="on"))
    assert (opened.introspection, opened.graphiql) == (True, True)


def test_words_become_types():
    settings = read(
        given(
            CORS_ORIGINS="https://a.example, http://localhost:3000",
            TIMEOUT_SECONDS="2.5",
            MAX_COST="500",
            UNRECTIFIED="lapse",
            AUTHORISATION_LONGEST_DAYS="90",
            KEK_FILE="~/kek",
            PORT="",
        )
    )
    assert settings.cors_origins == ("https://a.example", "http://localhost:3000")
    assert (settings.limits.seconds, settings.limits.cost, settings.port) == (2.5, 500, 8000)
    assert (settings.unrectified, settings.authorisation_longest_days) == ("lapse", 90)
    assert settings.kek_file == Path.home() / "kek"


@pytest.mark.parametrize(
    ("case", "environment", "sentence"),
    [
        ("a slip of the pen", given(MOED="demo"), "CHENGXIN_MOED is no setting of this gateway: set CHENGXIN_MODE instead."),
        ("an unknown name", given(QQQQQQ="1"), "unset it; docs/operations.md lists every setting."),
        ("an unknown mode", given(MODE="prod"), "Set CHENGXIN_MODE to demo or production."),
        ("no whole number", given(PORT="8000x"), "Set CHENGXIN_PORT to a whole number from 1 to 65535."),
        ("digits of another script", given(PORT="８０００"), "Set CHENGXIN_PORT to a whole number from 1 to 65535."),
        ("out of range", given(BODY_LIMIT="10"), "Set CHENGXIN_BODY_LIMIT to a whole number from 1024 to 16777216."),
        ("no seconds", given(TIMEOUT_SECONDS="-1"), "Set CHENGXIN_TIMEOUT_SECONDS to a number of seconds from 0.05 to 300."),
        ("no switch", given(GRAPHIQL="yes"), "Set CHENGXIN_GRAPHIQL to on or off."),
        ("a quota without a time", given(LOOKUPS_PER_ACTOR="60"), "Set CHENGXIN_LOOKUPS_PER_ACTOR to limits such as 60/hour"),
        ("a quota of nothing", given(LOOKUPS_PER_ACTOR="0/hour"), "Set CHENGXIN_LOOKUPS_PER_ACTOR to limits such as 60/hour"),
        ("a quota below one consultation", given(CONSULTED_PER_ACTOR="100/day"), "Set CHENGXIN_CONSULTED_PER_ACTOR to limits of"),
        ("a quota below what is looked up at once", given(IMPORTED_PER_ACTOR="199/day"), "Set CHENGXIN_IMPORTED_PER_ACTOR to limits of 200"),
        ("half an identity", given(OIDC_NAME_CLAIM="name", LINK_AREA="370305"), "Set CHENGXIN_OIDC_NAME_CLAIM and CHENGXIN_OIDC_NUMBER_CLAIM together"),
        ("links without an area", given(OIDC_NAME_CLAIM="name", OIDC_NUMBER_CLAIM="number"), "Set CHENGXIN_LINK_AREA to the code of an area"),
        ("an assurance of nothing", given(OIDC_ASSURANCE="acr=L3"), "Unset CHENGXIN_OIDC_ASSURANCE, or set"),
        ("an assurance without values", given(OIDC_ASSURANCE="acr="), "Set CHENGXIN_OIDC_ASSURANCE to a claim and the values"),
        ("a claim that is none", given(OIDC_NAME_CLAIM="/a~2b"), "Set CHENGXIN_OIDC_NAME_CLAIM to a claim such as"),
        ("an address for a network", given(TRUSTED_PROXIES="10.0.0.1/8"), "Set CHENGXIN_TRUSTED_PROXIES to networks such as"),
        ("any origin", given(CORS_ORIGINS="*"), "never *."),
        ("an origin with a path", given(CORS_ORIGINS="https://a.example/app"), "without a path"),
        ("no origin", given(CORS_ORIGINS="a.example"), "Set CHENGXIN_CORS_ORIGINS to origins such as"),
        ("any header", given(CORS_HEADERS="*, traceparent"), "never *."),
        ("a header with a space", given(CORS_HEADERS="trace parent"), "Set CHENGXIN_CORS_HEADERS to names of headers"),
        ("no claim", given(OIDC_ROLES_CLAIM="/a~"), "Set CHENGXIN_OIDC_ROLES_CLAIM to a claim such as"),
        ("a role that is none of ours", given(OIDC_ROLE_NAMES="chief=boss"), "Set CHENGXIN_OIDC_ROLE_NAMES to pairs such as"),
        ("a name for nobody", given(OIDC_ROLE_NAMES="public=anonymous"), "Set CHENGXIN_OIDC_ROLE_NAMES to pairs such as"),
        ("a name for two roles", given(OIDC_ROLE_NAMES="x=head;x=clerk"), "each of their names once"),
        ("a rate without a time", given(REQUESTS_PER_ACTOR="60"), "Set CHENGXIN_REQUESTS_PER_ACTOR to limits such as 600/minute or"),
        ("a rate below the costliest operation", given(COST_PER_NETWORK="9999/minute"), "Set CHENGXIN_COST_PER_NETWORK to limits of CHENGXIN_MAX_COST"),
        ("a Redis with its password", given(RATES_REDIS_URL="redis://:hunter2@h/0"), "Set CHENGXIN_RATES_REDIS_URL to redis://host:6379/0 or"),
        ("a password for no Redis", given(RATES_REDIS_PASSWORD_FILE="/p"), "Set CHENGXIN_RATES_REDIS_URL, or unset"),
        ("a collector by another protocol", given(OTLP_ENDPOINT="grpc://h:4317"), "Set CHENGXIN_OTLP_ENDPOINT to an http or https address"),
        ("headers for no collector", given(OTLP_HEADERS_FILE="/h"), "Set CHENGXIN_OTLP_ENDPOINT, or unset CHENGXIN_OTLP_HEADERS_FILE"),
        ("a default role that sees more", given(OIDC_DEFAULT_ROLE="clerk"), "Set CHENGXIN_OIDC_DEFAULT_ROLE to subject."),
        ("a token longer than headers may be", given(TOKEN_LIMIT="100000"), "from 1024 to 65536"),
        ("kept references that are plain", given(OIDC_KEPT_REFERENCES_FILE="/f"), "Unset CHENGXIN_OIDC_KEPT_REFERENCES_FILE, or set"),
        ("another database", given(DATABASE_URL="mysql://x/y"), "Set CHENGXIN_DATABASE_URL to sqlite:///path/to/file or"),
        ("a store of another kind", given(LEDGER_STORE="gs://b/p"), "Set CHENGXIN_LEDGER_STORE to file:/path/to/folder or s3://bucket/prefix."),
        ("a store without a kind", given(LEDGER_STORE="/var/ledger"), "Set CHENGXIN_LEDGER_STORE to file:"),
        ("a folder of another host", given(LEDGER_STORE="file://host/ledger"), "Set CHENGXIN_LEDGER_STORE to file:"),
        ("no folder", given(LEDGER_STORE="file:"), "Set CHENGXIN_LEDGER_STORE to file:"),
        ("no bucket", given(LEDGER_STORE="s3:///prefix"), "Set CHENGXIN_LEDGER_STORE to file:"),
        ("a bucket with a space", given(LEDGER_STORE="s3://a bucket/prefix"), "Set CHENGXIN_LEDGER_STORE to file:"),
        ("a service without a bucket", given(LEDGER_S3_ENDPOINT="https://s3.example"), "Set CHENGXIN_LEDGER_STORE to s3://bucket/prefix, or unset CHENGXIN_LEDGER_S3_ENDPOINT."),
        ("a key without a bucket", given(LEDGER_STORE="file:/l", LEDGER_S3_KEY_FILE="/k"), "or unset CHENGXIN_LEDGER_S3_KEY_FILE."),
        ("a service over plain http", given(LEDGER_S3_ENDPOINT="http://s3.example"), "Set CHENGXIN_LEDGER_S3_ENDPOINT to an https address"),
        ("a service with a path", given(LEDGER_S3_ENDPOINT="https://s3.example/b"), "Set CHENGXIN_LEDGER_S3_ENDPOINT to an https address"),
        ("a region with a space", given(LEDGER_S3_REGION="cn north"), "Set CHENGXIN_LEDGER_S3_REGION to the name of a region"),
        ("an origin with a scheme", given(LEDGER_ORIGIN="https://credit.linzi.example"), "Set CHENGXIN_LEDGER_ORIGIN to a host and a path"),
        ("an origin with a plus", given(LEDGER_ORIGIN="credit+linzi.example"), "Set CHENGXIN_LEDGER_ORIGIN to a host and a path"),
        ("an origin with a space", given(LEDGER_ORIGIN="credit.linzi.example/a b"), "Set CHENGXIN_LEDGER_ORIGIN to a host and a path"),
        ("an origin that ends in a slash", given(LEDGER_ORIGIN="credit.linzi.example/"), "Set CHENGXIN_LEDGER_ORIGIN to a host and a path"),
        ("a life-long authorisation", given(AUTHORISATION_LONGEST_DAYS="36500"), "from 1 to 3660"),
        ("a demo for the whole network", given(HOST="192.0.2.7"), "Set CHENGXIN_HOST to 127.0.0.1, or CHENGXIN_DEMO_REACH"),
        ("an issuer, but the mode forgotten", given(OIDC_ISSUER="https://a.example"), "Set CHENGXIN_MODE to production, or unset"),
        ("a password for a file", given(DATABASE_PASSWORD_FILE="/p"), "Set CHENGXIN_DATABASE_URL to postgresql://user@host"),
        *[
            (f"production without {name}", given({k: v for k, v in PRODUCTION.items() if k != name}), f"Set CHENGXIN_{name}, which production")
            for name in PRODUCTION if name != "MODE"
        ],
        ("the demo's issuer in production", given(PRODUCTION, OIDC_ISSUER=DEMO_ISSUER), "Set CHENGXIN_OIDC_ISSUER to an https address"),
        ("keys over plain http", given(PRODUCTION, OIDC_JWKS_URL="http://login.example/jwks"), "Set CHENGXIN_OIDC_JWKS_URL to an https"),
        ("the demo's key in production", given(PRODUCTION, DEV_KEY_FILE="/k"), "Unset CHENGXIN_DEV_KEY_FILE"),
        ("a password in the address", given(PRODUCTION, DATABASE_URL="postgresql://u:hunter2@h/d"), "set CHENGXIN_DATABASE_PASSWORD_FILE"),
    ],
)  # fmt: skip
def test_what_is_not_right_is_refused_in_one_sentence_that_says_what_to_set(
    case: str, environment: dict[str, str], sentence: str
):
    with pytest.raises(SettingRefused) as caught:
        read(environment)
    message = str(caught.value)
    assert sentence in message, case
    assert message.endswith(".")
    assert "\n" not in message
    assert "hunter2" not in message


def test_a_store_is_a_folder_or_a_prefix_in_a_bucket():
    assert read(given(LEDGER_STORE="file:/srv/ledger")).ledger_store == Path("/srv/ledger")
    assert read(given(LEDGER_STORE="file:~/ledger")).ledger_store == Path.home() / "ledger"
    assert read(given(LEDGER_STORE="s3://ledger/linzi/1/")).ledger_store == ("ledger", "linzi/1")
    assert read(given(LEDGER_STORE="s3://ledger")).ledger_store == ("ledger", "")
    assert read(given(LEDGER_STORE="s3://ledger/p", LEDGER_S3_ENDPOINT="http://127.0.0.1:9000/")).ledger_s3_endpoint


def test_each_rate_may_be_switched_off_and_has_a_default_in_production():
    rates = [row.name for row in TABLE if row.name.startswith(("REQUESTS_PER_", "COST_PER_"))]
    off = read(given(PRODUCTION, **dict.fromkeys(rates, "off")))
    usual, demo = read(given(PRODUCTION)), read(given())
    assert [getattr(settings, name.lower()) for settings in (off, demo) for name in rates] == [()] * 16
    assert [name for name in rates if not getattr(usual, name.lower())] == ["COST_PER_DOCUMENT"]


def test_a_loopback_issuer_may_speak_plain_http():
    assert read(given(PRODUCTION, OIDC_JWKS_URL="http://127.0.0.1:9000/jwks")).oidc_jwks_url


def test_a_demo_may_be_opened_to_the_network_by_name():
    assert read(given(HOST="192.0.2.7", DEMO_REACH="network")).host == "192.0.2.7"


def test_the_password_comes_from_its_file_and_is_shown_nowhere(tmp_path: Path):
    file = tmp_path / "password"
    file.write_text("p@ss/word\n")
    settings = read(given(PRODUCTION, DATABASE_PASSWORD_FILE=str(file)))
    assert connection_url(settings) == "postgresql://chengxin:p%40ss%2Fword@db.example/chengxin"
    assert "p@ss" not in repr(settings)
    assert "db.example" not in repr(settings)
    file.unlink()
    with pytest.raises(SettingRefused, match="readable file"):
        connection_url(settings)


def test_every_row_of_the_table_is_a_field_and_every_field_a_row():
    names = {field.name.upper() for field in dataclasses.fields(Settings)} - {"LIMITS", "SUBSCRIPTIONS"}
    assert names | {*LIMITS.values(), *SUBSCRIPTION_LIMITS.values()} == {row.name for row in TABLE}
    assert set(LIMITS) == {field.name for field in dataclasses.fields(Limits)}
    assert set(SUBSCRIPTION_LIMITS) == {field.name for field in dataclasses.fields(SubscriptionLimits)}
    assert read({}).subscriptions == SubscriptionLimits()


def test_golden_the_manual_lists_the_settings_as_they_are():
    text = OPERATIONS.read_text(encoding="utf-8")
    start, end = "<!-- settings: begin -->\n", "<!-- settings: end -->"
    before, rest = text.split(start)
    shown, after = rest.split(end)
    if os.environ.get("RENEW_GOLDEN"):
        OPERATIONS.write_text(f"{before}{start}\n{document()}\n{end}{after}", encoding="utf-8")
        return
    assert shown.strip() == document().strip(), "make golden writes the table anew"
