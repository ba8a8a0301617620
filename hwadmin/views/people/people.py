"""The people who may sign in: for super-admins."""

from __future__ import annotations

from typing import Any

from flask import flash, has_request_context, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_admin.contrib.sqla.filters import BaseSQLAFilter
from markupsafe import Markup
from sqlalchemy import true
from sqlalchemy.orm import raiseload, selectinload
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import SIGNING_IN, Permission, Role
from hwadmin.errors import InvalidInput, WrongState
from hwadmin.forms.people.people import PersonForm
from hwadmin.models import Person
from hwadmin.operations.people import people, second_factor
from hwadmin.operations.people.person_checks import PersonFacts
from hwadmin.queries.people.people import may_see_platform, platform_choices
from hwadmin.views.people.browser_session import hasher
from hwadmin.web import access
from hwadmin.web.admin_views import TableView, row_id
from hwadmin.web.authentication.sign_in_rules import settings, signs_in_elsewhere
from hwadmin.web.form_errors import put_errors
from hwadmin.web.formatting import ago
from hwadmin.web.layout import go_back


class _Filter(BaseSQLAFilter):  # type: ignore[misc]
    """A choice from a list, which is asked for by each request: Flask-Admin asks once, at the start."""

    def get_options(self, view: Any) -> Any:
        return super().get_options(view) if has_request_context() else None

    def operation(self) -> str:
        return "is"

    def validate(self, value: str) -> bool:
        return value in {key for key, _ in self.get_options(None) or ()}


class _RoleFilter(_Filter):
    def apply(self, query: Any, value: str, alias: Any = None) -> Any:
        return query.filter(Person.role == Role(value))


class _PlatformFilter(_Filter):
    """Who may see a platform: those given it, and those given all."""

    def apply(self, query: Any, value: str, alias: Any = None) -> Any:
        return query.filter(may_see_platform(int(value)))


class _StatusFilter(_Filter):
    def apply(self, query: Any, value: str, alias: Any = None) -> Any:
        is_active = Person.disabled_at.is_(None)
        return query.filter(is_active if value == "active" else ~is_active)


def _platforms(person: Person) -> str:
    if person.role is Role.SUPER_ADMIN or person.all_platforms:
        return "All platforms"
    return ", ".join(platform.name for platform in person.platforms)


def _status(person: Person) -> Markup:
    if person.disabled_at is None:
        return Markup("Active")
    return Markup('<span class="tag">Disabled</span> <span class="muted">{}</span>').format(
        ago(person.disabled_at)
    )


