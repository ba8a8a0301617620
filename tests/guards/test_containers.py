"""The container files: they are built nowhere here, so at least what they name is there and pinned."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
import yaml

from tests.guards.source_tree import ROOT

FOLDER = ROOT / "deploy/compose"
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"] == "hwadmin:local"]
# Written by whoever deploys, and never kept with the source.
THEIRS = {"owner.env", "web.env"}


def instructions() -> list[tuple[str, str]]:
    """The instructions of the container file, each on a line of its own."""
    text = re.sub(r"\\\n", " ", (FOLDER / "Containerfile").read_text())
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def test_no_image_is_named_without_its_digest() -> None:
    bases = [rest.split()[0] for word, rest in instructions() if word == "FROM"]
    assert bases == ["${PYTHON_IMAGE}"] * 2
    assert ("ARG", "PYTHON_IMAGE") in instructions(), "it has no default"
    assert any(word == "RUN" and "*@sha256:*)" in rest for word, rest in instructions())
    for name, service in SERVICES.items():
        assert name in OURS or re.fullmatch(r"\$\{[A-Z_]+:\?name@sha256 of [^}]+\}", service["image"]), name


def test_what_is_copied_is_there_and_the_product_needs_no_more() -> None:
    copied = {rest.split()[0] for word, rest in instructions() if word == "COPY" and "--from" not in rest}
    assert all((ROOT / source).exists() for source in copied)
    assert copied == {"requirements.txt", "app.py", "bin", "hwadmin", "migrations", "templates"}


def test_the_product_does_not_run_as_root_and_is_started_as_the_unit_does() -> None:
    found = dict(instructions())
    assert found["USER"] == "hwadmin"
    unit = (ROOT / "deploy/systemd/hwadmin-web.service").read_text()
    started = re.search(r"^ExecStart=/opt/hwadmin/(.*?)$", re.sub(r"\\\n", " ", unit), re.MULTILINE)
    assert started is not None
    # The unit is given its socket by systemd; the container opens its own.
    socket = ["--bind", "127.0.0.1:8000"]
    command = shlex.split(started[1])
    assert yaml.safe_load(found["CMD"]) == [*command[:-1], *socket, command[-1]]


@pytest.mark.parametrize("name", OURS)
def test_the_product_may_write_its_own_folder_only(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["volumes"] == ["instance:/var/lib/hwadmin"]


def test_every_file_and_service_that_is_named_is_there() -> None:
    for name, service in SERVICES.items():
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (FOLDER / source).is_file(), (name, source)
            elif not source.startswith("$"):
                assert source in COMPOSE["volumes"], (name, source)
        assert set(service.get("depends_on", ())) <= set(SERVICES), name
        assert set(service.get("env_file", ())) <= THEIRS, name
        assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"]), name
    assert SERVICES["proxy"]["network_mode"] == "service:web"


def test_the_owner_is_known_to_the_migration_alone() -> None:
    assert {name for name, service in SERVICES.items() if "owner.env" in service.get("env_file", ())} == {
        "migrate",
        "grants",
    }
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"web"}


def test_what_is_to_be_written_is_not_kept_with_the_source() -> None:
    ignored = (ROOT / ".gitignore").read_text()
    for name in (".env", "owner.env", "web.env", "secrets/"):
        assert f"deploy/compose/{name}" in ignored
        assert name.strip("/") in (ROOT / "docs/admin/containers.md").read_text()
