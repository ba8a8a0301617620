"""The shape of what is typed about a catalog item."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import Optional

from hwadmin.domain.device_kinds import Kind
from hwadmin.forms.fields import Needed, chosen_row, options
from hwadmin.operations.catalog.items import NewItem


class ItemForm(FlaskForm):  # type: ignore[misc]
    """A make and model a platform sells."""

    make = StringField("Make", [Needed()], render_kw={"maxlength": 60})
    model = StringField("Model", [Needed()], render_kw={"maxlength": 120})
    sku = StringField(
        "SKU",
        [Needed()],
        description="The article number. Unique on the platform.",
        render_kw={"maxlength": 60},
    )
    kind = SelectField("Kind", [Needed()], choices=options((kind.value, kind.label) for kind in Kind))
    unit_price = StringField("Unit price", [Needed()], render_kw={"inputmode": "decimal", "maxlength": 20})
    max_handsets = IntegerField(
        "Handsets it takes",
        [Optional()],
        description="DECT bases only. Leave it empty where it is not known.",
        render_kw={"min": 1, "inputmode": "numeric"},
    )
    mobile_carrier = StringField("Mobile carrier", render_kw={"maxlength": 60})
    color = StringField("Color", render_kw={"maxlength": 40})
    size = StringField("Size", render_kw={"maxlength": 40})
    colors = StringField(
        "Colors to choose from",
        description="Separated by commas; leave it empty if there is no choice.",
        render_kw={"maxlength": 1000},
        filters=[lambda colors: ", ".join(colors) if isinstance(colors, list) else colors],
    )

    @property
    def entry(self) -> NewItem:
        """What was typed, for the operation."""
        return NewItem(
            sku=self.sku.data or "",
            make=self.make.data or "",
            model=self.model.data or "",
            kind=self.kind.data or "",
            unit_price=self.unit_price.data or "",
            max_handsets=self.max_handsets.data,
            mobile_carrier=self.mobile_carrier.data,
            color=self.color.data,
            size=self.size.data,
            colors=[color.strip() for color in (self.colors.data or "").split(",") if color.strip()],
        )


class NewItemForm(ItemForm):
    """An item that is new: its platform is chosen once and for all."""

    platform_id = chosen_row("Platform", description="The price is in its currency.")
