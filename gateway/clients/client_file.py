"""Reads the file of clients, and gives each client what is set for it.

A client is an application, by the claim `azp` of its tokens, else `client_id`. The file is TOML, one table for each:

    [client."window-front-end"]
    withheld = "extensions"         # where answers tell what they withhold: errors (the default), or extensions

A client without a table has the defaults; so have callers without a token.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from gateway.settings.declarations import PREFIX
from gateway.settings.settings import SettingRefused
from schema.core.ports import WithheldMode

CLIENT: Final = "client"
WITHHELD: Final = "withheld"


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """What is set for one client."""

    withheld: WithheldMode = WithheldMode.ERRORS


DEFAULTS: Final = ClientSettings()


@dataclass(frozen=True, slots=True)
class Clients:
    """The clients that the operator has named."""

    named: Mapping[str, ClientSettings] = field(default_factory=dict)

    def of(self, client: str | None) -> ClientSettings:
        """Return the settings of *client*: its own, or the defaults."""
        return DEFAULTS if client is None else self.named.get(client, DEFAULTS)


def read_clients(file: Path | None) -> Clients:
    """Return the clients that *file* names, none without one; raises SettingRefused, which says what to correct."""
    if file is None:
        return Clients()
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        raise _refused("a readable TOML file") from None
    tables = found.pop(CLIENT, {})
    if found or not isinstance(tables, dict):
        raise _refused(f'a file with tables such as [{CLIENT}."window-front-end"] and nothing else')
    return Clients({name: _settings(name, table) for name, table in tables.items()})


def _settings(name: str, table: Any) -> ClientSettings:  # noqa: ANN401 - TOML
    if not isinstance(table, dict):
        raise _refused(f"a file in which the client '{name}' has a table")
    for unknown in sorted(set(table) - {WITHHELD}):
        raise _refused(f"a file in which the table of '{name}' has no '{unknown}': it may have {WITHHELD}")
    try:
        return ClientSettings(WithheldMode(table.get(WITHHELD, WithheldMode.ERRORS)))
    except ValueError:
        modes = " or ".join(WithheldMode)
        raise _refused(f"a file in which {WITHHELD} of '{name}' is {modes}") from None


def _refused(wanted: str) -> SettingRefused:
    return SettingRefused(f"Set {PREFIX}CLIENTS_FILE to {wanted}.")
