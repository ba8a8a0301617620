"""What was typed outlives a refusal that is not its fault: the answer carries it, nothing is stored."""

from __future__ import annotations

import re
import secrets
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from flask import current_app, request, url_for
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.exceptions import HTTPException

from hwadmin.web.access import is_local_path

FIELD = "unsaved_input"
_MAX_BYTES = 500_000
_MAX_AGE_SECONDS = 2 * 60 * 60
_HIDDEN = re.compile(
    r"(^|[-_.])(id|ids|key|version|do|action|url|next|back|token|credential)$", re.IGNORECASE
)
# The new password is typed twice; see forms/people/people.py.
_PASSWORDS = re.compile(r"password|^repeated$", re.IGNORECASE)
_SHORT = 80
# What is sent to prove who one is, and to no page at all.
_PROOFS = frozenset(
    {
        None,
        "auth.sign_in",
        "second_factor.sign_in_code",
        "identity.confirm",
        "password_links.choose",
        "single_sign_on.leave",
        "single_sign_on.confirm",
        "passkeys.sign_in",
        "passkeys.confirm",
    }
)


@dataclass(frozen=True, slots=True)
class RepeatedField:
    """One field as it is shown again."""

    name: str
    value: str

    @property
    def label(self) -> str:
        """The name in words: ``expected_date`` is “Expected date”."""
        return re.sub(r"[-_.\s]+", " ", self.name).strip().capitalize() or "Value"

    @property
    def hidden(self) -> bool:
        """Whether nobody typed this: keys, versions, the button, a ticked box."""
        return bool(_HIDDEN.search(self.name)) or self.value in {"y", "on"}

    @property
    def long(self) -> bool:
        """Whether it needs more than one line."""
        return len(self.value) > _SHORT or "\n" in self.value or self.name in {"reason", "note", "text"}


@dataclass(frozen=True, slots=True)
class UnsavedInput:
    """The fields of a refused form, the path they were sent to, and the page of the form."""

    path: str
    page: str
    pairs: list[tuple[str, str]]
    too_large: bool = False
    had_file: bool = False

    @property
    def fields(self) -> list[RepeatedField]:
        """The fields in the order they were sent in."""
        return [RepeatedField(name, value) for name, value in self.pairs]

    @property
    def has_content(self) -> bool:
        """Whether somebody typed any of it: a button pressed is pressed again."""
        return self.too_large or any(not field.hidden and field.value.strip() for field in self.fields)


def csrf_secret(person_id: int) -> str:
    """A session's CSRF secret. Every form token is signed with it, and so tells whose form it is in."""
    return f"{secrets.token_hex(20)}.{person_id}"


def posted_input() -> UnsavedInput | None:
    """What this request sent as a form of the pages, without token, passwords and files; None if nothing."""
    if request.method != "POST" or request.endpoint in _PROOFS or not _is_from_our_page():
        return None
    try:
        pairs = [
            (name, value)
            for name, value in request.form.items(multi=True)
            if name != "csrf_token" and not _PASSWORDS.search(name)
        ]
        had_file = any(file.filename for file in request.files.values())
    except HTTPException:
        return None
    path = request.full_path.rstrip("?")
    if not (pairs or had_file):
        return None
    too_large = sum(len(name.encode()) + len(value.encode()) for name, value in pairs) > _MAX_BYTES
    return UnsavedInput(path, _form_page(path), [] if too_large else pairs, too_large, had_file)


def _is_from_our_page() -> bool:
    """Not what another site sent, nor a program, which has no use for a page."""
    origin = request.headers.get("Origin")
    ours = origin is None or urlsplit(origin).netloc == request.host
    return ours and bool(request.accept_mimetypes["text/html"])


def _form_page(path: str) -> str:
    sent_from = urlsplit(request.referrer or "")
    page = sent_from._replace(scheme="", netloc="", fragment="").geturl()
    return page if sent_from.netloc == request.host and is_local_path(page) else path


def seal(unsaved: UnsavedInput) -> str | None:
    """The input signed for the person whose form it was, by its token; None where that is not known."""
    person = _person_of_token(request.form.get("csrf_token", ""))
    return _serializer().dumps({"person": person, **asdict(unsaved)}) if person else None


def unseal(blob: str, person_id: int) -> UnsavedInput | None:
    """What was sealed for this very person at most two hours ago."""
    try:
        values = _serializer().loads(blob, max_age=_MAX_AGE_SECONDS)
    except BadData:
        return None
    if values.pop("person") != str(person_id):
        return None
    return UnsavedInput(**{**values, "pairs": [(name, value) for name, value in values["pairs"]]})


def carried_input() -> str | None:
    """What was sealed before and is sent along by this request to sign in; None if nothing."""
    try:
        blob = request.form.get(FIELD, "") if request.endpoint in _PROOFS else ""
    except HTTPException:
        return None
    return blob if is_ours(blob) else None


def is_ours(blob: str) -> bool:
    """Whether this was sealed here not long ago, whoever's it is."""
    try:
        _serializer().loads(blob, max_age=_MAX_AGE_SECONDS)
    except BadData:
        return False
    return True


def sign_in_address(unsaved: UnsavedInput | None) -> str:
    """Where to sign in and go on to the page of the form."""
    return url_for("auth.sign_in", next=unsaved.page if unsaved else None)


def _person_of_token(token: str) -> str | None:
    try:
        secret = URLSafeTimedSerializer(current_app.secret_key or "", salt="wtf-csrf-token").loads(token)
    except BadData:
        return None
    match = re.fullmatch(r"[0-9a-f]{40}\.([0-9]+)", str(secret))
    return match[1] if match else None


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="hwadmin-unsaved-input")
