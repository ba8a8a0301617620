"""Where a webhook may go: every way we know of writing or reaching a private address is refused."""

from __future__ import annotations

import pytest

from hwadmin.domain.webhook_urls import Destination, ForbiddenDestination, read, refuse_address


@pytest.mark.parametrize(
    ("url", "destination"),
    [
        ("https://example.com", Destination(True, "example.com", 443, "/")),
        ("https://Example.com:8443/hooks?a=b", Destination(True, "example.com", 8443, "/hooks?a=b")),
        ("https://example.com./x", Destination(True, "example.com", 443, "/x")),
        ("https://xn--bcher-kva.example/", Destination(True, "xn--bcher-kva.example", 443, "/")),
        ("https://93.184.216.34/", Destination(True, "93.184.216.34", 443, "/")),
        (
            "https://[2001:470:1:2:0:5efe:5db8:d822]/",
            Destination(True, "2001:470:1:2:0:5efe:5db8:d822", 443, "/"),
        ),
        ("https://[2606:4700::1111]/", Destination(True, "2606:4700::1111", 443, "/")),
    ],
)
def test_a_public_address_is_taken(url: str, destination: Destination) -> None:
    assert read(url) == destination


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "http://example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "javascript:alert(1)",
        "https://",
        "https:///path",
        "https://user@example.com/",
        "https://user:secret@example.com/",
        "https://example.com@127.0.0.1/",
        "https://example.com#@127.0.0.1/",
        "https://example.com/#part",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://example.com:port/",
        "https://exa mple.com/",
        "https://example.com/\r\nHost: other",
        "https://example.com\\@127.0.0.1/",
        "https://ex\u00e4mple.com/",
        "https://\uff11\uff12\uff17.0.0.1/",
        "https://-example.com/",
        "https://example..com/",
        "https://[::1/",
        "https://" + "a" * 500 + ".com/",
        # This machine and networks like ours
        "https://localhost/",
        "https://LOCALHOST./",
        "https://api.localhost/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://0177.0.0.1/",
        "https://127.0.0.1./",
        "https://0/",
        "https://0.0.0.0/",
        "https://10.0.0.1/",
        "https://172.16.0.1/",
        "https://192.168.1.1/",
        "https://100.64.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://192.0.2.1/",
        "https://198.18.0.1/",
        "https://224.0.0.1/",
        "https://240.0.0.1/",
        "https://255.255.255.255/",
        "https://[::]/",
        "https://[::1]/",
        "https://[fe80::1]/",
        "https://[fe80::1%25eth0]/",
        "https://[fc00::1]/",
        "https://[fec0::1]/",
        "https://192.88.99.1/",
        "https://192.0.0.9/",
        "https://168.63.129.16/metadata",
        "https://[3fff::1]/",
        # An address within, carried by one that is not
        "https://[2001:470:1:2:0:5efe:7f00:1]/",
        "https://[2001:470:1:2:200:5efe:a00:1]/",
        "https://[64:ff9b:1::7f00:1]/",
        "https://[::ffff:0:7f00:1]/",
        "https://[ff02::1]/",
        "https://[2001:db8::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[::127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://[2002:7f00:1::]/",
        "https://[2001:0:53aa:64c:0:0:80ff:fffe]/",
    ],
)
def test_any_other_address_is_refused(url: str) -> None:
    with pytest.raises(ForbiddenDestination):
        read(url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9000/x", "https://127.0.0.1/", "http://localhost:9000/", "http://[::1]:80/"]
)
def test_this_machine_is_allowed_for_trying_out_and_only_it(url: str) -> None:
    assert read(url, allow_loopback=True).host in {"127.0.0.1", "localhost", "::1"}
    with pytest.raises(ForbiddenDestination):
        read(url)
    for other in ("http://10.0.0.1/", "https://10.0.0.1/", "http://example.com/", "https://169.254.169.254/"):
        with pytest.raises(ForbiddenDestination):
            read(other, allow_loopback=True)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34"])
def test_a_public_ip_address_is_connected_to(address: str) -> None:
    refuse_address(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "::1", "::ffff:10.0.0.1", "fe80::1%eth0"])
def test_a_private_ip_address_is_not(address: str) -> None:
    with pytest.raises(ForbiddenDestination, match="not on the public Internet"):
        refuse_address(address)
