"""Showing the problems that an operation found in a form."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from flask_wtf import FlaskForm

from hwadmin.errors import InvalidInput


def put_errors(
    form: FlaskForm, refusal: InvalidInput, names: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Show each problem at its field; what belongs to no field goes above the form.

    Args:
        form: where they are shown.
        refusal: the problems.
        names: the form's names of fields that the operation calls otherwise.
    """
    for error in refusal.errors:
        name = names.get(error.field, error.field)
        if name in form:
            form[name].errors = [*form[name].errors, error.message]
        else:
            form.form_errors.append(error.message)
