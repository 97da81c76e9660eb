"""The network of a client, for limits: an address without its last part, which belongs to one household or office."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Scope

from gateway.settings.parsers import Network

Address = IPv4Address | IPv6Address
UNKNOWN: Final = "unknown"
"""The network of a client whose address is not known; all of them share it."""
PREFIX: Final = {4: 24, 6: 48}
REMEMBERED: Final = 4096
"""How many addresses and networks a process remembers: each request of a caller without a token asks for one."""


class ClientNetworks:
    """Finds networks. `X-Forwarded-For` is believed from *trusted* proxies only: anybody can send that header."""

    def __init__(self, trusted: Sequence[Network]) -> None:
        self._trusted = trusted

    def of(self, scope: Scope) -> str:
        """Return the network of a request, such as `192.0.2.0/24`. It is counted by a keyed hash, and never logged."""
        client = scope.get("client")
        address = None if client is None else _address(client[0])
        if address is not None and self._trusted and self._is_trusted(address):
            address = self._forwarded_for(address, Headers(scope=scope).getlist("x-forwarded-for"))
        return _network(address)

    def _forwarded_for(self, proxy: Address, headers: Sequence[str]) -> Address:
        """Return the last address that is no proxy of ours: the client may choose what stands before it."""
        address = proxy
        for word in reversed(",".join(headers).split(",")):
            hop = _address(word.strip())
            if hop is None:
                break
            address = hop
            if not self._is_trusted(hop):
                break
        return address

    def _is_trusted(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)


@lru_cache(maxsize=REMEMBERED)
def _network(address: Address | None) -> str:
    return UNKNOWN if address is None else str(ip_network((address, PREFIX[address.version]), strict=False))


@lru_cache(maxsize=REMEMBERED)
def _address(text: str) -> Address | None:
    """Return the address of *text*, which may name a port; None for anything else."""
    host, _, port = text.rpartition(":")
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif port.isdecimal() and host.count(".") == 3:  # noqa: PLR2004 - an IPv4 address has four parts
        text = host
    try:
        found = ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
