"""Where a webhook may go: public addresses only, so that nobody sees or moves our own network through us.

Pure. What is written in an address is judged here; what its name resolves to is judged here as well, at the
moment of each delivery and on the very address that is connected to.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

MOST_CHARACTERS = 500
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
# What a resolver would read as a number, whatever its base: 2130706433, 0177.0.0.1, 0x7f.1.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# IPv6 addresses that carry an IPv4 address in their last 32 bits: NAT64, and "compatible" ones.
_CARRIERS = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))

# ISATAP (RFC 5214): so begins the second half of an address, with or without a bit, before the IPv4 address.
_ISATAP, _ISATAP_BIT = 0x00005EFE, 0x02000000

# What Python calls global, this version or an older one: site-local IPv6 (RFC 3879), the relays from IPv6 to
# IPv4 (RFC 7526), addresses of protocols (RFC 6890) and for examples (RFC 9637), what Azure's machines see.
_NOT_PUBLIC = tuple(
    map(
        ipaddress.ip_network,
        ("fec0::/10", "192.88.99.0/24", "192.0.0.0/24", "3fff::/20", "168.63.129.16/32"),
    )
)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class ForbiddenDestination(ValueError):
    """Nothing is sent there; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Destination:
    """An address taken apart."""

    secure: bool
    host: str
    port: int
    # Path and query, as they stand in the request.
    target: str


def read(url: str, *, allow_loopback: bool = False) -> Destination:
    """Take an address apart, as it stands, without looking anything up.

    Args:
        url: the address.
        allow_loopback: whether this machine itself may be told, for trying out; then also without TLS.

    Raises:
        ForbiddenDestination: it is no address we would ever send to.
    """
    if len(url) > MOST_CHARACTERS:
        raise ForbiddenDestination(f"Use {MOST_CHARACTERS} characters at most.")
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise ForbiddenDestination("Write the address in plain ASCII characters, without spaces.")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise ForbiddenDestination("This is not an address, such as https://example.com/hooks.") from None
    if parts.scheme not in ("https", "http") or not host:
        raise ForbiddenDestination("Write an address that begins with https://.")
    if "@" in parts.netloc:
        raise ForbiddenDestination("Leave out the name and password; the signature proves who sends.")
    if parts.fragment:
        raise ForbiddenDestination("Leave out what follows the #; it is never sent.")
    if port == 0:
        raise ForbiddenDestination("There is no port 0.")
    _refuse_host(host, allow_loopback)
    secure = parts.scheme == "https"
    if not secure and not (allow_loopback and _is_this_machine(host)):
        raise ForbiddenDestination("Use https, so that nobody can read along.")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Destination(secure, host, port or (443 if secure else 80), target)


def refuse_address(text: str, *, allow_loopback: bool = False) -> None:
    """Refuse an IP address that is not on the public Internet.

    Raises:
        ForbiddenDestination: it is private, of this machine or network, reserved, or for many receivers.
    """
    address: Address = ipaddress.ip_address(text.partition("%")[0])
    # An IPv6 address that merely wraps an IPv4 address leads to that one.
    meant = _carried(address) or address
    if meant.is_loopback and allow_loopback:
        return
    if not meant.is_global or meant.is_multicast or meant.is_reserved or _is_known_inside(meant):
        raise ForbiddenDestination(f"{address} is not on the public Internet.")


def _is_known_inside(address: Address) -> bool:
    """Whether it is of a range that is not public, and that Python calls global."""
    return any(address in network for network in _NOT_PUBLIC if network.version == address.version)


def _carried(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address within an IPv6 address, if it is only a wrapping."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    carries = int(address) >> 32 & 0xFFFFFFFF & ~_ISATAP_BIT == _ISATAP
    if carries or (any(address in network for network in _CARRIERS) and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _refuse_host(host: str, allow_loopback: bool) -> None:
    literal = host.partition("%")[0]
    try:
        ipaddress.ip_address(literal)
    except ValueError:
        pass
    else:
        refuse_address(host, allow_loopback=allow_loopback)
        return
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]) or not all(_LABEL.fullmatch(label) for label in labels):
        raise ForbiddenDestination("This is neither a name nor a plain IP address.")
    if labels[-1] == "localhost" and not allow_loopback:
        raise ForbiddenDestination("This is the server itself.")


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host.split(".")[-1] == "localhost"
