"""The application as Flask makes it, without what this product has no use for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask


class Application(Flask):
    """A Flask application whose functions are all plain ones."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function as it is: Flask would look at each, some fifteen a request, for a coroutine."""
        return func
