"""The product as it is deployed, for tests that break what is around it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from flask import Flask

from hwadmin.config import Settings
from hwadmin.db.extensions import db
from tests import databases
from tests.faults.cluster import Cluster, a_cluster
from tests.faults.installation import HOST, Installation, has_nginx
from tests.faults.load import Address, Cast, a_cast
from tests.faults.processes import ROOT
from tests.outbox.receivers import Receiver, receiving
from tests.ports import free_port


@pytest.fixture(scope="package")
def cluster() -> Iterator[Cluster]:
    """A server of PostgreSQL that belongs to these tests alone."""
    with a_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="package")
def mail_port() -> Iterator[int]:
    """The port of a mail server that takes everything."""
    controller = Controller(Sink(), hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller.port
    controller.stop()


@pytest.fixture(scope="package")
def receiver() -> Iterator[Receiver]:
    """The receiver of all webhooks."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="package")
def installed(cluster: Cluster, mail_port: int) -> Iterator[Installation]:
    """The product, installed as docs/admin/install.md says."""
    if not has_nginx() and os.environ.get("REQUIRE_NGINX"):
        pytest.fail("There is no nginx.")
    if not has_nginx():
        pytest.skip("There is no nginx.")
    folder = Path(tempfile.mkdtemp(prefix="hwadmin_site_"))
    # nginx's workers are of another user, and keep what arrives here.
    folder.chmod(0o755)
    installation = Installation(folder, cluster, mail_port)
    try:
        installation.follow((ROOT / "docs" / "admin" / "install.md").read_text())
        yield installation
    finally:
        installation.close()
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Site:
    """The installed product with people at work: what they need, and a look past everything that breaks."""

    installed: Installation
    address: Address
    cast: Cast
    receiver: Receiver
    app: Flask


@pytest.fixture(scope="package")
def site(installed: Installation, receiver: Receiver) -> Iterator[Site]:
    """The installed product, with a platform in it."""
    settings = installed.settings(installed.folder / "etc" / "environment")
    beside = str(installed.folder / "beside")
    app = databases.new_app(Settings.from_env(settings | {"HWADMIN_INSTANCE": beside}))
    yield Site(installed, Address(installed.port, HOST, tls=True), a_cast(app, receiver.url), receiver, app)
    with app.app_context():
        db.engine.dispose()
