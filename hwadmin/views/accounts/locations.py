"""The locations of an account: the list, adding, changing and archiving one."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.domain.permissions import Permission
from hwadmin.forms.accounts.accounts import LocationForm
from hwadmin.models import Account, Location
from hwadmin.operations.accounts import locations as operations
from hwadmin.queries.accounts.accounts import locations_of
from hwadmin.queries.scope import find
from hwadmin.views.accounts.tabs import AccountPagesView, change_part, part_of_account
from hwadmin.web.access import current_actor
from hwadmin.web.layout import go_back

_READ, _WRITE = Permission.ACCOUNTS_READ, Permission.ACCOUNTS_WRITE


class AccountLocationsView(AccountPagesView):
    """The sites of an account."""

    own_tab = "account_locations.show"
    permissions = {
        "show": _READ,
        "location_form": _WRITE,
        "add_location": _WRITE,
        "edit_location": _WRITE,
        "change_location": _WRITE,
        "archive_location": _WRITE,
        "restore_location": _WRITE,
    }

    def __init__(self) -> None:
        super().__init__(name="Locations", endpoint="account_locations", url="/accounts")

    @expose("/<int:key>/locations/")
    def show(self, key: int) -> ResponseReturnValue:
        """The sites of an account."""
        actor = current_actor()
        account = find(actor, Account, key)
        return self.tab_page(account, "locations", sites=locations_of(actor, key, archived=True))

    @expose("/<int:key>/locations/new/")
    def location_form(self, key: int) -> ResponseReturnValue:
        """Show the form for a new location."""
        account = find(current_actor(), Account, key)
        return self.account_form(LocationForm(), account, "New location")

    @expose("/<int:key>/locations/new/", methods=("POST",))
    def add_location(self, key: int) -> ResponseReturnValue:
        """Add a location."""
        actor, form = current_actor(), LocationForm()
        account = find(actor, Account, key)
        made, refused = self.done(lambda: operations.add_location(actor, key, form.entry), form)
        if refused:
            return self.account_form(form, account, "New location", refused)
        return go_back("account_locations.show", f"Added the location {made.name}.", key=key)

    @expose("/<int:key>/locations/<int:part>/")
    def edit_location(self, key: int, part: int) -> ResponseReturnValue:
        """Show a location, to be changed."""
        location = part_of_account(Location, key, part)
        return self.account_form(LocationForm(obj=location), location.account, location.name)

    @expose("/<int:key>/locations/<int:part>/", methods=("POST",))
    def change_location(self, key: int, part: int) -> ResponseReturnValue:
        """Change a location."""
        actor, form, location = current_actor(), LocationForm(), part_of_account(Location, key, part)
        changed, refused = self.done(lambda: operations.change_location(actor, part, form.entry), form)
        if refused:
            return self.account_form(form, location.account, location.name, refused)
        return go_back("account_locations.show", f"Saved the location {changed.name}.", key=key)

    @expose("/<int:key>/locations/<int:part>/archive/", methods=("POST",))
    def archive_location(self, key: int, part: int) -> ResponseReturnValue:
        """Take a location off the lists to choose from."""
        row = change_part(Location, operations.archive_location, key, part)
        return go_back("account_locations.show", f"Archived {row.name}.", key=key)

    @expose("/<int:key>/locations/<int:part>/restore/", methods=("POST",))
    def restore_location(self, key: int, part: int) -> ResponseReturnValue:
        """Offer a location again."""
        row = change_part(Location, operations.restore_location, key, part)
        return go_back("account_locations.show", f"Restored {row.name}.", key=key)
