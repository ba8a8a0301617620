"""The library's own suites over the staff directory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from flask import Flask
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_models import ScimProvider
from scim2_server.testing import ScimStorageContract

from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.scim.staff.schema import PROVIDER
from hwadmin.scim.staff.storage import StaffStorage
from tests.scim.staff.conftest import BREAK_GLASS, ENTRA, OKTA, StaffPusher
from tests.scim.test_conformance import failures


class TestTheStorage(ScimStorageContract):
    """The staff of one provider, beside another whose people must never be seen."""

    # The library itself filters and sorts; see StaffStorage.search, and the look-ups in test_staff.py.
    test_search_filters_as_the_filter_evaluator = None
    test_search_sorts_as_search_request_sort = None

    @pytest.fixture
    def provider(self) -> ScimProvider:
        return PROVIDER

    @pytest.fixture
    def storage(self, app: Flask, okta: StaffPusher) -> StaffStorage:
        StaffPusher(app, okta.world, "entra")
        other = StaffStorage(COMMAND_LINE, ENTRA, BREAK_GLASS)
        user_type, group_type = PROVIDER.resource_types
        user: Any = PROVIDER.model_for(user_type)
        group: Any = PROVIDER.model_for(group_type)
        for name in ("bjensen", "alice", "bob"):
            other.create(user_type, user(user_name=name, active=False))
        other.create(group_type, group(display_name="Tour Guides"))
        return StaffStorage(COMMAND_LINE, OKTA, BREAK_GLASS)


@pytest.mark.slow
def test_every_conformance_check_passes(app: Flask, okta: StaffPusher) -> None:
    def each_on_its_own(environ: Any, start_response: Any) -> Iterable[bytes]:
        with app.app_context():
            return app(environ, start_response)

    headers = {"Authorization": f"Bearer {okta.secret}"}
    client = WSGISCIMClient(each_on_its_own, "http://localhost/scim/staff/v2", headers)
    assert failures(client) == []
