"""A person whose seconds are counted from what they do, not clocked: the keystroke-level model.

The seconds are those of Card, Moran and Newell, "The keystroke-level model for user performance time with
interactive systems", Communications of the ACM 23 (1980): an average typist who is no secretary, and a
thought before every action but none between a click into a field and what is typed there. Words are read as
in Brysbaert, "How many words do we read per minute?", Journal of Memory and Language 109 (2019): 238 silently
in a minute. A second is counted for every answer.
"""

from __future__ import annotations

from playwright.sync_api import Locator, Page

KEY, POINT, PRESS, HOME, THINK = 0.28, 1.10, 0.20, 0.40, 1.35
WORDS_PER_MINUTE = 238
ANSWER = 1.0

_PASTE = """(field, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""
# What one sees: the texts of the page in their lines, and what stands in its fields.
_LINES = """() => [
    ...document.querySelector("main").innerText.split("\\n"),
    ...[...document.querySelectorAll("main input:not([type=hidden], [type=radio]), main textarea")]
        .map(field => field.value),
]"""


class ModelledPerson:
    """Uses a page with keyboard and mouse, and reads every line of it that is new."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.seconds = 0.0
        self._read: set[str] = set()
        self._on_keyboard = True

    def click(self, target: Locator) -> None:
        """Think, point and click."""
        self.seconds += THINK + self._hand(on_keyboard=False) + POINT + PRESS
        target.click()

    def replace(self, field: Locator, text: str) -> None:
        """Click into a field, mark all of it (two keys), and type over it."""
        self.click(field)
        self.page.keyboard.press("Control+A")
        self._keys(2)
        self.type(text)

    def type(self, text: str) -> None:
        """Type into what was clicked into; a tabulator or a newline is a key like others."""
        self._keys(len(text))
        for key in text:
            self.page.keyboard.press({"\t": "Tab", "\n": "Enter"}.get(key, key))

    def paste_column(self, field: Locator, values: list[str]) -> None:
        """Copy a column in another window, come back, and paste it into a field."""
        # The other window (two keys), its first cell, its last one (with a key held), copy, and back.
        self.seconds += THINK
        self._keys(2)
        self.seconds += 2 * (THINK + self._hand(on_keyboard=False) + POINT + PRESS)
        self._keys(1 + 2 + 2)
        self.click(field)
        self._keys(2)
        field.evaluate(_PASTE, "\n".join(values))

    def read(self) -> None:
        """Wait for the answer, and read every line that is new.

        Of a row one reads what differs from the row above; not that units are counted on (#7, #8).
        """
        # A page that is on its way has nothing to read yet.
        self.page.wait_for_load_state("domcontentloaded")
        words, above = 0, set[str]()
        for line in self.page.evaluate(_LINES):
            here = line.split()
            if line not in self._read:
                words += sum(1 for word in here if word not in above and word[0] != "#")
            above = set(here) or above
            self._read.add(line)
        self.seconds += ANSWER + words * 60 / WORDS_PER_MINUTE

    def _keys(self, number: int) -> None:
        self.seconds += self._hand(on_keyboard=True) + number * KEY

    def _hand(self, *, on_keyboard: bool) -> float:
        """What it takes to bring the hand to the keyboard or the mouse."""
        moved, self._on_keyboard = on_keyboard != self._on_keyboard, on_keyboard
        return HOME if moved else 0.0
