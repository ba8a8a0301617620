"""docs/admin/several-machines.md, block by block, and its machines lost one after the other under load."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from flask import Flask

from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.factory import create_app
from tests.faults.cluster import Cluster, programs_of_server
from tests.faults.installation import HOST, Installation, has_nginx, steps
from tests.faults.load import Address, Writers, a_cast
from tests.faults.machines import Network, a_network
from tests.faults.processes import OUTBOX, ROOT, WEB
from tests.faults.whole_history import problems
from tests.outbox.receivers import Receiver, receiving

pytestmark = [pytest.mark.slow, pytest.mark.full]

PAGE = (ROOT / "docs/admin/several-machines.md").read_text()
INSTALL = (ROOT / "docs/admin/install.md").read_text()
# The first is the one everything is looked at from.
ADDRESSES = {
    "proxy": "10.0.0.10",
    "web1": "10.0.0.11",
    "web2": "10.0.0.12",
    "db1": "10.0.0.21",
    "db2": "10.0.0.22",
}
WRITERS = 8
_SERVICES = ("hwadmin-migrate", "hwadmin-web.socket", WEB, OUTBOX)


def section(heading: str) -> str:
    """A part of the page."""
    return PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def step(text: str, number: int) -> str:
    """A numbered step of a part."""
    found = re.search(rf"^{number}\. .*?(?=^\d+\. |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[0]


def blocks(text: str) -> list[str]:
    """The indented blocks of a part, in a list of steps or not; each begins with the name of its machine."""
    found = steps(re.sub(r"^ {4}(?=\S)", " " * 7, text, flags=re.MULTILINE))
    return [block for several in found for block in re.split(r"\n+(?=# (?:proxy|web|db)\d?\b)", several)]


class DatabaseServer(Cluster):
    """A server whose settings lie apart from its files, as Debian has them."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o755)
        super().__init__(folder, programs_of_server(), port=5432)
        etc = folder / "conf"
        (etc / "conf.d").mkdir(parents=True)
        for name in ("postgresql.conf", "pg_hba.conf", "pg_ident.conf"):
            (self.data / name).rename(etc / name)
        with (etc / "postgresql.conf").open("a") as file:
            file.write(
                f"data_directory = '{self.data}'\nhba_file = '{etc}/pg_hba.conf'\n"
                f"ident_file = '{etc}/pg_ident.conf'\ninclude_dir = '{etc}/conf.d'\n"
            )
        self.etc = etc
        self.own(folder)

    def own(self, path: Path) -> None:
        """Give what lies there to the user of the server."""
        for one in (path, *path.rglob("*")):
            shutil.chown(one, self.user or os.geteuid())

    def copy(self, command: str) -> None:
        """Run pg_basebackup, as the user of the server."""
        environ = {"PATH": str(self.programs), "PGPASSFILE": str(self.folder / "home" / ".pgpass")}
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            user=self.user, cwd=self.folder, env=environ, capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


