"""Scripts, style sheets and pictures: addresses that change with the content, kept for good, sent compressed.

`url_for("static", filename="hw.js")` answers `/static/hw.1f3a9c0b7d.js`. Whoever has that file need not ask
again; a new release has new addresses. Scripts import each other by their plain names (`./scan_queue.js`),
which the page's import map turns into these addresses, so that they run unchanged under Node.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
import time
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from flask import Flask, Request, Response, abort, current_app, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import URLSafeTimedSerializer
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup
from werkzeug.security import safe_join

from hwadmin.web.access import counts_without_cookies
from hwadmin.web.authentication.use_recording import is_in_background

_AN_HOUR = 3600
_A_YEAR = 365 * 24 * _AN_HOUR
_HASHED = re.compile(r"(?P<stem>.+)\.(?P<hash>[0-9a-f]{10})(?P<suffix>\.[a-z0-9]+)")
_COMPRESSED_FILES = ("text/css", "text/javascript", "image/svg+xml")
# Comments that take whole lines are for readers of the source, and a fifth of what a first visit would load.
_COMMENTS = re.compile(rb"^[ \t]*/\*(?:(?!\*/).)*\*/[ \t]*\n", re.DOTALL | re.MULTILINE)
# Below this, what is saved is less than a packet.
_WORTH_COMPRESSING = 1000


class _File(NamedTuple):
    content: bytes
    hash: str
    mimetype: str
    compressed: bytes | None


def without_comments(source: bytes) -> bytes:
    """A script or style sheet as it is sent: without the comments that take whole lines."""
    return _COMMENTS.sub(b"", source)


@lru_cache(maxsize=256)
def _read(path: Path, _changed_at: int) -> _File:
    content = path.read_bytes()
    mimetype = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if mimetype in ("text/css", "text/javascript"):
        content = without_comments(content)
    compressed = gzip.compress(content, mtime=0) if mimetype in _COMPRESSED_FILES else None
    return _File(content, hashlib.sha256(content).hexdigest()[:10], mimetype, compressed)


def _file(folder: str, name: str) -> _File | None:
    """A file of the folder as it is now; None where there is none, or its name leads out of the folder."""
    path = safe_join(folder, name)
    if path is None or not Path(path).is_file():
        return None
    return _read(Path(path), Path(path).stat().st_mtime_ns)


class SessionsOfPages(SecureCookieSessionInterface):
    """Opens none for a static file: `Vary: Cookie` would make browsers ask again for what they keep.

    Nor for a program, whose token counts there and no cookie, nor for whoever watches whether the product is
    ready. And what a page asks in the background, while nobody uses it, keeps no session alive.
    """

    def __init__(self) -> None:
        """Nothing was signed yet."""
        self._made: tuple[object, URLSafeTimedSerializer | None] = ((), None)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """What signs and verifies the cookie: made once, since making it takes a third of its work."""
        keys = (app.secret_key, app.config["SECRET_KEY_FALLBACKS"])
        if self._made[0] != keys:
            self._made = (keys, super().get_signing_serializer(app))
        return self._made[1]

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Whether the answer renews the cookie, from which the session's idle time counts."""
        if is_in_background():
            return session.modified
        return super().should_set_cookie(app, session)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of a request; a null session for a static file, or where cookies do not count."""
        if counts_without_cookies(app, request.path):
            return self.make_null_session(app)
        return super().open_session(app, request)


def hashed_name(folder: str, name: str) -> str:
    """The name under which a file is served; the plain one where there is no such file."""
    return _name_in(folder, name, moment())


def moment() -> int:
    """A number that stays the same for as long as the files are taken to be the same.

    A page names thirty files. Where people work on them, they are looked at once a second. In production they
    change with the release, which restarts the workers.
    """
    if current_app and current_app.config["HWADMIN"].production:
        return 0
    return int(time.monotonic())


@lru_cache(maxsize=512)
def _name_in(folder: str, name: str, _moment: int) -> str:
    file = _file(folder, name)
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}.{file.hash}.{suffix}" if file and dot else name


def import_map() -> Markup:
    """The JSON of `<script type="importmap">`: where the plain name of each script leads."""
    address = f"{request.script_root}{current_app.static_url_path}"
    return _import_map_in(current_app.static_folder or "", address, moment())


@lru_cache(maxsize=8)
def _import_map_in(folder: str, address: str, _moment: int) -> Markup:
    names = _script_names(Path(folder))
    return htmlsafe_json_dumps(
        {"imports": {f"{address}/{name}": f"{address}/{hashed_name(folder, name)}" for name in names}}
    )


@lru_cache(maxsize=4)
def _script_names(folder: Path) -> list[str]:
    """The scripts in the folder and the folders in it, found once."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.js"))


def _serve(filename: str) -> Response:
    """A file by its hashed or its plain name. An old hash gets the file of today, for an hour."""
    match = _HASHED.fullmatch(filename)
    folder = current_app.static_folder or ""
    file = _file(folder, f"{match['stem']}{match['suffix']}" if match else filename)
    if file is None:
        abort(404)
    response = Response(file.content, mimetype=file.mimetype)
    response.cache_control.public = True
    response.cache_control.max_age = _AN_HOUR
    if match and match["hash"] == file.hash:
        response.cache_control.max_age = _A_YEAR
        response.cache_control.immutable = True
    if file.compressed is not None:
        response.vary.add("Accept-Encoding")
        if request.accept_encodings["gzip"]:
            response.set_data(file.compressed)
            response.content_encoding = "gzip"
    response.add_etag()
    response.make_conditional(request)
    return response


def _compress(response: Response) -> Response:
    """Compress a page, at the lowest level: it takes a millisecond and saves four fifths.

    Only pages: what the API answers carries the version of the order as its strong tag, which holds for the
    very bytes that are sent.
    """
    if response.mimetype == "text/html" and not response.is_streamed and not response.content_encoding:
        response.vary.add("Accept-Encoding")
        if request.accept_encodings["gzip"] and len(response.get_data()) >= _WORTH_COMPRESSING:
            response.set_data(gzip.compress(response.get_data(), compresslevel=1, mtime=0))
            response.content_encoding = "gzip"
    return response


def install(app: Flask, *, compress_pages: bool) -> None:
    """Serve static files by hashed names.

    Args:
        compress_pages: whether nobody before this server does it, as the proxy of a deployment does.
    """
    folder = app.static_folder or ""

    def name_by_content(endpoint: str, values: dict[str, object]) -> None:
        if endpoint == "static" and isinstance(filename := values.get("filename"), str):
            values["filename"] = hashed_name(folder, filename)

    app.session_interface = SessionsOfPages()
    app.url_defaults(name_by_content)
    app.view_functions["static"] = _serve
    app.add_template_global(import_map)
    if compress_pages:
        app.after_request(_compress)
