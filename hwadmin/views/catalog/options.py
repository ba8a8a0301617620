"""What an item costs by size and term, and which devices an accessory goes with: for super-admins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.permissions import Permission
from hwadmin.errors import InvalidInput
from hwadmin.forms.catalog.distributors import ArticleNumbersForm
from hwadmin.models import CatalogItem
from hwadmin.operations.catalog.distributors import set_article_numbers
from hwadmin.operations.catalog.prices import MOST_PRICES, NewPrice, set_fits, set_prices
from hwadmin.queries.catalog.distributors import distributors, numbers_of_item
from hwadmin.queries.catalog.items import fitted_devices, items_of, price_list
from hwadmin.queries.catalog.prices import size_rank
from hwadmin.queries.scope import find
from hwadmin.web.access import current_actor
from hwadmin.web.admin_views import GuardedView

_WRITE = Permission.CATALOG_WRITE
# How many empty rows there are to fill in.
SPARE_ROWS = 4


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A row of the price list, as somebody typed it."""

    size: str = ""
    term: str = ""
    unit: str = ""
    monthly: str = ""

    @property
    def blank(self) -> bool:
        return not any(text.strip() for text in (self.size, self.term, self.unit, self.monthly))


class CatalogOptionsView(GuardedView):
    """Prices by size and term, and the fits of accessories."""

    permissions = {
        "index_view": Permission.CATALOG_READ,
        "show": _WRITE,
        "set_prices": _WRITE,
        "set_fits": _WRITE,
        "set_articles": _WRITE,
    }

    def __init__(self) -> None:
        super().__init__(name="Catalog options", endpoint="catalog_options", url="/catalog-options")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """Each item has options of its own."""
        return redirect(url_for("catalog.index_view"))

    @expose("/<int:key>/")
    def show(self, key: int) -> ResponseReturnValue:
        """The prices and fits of an item, to be changed."""
        return self._page(find(current_actor(), CatalogItem, key))

    def _page(
        self,
        item: CatalogItem,
        entered: Sequence[PriceRow] | None = None,
        errors: Mapping[str, str] | None = None,
        articles: Mapping[int, str] | None = None,
    ) -> ResponseReturnValue:
        actor = current_actor()
        rows = list(entered) if entered is not None else _rows(item)
        accessory = item.kind is Kind.ACCESSORY
        page = self.render(
            "admin/hw/catalog/options.html",
            heading=item.title,
            crumbs=[
                ("Catalog", url_for("catalog.index_view")),
                (str(item), url_for("catalog.edit_view", key=item.id)),
            ],
            item=item,
            rows=[*rows, *[PriceRow()] * SPARE_ROWS],
            errors=errors or {},
            form_problems=[_located(field, sentence) for field, sentence in (errors or {}).items()],
            distributors=distributors(),
            articles=numbers_of_item(item.id) if articles is None else articles,
            fits=fitted_devices(item.id) if accessory else frozenset(),
            devices=[
                one for one in items_of(actor, item.platform_id, archived=True) if one.kind.becomes_device
            ]
            if accessory
            else [],
        )
        return page, 422 if errors else 200

    @expose("/<int:key>/prices/", methods=("POST",))
    def set_prices(self, key: int) -> ResponseReturnValue:
        """Make the price list what was typed; rows left empty are none."""
        actor = current_actor()
        item = find(actor, CatalogItem, key)
        entered = [row for row in _entered_rows() if not row.blank]
        try:
            prices = [_price(number, row) for number, row in enumerate(entered)]
            transact(lambda: set_prices(actor, key, prices))
        except InvalidInput as refusal:
            return self._page(item, entered, {error.field: error.message for error in refusal.errors})
        flash(f"Saved the prices of {item}.", "success")
        return redirect(url_for("catalog_options.show", key=key))

    @expose("/<int:key>/fits/", methods=("POST",))
    def set_fits(self, key: int) -> ResponseReturnValue:
        """Say which devices an accessory goes with."""
        actor = current_actor()
        item = find(actor, CatalogItem, key)
        chosen = [int(text) for text in request.form.getlist("fits") if text.isascii() and text.isdigit()]
        try:
            transact(lambda: set_fits(actor, key, chosen))
        except InvalidInput as refusal:
            return self._page(item, None, {error.field: error.message for error in refusal.errors})
        flash(f"Saved what {item} fits.", "success")
        return redirect(url_for("catalog_options.show", key=key))

    @expose("/<int:key>/articles/", methods=("POST",))
    def set_articles(self, key: int) -> ResponseReturnValue:
        """Say what distributors call the item."""
        actor = current_actor()
        item = find(actor, CatalogItem, key)
        numbers = ArticleNumbersForm(request.form).numbers.data
        try:
            transact(lambda: set_article_numbers(actor, key, numbers))
        except InvalidInput as refusal:
            errors = {error.field: error.message for error in refusal.errors}
            return self._page(item, None, errors, articles=numbers)
        flash(f"Saved the article numbers of {item}.", "success")
        return redirect(url_for("catalog_options.show", key=key))


# By the last part of a problem's field: what its column is called in the form, and its label.
_COLUMNS = {
    "size": ("size", "Size"),
    "term_months": ("term", "Term in months"),
    "unit_price": ("unit", "Price now"),
    "monthly_price": ("monthly", "Price a month"),
}


def _located(field: str, sentence: str) -> tuple[str | None, str, str]:
    """A problem with the id of its field on the page, and the label."""
    section, *rest = field.split(".")
    if section == "numbers" and rest:
        return f"number-{rest[0]}", "Article number", sentence
    if len(rest) == 2 and rest[1] in _COLUMNS:
        column, label = _COLUMNS[rest[1]]
        return f"{column}-{rest[0]}", f"{label}, row {int(rest[0]) + 1}", sentence
    return None, "", sentence


def _rows(item: CatalogItem) -> list[PriceRow]:
    return [
        PriceRow(
            one.size, str(one.term_months or ""), f"{one.unit_price:.2f}", f"{one.monthly_price or 0:.2f}"
        )
        for one in sorted(
            price_list(current_actor(), item.id), key=lambda one: (size_rank(one.size), one.term_months or 0)
        )
    ]


def _entered_rows() -> list[PriceRow]:
    columns = [request.form.getlist(name)[: MOST_PRICES + 1] for name in ("size", "term", "unit", "monthly")]
    return [PriceRow(*texts) for texts in zip(*columns, strict=False)]


def _price(number: int, row: PriceRow) -> NewPrice:
    term = row.term.strip() or "0"
    if not (term.isascii() and term.isdigit() and len(term) < 5):
        raise InvalidInput.at(f"prices.{number}.term_months", "Give the term in months, or leave it empty.")
    return NewPrice(row.size, int(term), row.unit, row.monthly.strip() or "0")
