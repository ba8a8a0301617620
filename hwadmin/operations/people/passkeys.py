"""Passkeys: adding one, proving who one is with it, and removing it.

Their library is loaded where a passkey is used: it is large, and most workers never see one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor
from hwadmin.domain.text_validation import Problems
from hwadmin.errors import InvalidInput, NotFound, WrongState
from hwadmin.models import Passkey, Person
from hwadmin.operations.audit.people_events import record_second_factor_changed
from hwadmin.operations.people.second_factor import (
    forget_without_factor,
    has_app,
    locked_person,
    replace_recovery_codes,
)

if TYPE_CHECKING:
    from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
    from webauthn.helpers.structs import AuthenticationCredential
    from webauthn.registration.verify_registration_response import VerifiedRegistration

_MAX_PASSKEYS = 20
_MAX_CHARACTERS = 20_000
REFUSED = "That passkey was not accepted. Try again, or use another way."


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Whose passkeys they are: the name of the host, and the address of the pages."""

    host: str
    origin: str


def add_passkey(actor: Actor, site: RelyingParty, challenge: str, credential: str, name: str) -> list[str]:
    """Let the actor prove who they are by a passkey from now on.

    Returns:
        Recovery codes, which can be read this once, where this is their first second factor.

    Raises:
        InvalidInput: at ``credential``, where it is no answer to the challenge, or is known; at ``name``.
        WrongState: they have many already.
    """
    person = locked_person(actor.id)
    problems = Problems()
    label = problems.text("name", name, most=100, required="Give the passkey a name.")
    if problems.errors or label is None:
        raise InvalidInput(problems.errors)
    verified = _verified_registration(site, challenge, credential)
    there = db.session.scalars(select(Passkey.id).where(Passkey.person_id == person.id)).all()
    if len(there) >= _MAX_PASSKEYS:
        raise WrongState(f"You have {len(there)} passkeys. Remove one first.")
    credential_id = _text(verified.credential_id)
    if db.session.scalars(select(Passkey.id).where(Passkey.credential_id == credential_id)).first():
        raise InvalidInput.at("credential", "This passkey is there already.")
    passkey = Passkey(
        person_id=person.id,
        credential_id=credential_id,
        public_key=_text(verified.credential_public_key),
        sign_count=verified.sign_count,
        name=label,
    )
    db.session.add(passkey)
    codes = [] if person.second_factor_since is not None else replace_recovery_codes(person)
    person.second_factor_since = person.second_factor_since or utcnow()
    record_second_factor_changed(actor, person, f"{person.name} added the passkey “{label}”.")
    return codes


def person_of_passkey(site: RelyingParty, challenge: str, credential: str) -> Person:
    """The person, locked, whose passkey signed the challenge, having asked its owner for finger, face or PIN.

    Raises:
        InvalidInput: it did not, or counts as if it were copied; they are disabled.
    """
    refusal = InvalidInput.at("credential", REFUSED)
    answer = _parsed_answer(credential)
    passkey = db.session.scalars(
        select(Passkey)
        .where(Passkey.credential_id == _text(answer.raw_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if passkey is None:
        raise refusal
    verified = _verified_answer(site, challenge, answer, passkey)
    passkey.sign_count, passkey.last_used_at = verified.new_sign_count, utcnow()
    person = locked_person(passkey.person_id)
    if person.disabled_at is not None:
        raise refusal
    return person


def _text(value: bytes) -> str:
    from webauthn.helpers import bytes_to_base64url

    return bytes_to_base64url(value)


def _verified_registration(site: RelyingParty, challenge: str, credential: str) -> VerifiedRegistration:
    from webauthn import verify_registration_response
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        return verify_registration_response(
            credential=credential[:_MAX_CHARACTERS],
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError) as error:
        raise InvalidInput.at("credential", REFUSED) from error


def _parsed_answer(credential: str) -> AuthenticationCredential:
    from webauthn.helpers import parse_authentication_credential_json
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        answer = parse_authentication_credential_json(credential[:_MAX_CHARACTERS])
        _text(answer.raw_id)
    except (WebAuthnException, ValueError, TypeError) as error:
        raise InvalidInput.at("credential", REFUSED) from error
    return answer


def _verified_answer(
    site: RelyingParty, challenge: str, answer: AuthenticationCredential, passkey: Passkey
) -> VerifiedAuthentication:
    from webauthn import verify_authentication_response
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        return verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError) as error:
        raise InvalidInput.at("credential", REFUSED) from error


def remove_passkey(actor: Actor, passkey_id: int, *, required: bool) -> str:
    """Let a passkey of the actor's prove nothing any more.

    Args:
        actor: whose it is.
        passkey_id: which.
        required: whether people of their role must have a second factor here.

    Returns:
        Its name.

    Raises:
        NotFound: they have no such passkey.
        WrongState: it is the last second factor of somebody who needs one.
    """
    person = locked_person(actor.id)
    passkeys = db.session.scalars(select(Passkey).where(Passkey.person_id == person.id)).all()
    passkey = next((row for row in passkeys if row.id == passkey_id), None)
    if passkey is None:
        raise NotFound("You have no such passkey.")
    if required and len(passkeys) == 1 and not has_app(person.id):
        raise WrongState("Your role needs a second factor here: set up another one first.")
    name = passkey.name
    db.session.delete(passkey)
    forget_without_factor(person)
    record_second_factor_changed(actor, person, f"{person.name} removed the passkey “{name}”.")
    return name
