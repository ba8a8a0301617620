"""Static files are named by their content and kept; pages are compressed where nobody else does it."""

from __future__ import annotations

import gzip
import json
import re
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin

import pytest
from flask import Flask, url_for

from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.factory import create_app
from hwadmin.web import addresses
from hwadmin.web.addresses import fixed_address
from hwadmin.web.http import static_files
from tests.builders import Clients, World

FOLDER = Path(__file__).resolve().parents[2] / "hwadmin" / "static"
COMPRESSED = {"Accept-Encoding": "gzip"}


def address_of(app: Flask, name: str) -> str:
    with app.test_request_context():
        return url_for("static", filename=name)


def test_a_file_is_named_by_its_content_and_kept_for_good(shared_app: Flask) -> None:
    address = address_of(shared_app, "hw.css")
    assert re.fullmatch(r"/static/hw\.[0-9a-f]{10}\.css", address)
    answer = shared_app.test_client().get(address)
    assert answer.data == static_files.without_comments((FOLDER / "hw.css").read_bytes())
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    # With it, browsers would ask again after each signing in.
    assert "Cookie" not in answer.headers.get("Vary", "")


@pytest.mark.parametrize(
    ("source", "sent"),
    [
        ("/** What it is. */\na();\n", "a();\n"),
        ("a();\n  /**\n   * Of b.\n   * @param {string} c\n   */\nb();\n", "a();\nb();\n"),
        ("/* one */\n/* two */\na {}\n", "a {}\n"),
        ("/* one */ a(); /* two */\nb();\n", "/* one */ a(); /* two */\nb();\n"),
        ("a(); /* of a,\n and more */\nb();\n", "a(); /* of a,\n and more */\nb();\n"),
        ("/* one */ a();\n/* two */\nb();\n", "/* one */ a();\nb();\n"),
        ('a("/* text */");\n// b\n', 'a("/* text */");\n// b\n'),
    ],
)
def test_comments_that_take_whole_lines_are_not_sent(source: str, sent: str) -> None:
    assert static_files.without_comments(source.encode()).decode() == sent


def test_no_text_within_a_script_looks_like_a_comment() -> None:
    for path in FOLDER.rglob("*.js"):
        for text in re.findall(rb"`[^`]*`", path.read_bytes()):
            assert static_files.without_comments(text) == text, path


def test_a_changed_file_has_another_name(tmp_path: Path) -> None:
    (tmp_path / "one.js").write_text("1")
    (tmp_path / "two.js").write_text("2")
    names = {static_files.hashed_name(str(tmp_path), name) for name in ("one.js", "two.js")}
    assert len({name.split(".")[1] for name in names}) == 2
    assert static_files.hashed_name(str(tmp_path), "absent.js") == "absent.js"


def test_a_file_that_changes_under_a_running_server_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one.js").write_text("1")
    before = static_files.hashed_name(str(tmp_path), "one.js")
    (tmp_path / "one.js").write_text("another")
    later = time.monotonic() + 1
    monkeypatch.setattr("hwadmin.web.http.static_files.time.monotonic", lambda: later)
    assert static_files.hashed_name(str(tmp_path), "one.js") != before


