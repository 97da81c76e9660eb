"""Parsers of setting values, one for each kind; a refusal says what would be accepted."""

import re
import shlex
from collections.abc import Callable, Mapping
from datetime import date
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from limits import RateLimitItem, parse_many

from credit.core.errors import InvalidItem
from credit.core.values.dates import parse_iso_date
from gateway.auth.claim_paths import ClaimPath
from policy.actors import Role

Network = IPv4Network | IPv6Network
ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-]+(:\d{1,5})?|https?://\[[0-9a-fA-F:]+\](:\d{1,5})?")
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class NotAccepted(ValueError):
    """A value that a setting does not accept. The message completes “Set CHENGXIN_… to”."""


def choice(*words: str) -> Callable[[str], str]:
    """Return a parser for one of *words*."""

    def parse(raw: str) -> str:
        if raw not in words:
            raise NotAccepted(" or ".join(words))
        return raw

    return parse


def switch(raw: str) -> bool:
    """Return whether *raw* is `on`."""
    return choice("on", "off")(raw) == "on"


def whole(least: int, most: int) -> Callable[[str], int]:
    """Return a parser for a whole number between *least* and *most*."""

    def parse(raw: str) -> int:
        if not re.fullmatch(r"\d{1,12}", raw, re.ASCII) or not least <= int(raw) <= most:
            raise NotAccepted(f"a whole number from {least} to {most}")
        return int(raw)

    return parse


def day(raw: str) -> date:
    """Return a day, such as `2026-03-05`."""
    try:
        return parse_iso_date(raw)
    except InvalidItem:
        raise NotAccepted("a day such as 2026-03-05") from None


def seconds(least: float, most: float) -> Callable[[str], float]:
    """Return a parser for a number of seconds, fractions allowed."""

    def parse(raw: str) -> float:
        if not re.fullmatch(r"\d{1,6}(\.\d{1,3})?", raw, re.ASCII) or not least <= float(raw) <= most:
            raise NotAccepted(f"a number of seconds from {least:g} to {most:g}")
        return float(raw)

    return parse


def quotas(raw: str) -> tuple[RateLimitItem, ...]:
    """Return the limits of a text such as `60/hour` or `120/hour;600/day`."""
    try:
        found = tuple(parse_many(raw))
    except ValueError:
        found = ()
    if not found or any(limit.amount < 1 for limit in found):
        raise NotAccepted("limits such as 60/hour or 120/hour;600/day")
    return found


def rates(raw: str) -> tuple[RateLimitItem, ...]:
    """Return the limits of a text such as `600/minute`; none for `off`."""
    if raw == "off":
        return ()
    try:
        return quotas(raw)
    except NotAccepted:
        raise NotAccepted("limits such as 600/minute or 600/minute;10000/day, or off") from None


def redis_address(raw: str) -> str:
    """Return the address of a Redis, without a password."""
    parts = urlsplit(raw)
    if parts.scheme not in {"redis", "rediss"} or not parts.hostname or parts.password or parts.query or parts.fragment:
        raise NotAccepted("redis://host:6379/0 or rediss://host:6379/0, without a password")
    return raw


def collector_address(raw: str) -> str:
    """Return the address of a collector of telemetry: http or https, without user name, query or fragment."""
    parts = urlsplit(raw)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise NotAccepted("an http or https address such as http://otel-collector:4318")
    return raw.rstrip("/")


def networks(raw: str) -> tuple[Network, ...]:
    """Return the networks of a comma-separated list."""
    try:
        return tuple(ip_network(word.strip()) for word in raw.split(",") if word.strip())
    except ValueError:
        raise NotAccepted("networks such as 10.0.0.0/8 or fd00::/8, separated by commas") from None


def path(raw: str) -> Path:
    """Return *raw* as a path, with `~` expanded."""
    return Path(raw).expanduser()


def text(raw: str) -> str:
    """Return *raw*, which may be any printable text."""
    if not raw.isprintable():
        raise NotAccepted("printable text")
    return raw


def database_url(raw: str) -> str:
    """Return the address of a database."""
    if urlsplit(raw).scheme not in {"sqlite", "postgresql"}:
        raise NotAccepted("sqlite:///path/to/file or postgresql://user@host/database")
    return raw


def web_address(raw: str) -> str:
    """Return an address of tokens or keys: `https` only, or `http` on this machine."""
    parts = urlsplit(raw)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not safe or not parts.hostname or parts.username or parts.fragment:
        raise NotAccepted("an https address without user name or fragment")
    return raw


def origin(raw: str) -> str:
    """Return the address of this gateway as an origin: `https`, or `http` on this machine."""
    if not ORIGIN.fullmatch(raw) or raw != raw.lower() or raw.endswith((":443", ":80")):
        raise NotAccepted(
            "an address such as https://credit.example, in small letters, without a path or the usual port"
        )
    return web_address(raw)


def origins(raw: str) -> tuple[str, ...]:
    """Return the origins of a comma-separated list. `*` is refused."""
    found = tuple(word.strip() for word in raw.split(",") if word.strip())
    if not all(ORIGIN.fullmatch(origin) for origin in found):
        raise NotAccepted("origins such as https://front.example, separated by commas, without a path and never *")
    return found


