"""The form of an imported list of people: the text, what its columns mean, and what was previewed."""

from __future__ import annotations

from wtforms import BooleanField, FileField, Form, HiddenField, TextAreaField

from hwadmin.forms.orders import NumberedTexts


class ImportForm(Form):
    """A list of people. What the columns mean is sent once somebody has seen them."""

    text = TextAreaField("Paste rows of a spreadsheet")
    file = FileField("or choose a file")
    missing_left = BooleanField("People of earlier imports who are not in this list have left")
    columns = NumberedTexts(prefix="column")
    digest = HiddenField()
