"""Settings: the operator's choices, read once at the start; a wrong value stops the start with one sentence.

Each is declared once, in `gateway.settings.declarations`. Secrets are never values here, only paths to files that hold
them.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlsplit, urlunsplit

from limits import RateLimitItem

from credit.calendar.calendar import Periods
from gateway.auth.claim_paths import ClaimPath
from gateway.settings import parsers
from gateway.settings.declarations import DEMO_ONLY, PREFIX, PRODUCTION_ONLY, TABLE, Default, Required, Setting
from policy.actors import Role
from schema.core.limits import ROWS_AT_ONCE, Limits, SubscriptionLimits

DEMO_ISSUER = "urn:chengxin:demo-issuer"
POLICY_OF_THIS_RELEASE = Path(__file__).resolve().parents[2] / "policy"


class SettingRefused(Exception):
    """A setting that stops the start. The message is one sentence that says what to set."""


class Mode(StrEnum):
    """Whether this gateway shows synthetic persons to developers, or serves a district."""

    DEMO = "demo"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of the operator, typed and checked."""

    mode: Mode
    # The address may carry a password in demo mode, so it is never printed.
    database_url: str = field(repr=False)
    database_password_file: Path | None
    database_connections: int
    statement_seconds: float
    kek_file: Path
    policy_dir: Path
    oidc_issuer: str
    oidc_audience: str
    oidc_jwks_url: str | None
    oidc_sub_claim: ClaimPath
    oidc_account_references: Literal["keyed", "plain"]
    oidc_kept_references_file: Path | None
    oidc_roles_claim: ClaimPath
    oidc_role_names: Mapping[str, Role]
    oidc_default_role: Literal["subject"] | None
    oidc_acting_role_claim: ClaimPath
    oidc_department_claim: ClaimPath
    oidc_sector_claim: ClaimPath
    oidc_area_claim: ClaimPath
    oidc_subject_claim: ClaimPath
    token_limit: int
    clock_skew_seconds: int
    login: bool
    public_url: str | None
    oidc_client_id: str | None
    oidc_client_secret_file: Path | None
    oidc_scopes: str
    oidc_resource: str | None
    session_idle_minutes: int
    session_hours: int
    oidc_name_claim: ClaimPath | None
    oidc_number_claim: ClaimPath | None
    oidc_organisation_name_claim: ClaimPath | None
    oidc_organisation_code_claim: ClaimPath | None
    oidc_assurance: tuple[ClaimPath, frozenset[str]] | None
    link_area: str | None
    dev_key_file: Path
    demo_reach: Literal["loopback", "network"]
    host: str
    port: int
    body_limit: int
    limits: Limits
    document_milliseconds: int
    document_milliseconds_per_client: int
    document_cache_bytes: int
    subscriptions: SubscriptionLimits
    requests_at_once: int
    requests_waiting: int
    requests_waiting_seconds: float
    connections_at_once: int
    receive_seconds: float
    keep_alive_seconds: int
    streams_at_once: int
    streams_per_account: int
    stream_patience_seconds: float
    stream_heartbeat_seconds: float
    stream_reservation_seconds: float
    introspection: bool
    federation: bool
    trusted_documents: Literal["off", "log-unknown", "prefer", "require"]
    portal: bool
    graphiql: bool
    metrics: bool
    otlp_endpoint: str | None
    otlp_headers_file: Path | None
    trace_percent: int
    cors_origins: tuple[str, ...]
    cors_headers: tuple[str, ...]
    clients_file: Path | None
    log_format: Literal["json", "console"]
    authorisation_longest_days: int
    authorisation_longest_days_before: int | None
    delegation_longest_days: int
    notice_required: bool
    unrectified: Literal["stays", "lapse"]
    publicity: str
    publication_days: int
    deletion_days: int
    cut_over_on: date | None
    entry_delay_longest_days: int
    registration_days: int
    suppression_k: int
    notice_template_dir: Path | None
    remedies_file: Path | None
    notice_seal_dir: Path | None
    notice_font_dir: Path | None
    notice_pkcs12_file: Path | None
    notice_pkcs11_uri: str | None
    notice_secret_file: Path | None
    notice_tsa_url: str | None
    notice_misses_per_network: tuple[RateLimitItem, ...]
    trusted_proxies: tuple[parsers.Network, ...]
    lookups_per_actor: tuple[RateLimitItem, ...]
    lookups_per_department: tuple[RateLimitItem, ...]
    consulted_per_actor: tuple[RateLimitItem, ...]
    consulted_per_department: tuple[RateLimitItem, ...]
    imported_per_actor: tuple[RateLimitItem, ...]
    imported_per_department: tuple[RateLimitItem, ...]
    pushed_per_actor: tuple[RateLimitItem, ...]
    requests_per_actor: tuple[RateLimitItem, ...]
    requests_per_department: tuple[RateLimitItem, ...]
    requests_per_network: tuple[RateLimitItem, ...]
    requests_per_document: tuple[RateLimitItem, ...]
    cost_per_actor: tuple[RateLimitItem, ...]
    cost_per_department: tuple[RateLimitItem, ...]
    cost_per_network: tuple[RateLimitItem, ...]
    cost_per_document: tuple[RateLimitItem, ...]
    ledger_per_network: tuple[RateLimitItem, ...]
    logins_per_network: tuple[RateLimitItem, ...]
    logins_per_actor: tuple[RateLimitItem, ...]
    rates_redis_url: str | None
    rates_redis_password_file: Path | None
    lookup_alarm_minutes: int
    lookup_alarm_misses: int
    lookup_alarm_least: int
    lookup_alarm_neighbours: int
    lookup_alarm_conflicts: int
    file_limit: int
    file_waiting_limit: int
    file_keep_hours: int
    file_scanner: str | None
    file_scanner_required: bool
    file_scanner_seconds: float
    ledger_store: Path | tuple[str, str] | None
    ledger_s3_endpoint: str | None
    ledger_s3_region: str
    ledger_s3_key_file: Path | None
    ledger_origin: str
    ledger_epoch_seconds: int
    ledger_sequencer: Literal["process", "within", "off"]
    ledger_policy: Path | None
    ledger_audit_hours: int
    measures_file: Path | None
    courier: bool
    courier_seconds: float
    platform_url: str | None
    platform_token_file: Path | None
    supervision_url: str | None
    supervision_token_file: Path | None
    supervisors_file: Path | None
    check_valid_days: int
    incentives_file: Path | None
    joint_measures_url: str | None
    joint_measures_token_file: Path | None
    joint_measures_seconds: float
    joint_measures_attempts: int
    joint_measures_failures: int
    joint_measures_pause_seconds: float

    @property
    def is_demo(self) -> bool:
        """Whether synthetic persons, the development issuer and the landing page are available."""
        return self.mode is Mode.DEMO

    @property
    def local_url(self) -> str:
        """The address of this gateway, as seen from its own machine."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def browser_url(self) -> str:
        """The address of this gateway, as browsers see it: their `Origin` on its own pages."""
        return self.public_url or self.local_url


LIMITS = {
    "tokens": "MAX_TOKENS",
    "depth": "MAX_DEPTH",
    "aliases": "MAX_ALIASES",
    "roots": "MAX_ROOT_FIELDS",
    "directives": "MAX_DIRECTIVES",
    "cost": "MAX_COST",
    "values": "MAX_VALUES",
    "page": "MAX_PAGE_SIZE",
    "node_ids": "MAX_NODE_IDS",
    "seconds": "TIMEOUT_SECONDS",
    "names": "CONSULTATION_MOST_NAMES",
}
SUBSCRIPTION_LIMITS = {
    "per_connection": "SUBSCRIPTIONS_PER_CONNECTION",
    "per_actor": "SUBSCRIPTIONS_PER_ACTOR",
    "per_process": "SUBSCRIPTIONS_AT_ONCE",
    "reads_at_once": "SUBSCRIPTION_READS_AT_ONCE",
    "pause_seconds": "SUBSCRIPTION_PAUSE_SECONDS",
    "check_seconds": "SUBSCRIPTION_CHECK_SECONDS",
    "look_seconds": "SUBSCRIPTION_LOOK_SECONDS",
}


def read(environment: Mapping[str, str]) -> Settings:
    """Return the settings of *environment*. Raises SettingRefused."""
    given = {name.removeprefix(PREFIX): value for name, value in environment.items() if name.startswith(PREFIX)}
    _refuse_unknown(given)
    mode = Mode(_value(_find("MODE"), given, Mode.DEMO))
    _refuse_of_the_other_mode(given, mode)
    values = {setting.name: _value(setting, given, mode) for setting in TABLE}
    values["MODE"] = mode
    values["POLICY_DIR"] = values["POLICY_DIR"] or POLICY_OF_THIS_RELEASE
    values["OIDC_ISSUER"] = values["OIDC_ISSUER"] or DEMO_ISSUER
    values["DEV_KEY_FILE"] = values["DEV_KEY_FILE"] or Path("var/dev-issuer.json")
    values["DEMO_REACH"] = values["DEMO_REACH"] or "loopback"
    _refuse_together(values)
    limits = Limits(**{word: values[name] for word, name in LIMITS.items()})
    subscriptions = SubscriptionLimits(**{word: values[name] for word, name in SUBSCRIPTION_LIMITS.items()})
    apart = {"limits", "subscriptions"}
    plain = {each.name: values[each.name.upper()] for each in fields(Settings) if each.name not in apart}
    return Settings(**plain, limits=limits, subscriptions=subscriptions)


def clock_periods(settings: Settings) -> Periods:
    """Return the periods in working days that the deployment sets."""
    return Periods(settings.publication_days, settings.deletion_days)


def connection_url(settings: Settings) -> str:
    """Return the database address with the password of DATABASE_PASSWORD_FILE in it. Never print it."""
    if settings.database_password_file is None:
        return settings.database_url
    try:
        password = settings.database_password_file.read_text(encoding="utf-8").splitlines()[0]
    except (OSError, IndexError, UnicodeDecodeError):
        raise SettingRefused(
            f"Set {PREFIX}DATABASE_PASSWORD_FILE to a readable file whose first line is the password."
        ) from None
    parts = urlsplit(settings.database_url)
    user, _, at = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{at}"))


def _find(name: str) -> Setting:
    return next(setting for setting in TABLE if setting.name == name)


def _value(setting: Setting, given: Mapping[str, str], mode: Mode) -> Any:  # noqa: ANN401 - each row has its own type
    raw: Default = given.get(setting.name) or (setting.demo if mode is Mode.DEMO else setting.production)
    if isinstance(raw, Required):
        raise SettingRefused(f"Set {PREFIX}{setting.name}, which production cannot do without: {_plain(setting)}")
    if raw is None:
        return None
    try:
        return setting.read(raw)
    except parsers.NotAccepted as error:
        raise SettingRefused(f"Set {PREFIX}{setting.name} to {error}.") from None


def _plain(setting: Setting) -> str:
    return setting.meaning[0].lower() + setting.meaning[1:].split(". ")[0].rstrip(".") + "."


def _refuse_unknown(given: Mapping[str, str]) -> None:
    known = [setting.name for setting in TABLE]
    for name in sorted(set(given) - set(known)):
        near = difflib.get_close_matches(name, known, n=1)
        advice = f"set {PREFIX}{near[0]} instead" if near else "unset it; docs/operations.md lists every setting"
        raise SettingRefused(f"{PREFIX}{name} is no setting of this gateway: {advice}.")


def _refuse_of_the_other_mode(given: Mapping[str, str], mode: Mode) -> None:
    # DANGER: a deployment that names its issuer but forgets the mode would trust the demo's tokens.
    for name in DEMO_ONLY if mode is Mode.PRODUCTION else PRODUCTION_ONLY:
        if not given.get(name):
            continue
        if mode is Mode.PRODUCTION:
            raise SettingRefused(f"Unset {PREFIX}{name}, which belongs to the demo and has no place in production.")
        raise SettingRefused(
            f"Set {PREFIX}MODE to production, or unset {PREFIX}{name}: the demo trusts its own issuer."
        )


def _refuse_together(values: Mapping[str, Any]) -> None:
    url = urlsplit(values["DATABASE_URL"])
    production = values["MODE"] is Mode.PRODUCTION
    if production and url.password:
        raise SettingRefused(
            f"Take the password out of {PREFIX}DATABASE_URL and set {PREFIX}DATABASE_PASSWORD_FILE to a file with it."
        )
    if values["DATABASE_PASSWORD_FILE"] and (url.scheme == "sqlite" or not url.username):
        raise SettingRefused(
            f"Set {PREFIX}DATABASE_URL to postgresql://user@host/database, or unset {PREFIX}DATABASE_PASSWORD_FILE."
        )
    for name in ("PLATFORM", "SUPERVISION"):
        url = values[f"{name}_URL"]
        if production and url and not url.startswith("https://"):
            raise SettingRefused(
                f"Set {PREFIX}{name}_URL to an https address: personal data leaves this organisation in production."
            )
        if production and url and not values[f"{name}_TOKEN_FILE"]:
            raise SettingRefused(
                f"Set {PREFIX}{name}_TOKEN_FILE to a file with the token that {PREFIX}{name}_URL asks for."
            )
    _refuse_half_a_login(values, production=production)
    _refuse_half_an_identity(values)
    _refuse_kept_plain_references(values)
    _refuse_half_a_signature(values)
    _refuse_unanswerable_consultations(values)
    _refuse_unfit_imports(values)
    _refuse_unfit_rates(values)
    _refuse_secrets_of_nothing(values)
    _refuse_half_a_bucket(values)
    if values["FILE_SCANNER_REQUIRED"] and values["FILE_SCANNER"] is None:
        raise SettingRefused(
            f"Set {PREFIX}FILE_SCANNER, or set {PREFIX}FILE_SCANNER_REQUIRED to off: files are kept unscanned then."
        )
    if not production and values["DEMO_REACH"] == "loopback" and values["HOST"] not in parsers.LOOPBACK:
        raise SettingRefused(
            f"Set {PREFIX}HOST to 127.0.0.1, or {PREFIX}DEMO_REACH to network if others may make themselves a token."
        )
    if production and urlsplit(values["JOINT_MEASURES_URL"] or "https:").scheme != "https":
        raise SettingRefused(f"Set {PREFIX}JOINT_MEASURES_URL to an https address: identity numbers are sent there.")
    if (values["JOINT_MEASURES_URL"] is None) is not (values["JOINT_MEASURES_TOKEN_FILE"] is None):
        raise SettingRefused(
            f"Set {PREFIX}JOINT_MEASURES_URL and {PREFIX}JOINT_MEASURES_TOKEN_FILE together, or neither."
        )


def _refuse_half_a_login(values: Mapping[str, Any], *, production: bool) -> None:
    if not values["LOGIN"]:
        return
    if production and not (values["PUBLIC_URL"] or "").startswith("https://"):
        raise SettingRefused(f"Set {PREFIX}PUBLIC_URL to the https address of this gateway: its cookie needs it.")
    if values["OIDC_CLIENT_ID"] is None:
        raise SettingRefused(
            f"Set {PREFIX}OIDC_CLIENT_ID to what the issuer calls this gateway, or set {PREFIX}LOGIN to off."
        )
    if values["OIDC_CLIENT_ID"] == values["OIDC_AUDIENCE"]:
        raise SettingRefused(
            f"Set {PREFIX}OIDC_CLIENT_ID to another word than {PREFIX}OIDC_AUDIENCE: "
            "otherwise an ID token would count as an access token."
        )
    if "openid" not in values["OIDC_SCOPES"].split():
        raise SettingRefused(f"Set {PREFIX}OIDC_SCOPES to words of which one is openid: no login is without it.")


def _refuse_kept_plain_references(values: Mapping[str, Any]) -> None:
    if values["OIDC_KEPT_REFERENCES_FILE"] and values["OIDC_ACCOUNT_REFERENCES"] == "plain":
        raise SettingRefused(
            f"Unset {PREFIX}OIDC_KEPT_REFERENCES_FILE, or set {PREFIX}OIDC_ACCOUNT_REFERENCES to keyed: "
            "a plain reference is the account's own."
        )


def _refuse_unanswerable_consultations(values: Mapping[str, Any]) -> None:
    for name in ("CONSULTED_PER_ACTOR", "CONSULTED_PER_DEPARTMENT"):
        if min(limit.amount for limit in values[name]) < values["CONSULTATION_MOST_NAMES"]:
            raise SettingRefused(
                f"Set {PREFIX}{name} to limits of {PREFIX}CONSULTATION_MOST_NAMES or more: "
                "otherwise the largest consultation is always refused."
            )


def _refuse_unfit_imports(values: Mapping[str, Any]) -> None:
    for name in ("IMPORTED_PER_ACTOR", "IMPORTED_PER_DEPARTMENT"):
        if min(limit.amount for limit in values[name]) < ROWS_AT_ONCE:
            raise SettingRefused(
                f"Set {PREFIX}{name} to limits of {ROWS_AT_ONCE} or more: otherwise a long file is always refused."
            )


def _refuse_unfit_rates(values: Mapping[str, Any]) -> None:
    for name in ("COST_PER_ACTOR", "COST_PER_DEPARTMENT", "COST_PER_NETWORK", "COST_PER_DOCUMENT"):
        if min((limit.amount for limit in values[name]), default=values["MAX_COST"]) < values["MAX_COST"]:
            raise SettingRefused(
                f"Set {PREFIX}{name} to limits of {PREFIX}MAX_COST or more: "
                "otherwise the costliest operation is always refused."
            )


def _refuse_secrets_of_nothing(values: Mapping[str, Any]) -> None:
    for address, secret in (("RATES_REDIS_URL", "RATES_REDIS_PASSWORD_FILE"), ("OTLP_ENDPOINT", "OTLP_HEADERS_FILE")):
        if values[secret] and values[address] is None:
            raise SettingRefused(f"Set {PREFIX}{address}, or unset {PREFIX}{secret}.")


def _refuse_half_a_bucket(values: Mapping[str, Any]) -> None:
    for name in ("LEDGER_S3_ENDPOINT", "LEDGER_S3_KEY_FILE"):
        if values[name] is not None and not isinstance(values["LEDGER_STORE"], tuple):
            raise SettingRefused(f"Set {PREFIX}LEDGER_STORE to s3://bucket/prefix, or unset {PREFIX}{name}.")


def _refuse_half_an_identity(values: Mapping[str, Any]) -> None:
    pairs = (("NAME", "NUMBER"), ("ORGANISATION_NAME", "ORGANISATION_CODE"))
    for name, number in ((f"OIDC_{name}_CLAIM", f"OIDC_{number}_CLAIM") for name, number in pairs):
        if (values[name] is None) is not (values[number] is None):
            raise SettingRefused(f"Set {PREFIX}{name} and {PREFIX}{number} together, or neither.")
    is_linking = values["OIDC_NAME_CLAIM"] is not None or values["OIDC_ORGANISATION_NAME_CLAIM"] is not None
    if is_linking and values["LINK_AREA"] is None:
        raise SettingRefused(f"Set {PREFIX}LINK_AREA to the code of an area: who is registered by linking needs one.")
    for name in ("OIDC_ASSURANCE", "LINK_AREA"):
        if values[name] is not None and not is_linking:
            raise SettingRefused(
                f"Unset {PREFIX}{name}, or set {PREFIX}OIDC_NAME_CLAIM and {PREFIX}OIDC_NUMBER_CLAIM: "
                "no account is linked without them."
            )


def _refuse_half_a_signature(values: Mapping[str, Any]) -> None:
    keys = [name for name in ("NOTICE_PKCS12_FILE", "NOTICE_PKCS11_URI") if values[name]]
    if len(keys) > 1:
        raise SettingRefused(f"Unset {PREFIX}{keys[0]} or {PREFIX}{keys[1]}: notices are signed with one key.")
    if keys and not values["NOTICE_SECRET_FILE"]:
        raise SettingRefused(
            f"Set {PREFIX}NOTICE_SECRET_FILE to a file whose first line opens {PREFIX}{keys[0]}: its passphrase or PIN."
        )
    for name in ("NOTICE_SECRET_FILE", "NOTICE_TSA_URL"):
        if values[name] and not keys:
            raise SettingRefused(
                f"Unset {PREFIX}{name}, or set {PREFIX}NOTICE_PKCS12_FILE or {PREFIX}NOTICE_PKCS11_URI: "
                "nothing is signed without a key."
            )