def header_names(raw: str) -> tuple[str, ...]:
    """Return the header names of a comma-separated list [RFC 9110 5.6.2]. `*` is refused."""
    found = tuple(word.strip() for word in raw.split(",") if word.strip())
    if not all(re.fullmatch(r"[A-Za-z0-9!#$%&'^_`|~.+-]+", name, re.ASCII) for name in found):
        raise NotAccepted("names of headers such as traceparent, separated by commas and never *")
    return found


def claim(raw: str) -> ClaimPath:
    """Return where a token holds a claim."""
    try:
        return ClaimPath.parse(raw)
    except ValueError:
        raise NotAccepted("a claim such as roles, realm_access.roles or /resource_access/chengxin/roles") from None


def claim_values(raw: str) -> tuple[ClaimPath, frozenset[str]]:
    """Return a claim and the values that are asked for, from a text such as `auth_level=3,4`."""
    name, equals, values = raw.rpartition("=")
    found = frozenset(value.strip() for value in values.split(",") if value.strip())
    if not equals or not found:
        raise NotAccepted("a claim and the values that are enough, such as auth_level=3,4")
    return claim(name.strip()), found


def role_names(raw: str) -> Mapping[str, Role]:
    """Return our role for each name of the issuer, from a list such as `case-worker=handler;chief=head`."""
    found: dict[str, Role] = {}
    for pair in filter(None, (word.strip() for word in raw.split(";"))):
        theirs, _, ours = pair.rpartition("=")
        theirs, ours = theirs.strip(), ours.strip()
        if not theirs or theirs in found or ours not in set(Role) - {Role.ANONYMOUS}:
            raise NotAccepted("pairs such as chengxin-handler=handler;chengxin-head=head, each of their names once")
        found[theirs] = Role(ours)
    return found


def host(raw: str) -> str:
    """Return a host name or address to listen on."""
    if not re.fullmatch(r"[A-Za-z0-9.\-]+|[0-9a-fA-F:]+", raw):
        raise NotAccepted("a host name or an address, such as 127.0.0.1")
    return raw


def pkcs11_uri(raw: str) -> str:
    """Return the PKCS#11 URI of a key [RFC 7512]. It must not contain a PIN."""
    _, _, query = raw.partition("?")
    named = {
        each.partition("=")[0]
        for each in (*raw.removeprefix("pkcs11:").partition("?")[0].split(";"), *query.split("&"))
    }
    if not raw.startswith("pkcs11:") or not {"token", "object", "module-path"} <= named or "pin-value" in named:
        raise NotAccepted("pkcs11:token=…;object=…?module-path=/path/to/module.so, without a PIN")
    return raw


def scanner(raw: str) -> str:
    """Return a malware scanner: the address of a clamd, or a command by its whole path."""
    parts = urlsplit(raw)
    try:
        is_clamd = parts.scheme == "tcp" and bool(parts.hostname and parts.port) and not parts.path.strip("/")
        is_command = not parts.scheme and Path(shlex.split(raw)[0]).is_absolute()
    except (ValueError, IndexError):
        is_clamd = is_command = False
    if not (is_clamd or is_command):
        raise NotAccepted("tcp://host:port, or a command by its whole path, such as /usr/bin/clamdscan -")
    return raw


def time_stamp_address(raw: str) -> str:
    """Return the address of a time-stamp authority. Plain http is allowed: its responses are signed."""
    parts = urlsplit(raw)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.fragment:
        raise NotAccepted("an http or https address without user name or fragment")
    return raw


def service_address(raw: str) -> str:
    """Return the address of a service that signs its requests: a host, without user name, path or query."""
    parts = urlsplit(raw)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not safe or not parts.hostname or parts.username or parts.query or parts.fragment or parts.path.strip("/"):
        raise NotAccepted("an https address without user name or path")
    return raw.rstrip("/")


def region(raw: str) -> str:
    """Return the name of a region."""
    if not re.fullmatch(r"[A-Za-z0-9-]{1,64}", raw):
        raise NotAccepted("the name of a region, such as cn-north-1")
    return raw


def ledger_store(raw: str) -> Path | tuple[str, str]:
    """Return where tiles lie: a folder, or the name of a bucket and the prefix in it."""
    folder, bucket = (
        raw.removeprefix("file:"),
        re.fullmatch(r"s3://([a-z0-9][a-z0-9.-]{1,62})(/[A-Za-z0-9._/-]*)?", raw),
    )
    if bucket is not None:
        return bucket[1], (bucket[2] or "").strip("/")
    if folder == raw or not folder or folder.startswith("//"):
        raise NotAccepted("file:/path/to/folder or s3://bucket/prefix")
    return path(folder)


def log_origin(raw: str) -> str:
    """Return the name of logs: that of a host and a path, without scheme, space or plus [c2sp.org/tlog-checkpoint]."""
    if not re.fullmatch(r"[A-Za-z0-9.-]{1,200}(:[0-9]{1,5})?(/[A-Za-z0-9._~-]{1,100}){0,8}", raw, re.ASCII):
        raise NotAccepted("a host and a path without a scheme, such as credit.linzi.example/log")
    return raw
