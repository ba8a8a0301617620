"""Refusals drawn once: the frame around one costs more than it, and is the same for its reader each time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from flask import g, render_template, request

from hwadmin.web import error_pages

# Everything is drawn each time, as `make test-full` does; tests/running.py is not imported before the tests.
FULL = bool(os.environ.get("HWADMIN_TEST_FULL"))


class Refusals:
    """The pages of refusals that were drawn, by reader, part of the menu and what they say."""

    def __init__(self, draw: Callable[..., str] = render_template) -> None:
        self._draw = draw
        self._drawn: dict[str, str] = {}

    def page(self, template: str, **values: Any) -> str:
        """The page of a refusal: drawn where one like it was not, otherwise as it was then."""
        # What was typed, and a menu without its counts, are of one request.
        if FULL or values.get("unsaved") is not None or g.get("menu_without_counts"):
            return self._draw(template, **values)
        alike = repr((g.get("actor"), request.blueprint, template, sorted(values.items())))
        if alike not in self._drawn:
            self._drawn[alike] = self._draw(template, **values)
        return self._drawn[alike]

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """What is refused in the block is answered from here."""
        with patch.object(error_pages, "render_template", self.page):
            yield
