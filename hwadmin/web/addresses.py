"""Addresses that are the same on every page, worked out once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import Flask, request, url_for

from hwadmin.web.http import static_files


def fixed_address(endpoint: str, **values: Any) -> str:
    """The address of an endpoint with values that the code states, and nobody types.

    That of a static file changes with its content.
    """
    moment = static_files.moment() if endpoint == "static" else 0
    return _address(request.script_root, moment, endpoint, **values)


@lru_cache(maxsize=1024, typed=True)
def _address(_script_root: str, _moment: int, endpoint: str, **values: Any) -> str:
    return url_for(endpoint, **values)


def _template_url_for(endpoint: str, **values: Any) -> str:
    """``url_for`` of the templates. One that begins with a dot is below the page's own blueprint."""
    if request and (endpoint == "static" or not (values or endpoint.startswith("."))):
        return fixed_address(endpoint, **values)
    return url_for(endpoint, **values)


def install(app: Flask) -> None:
    """Let the templates have it instead of Flask's own."""
    app.jinja_env.globals["url_for"] = _template_url_for
