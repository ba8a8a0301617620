"""The mobile numbers of an account: their contracts, and whether they may be upgraded."""

from __future__ import annotations

from collections.abc import Callable

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.permissions import Permission
from hwadmin.forms.accounts.phone_lines import PhoneLineForm
from hwadmin.forms.fields import options
from hwadmin.models import Account, Device, PhoneLine
from hwadmin.operations.accounts import phone_lines as operations
from hwadmin.operations.accounts.phone_lines import NewPhoneLine
from hwadmin.queries.accounts.phone_lines import account_phone_lines
from hwadmin.queries.devices.conditions import in_service
from hwadmin.queries.devices.devices import device_rows
from hwadmin.queries.ordering.items import carriers_sold
from hwadmin.queries.ordering.people import employee_named
from hwadmin.queries.scope import find
from hwadmin.views.accounts.tabs import AccountPagesView, account_frame, change_part, part_of_account
from hwadmin.web.access import current_actor
from hwadmin.web.layout import go_back

_READ, _WRITE = Permission.ACCOUNTS_READ, Permission.ACCOUNTS_WRITE
SHOWN = 200
MOST_MOBILES = 500
# The fields of the form that the operation knows by another name.
_NAMES = {"employee_id": "employee"}


class PhoneLinesView(AccountPagesView):
    """The phone lines of each account."""

    own_tab = "phone_lines.show"

    permissions = {
        "index_view": _READ,
        "show": _READ,
        "new_form": _WRITE,
        "add": _WRITE,
        "edit_form": _WRITE,
        "change": _WRITE,
        "end": _WRITE,
        "restore": _WRITE,
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
        actor, query = current_actor(), request.args.get("q", "")[:100]
        account = find(actor, Account, key)
        lines = account_phone_lines(actor, account, text=query, ended=True, limit=SHOWN + 1)
        page: str = self.render(
            "admin/hw/accounts/lines.html",
            **account_frame(account, "lines"),
            lines=lines[:SHOWN],
            more=len(lines) > SHOWN,
            shown=SHOWN,
            query=query,
        )
        return page

    # ---- One line

    def _form(
        self, form: PhoneLineForm, account: Account, heading: str, status: int = 200
    ) -> ResponseReturnValue:
        carriers = carriers_sold(current_actor(), account.platform_id)
        template = "admin/hw/accounts/line_form.html"
        return self.account_form(form, account, heading, status, template=template, carriers=carriers)

    def _line_form(self, account: Account, line: PhoneLine | None = None) -> PhoneLineForm:
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
        # Without the field, or before anything was sent, it is who holds the line now.
        if line is not None and not form.employee.raw_data:
            form.employee.data = line.employee.name if line.employee else ""
        return form

    def _new_line(self, form: PhoneLineForm, account: Account, line: PhoneLine | None) -> NewPhoneLine:
        name = form.employee.data or ""
        # An employee who has left stays the holder as long as no other name is entered.
        same = line is not None and line.employee is not None and name.strip() == line.employee.name
        return NewPhoneLine(
            form.phone_number.data or "",
            form.mobile_carrier.data or "",
            employee_id=line.employee_id
            if same and line is not None
            else employee_named(current_actor(), account, name, "employee"),
            device_id=form.device_id.data,
            contract_term_months=form.contract_term_months.data,
            contract_ends_on=form.contract_ends_on.data,
            contract_balance=form.contract_balance.data,
            eligible_from=form.eligible_from.data,
            rate_plan=form.rate_plan.data,
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
        _, refused = self.done(
            lambda: operations.add_phone_line(actor, key, self._new_line(form, account, None)),
            form,
            names=_NAMES,
        )
        if refused:
            return self._form(form, account, "New phone line", refused)
        return go_back("phone_lines.show", "Added the line.", key=key)

    @expose("/<int:key>/<int:part>/")
    def edit_form(self, key: int, part: int) -> ResponseReturnValue:
        """Show a line, to be changed."""
        line = part_of_account(PhoneLine, key, part)
        return self._form(self._line_form(line.account, line), line.account, line.phone_number)

    @expose("/<int:key>/<int:part>/", methods=("POST",))
    def change(self, key: int, part: int) -> ResponseReturnValue:
        """Change a line."""
        actor, line = current_actor(), part_of_account(PhoneLine, key, part)
        account, number = line.account, line.phone_number
        form = self._line_form(account, line)
        _, refused = self.done(
            lambda: operations.change_phone_line(actor, part, self._new_line(form, account, line)),
            form,
            names=_NAMES,
        )
        if refused:
            return self._form(form, account, number, refused)
        return go_back("phone_lines.show", f"Saved the line {number}.", key=key)

    @expose("/<int:key>/<int:part>/end/", methods=("POST",))
    def end(self, key: int, part: int) -> ResponseReturnValue:
        """Note that a number is no longer in service."""
        return self._run(key, part, operations.end_phone_line, "{} is no longer in service.")

    @expose("/<int:key>/<int:part>/restore/", methods=("POST",))
    def restore(self, key: int, part: int) -> ResponseReturnValue:
        """Note that a number is in service again."""
        return self._run(key, part, operations.restore_phone_line, "{} is in service again.")

    def _run(
        self, key: int, part: int, operation: Callable[..., PhoneLine], message: str
    ) -> ResponseReturnValue:
        line = change_part(PhoneLine, operation, key, part)
        return go_back("phone_lines.show", message.format(line.phone_number), key=key)
