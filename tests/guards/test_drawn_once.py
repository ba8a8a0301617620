"""What is drawn once by the walk over every route is what is drawn each time."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Blueprint, Flask, g

from tests.drawn_once import FULL, Refusals

AGAIN = pytest.mark.skipif(FULL, reason="In full everything is drawn each time.")


@pytest.fixture
def drawn() -> list[dict[str, Any]]:
    """What was drawn."""
    return []


@pytest.fixture
def app() -> Flask:
    """Two parts of a menu."""
    app = Flask(__name__)
    for name in ("orders", "devices"):
        part = Blueprint(name, name)
        part.add_url_rule(f"/{name}", "index", lambda: "")
        app.register_blueprint(part)
    return app


@pytest.fixture
def refusals(drawn: list[dict[str, Any]]) -> Refusals:
    def draw(template: str, **values: Any) -> str:
        drawn.append(values)
        return f"{template} {len(drawn)}"

    return Refusals(draw)


@AGAIN
def test_the_same_refusal_is_drawn_once(app: Flask, refusals: Refusals, drawn: list[dict[str, Any]]) -> None:
    pages = set()
    for _ in range(2):
        with app.test_request_context("/orders"):
            g.actor = "Piet"
            pages.add(refusals.page("error.html", code=404))
    assert (len(pages), len(drawn)) == (1, 1)


def test_to_somebody_else_in_other_words_and_elsewhere_it_is_drawn_again(
    app: Flask, refusals: Refusals, drawn: list[dict[str, Any]]
) -> None:
    for path, actor, message in (
        ("/orders", "Piet", "Not found"),
        ("/orders", "Piet", "Not of Aspen"),
        ("/orders", "Bea", "Not found"),
        ("/devices", "Piet", "Not found"),
    ):
        with app.test_request_context(path):
            g.actor = actor
            refusals.page("error.html", code=404, message=message)
    assert len(drawn) == 4


def test_what_is_of_one_request_is_drawn_each_time(
    app: Flask, refusals: Refusals, drawn: list[dict[str, Any]]
) -> None:
    with app.test_request_context("/orders"):
        for _ in range(2):
            refusals.page("error.html", code=401, unsaved="what was typed")
        g.menu_without_counts = True
        for _ in range(2):
            refusals.page("error.html", code=503)
    assert len(drawn) == 4
