"""The network that a limit counts by: what a client says of itself is not believed."""

from ipaddress import ip_network

import pytest

from gateway.http.client_network import ClientNetworks

OURS = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


@pytest.mark.parametrize(
    ("case", "peer", "forwarded", "network"),
    [
        ("IPv4 by its /24", "192.0.2.77", [], "192.0.2.0/24"),
        ("IPv6 by its /48", "2001:db8:1:2::3", [], "2001:db8:1::/48"),
        ("IPv4 within IPv6", "::ffff:192.0.2.77", [], "192.0.2.0/24"),
        ("a stranger's header is not believed", "192.0.2.77", ["198.51.100.1"], "192.0.2.0/24"),
        ("our proxy names the client", "10.1.2.3", ["198.51.100.9"], "198.51.100.0/24"),
        ("what stands before it the client chose", "10.1.2.3", ["203.0.113.1, 198.51.100.9"], "198.51.100.0/24"),
        ("two proxies of ours", "10.1.2.3", ["198.51.100.9, 10.9.9.9"], "198.51.100.0/24"),
        ("two headers are one list", "fd00::1", ["203.0.113.1", "198.51.100.9"], "198.51.100.0/24"),
        ("with a port", "10.1.2.3", ["198.51.100.9:4711"], "198.51.100.0/24"),
        ("IPv6 in brackets", "10.1.2.3", ["[2001:db8:7::1]:443"], "2001:db8:7::/48"),
        ("what cannot be read counts for the proxy", "10.1.2.3", ["198.51.100.9, unknown"], "10.1.2.0/24"),
        ("no header", "10.1.2.3", [], "10.1.2.0/24"),
        ("no address", None, ["198.51.100.9"], "unknown"),
        ("a socket's path", "/run/gateway.sock", ["198.51.100.9"], "unknown"),
    ],
)
def test_network(case: str, peer: str | None, forwarded: list[str], network: str) -> None:
    headers = [(b"x-forwarded-for", each.encode()) for each in forwarded]
    scope = {"type": "http", "client": None if peer is None else (peer, 1), "headers": headers}
    assert ClientNetworks(OURS).of(scope) == network, case
