"""The application as Flask makes it, without what this product has no use for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.typing import ResponseReturnValue
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import BadRequest, HTTPException


class Application(Flask):
    """A Flask application whose functions are all plain ones."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function as it is: Flask would look at each, some fifteen a request, for a coroutine."""
        return func

    def handle_user_exception(self, e: Exception) -> HTTPException | ResponseReturnValue:
        """Answer what was raised; a body that gunicorn cannot read is no fault of ours."""
        return super().handle_user_exception(BadRequest() if isinstance(e, ParseException) else e)
