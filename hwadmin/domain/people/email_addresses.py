"""E-mail addresses: their shape, and the spelling that is kept."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email

# An address in an SMTP command has no more characters (RFC 5321, 4.5.3.1.3).
MAX_LENGTH = 254


def normal_address(text: str) -> str | None:
    """An e-mail address in its usual spelling; None where the text is none or nobody can be written to."""
    # A long text is no address, and reading a megabyte as one takes seconds.
    if len(text) > MAX_LENGTH:
        return None
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        return None


def company_address(text: str) -> str | None:
    """The same for the people of an account: a company's own domain need not be public, but has a dot."""
    if len(text) > MAX_LENGTH:
        return None
    try:
        # Shape only: with a public ending added, every reserved one passes.
        email = validate_email(f"{text}.com", check_deliverability=False).normalized.removesuffix(".com")
    except EmailNotValidError:
        return None
    return email if "." in email.rpartition("@")[2] else None
