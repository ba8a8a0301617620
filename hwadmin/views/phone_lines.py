"""The mobile numbers of an account: their contracts, and whether they may be upgraded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.errors import InvalidInput
from hwadmin.forms.phone_lines import ImportForm, ListRow, PhoneLineForm, list_rows
from hwadmin.forms.platforms import options
from hwadmin.kinds import Kind
from hwadmin.models import Account, Device, LineOfService
from hwadmin.operations import phone_lines as operations
from hwadmin.operations.phone_lines import Imported, NewServiceLine
from hwadmin.operations.platforms import find
from hwadmin.permissions import Permission
from hwadmin.queries.choosing import carriers_sold, employee_named, service_lines
from hwadmin.queries.devices import device_rows, in_service
from hwadmin.uow import transact
from hwadmin.views.account_settings import done
from hwadmin.views.account_tabs import account_frame
from hwadmin.views.base import GuardedView
from hwadmin.views.frame import go_back
from hwadmin.views.gate import current_actor

_READ, _WRITE = Permission.ACCOUNTS_READ, Permission.ACCOUNTS_WRITE
SHOWN = 200
MOST_MOBILES = 500
# The fields of the form that the operation knows by another name.
_NAMES = {"employee_id": "employee"}


class PhoneLinesView(GuardedView):
    """The lines of service of each account."""

    permissions = {
        "index_view": _READ,
        "show": _READ,
        "new_form": _WRITE,
        "add": _WRITE,
        "edit_form": _WRITE,
        "change": _WRITE,
        "end": _WRITE,
        "restore": _WRITE,
        "import_form": _WRITE,
        "import_list": _WRITE,
    }

    def __init__(self) -> None:
        super().__init__(name="Phone lines", endpoint="phone_lines", url="/phone-lines")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """Each account has lines of its own."""
        return redirect(url_for("accounts.index_view"))

    @expose("/<int:key>/")
    def show(self, key: int) -> ResponseReturnValue:
        """The lines of an account, with contract and eligibility."""
        actor, said = current_actor(), request.args.get("q", "")[:100]
        account = find(actor, Account, key)
        lines = service_lines(actor, account, text=said, ended=True, limit=SHOWN + 1)
        page: str = self.render(
            "admin/hw/accounts/lines.html",
            **account_frame(account, "lines"),
            lines=lines[:SHOWN],
            more=len(lines) > SHOWN,
            shown=SHOWN,
            said=said,
        )
        return page

    # ---- One line

    def _form(
        self, form: Any, account: Account, heading: str, status: int = 200, **values: Any
    ) -> ResponseReturnValue:
        crumbs = [
            ("Accounts", url_for("accounts.index_view")),
            (account.name, url_for("phone_lines.show", key=account.id)),
        ]
        page = self.render(
            "admin/hw/accounts/line_form.html",
            form=form,
            heading=heading,
            crumbs=crumbs,
            carriers=carriers_sold(current_actor(), account),
            **values,
        )
        return page, status

    def _line_form(self, account: Account, line: LineOfService | None = None) -> PhoneLineForm:
        actor = current_actor()
        form = PhoneLineForm(obj=line)
        mobiles = device_rows(
            actor,
            Device.account_id == account.id,
            Device.kind == Kind.MOBILE,
            in_service(),
            limit=MOST_MOBILES,
        )
        form.device_id.choices = options(
            [
                ("", "None or not known"),
                *(
                    (
                        str(row.id),
                        f"{row.title} · {row.identifier_display}"
                        + (f" · {row.employee_name}" if row.employee_name else ""),
                    )
                    for row in mobiles
                ),
            ]
        )
        if line is not None and not form.is_submitted():
            form.employee.data = line.employee.name if line.employee else ""
        return form

    def _typed(self, form: PhoneLineForm, account: Account, line: LineOfService | None) -> NewServiceLine:
        said = form.employee.data or ""
        # Somebody who has left stays where they are as long as nobody else is named.
        same = line is not None and line.employee is not None and said.strip() == line.employee.name
        return NewServiceLine(
            form.phone_number.data or "",
            form.mobile_carrier.data or "",
            employee_id=line.employee_id
            if same and line is not None
            else employee_named(current_actor(), account, said, "employee"),
            device_id=form.device_id.data,
            contract_term_months=form.contract_term_months.data,
            contract_ends_on=form.contract_ends_on.data,
            contract_balance=form.contract_balance.data,
            eligible_from=form.eligible_from.data,
        )

    @expose("/<int:key>/new/")
    def new_form(self, key: int) -> ResponseReturnValue:
        """Show the form for a new line."""
        account = find(current_actor(), Account, key)
        return self._form(self._line_form(account), account, "New phone line")

    @expose("/<int:key>/new/", methods=("POST",))
    def add(self, key: int) -> ResponseReturnValue:
        """Add a line."""
        actor = current_actor()
        account = find(actor, Account, key)
        form = self._line_form(account)
        if not done(
            lambda: operations.add_service_line(actor, key, self._typed(form, account, None)), form, _NAMES
        ):
            return self._form(form, account, "New phone line", 422)
        return go_back("phone_lines.show", "Added the line.", key=key)

    @expose("/<int:key>/<int:part>/")
    def edit_form(self, key: int, part: int) -> ResponseReturnValue:
        """Show a line, to be changed."""
        line = _line(key, part)
        return self._form(self._line_form(line.account, line), line.account, line.phone_number)

    @expose("/<int:key>/<int:part>/", methods=("POST",))
    def change(self, key: int, part: int) -> ResponseReturnValue:
        """Change a line."""
        actor, line = current_actor(), _line(key, part)
        account, number = line.account, line.phone_number
        form = self._line_form(account, line)
        if not done(
            lambda: operations.change_service_line(actor, part, self._typed(form, account, line)),
            form,
            _NAMES,
        ):
            return self._form(form, account, number, 422)
        return go_back("phone_lines.show", f"Saved the line {number}.", key=key)

    @expose("/<int:key>/<int:part>/end/", methods=("POST",))
    def end(self, key: int, part: int) -> ResponseReturnValue:
        """Note that a number is in service no more."""
        return self._deed(key, part, operations.end_service_line, "{} is in service no more.")

    @expose("/<int:key>/<int:part>/restore/", methods=("POST",))
    def restore(self, key: int, part: int) -> ResponseReturnValue:
        """Note that a number is in service again."""
        return self._deed(key, part, operations.restore_service_line, "{} is in service again.")

    def _deed(
        self, key: int, part: int, deed: Callable[..., LineOfService], said: str
    ) -> ResponseReturnValue:
        actor = current_actor()
        _line(key, part)
        line = transact(lambda: deed(actor, part))
        return go_back("phone_lines.show", said.format(line.phone_number), key=key)

    # ---- A carrier's list

    @expose("/<int:key>/import/")
    def import_form(self, key: int) -> ResponseReturnValue:
        """Show where a carrier's list is pasted."""
        account = find(current_actor(), Account, key)
        return self._form(ImportForm(), account, "Import phone lines", save="Import")

    @expose("/<int:key>/import/", methods=("POST",))
    def import_list(self, key: int) -> ResponseReturnValue:
        """Add and change the lines of a list, all of them or none."""
        actor, form = current_actor(), ImportForm()
        account = find(actor, Account, key)
        made: list[Imported] = []

        def take() -> None:
            rows = [(row.number, _of_list(account, row)) for row in list_rows(form.text.data or "")]
            made[:] = [operations.import_service_lines(actor, key, rows)]

        if not done(lambda: _in_words(take), form):
            return self._form(form, account, "Import phone lines", 422, save="Import")
        (result,) = made
        said = f"{result.added} added, {result.changed} changed, {result.unchanged} as they were."
        return go_back("phone_lines.show", said, key=key)


