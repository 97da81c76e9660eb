"""The recipients: the city platform, the platform that pushes cases to us, and each sector's supervisors.

The supervisors' file is TOML, one table for each sector with a recipient:

    [market]
    url = "https://supervision.example/restraints"
    token_file = "/run/secrets/market-token"
    area = "370305"
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from consent.vocabulary import KnownBy
from credit.corrections.correction import Route
from gateway.settings import parsers
from gateway.settings.declarations import PREFIX
from gateway.settings.settings import SettingRefused, Settings
from policy.actors import Actor, Role
from storage.repositories.messages.outbox_queue import PLATFORM, SUPERVISION

REF: Final = "courier"
DISTRICT: Final = "370305"
"""The area of a sector's supervisors, where their table names none: the whole of Linzi."""
HERE: Final = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Recipient:
    """One recipient: its address and token, and the role and the document with which a message for it is opened."""

    name: str
    route: Route
    url: str
    token_file: Path | None
    actor: Actor
    document: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DeliveryRecipients:
    """All recipients that are configured."""

    of_route: Mapping[str, Recipient] = field(default_factory=dict)
    of_sector: Mapping[str, Recipient] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.of_route or self.of_sector)

    @property
    def all(self) -> tuple[Recipient, ...]:
        """All recipients."""
        return (*self.of_route.values(), *self.of_sector.values())


def recipients(settings: Settings) -> DeliveryRecipients:
    """Return the configured recipients; raises SettingRefused for a file that is not in the agreed form."""
    document = (HERE / "for_platform.graphql").read_text(encoding="utf-8")
    platforms = (
        (PLATFORM, "city-platform", Route.CITY_PLATFORM, settings.platform_url, settings.platform_token_file),
        (
            SUPERVISION,
            "supervision-platform",
            Route.SUPERVISION_PLATFORM,
            settings.supervision_url,
            settings.supervision_token_file,
        ),
    )
    of_route = {
        each: Recipient(name, route, url, token_file, Actor(REF, Role.PLATFORM, known_by=KnownBy.CONFIGURED), document)
        for each, name, route, url, token_file in platforms
        if url is not None
    }
    tables = {} if settings.supervisors_file is None else _read(settings.supervisors_file)
    document = (HERE / "for_supervisors.graphql").read_text(encoding="utf-8")
    return DeliveryRecipients(
        of_route, {sector: _of_sector(settings, sector, table, document) for sector, table in tables.items()}
    )


def _read(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise _refused("a readable TOML file with one table for each sector") from None


def _of_sector(settings: Settings, sector: str, table: Any, document: str) -> Recipient:  # noqa: ANN401 - TOML
    if not isinstance(table, dict) or set(table) - {"url", "token_file", "area"} or "url" not in table:
        raise _refused(f"a file whose table '{sector}' has a url, and may have a token_file and an area")
    url, token_file = str(table["url"]), table.get("token_file")
    check_address(url, production=not settings.is_demo, what=f"the url of '{sector}' in {PREFIX}SUPERVISORS_FILE")
    # They receive what they could look up themselves: the policy of FOCUSED_CHECK, in their sector and area [5.2.2].
    actor = Actor(
        REF, Role.REGULATOR, sector=sector, area=str(table.get("area", DISTRICT)), known_by=KnownBy.CONFIGURED
    )
    return Recipient(
        f"supervisors:{sector}", Route.SUPERVISORS, url, Path(str(token_file)) if token_file else None, actor, document
    )


def check_address(url: str, *, production: bool, what: str) -> None:
    """Refuse an address to which personal data must not be sent: raises SettingRefused."""
    try:
        parsers.web_address(url)
    except parsers.NotAccepted as error:
        raise SettingRefused(f"Set {what} to {error}.") from None
    if production and not url.startswith("https://"):
        raise SettingRefused(f"Set {what} to an https address: personal data leaves this organisation in production.")


def _refused(wanted: str) -> SettingRefused:
    return SettingRefused(f"Set {PREFIX}SUPERVISORS_FILE to {wanted}.")