def test_in_production_files_are_looked_at_once(
    shared_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(shared_app.config, "HWADMIN", replace(shared_app.config["HWADMIN"], production=True))
    (tmp_path / "one.js").write_text("1")
    with shared_app.app_context():
        before = static_files.hashed_name(str(tmp_path), "one.js")
        (tmp_path / "one.js").write_text("another")
        later = time.monotonic() + 3600
        monkeypatch.setattr("hwadmin.web.http.static_files.time.monotonic", lambda: later)
        assert static_files.hashed_name(str(tmp_path), "one.js") == before


def test_the_name_of_an_older_release_gets_the_file_of_today_for_a_while(shared_app: Flask) -> None:
    for address in ("/static/hw.0123456789.css", "/static/hw.css"):
        answer = shared_app.test_client().get(address)
        assert answer.status_code == 200
        assert "immutable" not in answer.headers["Cache-Control"]
    assert shared_app.test_client().get("/static/absent.0123456789.css").status_code == 404
    assert shared_app.test_client().get("/static/..%2fconfig.0123456789.py").status_code == 404


def test_files_are_sent_compressed_to_those_who_take_it(shared_app: Flask) -> None:
    address = address_of(shared_app, "hw.css")
    answer = shared_app.test_client().get(address, headers=COMPRESSED)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data) == static_files.without_comments((FOLDER / "hw.css").read_bytes())
    assert "Content-Encoding" not in shared_app.test_client().get(address).headers
    again = shared_app.test_client().get(
        address, headers=COMPRESSED | {"If-None-Match": answer.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")


def test_pages_are_compressed_and_what_programs_read_is_not(clients: Clients) -> None:
    plain = clients.ada.get("/catalog/")
    page = clients.ada.get("/catalog/", headers=COMPRESSED)
    assert page.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in page.headers["Vary"]
    assert len(page.data) < len(plain.data) / 2
    assert "<h1>Catalog</h1>" in gzip.decompress(page.data).decode()
    for address in ("/api/openapi.json", "/healthz"):
        assert "Content-Encoding" not in clients.ada.get(address, headers=COMPRESSED).headers


MAX_FIRST_VISIT = 60_000


def everything_fetched(clients: Clients, address: str) -> dict[str, int]:
    """What a browser without a cache fetches for a page: each address, and the bytes of its answer."""
    page = clients.ada.get(address, headers=COMPRESSED)
    sizes = {address: len(page.data)}
    waiting = re.findall(r'(?:href|src)="(/static/[^"]+)"', gzip.decompress(page.data).decode())
    while waiting:
        static = waiting.pop()
        if static in sizes:
            continue
        answer = clients.ada.get(static, headers=COMPRESSED)
        assert answer.status_code == 200
        sizes[static] = len(answer.data)
        if static.endswith(".js"):
            # Modules import each other by their plain names, below their own folder or beside it.
            names = re.findall(r'(?:from|import) "(\.[^"]+)"', gzip.decompress(answer.data).decode())
            waiting += [urljoin(static, name) for name in names]
    return sizes


def test_the_orders_list_is_60_kilobytes_at_most_on_a_first_visit(world: World, clients: Clients) -> None:
    account = world.an_account()
    for number in range(50):
        world.an_order(account=account, lines=[("deskphone", number + 1), ("dect_base", 1)])
    db.session.commit()
    sizes = everything_fetched(clients, "/orders/?status=all")
    assert sum("/static/" in address for address in sizes) >= 10
    assert sum(sizes.values()) <= MAX_FIRST_VISIT, sizes


def test_behind_a_proxy_that_compresses_pages_stay_as_they_are(own_database: Settings) -> None:
    app = create_app(replace(own_database, proxies=1))
    assert "Content-Encoding" not in app.test_client().get("/sign-in", headers=COMPRESSED).headers


def test_the_proxy_leaves_strong_tags_as_they_are() -> None:
    configuration = (FOLDER.parents[1] / "deploy" / "nginx" / "hwadmin.conf").read_text()
    (types,) = re.findall(r"gzip_types ([^;]*);", configuration)
    assert "json" not in types


def test_the_import_map_names_every_script(shared_app: Flask) -> None:
    with shared_app.test_request_context():
        imports = json.loads(static_files.import_map())["imports"]
    assert imports["/static/hw.js"] == address_of(shared_app, "hw.js")
    assert set(imports) == {f"/static/{path.relative_to(FOLDER).as_posix()}" for path in FOLDER.rglob("*.js")}


# ---- Addresses that are the same on every page


def test_a_fixed_address_is_below_the_root_of_its_request(shared_app: Flask) -> None:
    found = []
    for root in ("", "/hardware", ""):
        with shared_app.test_request_context(environ_overrides={"SCRIPT_NAME": root}):
            found.append(fixed_address("orders.index_view", status="approved"))
    assert found == [f"{root}/orders/?status=approved" for root in ("", "/hardware", "")]


def test_what_is_equal_and_written_differently_has_its_own_address(shared_app: Flask) -> None:
    with shared_app.test_request_context():
        assert fixed_address("orders.index_view", page=1).endswith("page=1")
        assert fixed_address("orders.index_view", page=True).endswith("page=True")


def test_templates_work_out_an_address_without_values_once(shared_app: Flask) -> None:
    text = "{{ url_for('orders.index_view') }} {{ url_for('search.index_view', q='x') }}"
    template = shared_app.jinja_env.from_string(text)
    with shared_app.test_request_context():
        assert template.render() == "/orders/ /search/?q=x"
        before = addresses._address.cache_info()
        template.render()
        after = addresses._address.cache_info()
    assert (after.hits - before.hits, after.misses - before.misses) == (1, 0)
