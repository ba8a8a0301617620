"""Passwords: how they are hashed, what makes one acceptable, and new ones out of chance.

Pure: no Flask, no database; breached passwords are read from a file beside this one. Length does the work
(NIST 800-63B): no rules on kinds of characters, no expiry.
"""

from __future__ import annotations

import gzip
import re
import secrets
import unicodedata
from functools import cached_property
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 15
LONGEST = 200

# Stands for the hash of somebody who has no password: none fits.
NO_PASSWORD = "!"  # noqa: S105  # nosec B105
# No letter or digit that looks like another one.
_LEGIBLE = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 5, 5

# Of the ten million breached passwords that Mark Burnett published in 2015 the million most frequent, and of
# these the 9,726 with 15 characters or more, by way of SecLists (common_passwords.LICENSE.txt): each between
# line ends, letters and digits only, lower case, without e-mail addresses.
_BREACHED = Path(__file__).with_name("common_passwords.txt.gz")
# What people type besides when they are made to type 15 characters or more, written in the same way.
# Repetitions and runs along the alphabet or the keyboard are found by rule and need no entry.
_COMMON = frozenset(
    """
    1q2w3e4r5t6y7u8i 1q2w3e4r5t6y7u8i9o 1q2w3e4r5t6y7u8i9o0p 1qaz2wsx3edc4rfv 1qaz2wsx3edc4rfv5tgb
    adminadministrator administrator administratoradmin administratorpassword adminpassword
    adminpassword123 areallylongpassword averylongpassword averystrongpassword changeitchangeit
    changemeplease changethispassword chooseapassword correcthorsebattery correcthorsebatterystaple
    defaultpassword donttellanyone forgottenpassword goodmorningworld hellomynameis helloworldhello
    iamtheadministrator idontknowmypassword idontrememberit iforgotmypassword iloveyouforever
    iloveyousomuch iloveyouverymuch itsapassword letmeinletmein letmeinnowplease letmeinplease
    letmeinrightnow logmeinplease longerpassword longpassword mylongpassword mypassword mypasswordis
    mypasswordismypassword mysecretpassword mysupersecretpassword newpassword nopasswordneeded
    notapassword notmypassword opensesame opensesameopensesame passphrase password passwordadmin
    passwordispassword passwordpasswd passwordqwerty passwordsecret pleasechangeme pleaseletmein
    q1w2e3r4t5y6u7i8 q1w2e3r4t5y6u7i8o9p0 qazwsxedcrfvtgb qwerty123456password qwertypassword
    qwertyuiopasdfghjkl secretpassword simplepassword strongpassword superadministrator supersecret
    supersecretpassword temporarypassword temppassword testpassword thequickbrownfox
    thequickbrownfoxjumps thequickbrownfoxjumpsoverthelazydog thisisapassword thisisasecret
    thisismypassword thisismysecret thisisnotapassword thispasswordissecure threelittlepigs tobeornottobe
    tobeornottobethatisthequestion trustnobody trustnoone twinkletwinklelittlestar unbreakablepassword
    userpassword verylongpassword verysecretpassword verysecurepassword welcomehome welcometothejungle
    welcomewelcome whatismypassword whatsmypassword winteriscoming yourpassword youshallnotpass
    zaq12wsxcde34rfv
    """.split()  # noqa: SIM905 - a list of words reads better than a list of strings
)
_RUNS = tuple(
    run
    for line in (
        "abcdefghijklmnopqrstuvwxyz" * 2,
        "0123456789" * 3,
        "1234567890" * 3,
        "qwertyuiopasdfghjklzxcvbnm" * 2,
        "1234567890qwertyuiopasdfghjklzxcvbnm",
        "0987654321poiuytrewqlkjhgfdsamnbvcxz",
    )
    for run in (line, line[::-1])
)
_OURS = ("hwadmin", "hardware", "password")


class Hasher:
    """Turns passwords into hashes and compares them, always at the same price."""

    def __init__(self, *, time_cost: int = 3, memory_cost: int = 65536, parallelism: int = 4) -> None:
        """The defaults are RFC 9106's second recommendation: 64 MiB, three passes."""
        self._argon2 = PasswordHasher(time_cost=time_cost, memory_cost=memory_cost, parallelism=parallelism)

    @cached_property
    def _decoy(self) -> str:
        return self._argon2.hash(secrets.token_urlsafe(32))

    def hash(self, password: str) -> str:
        """The hash to store."""
        return self._argon2.hash(_normal(password))

    def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password is the stored one.

        Without a stored hash, as for an address nobody has, the same work is done for nothing: the answer
        takes as long as for somebody who is there.
        """
        decoy = self._decoy
        try:
            return self._argon2.verify(stored or decoy, _normal(password)) and stored is not None
        except InvalidHashError:
            # A placeholder that no password fits.
            return self.verify(None, password)
        except VerificationError:
            return False

    def is_outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._argon2.check_needs_rehash(stored)


HASHER = Hasher()


def _normal(password: str) -> str:
    # The same password typed on another system may arrive in other code points.
    return unicodedata.normalize("NFKC", password)


def generate() -> str:
    """A new password out of chance, to be read and typed once: five groups of five, about 124 bits."""
    return "-".join("".join(secrets.choice(_LEGIBLE) for _ in range(_GROUP)) for _ in range(_GROUPS))


def problem_with(password: str, *, about: tuple[str, ...] = ()) -> str | None:
    """Why this may not be somebody's password, as a sentence; None where it may.

    Args:
        password: as typed; spaces are part of it.
        about: the person's name and e-mail address, which are easily guessed.
    """
    password = _normal(password)
    if len(password) < SHORTEST:
        return f"Use {SHORTEST} characters or more. A few words in a row are fine."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    folded = password.casefold()
    plain = re.sub(r"[\W_]", "", folded) or folded
    letters = plain.strip("0123456789")
    if plain in _COMMON or letters in _COMMON:
        return "This is one of the passwords tried first. Choose another one."
    if any(plain in run for run in _RUNS):
        return "This follows the alphabet or the keyboard. Choose another one."
    if len(set(password)) < 5 or _repeats(plain) or _repeats(letters):
        return "This repeats the same few characters. Choose another one."
    if _is_breached(plain, letters):
        return "This is one of the passwords tried first. Choose another one."
    rest = folded
    for word in sorted(_words(about) | set(_OURS), key=len, reverse=True):
        rest = rest.replace(word, "")
    if len(rest) < 8:
        return "This is too close to your name, your e-mail address or this product's name."
    return None


def _is_breached(*texts: str) -> bool:
    """Whether one of the texts is on the list. It is read anew each time: passwords are seldom chosen."""
    breached = gzip.decompress(_BREACHED.read_bytes())
    return any(f"\n{text}\n".encode("utf-8", "replace") in breached for text in texts)


def _repeats(text: str) -> bool:
    """Whether the text is one short piece over and over, its last copy cut off or not."""
    return any(
        text == (text[:length] * (len(text) // length + 1))[: len(text)]
        for length in range(1, len(text) // 2 + 1)
    )


def _words(texts: tuple[str, ...]) -> set[str]:
    return {word for text in texts for word in re.split(r"[\W_]+", text.casefold()) if len(word) >= 3}
