"""The form of a pasted or uploaded list: the text, what its columns mean, and the answers to questions."""

from __future__ import annotations

from wtforms import FileField, Form, TextAreaField

from hwadmin.forms.orders.orders import NumberedTexts


class ListForm(Form):
    """A list for an order. What the columns mean is sent once somebody has seen them."""

    text = TextAreaField("Paste anything")
    file = FileField("or choose a file")
    columns = NumberedTexts(prefix="column")
