"""What identity providers' claims and groups give: for super-admins."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Actor, Permission
from hwadmin.forms.fields import options
from hwadmin.forms.people.access_rules import AccessRuleForm
from hwadmin.models import AccessRule
from hwadmin.operations.people.access_rules import (
    AccessRuleFacts,
    change_access_rule,
    create_access_rule,
    delete_access_rule,
)
from hwadmin.operations.people.person_checks import describe_platforms
from hwadmin.operations.people.staff.access import reapply_access
from hwadmin.queries.people.access_rules import access_rules, get_access_rule
from hwadmin.queries.people.people import platform_choices
from hwadmin.web.access import current_actor
from hwadmin.web.authentication.sign_in_rules import provider_named, settings
from hwadmin.web.form_pages import FormPagesView


class AccessRulesView(FormPagesView):
    """The table of rules."""

    permissions = {
        "index_view": Permission.PEOPLE_READ,
        "create_form": Permission.PEOPLE_WRITE,
        "create": Permission.PEOPLE_WRITE,
        "change_form": Permission.PEOPLE_WRITE,
        "change": Permission.PEOPLE_WRITE,
        "delete": Permission.PEOPLE_WRITE,
    }

    def __init__(self) -> None:
        super().__init__(name="Rules of identity providers", endpoint="access_rules", url="/access-rules")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """All rules."""
        return self.render(
            "admin/hw/people/access_rules/list.html",
            heading=self.name,
            rules=access_rules(),
            names={provider.key: provider.name for provider in settings().providers},
            platforms_of=lambda rule: describe_platforms(rule.role, rule.platforms, rule.all_platforms),
        )

    def _form(self, rule: AccessRule | None = None) -> AccessRuleForm:
        form = AccessRuleForm(obj=rule)
        form.provider.choices = options((row.key, row.name) for row in settings().providers)
        form.platform_ids.choices = options((str(key), name) for key, name in platform_choices())
        if rule is not None and request.method != "POST":
            form.platform_ids.data = [platform.id for platform in rule.platforms]
        return form

    def _page(self, form: AccessRuleForm, rule: AccessRule | None, status: int = 200) -> ResponseReturnValue:
        return self.form_page(
            form,
            rule.value if rule else "New rule",
            [("People", url_for("people.index_view")), (self.name, url_for("access_rules.index_view"))],
            status=status,
            template="admin/hw/people/access_rules/form.html",
            rule=rule,
        )

    @expose("/new/")
    def create_form(self) -> ResponseReturnValue:
        """Show the form for a new rule."""
        return self._page(self._form(), None)

    @expose("/new/", methods=("POST",))
    def create(self) -> ResponseReturnValue:
        """Create a rule."""
        form, actor = self._form(), current_actor()
        _, refused = self.done(
            lambda: _applied(actor, create_access_rule(actor, _facts(form), _keys())), form
        )
        return self._page(form, None, refused) if refused else self._saved()

    @expose("/<int:key>/")
    def change_form(self, key: int) -> ResponseReturnValue:
        """Show a rule, to be changed."""
        rule = get_access_rule(key)
        return self._page(self._form(rule), rule)

    @expose("/<int:key>/", methods=("POST",))
    def change(self, key: int) -> ResponseReturnValue:
        """Change a rule."""
        rule, actor = get_access_rule(key), current_actor()
        form = self._form(rule)
        before = rule.provider
        _, refused = self.done(
            lambda: _applied(actor, change_access_rule(actor, key, _facts(form), _keys()), before), form
        )
        return self._page(form, rule, refused) if refused else self._saved()

    @expose("/<int:key>/delete", methods=("POST",))
    def delete(self, key: int) -> ResponseReturnValue:
        """Delete a rule."""
        actor, provider = current_actor(), get_access_rule(key).provider

        def work() -> str:
            described = delete_access_rule(actor, key)
            _reapply(actor, provider)
            return described

        described = transact(work)
        flash(f"Deleted the rule {described}.", "success")
        return redirect(url_for("access_rules.index_view"))

    def _saved(self) -> ResponseReturnValue:
        flash("Saved. It holds from each person’s next sign-in on; for pushed people, now.", "success")
        return redirect(url_for("access_rules.index_view"))


def _applied(actor: Actor, rule: AccessRule, before: str | None = None) -> AccessRule:
    """The rule, after everybody in the staff directory was given what it changes."""
    for key in sorted({rule.provider, before or rule.provider}):
        _reapply(actor, key)
    return rule


def _reapply(actor: Actor, key: str) -> None:
    provider = provider_named(key)
    if provider is not None:
        reapply_access(actor, provider, settings().break_glass)


def _keys() -> set[str]:
    return {provider.key for provider in settings().providers}


def _facts(form: AccessRuleForm) -> AccessRuleFacts:
    return AccessRuleFacts(
        provider=form.provider.data or "",
        claim=form.claim.data or "",
        value=form.value.data or "",
        role=form.role.data or "",
        platform_ids=form.platform_ids.data or (),
        all_platforms=bool(form.all_platforms.data),
    )
