"""What comes back from an identity provider is believed only if it is its answer to our own question."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from joserfc.jws import JWSRegistry

from hwadmin import clock
from tests.builders import Browser
from tests.views.people.single_sign_on import provider as identity_provider
from tests.views.people.single_sign_on.conftest import Site, is_in
from tests.views.people.single_sign_on.provider import SECRET, Claims, Provider, come_back, leave

OTHER_KEY = RSAKey.generate_key(2048)
HMAC = JWSRegistry(algorithms=["HS256"])


def _part(document: Claims) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


def forged(provider: Provider, claims: Claims) -> str:
    """By a key of the forger's own, under the name of the provider's."""
    return provider.signed(claims, OTHER_KEY)


def by_unknown_key(provider: Provider, claims: Claims) -> str:
    return provider.signed(claims, OTHER_KEY, kid="two")


def tampered(provider: Provider, claims: Claims) -> str:
    """Somebody else's subject under a right signature."""
    header, _, signature = provider.signed(claims).split(".")
    return f"{header}.{_part(claims | {'sub': 'ada-1'})}.{signature}"


def alg_none(provider: Provider, claims: Claims) -> str:
    return f"{_part({'alg': 'none'})}.{_part(claims)}."


def unsigned(provider: Provider, claims: Claims) -> str:
    header, payload, _ = provider.signed(claims).split(".")
    return f"{header}.{payload}."


def by_client_secret(provider: Provider, claims: Claims) -> str:
    return jwt.encode({"alg": "HS256", "kid": "one"}, claims, OctKey.import_key(SECRET), registry=HMAC)


def by_public_key(provider: Provider, claims: Claims) -> str:
    """The public key, which everybody has, taken for a shared secret."""
    pem = json.dumps(provider.key.as_dict(private=False))
    return jwt.encode({"alg": "HS256", "kid": "one"}, claims, OctKey.import_key(pem), registry=HMAC)


def not_a_token(provider: Provider, claims: Claims) -> str:
    return "not.a-token"


def _now() -> int:
    return int(time.time())


