"""Tell whoever searches for one letter, on any page, that it finds nothing."""

from __future__ import annotations

from flask import Flask, flash, request

from hwadmin.queries.text_match import is_one_character
from hwadmin.web import access

# The search box of the menu, and those of lists. Of suggestions (query) no page is drawn that could tell.
_BOXES = ("q", "search")


def install(app: Flask) -> None:
    """Look at the search of every page that a signed-in person asks for."""
    access.add_condition(app, _tell)


def _tell() -> None:
    searched = request.method == "GET" and request.args
    if searched and any(is_one_character(request.args.get(box, "").strip()) for box in _BOXES):
        flash("One letter finds too much. Type two or more.", "info")
