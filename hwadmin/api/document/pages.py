"""What is public about the API: its OpenAPI document, and the docs made from it."""

from __future__ import annotations

import json
from functools import cache

from flask import Flask, Response, abort, current_app, render_template
from flask import request as http_request
from flask.typing import ResponseReturnValue

from hwadmin.api import problems
from hwadmin.api.calls import CALLS
from hwadmin.api.document import openapi
from hwadmin.api.document.docs import Chapter, Operation, chapters
from hwadmin.config import Settings
from hwadmin.web import access


@cache
def _document() -> str:
    return json.dumps(openapi.document(CALLS), ensure_ascii=False, indent=1)


def show_document() -> Response:
    """The OpenAPI document, for programs."""
    return Response(_document(), mimetype="application/json")


def _chapters() -> list[Chapter]:
    settings: Settings = current_app.config["HWADMIN"]
    return _chapters_at(settings.base_url)


@cache
def _chapters_at(address: str) -> list[Chapter]:
    return chapters(openapi.document(CALLS), address)


def show_docs() -> ResponseReturnValue:
    """The docs, for people: all calls in short, those that are looked for, and the kinds of problems.

    They are drawn here, so that no script of anybody else's is needed.
    """
    words = http_request.args.get("q", "").casefold().split()[:10]
    found = [
        (chapter, [one for one in chapter.operations if all(word in _text(one) for word in words)])
        for chapter in _chapters()
    ]
    return render_template(
        "admin/hw/api/docs.html",
        chapters=[(chapter, operations) for chapter, operations in found if operations],
        q=http_request.args.get("q", "")[:100],
        kinds=problems.KINDS.values(),
    )


def _text(operation: Operation) -> str:
    return f"{operation.method} {operation.path} {operation.summary} {operation.anchor}".casefold()


def show_chapter(chapter: str) -> ResponseReturnValue:
    """The calls about one thing, with everything there is to say of them."""
    shown = next((one for one in _chapters() if one.slug == chapter), None)
    if shown is None:
        abort(404)
    return render_template("admin/hw/api/chapter.html", chapter=shown, chapters=_chapters())


def install(app: Flask) -> None:
    """Register them; they tell nothing of anybody's data."""
    app.add_url_rule("/api/openapi.json", "api_document", show_document)
    app.add_url_rule("/api/docs", "api_docs", show_docs)
    app.add_url_rule("/api/docs/<chapter>", "api_chapter", show_chapter)
    access.declare(app, "api_document", access.PUBLIC)
    access.declare(app, "api_docs", access.PUBLIC)
    access.declare(app, "api_chapter", access.PUBLIC)