class PeopleView(TableView):
    """List, create and change people. Nobody is ever deleted: what they did keeps their name."""

    permissions = {
        "index_view": Permission.PEOPLE_READ,
        "create_view": Permission.PEOPLE_WRITE,
        "edit_view": Permission.PEOPLE_WRITE,
        "disable": Permission.PEOPLE_WRITE,
        "enable": Permission.PEOPLE_WRITE,
        "reset_password": Permission.PEOPLE_WRITE,
        "reset_second_factor": Permission.PEOPLE_WRITE,
    }
    can_create = True
    can_edit = True
    list_template = "admin/hw/people/list.html"
    create_template = "admin/hw/people/form.html"
    edit_template = "admin/hw/people/form.html"

    column_list = ("name", "email", "role", "platforms", "disabled_at", "created_at")
    column_labels = {"email": "E-mail", "disabled_at": "Status", "created_at": "Created"}
    column_formatters = {
        "role": lambda view, context, person, name: person.role.label,
        "platforms": lambda view, context, person, name: _platforms(person),
        "disabled_at": lambda view, context, person, name: _status(person),
        "created_at": lambda view, context, person, name: ago(person.created_at),
    }
    column_sortable_list = ("name", "email", "role", "disabled_at", "created_at")
    column_default_sort = "name"
    column_searchable_list = ("name", "email")
    column_filters = (
        _RoleFilter(Person.role, "Role", [(role.value, role.label) for role in SIGNING_IN]),
        _PlatformFilter(
            Person.id, "Platform", lambda: [(str(key), name) for key, name in platform_choices()]
        ),
        _StatusFilter(Person.disabled_at, "Status", [("active", "Active"), ("disabled", "Disabled")]),
    )
    # Flask-Admin would join every relationship shown; the loading is stated instead.
    column_auto_select_related = False
    loading = (selectinload(Person.platforms), raiseload("*"))
    form = PersonForm

    def __init__(self) -> None:
        super().__init__(Person, name="People", endpoint="people", url="/people")

    def condition(self) -> Any:
        # People belong to no platform; the permission alone decides.
        return true()

    def _get_filter_groups(self) -> Any:
        groups = super()._get_filter_groups()
        for group in groups.values():
            for choice in group:
                choice["options"] = self._filters[choice["index"]].get_options(self)
        return groups

    # ---- Forms

    def _form(self, person: Person | None = None) -> PersonForm:
        form = PersonForm(obj=person)
        form.platform_ids.choices = [SelectChoice(str(key), name) for key, name in platform_choices()]
        if person is not None and request.method != "POST":
            form.platform_ids.data = [platform.id for platform in person.platforms]
        return form

    def _form_page(self, form: PersonForm, person: Person | None, status: int = 200) -> ResponseReturnValue:
        page = self.render(
            self.edit_template,
            form=form,
            edited=person,
            actor=access.current_actor(),
            elsewhere=signs_in_elsewhere(person.email, person.managed_by) if person else None,
        )
        return page, status

    def render(self, template: str, **kwargs: Any) -> str:
        page: str = super().render(template, providers=settings().providers, **kwargs)
        return page

    def create_model(self, form: PersonForm) -> tuple[Person, str]:
        actor, facts = access.current_actor(), _facts(form)
        return transact(lambda: people.create_person(actor, facts, hasher=hasher()))

    def update_model(self, form: PersonForm, model: Person) -> Person:
        actor, facts, key = access.current_actor(), _facts(form), model.id
        return transact(lambda: people.change_person(actor, key, facts))

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> ResponseReturnValue:
        """Create somebody; their first password is on the answer and nowhere else."""
        form = self._form()
        if request.method != "POST":
            return self._form_page(form, None)
        if not form.validate():
            return self._form_page(form, None, 422)
        try:
            person, password = self.create_model(form)
        except InvalidInput as refusal:
            put_errors(form, refusal)
            return self._form_page(form, None, 422)
        return self._password_page(person, password, is_new=True)

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> ResponseReturnValue:
        """Change who somebody is or what they are given."""
        person = self.get_one(request.args.get("id", ""))
        form = self._form(person)
        if request.method != "POST":
            return self._form_page(form, person)
        if not form.validate():
            return self._form_page(form, person, 422)
        try:
            changed = self.update_model(form, person)
        except InvalidInput as refusal:
            put_errors(form, refusal)
            return self._form_page(form, person, 422)
        except WrongState as refusal:
            form.form_errors.append(refusal.message)
            return self._form_page(form, person, 409)
        flash(f"{changed.name} is saved.", "success")
        return redirect(url_for("people.index_view"), 303)

    # ---- Actions

    @expose("/<key>/disable", methods=("POST",))
    def disable(self, key: str) -> ResponseReturnValue:
        """Disable somebody."""
        actor, number = access.current_actor(), row_id(key)
        person = transact(lambda: people.disable_person(actor, number))
        return go_back("people.edit_view", f"{person.name} is disabled and signed out everywhere.", id=number)

    @expose("/<key>/enable", methods=("POST",))
    def enable(self, key: str) -> ResponseReturnValue:
        """Let somebody in again."""
        actor, number = access.current_actor(), row_id(key)
        person = transact(lambda: people.enable_person(actor, number))
        return go_back("people.edit_view", f"{person.name} may sign in again.", id=number)

    @expose("/<key>/password", methods=("POST",))
    def reset_password(self, key: str) -> ResponseReturnValue:
        """Make up a new password; it is on the answer and nowhere else."""
        actor, number = access.current_actor(), row_id(key)
        person = self.get_one(key)
        elsewhere = signs_in_elsewhere(person.email, person.managed_by)
        if elsewhere is not None:
            raise WrongState(f"{person.name} signs in with {elsewhere.name}, without a password.")
        person, password = transact(lambda: people.reset_password(actor, number, hasher=hasher()))
        return self._password_page(person, password, is_new=False)

    @expose("/<key>/second-factor", methods=("POST",))
    def reset_second_factor(self, key: str) -> ResponseReturnValue:
        """Take a lost second factor off somebody."""
        actor, number = access.current_actor(), row_id(key)
        person = transact(lambda: second_factor.reset_second_factor(actor, number))
        message = f"{person.name} signs in with the password alone now, and can set up one-time codes again."
        return go_back("people.edit_view", message, id=number)

    def _password_page(self, person: Person, password: str, *, is_new: bool) -> ResponseReturnValue:
        # Not after a redirect: it would travel in the session's cookie, which is signed but not secret.
        page = self.render(
            "admin/hw/people/password.html",
            someone=person,
            password=password,
            is_new=is_new,
            elsewhere=signs_in_elsewhere(person.email, person.managed_by),
        )
        return make_response(page)


def _facts(form: PersonForm) -> PersonFacts:
    return PersonFacts(
        name=form.name.data or "",
        email=form.email.data or "",
        role=form.role.data or "",
        platform_ids=form.platform_ids.data or (),
        all_platforms=bool(form.all_platforms.data),
    )
