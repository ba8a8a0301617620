"""The shape of what is entered about a distributor."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import EmailField, Form, IntegerField, StringField, TextAreaField
from wtforms.validators import Optional

from hwadmin.forms.fields import Needed
from hwadmin.forms.orders.orders import NumberedTexts
from hwadmin.operations.catalog.distributors import MAX_DAYS


class DistributorForm(FlaskForm):  # type: ignore[misc]
    """A distributor, and how orders reach them."""

    name = StringField("Name", [Needed()], render_kw={"maxlength": 120})
    email = EmailField(
        "E-mail for orders",
        description="Where “Send to the distributor” sends purchase orders. Nothing is sent automatically.",
        render_kw={"maxlength": 254},
    )
    customer_number = StringField(
        "Our customer number",
        description="Printed on purchase orders.",
        render_kw={"maxlength": 60},
    )
    expected_days = IntegerField(
        "Days until delivery",
        [Optional()],
        description="How long it usually takes. An order that is with them for longer is marked overdue.",
        render_kw={"min": 1, "max": MAX_DAYS},
    )
    note = TextAreaField("Note", description="For super-admins.", render_kw={"maxlength": 2000, "rows": 4})


class ArticleNumbersForm(Form):
    """What each distributor calls a catalog item, by the distributor's key."""

    numbers = NumberedTexts(prefix="number")
