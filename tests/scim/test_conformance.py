"""The library's own suites: the contract of a storage, and the conformance checks over the whole protocol."""

from __future__ import annotations

import http.client
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_models import ResourceType, ScimProvider
from scim2_server.testing import SEARCH_FILTERS, SEARCH_SORTS, ScimStorageContract
from scim2_tester import Status, check_server

from hwadmin.config import Settings
from hwadmin.domain.permissions import Actor, Role
from hwadmin.models import Account
from hwadmin.scim.schema import PROVIDER
from hwadmin.scim.storage import EmployeeStorage
from tests.bench.servers import Server
from tests.builders import World
from tests.races.rows import a_world
from tests.scim.pushers import a_token


class TestTheStorage(ScimStorageContract):
    """The directory of one account, beside another whose people must never be seen."""

    @pytest.fixture
    def provider(self) -> ScimProvider:
        return PROVIDER

    @pytest.fixture
    def group_type(self) -> ResourceType:
        pytest.skip("There are no groups here.")

    @pytest.fixture
    def storage(self, world: World, account: Account) -> EmployeeStorage:
        actor = Actor(None, "Okta", Role.PLATFORM_ADMIN, frozenset({account.platform_id}))
        other = EmployeeStorage(actor, world.an_account().id)
        user_type = PROVIDER.resource_types[0]
        model: Any = PROVIDER.model_for(user_type)
        for name in ("bjensen", "alice", "bob"):
            other.create(user_type, model(user_name=name, title="Boss", active=False))
        return EmployeeStorage(actor, account.id)

    # What the suite does for each filter and each order by itself is done here on the same people.
    made = False

    def search_users(self) -> list[dict[str, Any]]:
        users, self.made = [] if self.made else super().search_users(), True
        return users

    @pytest.mark.both_databases
    def test_search_filters_as_the_filter_evaluator(
        self, storage: Any, provider: ScimProvider, user_type: ResourceType, user_model: Any
    ) -> None:
        for each in SEARCH_FILTERS:
            super().test_search_filters_as_the_filter_evaluator(
                storage, provider, user_type, user_model, each
            )

    @pytest.mark.both_databases
    def test_search_sorts_as_search_request_sort(
        self, storage: Any, provider: ScimProvider, user_type: ResourceType, user_model: Any
    ) -> None:
        sorted_by = []
        for each in SEARCH_SORTS:
            with suppress(pytest.skip.Exception):
                for order in ("ascending", "descending"):
                    super().test_search_sorts_as_search_request_sort(
                        storage, provider, user_type, user_model, each, order
                    )
                sorted_by.append(each)
        # What is not stored is refused.
        assert set(SEARCH_SORTS) - set(sorted_by) == {"emails.type"}


def failures(client: WSGISCIMClient) -> list[str]:
    """What the conformance checks object to; that they were made at all is checked too."""
    results = check_server(client)
    found = Counter(result.status for result in results)
    assert found[Status.SUCCESS] >= 70, found
    fine = {Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE, Status.SKIPPED}
    return [f"{one.title} {one.status.name}: {one.reason}" for one in results if one.status not in fine]


def test_every_conformance_check_passes_in_process(app: Flask, account: Account) -> None:
    secret = a_token(account)

    def each_on_its_own(environ: Any, start_response: Any) -> Iterable[bytes]:
        with app.app_context():
            return app(environ, start_response)

    address = f"http://localhost/scim/v2/{account.id}"
    client = WSGISCIMClient(each_on_its_own, address, {"Authorization": f"Bearer {secret}"})
    assert failures(client) == []


def over_http(port: int) -> Callable[..., Iterable[bytes]]:
    """An application that asks a server on this machine."""

    def ask(environ: Any, start_response: Any) -> Iterable[bytes]:
        headers = {name[5:].replace("_", "-"): of for name, of in environ.items() if name.startswith("HTTP_")}
        if environ.get("CONTENT_TYPE"):
            headers["Content-Type"] = environ["CONTENT_TYPE"]
        query = environ.get("QUERY_STRING")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            path = environ["PATH_INFO"] + (f"?{query}" if query else "")
            connection.request(environ["REQUEST_METHOD"], path, environ["wsgi.input"].read(), headers)
            answer = connection.getresponse()
            start_response(f"{answer.status} {answer.reason}", answer.getheaders())
            return [answer.read()]
        finally:
            connection.close()

    return ask


@pytest.mark.full
def test_every_conformance_check_passes_against_a_running_server(
    own_app: Flask, own_database: Settings, tmp_path: Path
) -> None:
    with a_world(own_app, World()) as world:
        account = world.an_account()
        address, secret = f"http://127.0.0.1/scim/v2/{account.id}", a_token(account)
    environ = {"HWADMIN_DATABASE_URL": own_database.database_url, "HWADMIN_INSTANCE": str(tmp_path)}
    with Server("app:app", environ, "") as server:
        client = WSGISCIMClient(over_http(server.port), address, {"Authorization": f"Bearer {secret}"})
        assert failures(client) == []
