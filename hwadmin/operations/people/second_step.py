"""After a password: a one-time code at signing in, and proving again who one is before what could hurt."""

from __future__ import annotations

from hwadmin.operations.people.second_factor import WRONG_CODE, take_code
from hwadmin.operations.people.sessions import prove_session
from hwadmin.operations.people.sign_in import (
    LIMITED,
    WRONG,
    Attempt,
    SignInResult,
    forget_failures,
    let_in,
    mark_of_password,
    proven_person,
    record_failure,
)

TOO_LATE = "That took too long, or your password was changed meanwhile. Begin again."


def conclude_code(
    attempt: Attempt, password_mark: str, code: str, *, browser: str = "", replacing: str | None = None
) -> SignInResult:
    """Open a session for a right one-time code; write down a wrong one.

    Args:
        attempt: as weighed, a try of its own: codes are counted like passwords.
        password_mark: of the password that was right in the first step.
        code: as typed: of the app, or a recovery code.
        browser: what the browser calls itself.
        replacing: the handle of the session this browser had before, which ends.
    """
    if attempt.limited:
        return SignInResult(message=LIMITED, limited=True)
    person = proven_person(attempt)
    if person is None or mark_of_password(person.password_hash) != password_mark:
        return SignInResult(message=TOO_LATE)
    if not take_code(person, code):
        record_failure(attempt)
        return SignInResult(message=WRONG_CODE)
    forget_failures(attempt)
    return let_in(person, attempt, browser, replacing)


def conclude_code_before_provider(attempt: Attempt, code: str) -> SignInResult:
    """Check the code of somebody who goes on to confirm who they are at their identity provider.

    Args:
        attempt: as weighed.
        code: as typed.
    """
    if attempt.limited:
        return SignInResult(message=LIMITED, limited=True)
    person = proven_person(attempt)
    if person is None or not take_code(person, code):
        record_failure(attempt)
        return SignInResult(message=WRONG_CODE)
    forget_failures(attempt)
    return SignInResult(person_id=person.id)


def confirm_identity(attempt: Attempt, right: bool, code: str, handle: str) -> SignInResult:
    """Note in the session of ``handle`` that its person has proven who they are, by password and code.

    Args:
        attempt: as weighed.
        right: whether the password is.
        code: a one-time code, looked at where the person has a second factor.
        handle: the session's; it has the one of the result from then on.
    """
    if attempt.limited:
        return SignInResult(message=LIMITED, limited=True)
    person = proven_person(attempt) if right else None
    if person is None:
        record_failure(attempt)
        return SignInResult(message=WRONG)
    if person.second_factor_since is not None and not take_code(person, code):
        # It stays counted, though the password is right: codes are guessed here no more often than elsewhere.
        record_failure(attempt)
        return SignInResult(message=WRONG_CODE)
    forget_failures(attempt)
    return SignInResult(handle=prove_session(handle))
