"""A PostgreSQL server of a test's own, which may be killed, stopped, filled up and starved."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from tests.ports import free_port

SUPERUSER = "postgres"


def programs_of_server() -> Path:
    """Where PostgreSQL's own programs lie; Debian keeps them out of the path."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    if not folders and os.environ.get("REQUIRE_POSTGRES"):
        pytest.fail("PostgreSQL's own programs are not here.")
    if not folders:
        pytest.skip("PostgreSQL's own programs are not here.")
    return folders[-1]


class Cluster:
    """The server: nothing of it is shared with other tests."""

    def __init__(
        self, folder: Path, programs: Path, *, has_own_disk: bool = False, port: int | None = None
    ) -> None:
        self.folder, self.programs, self.port = folder, programs, port or free_port()
        self.has_own_disk = has_own_disk
        # Where its files lie, and where it is told its settings.
        self.data = self.etc = folder / "data"
        # The server refuses to run as root.
        self.user = SUPERUSER if os.geteuid() == 0 else None
        if self.user:
            shutil.chown(folder, self.user)
        self._run(
            "initdb",
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
            f"--username={SUPERUSER}",
            "--no-sync",
            f"--pgdata={self.data}",
        )
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(
                f"port = {self.port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{folder}'\n"
                f"max_connections = 40\nshared_buffers = 32MB\n"
                # A killed server loses nothing of what the system has taken from it.
                "fsync = off\nfull_page_writes = off\nwal_level = minimal\nmax_wal_senders = 0\n"
                "min_wal_size = 32MB\nmax_wal_size = 64MB\n"
            )

    def _run(self, program: str, *arguments: str, check: bool = True) -> None:
        subprocess.run(
            [self.programs / program, *arguments],
            user=self.user,
            # What it starts keeps running, and must not keep a pipe of ours open.
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            check=check,
            timeout=120,
        )

    def start(self) -> None:
        """Start, and wait until it lets people in."""
        self._run("pg_ctl", "--wait", f"--pgdata={self.etc}", f"--log={self.folder / 'server.log'}", "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop: "fast" in order, "immediate" as if the power failed."""
        self._run("pg_ctl", "--wait", f"--pgdata={self.etc}", f"--mode={mode}", "stop", check=False)

    @property
    def is_running(self) -> bool:
        """Whether it lets people in."""
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    @property
    def environ(self) -> dict[str, str]:
        """What psql and its relatives need to reach it as the superuser."""
        return {"PGHOST": str(self.folder), "PGPORT": str(self.port), "PGUSER": SUPERUSER}

    def connect(self, name: str = "postgres") -> psycopg.Connection:
        """A connection as the superuser, past everything of the product's."""
        return psycopg.connect(
            host=str(self.folder), port=self.port, user=SUPERUSER, dbname=name, autocommit=True
        )


@contextmanager
def a_cluster() -> Iterator[Cluster]:
    """A running server."""
    programs = programs_of_server()
    with a_small_disk(256) as (folder, is_disk):
        cluster = Cluster(folder, programs, has_own_disk=is_disk)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop("immediate")


@contextmanager
def a_small_disk(megabytes: int) -> Iterator[tuple[Path, bool]]:
    """A folder, and whether it is a disk of its own of so many megabytes; only root may make one."""
    with tempfile.TemporaryDirectory(prefix="hwadmin_disk_", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", name]
        is_disk = os.geteuid() == 0 and not subprocess.run(mount, capture_output=True, check=False).returncode
        try:
            yield folder, is_disk
        finally:
            if is_disk:
                subprocess.run(["umount", "--lazy", name], check=True)


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Leave not a byte on the disk a folder is on, for a block."""
    path = folder / "everything-else"
    try:
        with path.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                # The last bytes too: what is left would take a small write.
                try:
                    file.write(bytes(1 << 20))
                except OSError:
                    while True:
                        file.write(bytes(512))
        yield
    finally:
        path.unlink()
