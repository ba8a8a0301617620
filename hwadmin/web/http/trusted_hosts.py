"""Answering only to the names this server has: a forged Host header must not end up in links and mails."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.sansio.utils import host_is_trusted
from werkzeug.wrappers import Response

_REFUSAL = "This server does not answer to that name. Use the address you were given.\n"


class TrustedHosts:
    """Refuses requests for other hosts with 400, before anything else looks at them."""

    def __init__(self, app: WSGIApplication, names: Collection[str]) -> None:
        """Wrap an application.

        Args:
            app: the application; what changes the host, such as ProxyFix, must be around this.
            names: host names without ports; with a leading dot, all below it as well.
        """
        self.app, self.names = app, names

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the request on if it is for one of the names."""
        host = environ.get("HTTP_HOST") or environ.get("SERVER_NAME", "")
        if host_is_trusted(host, self.names):
            return self.app(environ, start_response)
        headers = {
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        }
        return Response(_REFUSAL, 400, headers, mimetype="text/plain")(environ, start_response)
