"""The table that says what an identity provider's claims or groups give."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from hwadmin.db.extensions import db
from hwadmin.domain.people.granted_access import Rule
from hwadmin.domain.permissions import Actor, Permission, Role, require
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.errors import InvalidInput, NotFound
from hwadmin.models import AccessRule
from hwadmin.operations.audit.people_events import record_access_rule_changed
from hwadmin.operations.people.person_checks import check_access, describe_platforms

_TAKEN = "There is a rule for this value already."


@dataclass(frozen=True, slots=True)
class AccessRuleFacts:
    """What is entered about a rule."""

    provider: str
    claim: str
    value: str
    role: Role | str
    platform_ids: Collection[int] = ()
    all_platforms: bool = False


def create_access_rule(actor: Actor, facts: AccessRuleFacts, providers: Collection[str]) -> AccessRule:
    """Give a role and platforms to whoever an identity provider says has a value, such as a group.

    Args:
        actor: who does it.
        facts: what is entered.
        providers: the keys of those in the settings.

    Raises:
        NotAllowed: unless the actor may change people.
        InvalidInput: at ``provider``, ``claim``, ``value``, ``role``, ``platform_ids``, ``all_platforms``.
    """
    require(actor, Permission.PEOPLE_WRITE)
    rule = AccessRule()
    _assign(rule, facts, providers)
    db.session.add(rule)
    _flush()
    record_access_rule_changed(actor, rule.id, f"{actor.name} created the rule {describe_rule(rule)}.")
    return rule


def change_access_rule(
    actor: Actor, rule_id: int, facts: AccessRuleFacts, providers: Collection[str]
) -> AccessRule:
    """Change what a value gives. It holds from the next sign-in of each person on.

    Raises:
        NotAllowed: unless the actor may change people.
        NotFound: there is no such rule.
        InvalidInput: as for ``create_access_rule``.
    """
    require(actor, Permission.PEOPLE_WRITE)
    rule = _locked(rule_id)
    before = describe_rule(rule)
    _assign(rule, facts, providers)
    after = describe_rule(rule)
    if before != after:
        _flush()
        summary = f"{actor.name} changed the rule {before} to {after}."
        record_access_rule_changed(actor, rule.id, summary)
    return rule


def delete_access_rule(actor: Actor, rule_id: int) -> str:
    """Give nothing for a value any more, from the next sign-in of each person on.

    Returns:
        The rule, in words.

    Raises:
        NotAllowed: unless the actor may change people.
        NotFound: there is no such rule.
    """
    require(actor, Permission.PEOPLE_WRITE)
    rule = _locked(rule_id)
    described = describe_rule(rule)
    db.session.delete(rule)
    db.session.flush()
    record_access_rule_changed(actor, rule_id, f"{actor.name} deleted the rule {described}.")
    return described


def describe_rule(rule: AccessRule) -> str:
    """A rule, for a sentence."""
    platforms = describe_platforms(rule.role, rule.platforms, rule.all_platforms)
    gives = f"{rule.role.label}, platforms: {platforms}"
    return f"“{rule.claim} {rule.value} of {rule.provider} gives {gives}”"


def rules_of(provider: str) -> list[Rule]:
    """The rules of a provider, by its key."""
    rows = db.session.scalars(select(AccessRule).where(AccessRule.provider == provider)).all()
    return [
        Rule(
            row.claim,
            row.value,
            row.role,
            frozenset(platform.id for platform in row.platforms),
            row.all_platforms,
        )
        for row in rows
    ]


def _assign(rule: AccessRule, facts: AccessRuleFacts, providers: Collection[str]) -> None:
    problems = Problems()
    if facts.provider not in providers:
        problems.add("provider", "Choose an identity provider.")
    claim = problems.text("claim", facts.claim, most=100, required="Enter a claim, such as groups.")
    value = problems.text("value", facts.value, most=300, required="Enter a value, such as a group.")
    role, platforms = check_access(facts.role, facts.platform_ids, facts.all_platforms, problems)
    refuse(problems)
    assert claim is not None
    assert value is not None
    assert role is not None
    taken = db.session.scalars(
        select(AccessRule.id).where(
            AccessRule.provider == facts.provider, AccessRule.claim == claim, AccessRule.value == value
        )
    ).first()
    if taken is not None and taken != rule.id:
        raise InvalidInput.at("value", _TAKEN)
    rule.provider, rule.claim, rule.value, rule.role = facts.provider, claim, value, role
    rule.platforms, rule.all_platforms = platforms, facts.all_platforms


def _locked(rule_id: int) -> AccessRule:
    rule = db.session.scalars(
        select(AccessRule)
        .where(AccessRule.id == rule_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if rule is None:
        raise NotFound("There is no such rule.")
    return rule


def _flush() -> None:
    try:
        db.session.flush()
    except IntegrityError as error:
        # Two of the same at one moment: the database lets one through.
        raise InvalidInput.at("value", _TAKEN) from error