class Machine:
    """One of the five, and what the page says to do there."""

    def __init__(self, name: str, folder: Path, network: Network, database: DatabaseServer) -> None:
        self.name, self.network = name, network
        # Of a machine with a database, that; of another one where it is looked for.
        self.server = database if name.startswith("db") else None
        self.installed = Installation(
            folder / "home",
            database,
            mail=25,
            port=443,
            plain=80,
            backend=8000,
            listen="",
            elsewhere=(
                ("/etc/postgresql/15/main", str(folder / "conf")),
                ("/var/lib/postgresql/15/main", str(folder / "data")),
                ("/var/lib/postgresql", str(folder / "home")),
                ("hwadmin_replica:PASSWORD", "hwadmin_replica:only-for-tests"),
            ),
        )

    def install(self, *numbers: int) -> None:
        """Do these steps of install.md."""
        with self.network.inside(self.name):
            for number in numbers:
                self.installed.follow(step(INSTALL, number))

    def do(self, block: str) -> None:
        """Do what a block says, without its first line, or write the file that its first line names."""
        first, _, rest = block.partition("\n")
        _, is_file, where = first.partition(": ")
        with self.network.inside(self.name):
            if is_file:
                append, path = where.startswith("at the end of "), where.removeprefix("at the end of ")
                written = self.installed.put(path, rest + "\n", append=append)
                if self.server is not None:
                    self.server.own(written)
                return
            for line in rest.splitlines():
                self._command(line)

    def _command(self, line: str) -> None:
        if self.server is None or line.startswith("psql"):
            self.installed.do(line)
        elif line.startswith("rm -r "):
            # Of this test, whatever became of the page.
            assert line == "rm -r /var/lib/postgresql/15/main"
            shutil.rmtree(self.server.data)
        elif line.startswith("pg_basebackup "):
            self.server.copy(line.replace("/var/lib/postgresql/15/main", str(self.server.data)))
        else:
            verb = line.removeprefix("systemctl ").removesuffix(" postgresql")
            if verb in {"stop", "restart"}:
                self.server.stop()
            if verb in {"start", "restart"}:
                self.server.start()

    def boot(self) -> None:
        """Start what systemd starts with the machine."""
        self.installed.close()
        with self.network.inside(self.name):
            if self.server is not None:
                self.server.start()
                return
            for unit in _SERVICES:
                self.installed.start(unit)


class Site:
    """The five machines."""

    def __init__(self, folder: Path, network: Network) -> None:
        self.network = network
        servers = {name: DatabaseServer(folder / name) for name in ("db1", "db2")}
        self.machines = {
            name: Machine(name, folder / name, network, servers.get(name, servers["db1"]))
            for name in ADDRESSES
        }
        proxy = self.machines["proxy"].installed.folder
        for name in ("web1", "web2"):
            # Their curl finds the proxy by the name of the site, and trusts its certificate.
            (self.machines[name].installed.folder / ".curlrc").write_text(
                f'connect-to = "{HOST}:443:{ADDRESSES["proxy"]}:443"\ncacert = "{proxy}/ssl/fullchain.pem"\n'
            )

    def follow(self, text: str) -> None:
        """Do what a part of the page says, each block on the machines that it names."""
        for block in blocks(text):
            names = block.partition("\n")[0].removeprefix("# ").partition(": ")[0].split(", ")
            for name in names:
                self.machines[name].do(block)

    def install(self) -> None:
        """Do the part "Install", with the steps of install.md where it names them."""
        part, of = section("Install"), self.machines
        of["db1"].boot()
        of["db2"].boot()
        self.follow(step(part, 1))
        of["db1"].install(1)
        self.follow(step(part, 2))
        self.follow(step(part, 3))
        for name in ("web1", "web2"):
            of[name].install(2, 3)
        self.follow(step(part, 4))
        for name in ("web1", "web2"):
            of[name].install(4)
        copy, *rest = steps(step(INSTALL, 5))[0].splitlines()
        of["proxy"].do(f"# proxy\n{copy}")
        self.follow(step(part, 5))
        of["proxy"].do("\n".join(["# proxy", *rest]))
        of["web1"].install(6, 7)
        self.follow(step(part, 6))
        of["web2"].install(7)

    def doctor(self) -> str:
        """What doctor says on a web machine."""
        with self.network.inside("web2"):
            return self.machines["web2"].installed.run("hwadmin doctor")

    def application(self) -> Flask:
        """An application on the databases, past the web machines."""
        home = self.machines["web1"].installed
        settings = home.settings(home.folder / "etc" / "environment")
        return create_app(Settings.from_env(settings | {"HWADMIN_INSTANCE": str(home.folder / "beside")}))

    def close(self) -> None:
        """End everything that runs."""
        for machine in self.machines.values():
            machine.installed.close()
            if machine.server is not None:
                machine.server.stop("immediate")


