"""What tests of the directory can ask for."""

from __future__ import annotations

import pytest
from flask import Flask

from hwadmin.models import Account
from tests.builders import World
from tests.scim.pushers import Pusher


@pytest.fixture
def account(world: World) -> Account:
    return world.an_account(name="Riverside Clinic")


@pytest.fixture
def okta(app: Flask, account: Account) -> Pusher:
    """The identity provider of Riverside Clinic."""
    return Pusher(app, account)
