"""Small pages with a form: showing it, and doing what it asks for or showing it again with what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from hwadmin.db.unit_of_work import transact
from hwadmin.errors import InvalidInput, WrongState
from hwadmin.web.admin_views import GuardedView
from hwadmin.web.form_errors import put_errors


class FormPagesView(GuardedView):
    """A view whose pages are forms."""

    def form_page(
        self,
        form: FlaskForm,
        heading: str,
        crumbs: Sequence[tuple[str, str]],
        *,
        status: int = 200,
        template: str = "admin/hw/admin_views/form.html",
        **values: Any,
    ) -> ResponseReturnValue:
        """A form on a page of its own; the last crumb is where Cancel leads."""
        return self.render(template, form=form, heading=heading, crumbs=crumbs, **values), status

    def done(
        self,
        operation: Callable[[], Any],
        form: FlaskForm,
        at: str | None = None,
        names: Mapping[str, str] | None = None,
    ) -> tuple[Any, int]:
        """Do what a form asks for, in one unit of work; a refusal goes back into the form.

        Args:
            operation: what the form asks for.
            form: what was sent.
            at: the field at which a wrong state is shown; above the form where absent.
            names: the form's names of fields that the operation calls otherwise.

        Returns:
            What the operation gave and 0, or None and the status of the refusal.
        """
        if not form.validate():
            return None, 422
        try:
            return transact(operation), 0
        except InvalidInput as refusal:
            put_errors(form, refusal, names or {})
            return None, 422
        except WrongState as refusal:
            if at is None:
                form.form_errors.append(refusal.message)
            else:
                form[at].errors = [*form[at].errors, refusal.message]
            return None, 409
