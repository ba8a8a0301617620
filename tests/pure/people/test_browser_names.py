"""What a browser is called in the list of sessions."""

from __future__ import annotations

import pytest

from hwadmin.domain.people.browser_names import browser_name

MOZILLA = "Mozilla/5.0 "
LIKE_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "name", "short"),
    [
        (
            "(Windows NT 10.0; Win64; x64; rv:147.0) Gecko/20100101 Firefox/147.0",
            "Firefox 147 on Windows",
            "Firefox on Windows",
        ),
        ("(Macintosh; Intel Mac OS X 10_15_7) " + LIKE_CHROME, "Chrome 143 on macOS", "Chrome on macOS"),
        ("(Windows NT 10.0) " + LIKE_CHROME + " Edg/142.1", "Edge 142 on Windows", "Edge on Windows"),
        ("(Linux; Android 10; K) " + LIKE_CHROME + " EdgA/142.1", "Edge 142 on Android", "Edge on Android"),
        ("(X11; Linux x86_64) " + LIKE_CHROME + " OPR/120.0", "Opera 120 on Linux", "Opera on Linux"),
        (
            "(iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1 Version/18.1 Safari/604.1",
            "Safari 18 on iPhone",
            "Safari on iPhone",
        ),
        (
            "(iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1 CriOS/143.0 Mobile/15E1 Safari/604.1",
            "Chrome 143 on iPad",
            "Chrome on iPad",
        ),
        ("(Haiku) Firefox/140.0", "Firefox 140", "Firefox"),
    ],
)
def test_a_browser_has_the_name_its_owner_calls_it_by(agent: str, name: str, short: str) -> None:
    assert browser_name(MOZILLA + agent) == name
    assert browser_name(MOZILLA + agent, version=False) == short


def test_what_is_no_known_browser_is_called_what_it_calls_itself_for_sixty_characters() -> None:
    assert browser_name("curl/8.1 (Windows)") == "curl/8.1 (Windows)"
    assert browser_name("x" * 100) == "x" * 60
    assert browser_name(None) == browser_name("") == "Unknown browser"