SIGNATURES: list[Callable[[Provider, Claims], str]] = [
    *(forged, by_unknown_key, tampered, alg_none, unsigned, by_client_secret, by_public_key, not_a_token)
]
CLAIMS: dict[str, Callable[[], Claims]] = {
    "another issuer": lambda: {"iss": "https://evil.example"},
    "another audience": lambda: {"aud": "somebody-else"},
    "another audience, asked by us": lambda: {"aud": "somebody-else", "azp": "hwadmin"},
    "others as well": lambda: {"aud": ["hwadmin", "somebody-else"]},
    "authorized for another": lambda: {"aud": ["hwadmin", "else"], "azp": "else"},
    "another nonce": lambda: {"nonce": "of-an-earlier-visit"},
    "no nonce": lambda: {"nonce": None},
    "expired": lambda: {"exp": _now() - 61, "iat": _now() - 400},
    "no end": lambda: {"exp": None},
    "from the future": lambda: {"iat": _now() + 120},
    "not valid yet": lambda: {"nbf": _now() + 120},
    "nobody": lambda: {"sub": None},
    "an empty subject": lambda: {"sub": ""},
    "a subject that is no text": lambda: {"sub": 7},
    "another access token": lambda: {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


def assert_refused(site: Site, browser: Browser, status: int, answered: int) -> None:
    """Nobody is in, nobody was created, and it is written down why."""
    assert answered == status
    assert not is_in(browser)
    assert site.person() is None
    assert site.events("person.created") == site.events("person.signed_in") == []


@pytest.mark.parametrize("sign", SIGNATURES, ids=lambda sign: sign.__name__)
def test_a_token_the_provider_did_not_sign_is_refused(
    site: Site, okta: Provider, browser: Browser, sign: Callable[[Provider, Claims], str]
) -> None:
    okta.sign = sign
    answer = come_back(browser, okta, leave(browser))
    assert_refused(site, browser, 422, answer.status_code)
    assert "did not confirm who you are" in answer.text
    assert len(site.events("person.sign_in_failed")) == 1


@pytest.mark.parametrize("change", CLAIMS.values(), ids=CLAIMS)
def test_a_token_that_is_not_an_answer_to_us_and_of_now_is_refused(
    site: Site, okta: Provider, browser: Browser, change: Callable[[], Claims]
) -> None:
    okta.change = change()
    answer = come_back(browser, okta, leave(browser))
    assert_refused(site, browser, 422, answer.status_code)
    assert len(site.events("person.sign_in_failed")) == 1


def test_the_same_answer_lets_in_once(site: Site, okta: Provider, browser: Browser) -> None:
    asked = leave(browser)
    code = "the-code"
    okta.codes[code] = (asked["nonce"], asked["code_challenge"])
    query = {"code": code, "state": asked["state"]}
    assert browser.get("/sign-in/with/okta/callback", query_string=query).status_code == 303
    browser.post("/sign-out")
    # A copy of the cookie as it was before, and a provider that takes a code twice.
    with browser.session_transaction() as cookie:
        cookie["sign_in_states"] = [asked["state"]]
    okta.codes[code] = (asked["nonce"], asked["code_challenge"])
    answer = browser.get("/sign-in/with/okta/callback", query_string=query)
    assert answer.status_code == 422
    assert "was not begun in this browser" in answer.text
    assert not is_in(browser)


def test_an_answer_is_of_no_use_in_another_browser(
    app: Flask, site: Site, okta: Provider, browser: Browser
) -> None:
    asked = leave(browser)
    thief = Browser(app, app.response_class)
    leave(thief)
    assert_refused(site, thief, 422, come_back(thief, okta, asked).status_code)


def test_a_code_is_of_no_use_without_the_verifier(site: Site, okta: Provider, browser: Browser) -> None:
    asked = leave(browser) | {"code_challenge": "of-somebody-else"}
    assert_refused(site, browser, 422, come_back(browser, okta, asked).status_code)
    assert "verifier" not in "".join(site.events("person.sign_in_failed"))


def test_an_answer_that_took_too_long_is_refused(site: Site, okta: Provider, browser: Browser) -> None:
    with clock.at(clock.utcnow() - timedelta(minutes=15, seconds=1)):
        asked = leave(browser)
    assert_refused(site, browser, 422, come_back(browser, okta, asked).status_code)
    assert okta.redeemed == []


# ---- Two providers


@pytest.fixture(scope="module")
def second_server() -> Iterator[Provider]:
    with identity_provider.running() as provider:
        yield provider


@pytest.fixture
def evil(site: Site, okta: Provider, second_server: Provider) -> Provider:
    """A second provider in the settings, whose people have no access."""
    second_server.person = okta.person
    site.use(okta.settings(), second_server.settings("evil"))
    return second_server


def test_an_answer_at_another_providers_address_is_refused(
    site: Site, okta: Provider, evil: Provider, browser: Browser
) -> None:
    asked = leave(browser)
    assert_refused(site, browser, 422, come_back(browser, evil, asked, "evil").status_code)
    assert evil.redeemed == okta.redeemed == []


def test_an_answer_that_names_another_issuer_is_refused(
    site: Site, okta: Provider, evil: Provider, browser: Browser
) -> None:
    answer = come_back(browser, okta, leave(browser), iss=evil.url)
    assert_refused(site, browser, 422, answer.status_code)
    # The code was not shown to anybody.
    assert okta.redeemed == evil.redeemed == []


def test_a_provider_that_names_itself_in_its_answers_must_do_so(
    site: Site, okta: Provider, browser: Browser
) -> None:
    okta.metadata = {"authorization_response_iss_parameter_supported": True}
    # With another client, which asks for the description anew.
    site.use(replace(okta.settings(), name="Okta of the company"))
    assert_refused(site, browser, 422, come_back(browser, okta, leave(browser)).status_code)
    assert come_back(browser, okta, leave(browser), iss=okta.url).status_code == 303


def test_a_token_of_another_provider_is_refused(
    site: Site, okta: Provider, evil: Provider, browser: Browser
) -> None:
    okta.sign = lambda _, claims: evil.signed(claims | {"iss": evil.url})
    assert_refused(site, browser, 422, come_back(browser, okta, leave(browser)).status_code)


def test_a_subject_is_somebody_at_their_own_provider_only(
    site: Site, okta: Provider, evil: Provider, browser: Browser
) -> None:
    site.rule("deciders", provider="evil")
    assert come_back(browser, okta, leave(browser)).status_code == 303
    browser.post("/sign-out")
    evil.person = okta.person | {"name": "Eve", "email": "eve@example.com"}
    asked = leave(browser, "/sign-in/with/evil")
    assert come_back(browser, evil, asked, "evil").status_code == 303
    assert "eve@example.com" in browser.get("/my-account").text
    noor, eve = site.person(), site.person("eve@example.com")
    assert noor is not None
    assert eve is not None
    assert (noor.managed_by, eve.managed_by) == ("okta", "evil")


def test_what_is_asked_for_in_addition_must_be_about_the_same_person(
    site: Site, okta: Provider, browser: Browser
) -> None:
    okta.metadata = {"userinfo_endpoint": f"{okta.url}/userinfo"}
    site.use(replace(okta.settings(), name="Okta with more"))
    okta.change = {"groups": None}
    okta.userinfo = {"sub": "ada-1", "groups": ["deciders"]}
    assert_refused(site, browser, 422, come_back(browser, okta, leave(browser)).status_code)
    okta.userinfo = {"sub": "noor-1", "groups": ["deciders"]}
    assert come_back(browser, okta, leave(browser)).status_code == 303


def test_a_description_of_another_issuer_or_with_unsafe_addresses_is_not_used(
    site: Site, okta: Provider, browser: Browser
) -> None:
    unsafe: list[Claims] = [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://203.0.113.7/token"},
        {"jwks_uri": None},
    ]
    for count, metadata in enumerate(unsafe):
        okta.metadata = metadata
        site.use(replace(okta.settings(), name=f"Okta {count}"))
        assert browser.post("/sign-in/with/okta").status_code == 503
