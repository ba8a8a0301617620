"""What is public about the API: its OpenAPI document, and the docs made from it."""

from __future__ import annotations

import json
from functools import cache

from flask import Flask, Response, render_template
from flask.typing import ResponseReturnValue

from hwadmin.api import openapi, problems
from hwadmin.api.calls import CALLS
from hwadmin.api.docs import chapters
from hwadmin.views import gate


@cache
def _document() -> str:
    return json.dumps(openapi.document(CALLS), ensure_ascii=False, indent=1)


def show_document() -> Response:
    """The OpenAPI document, for programs."""
    return Response(_document(), mimetype="application/json")


def show_docs() -> ResponseReturnValue:
    """The docs, for people; drawn here, so that no script of anybody else's is needed."""
    return render_template(
        "admin/hw/api_docs.html", chapters=chapters(openapi.document(CALLS)), kinds=problems.KINDS.values()
    )


def install(app: Flask) -> None:
    """Register both; they tell nothing of anybody's data."""
    app.add_url_rule("/api/openapi.json", "api_document", show_document)
    app.add_url_rule("/api/docs", "api_docs", show_docs)
    gate.declare(app, "api_document", gate.PUBLIC)
    gate.declare(app, "api_docs", gate.PUBLIC)