def _line(key: int, part: int) -> LineOfService:
    """A line of this account and no other."""
    line = find(current_actor(), LineOfService, part)
    if line.account_id != key:
        abort(404)
    return line


def _of_list(account: Account, row: ListRow) -> NewServiceLine:
    try:
        employee_id = employee_named(current_actor(), account, row.employee, "text")
        term = int(row.term) if row.term else None
    except InvalidInput as refusal:
        raise InvalidInput.at("text", f"Row {row.number}: {refusal.message}") from refusal
    except ValueError as error:
        raise InvalidInput.at("text", f"Row {row.number}: “{row.term[:40]}” is no term in months.") from error
    return NewServiceLine(
        row.phone_number,
        row.mobile_carrier,
        employee_id=employee_id,
        contract_term_months=term,
        contract_ends_on=row.ends,
        contract_balance=row.balance,
        eligible_from=row.eligible,
    )


def _in_words(take: Callable[[], None]) -> None:
    """Do it; what is wrong in the rows is told beside the list, the first few of them."""
    try:
        take()
    except InvalidInput as refusal:
        said = []
        for error in refusal.errors[:10]:
            row = error.field.split(".")[1] if error.field.startswith("rows.") else None
            said.append(f"Row {row}: {error.message}" if row else error.message)
        if len(refusal.errors) > 10:
            said.append(f"And {len(refusal.errors) - 10} more.")
        raise InvalidInput.at("text", " ".join(said)) from refusal
