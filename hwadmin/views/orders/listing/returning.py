"""Back to the list one came from, as it was filtered and sorted."""

from __future__ import annotations

from flask import request, url_for

from hwadmin.models import order_id_of, reference


def list_address() -> str:
    """The address of the list, with the query string that its form sent along."""
    query = request.form.get("back", "")
    return url_for("orders.index_view") + (f"?{query}" if query and _is_query(query) else "")


def next_order() -> str | None:
    """The order to go on with, where "Approve and next" was pressed."""
    order_id = order_id_of(request.form.get("then", ""))
    return reference(order_id) if order_id else None


def _is_query(text: str) -> bool:
    """Whether the text can be sent back to the list as its query string."""
    return len(text) < 2000 and text.isascii() and text.isprintable() and "#" not in text
