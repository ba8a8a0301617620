"""A real browser on a real server: chromium, an application on a database of its own, a real sign-in."""

from __future__ import annotations

import logging
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, WebError, expect
from werkzeug.serving import make_server

from hwadmin.db.extensions import db
from hwadmin.db.tenancy import act_as
from hwadmin.domain.people.passwords import Hasher
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.models import Person
from tests.browser.lent_contexts import Contexts
from tests.builders import Browser as Client
from tests.builders import World, sign_in

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# A machine may have other work to do; what is right is seen at once all the same.
PATIENCE = 120_000
expect.set_options(timeout=PATIENCE)

PASSWORD = "four plain words suffice"
# As weak as the library allows: what is tested here is not how long a hash takes.
HASHER = Hasher(time_cost=1, memory_cost=8, parallelism=1)
# A refused form is an answer like any other; the browser notes its status as an error all the same.
_REFUSED = re.compile(r"Failed to load resource: the server responded with a status of (401|409|422)\b")


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The system's chromium, without a screen and with nothing that talks to anybody."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None and os.environ.get("REQUIRE_BROWSER"):
        pytest.fail("There is no chromium.")
    if path is None:
        pytest.skip("There is no chromium.")
    return {
        "executable_path": path,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            # Tabs of one context share a process; it lives on as long as one of them is open.
            "--renderer-process-limit=1",
        ],
    }


@pytest.fixture(scope="session")
def base_url() -> None:
    """Each test has a site, and so an address, of its own."""


@pytest.fixture(scope="session")
def looks() -> set[int]:
    """Whose contrast axe has looked at; see inspection.py."""
    return set()


@dataclass(frozen=True)
class Site:
    """A running site: its address, and its world to build in and to look at."""

    app: Flask
    url: str
    world: World

    def set_password(self, person: Person) -> str:
        """Let the password be theirs; returns the address they sign in with."""
        person.password_hash = HASHER.hash(PASSWORD)
        email = person.email
        db.session.commit()
        return email

    def sign_in(self, page: Page, person: Person) -> None:
        """Through the page, with the password."""
        email = self.set_password(person)
        page.goto(f"{self.url}/sign-in")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(lambda address: "/sign-in" not in address)

    def open_session(self, page: Page, person: Person) -> Client:
        """Let the page's browser be signed in already; it shows nothing yet.

        Returns:
            The same session without a browser.
        """
        # For whoever signs in again later.
        person.password_hash = HASHER.hash(PASSWORD)
        client = Client(self.app, self.app.response_class)
        sign_in(client, person)
        cookie = client.get_cookie("hwadmin_session")
        assert cookie is not None
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self.url}])
        return client


class _Answering:
    """The application as its server calls it; who closes it waits for what it answers just then.

    Answers are read before they are sent: where the browser hangs up early, werkzeug's server leaves the
    file open that it was sending. And a request that outlived its server would give its connection back to
    a pool that is gone.
    """

    def __init__(self, app: Flask) -> None:
        self._app, self._closed, self._now = app, False, 0
        self._changed = threading.Condition()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        with self._changed:
            self._now += 1
            closed = self._closed
        try:
            if closed:
                start_response("503 Service Unavailable", [])
                return []
            parts = self._app(environ, start_response)
            try:
                return [b"".join(parts)]
            finally:
                if hasattr(parts, "close"):
                    parts.close()
        finally:
            with self._changed:
                self._now -= 1
                self._changed.notify_all()

    def close(self) -> None:
        """Answer nothing more."""
        with self._changed:
            self._closed = True
            assert self._changed.wait_for(lambda: self._now == 0, timeout=PATIENCE / 1000)


class Server:
    """The server of a worker: one address, at which one application after the other is found."""

    def __init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server = make_server("127.0.0.1", 0, _nobody, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def serve(self, app: Flask) -> Iterator[Site]:
        """The application, served, with its guards up; in its context and seeing every platform."""
        assert self._server.app is _nobody, "Another application is served already."
        app.config |= {"WTF_CSRF_ENABLED": True, "PASSWORD_HASHER": HASHER}
        self._server.app = answering = _Answering(app)
        try:
            with app.app_context():
                act_as(db.session, COMMAND_LINE)
                yield Site(app, self.url, World())
                db.session.remove()
        finally:
            self._server.app = _nobody
            answering.close()

    def close(self) -> None:
        """Answer nothing more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _nobody(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """What is at the address between two tests."""
    start_response("200 OK", [("Content-Type", "text/plain"), ("Cache-Control", "no-store")])
    return [b"Nobody is here."]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The server all sites of this worker are found at, one after the other."""
    with closing(Server()) as server:
        yield server


@pytest.fixture(scope="session")
def contexts(browser: Browser, server: Server) -> Contexts:
    """The contexts tests get, one after the other."""
    return Contexts(browser, server.url, PATIENCE)


@pytest.fixture
def site(own_app: Flask, server: Server) -> Iterator[Site]:
    """A site of this test's own."""
    with server.serve(own_app) as site:
        yield site


@contextmanager
def no_complaint(context: BrowserContext) -> Iterator[None]:
    """Nothing in there may complain: no error in a console, none in a script, no violated policy."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not _REFUSED.match(message.text):
            complaints.append(f"{message.type}: {message.text}")

    def note_error(error: WebError) -> None:
        complaints.append(str(error.error))

    context.on("console", note)
    context.on("weberror", note_error)
    yield
    context.remove_listener("console", note)
    context.remove_listener("weberror", note_error)
    assert complaints == []


@pytest.fixture
def page_of(site: Site, contexts: Contexts) -> Iterator[Callable[[Person], Page]]:
    """A browser of their own for each person who is asked for, signed in; none may complain."""
    with ExitStack() as stack:

        def open_one(person: Person) -> Page:
            page = stack.enter_context(_a_page(contexts))
            site.open_session(page, person)
            return page

        yield open_one


@pytest.fixture
def page(site: Site, contexts: Contexts) -> Iterator[Page]:
    """A page that may not complain."""
    with _a_page(contexts) as page:
        yield page


@contextmanager
def _a_page(contexts: Contexts) -> Iterator[Page]:
    with contexts.lend() as context, no_complaint(context):
        yield context.new_page()
