"""What an identity provider's claims give."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwadmin.config import ConfigurationError, Settings
from hwadmin.domain.people.granted_access import Access, Rule, claim_values, given_access
from hwadmin.domain.permissions import Role

DESK, LINE = (
    Rule("groups", "desk", Role.SUPER_ADMIN),
    Rule("groups", "line", Role.PLATFORM_ADMIN, frozenset({1})),
)
OTHER_LINE = Rule("roles", "line-b", Role.PLATFORM_ADMIN, frozenset({2}))
HELP = Rule("groups", "help", Role.SUPPORT, frozenset({1}))
HELP_ALL = Rule("groups", "help-all", Role.SUPPORT, all_platforms=True)
RULES = (HELP, LINE, DESK, OTHER_LINE, HELP_ALL)


def test_of_several_roles_the_one_that_may_most_counts_with_all_its_platforms() -> None:
    assert given_access(RULES, {"groups": ["help", "line"], "roles": ["line-b"]}) == Access(
        Role.PLATFORM_ADMIN, frozenset({1, 2}), False
    )
    assert given_access(RULES, {"groups": ["help", "line", "desk"]}) == Access(
        Role.SUPER_ADMIN, frozenset(), False
    )
    assert given_access(RULES, {"groups": ["help", "help-all"]}) == Access(Role.SUPPORT, frozenset(), True)


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"groups": []},
        {"groups": ["Desk"]},
        {"groups": [["desk"]]},
        {"groups": {"desk": 1}},
        {"x": "desk"},
    ],
)
def test_what_no_rule_names_gives_nothing(claims: dict[str, object]) -> None:
    assert given_access(RULES, claims) is None


def test_a_claim_is_a_text_a_list_or_inside_another_one() -> None:
    assert claim_values({"hd": "example.com"}, "hd") == {"example.com"}
    assert claim_values({"realm_access": {"roles": ["a", 7]}}, "realm_access.roles") == {"a"}
    assert claim_values({"https://example.com/groups": ["a"]}, "https://example.com/groups") == {"a"}
    assert claim_values({"realm_access": "roles"}, "realm_access.roles") == set()


# ---- The settings of providers

RIGHT = """
[okta]
name = "Okta"
issuer = "https://example.okta.com"
client_id = "hwadmin"
client_secret = "secret"
domains = ["Example.com"]
"""


def settings_of(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "providers.toml"
    path.write_text(text)
    return Settings.from_env({"HWADMIN_SIGN_IN_PROVIDERS": str(path), "HWADMIN_INSTANCE": str(tmp_path)})


def test_a_provider_is_read_and_its_secret_is_not_shown(tmp_path: Path) -> None:
    (okta,) = settings_of(tmp_path, RIGHT).providers
    assert (okta.key, okta.domains, okta.second_factor) == ("okta", ("example.com",), False)
    assert "client_secret" not in repr(okta)
    (okta,) = settings_of(tmp_path, RIGHT + 'second_factor = ["amr=mfa"]').providers
    assert okta.second_factor == ("amr=mfa",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[okta", "cannot be read"),
        ("okta = 1", "must be a table"),
        ('[okta]\nname = "Okta"', "needs name, issuer"),
        (RIGHT + "scope = 1", "mean nothing: scope"),
        (RIGHT + 'scopes = "groups"', "lists of texts"),
        (RIGHT + 'second_factor = "yes"', "true or false"),
        (RIGHT + 'second_factor = ["mfa"]', "such as amr=mfa"),
        (RIGHT.replace("https://", "http://"), "must begin with https"),
        (RIGHT + RIGHT.replace("[okta]", "[second]"), "share a domain"),
    ],
)
def test_a_provider_that_makes_no_sense_stops_the_start(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match="HWADMIN_SIGN_IN_PROVIDERS") as failure:
        settings_of(tmp_path, text)
    assert words in str(failure.value)