@pytest.fixture
def site() -> Iterator[Site]:
    """Five machines, installed as the page says; this test is on the proxy."""
    if not has_nginx():
        pytest.skip("There is no nginx.")
    with ExitStack() as stack:
        network = stack.enter_context(a_network(ADDRESSES))
        folder = Path(tempfile.mkdtemp(prefix="hwadmin_machines_"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        # The server's user, and nginx's workers, are others.
        folder.chmod(0o755)
        site = Site(folder, network)
        stack.callback(site.close)
        for name in ("web1", "web2"):
            with network.inside(name):
                mail = Controller(Sink(), hostname="127.0.0.1", port=25)
                mail.start()
                stack.callback(mail.stop)
        stack.enter_context(network.inside("proxy"))
        site.install()
        yield site


@pytest.fixture
def receiver(site: Site) -> Iterator[Receiver]:
    """The receiver of all webhooks, which is on each machine that sends them."""
    with ExitStack() as stack:
        receiver = stack.enter_context(receiving())
        for name in ("web1", "web2"):
            stack.enter_context(site.network.inside(name))
            there = stack.enter_context(receiving(port=receiver.server.server_port))
            there.got = receiver.got
        stack.enter_context(site.network.inside("proxy"))
        yield receiver


def lose_a_web_machine(site: Site) -> None:
    site.network.lose("web1")


def get_it_back(site: Site) -> None:
    site.network.find("web1")
    site.machines["web1"].boot()


def lose_the_standby(site: Site) -> None:
    site.network.lose("db2")
    site.follow(section("The standby is lost"))


def get_the_standby_back(site: Site) -> None:
    site.network.find("db2")
    site.machines["db2"].boot()
    site.follow(step(section("Install"), 3))


def lose_the_primary(site: Site) -> None:
    site.network.lose("db1")
    site.follow(step(section("The primary is lost"), 2))
    assert re.search("^WRONG +standby: ", site.doctor(), re.MULTILINE)


def get_the_primary_back_as_the_standby(site: Site) -> None:
    site.network.find("db1")
    site.follow(step(section("The primary is lost"), 3))
    assert "ok     standby: A write counts when db1 has it too." in site.doctor()


EVENTS: tuple[Callable[[Site], None], ...] = (
    lose_a_web_machine,
    get_it_back,
    lose_the_standby,
    get_the_standby_back,
    lose_the_primary,
    get_the_primary_back_as_the_standby,
)


def test_machines_are_lost_and_nothing_that_was_confirmed(
    site: Site, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    app, figures = site.application(), []
    # The databases let web machines in; the second one is never lost.
    with site.network.inside("web2"), app.app_context():
        cast = a_cast(app, receiver.url)
        # What is connected to a machine that is lost would wait for it.
        db.engine.dispose()
    with Writers(Address(443, HOST, tls=True), cast, WRITERS) as writers:
        for event in EVENTS:
            writers.wait_for(3 * WRITERS)
            before, begun = writers.history.answers.copy(), time.monotonic()
            event(site)
            done = time.monotonic()
            writers.wait_for(3 * WRITERS)
            answers = writers.history.answers - before
            figures.append(
                f"{event.__name__}: done in {done - begun:.1f} s, {3 * WRITERS} writes confirmed after"
                f" {time.monotonic() - done:.1f} s more; answers meanwhile {dict(answers)}"
            )
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(figures) + "\n")
    # nginx is never lost, so everybody always gets an answer.
    assert set(writers.history.answers) <= {200, 201, 503}, writers.history.answers
    with site.network.inside("web2"):
        assert problems(app, writers.history, receiver) == []
        # And what looks for it is not blind.
        reference, _ = writers.history.orders.popitem()
        assert f"Lost or made twice: ['{reference}']" in problems(app, writers.history, receiver)
        with app.app_context():
            db.engine.dispose()
