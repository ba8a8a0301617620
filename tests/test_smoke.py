"""The product starts and its main pages open: the first thing to run after any change."""

from __future__ import annotations

import pytest

from tests.builders import Clients


@pytest.mark.parametrize(
    "path", ["/orders/", "/devices/", "/accounts/", "/catalog/", "/audit/", "/search/", "/dashboard/"]
)
def test_a_page_of_the_menu_opens(clients: Clients, path: str) -> None:
    assert clients.ada.get(path).status_code == 200
