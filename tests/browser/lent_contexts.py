"""Contexts of the browser, lent to one test after another: each finds nothing that one before it stored.

A new one costs three times what a page costs: a process that draws, and twenty scripts and style sheets that
are fetched and read anew. What is kept is what a person's browser keeps as well: the files that never change.
One whose clock a test replaced, or which answers no more, is not lent again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page
from playwright.sync_api import TimeoutError as NoAnswer

# In milliseconds; one whose scripts go round in circles never answers.
ANSWERS_WITHIN = 10_000
_CLOCK_IS_REAL = "/native code/.test(Date) && /native code/.test(setTimeout)"


class _Lent:
    """A context, and the page that keeps its process alive between two tests."""

    def __init__(self, browser: Browser, url: str, patience: int) -> None:
        self.url = url
        self.context: BrowserContext = browser.new_context()
        self.context.set_default_timeout(patience)
        self.keeper: Page = self.context.new_page()
        self.keeper.goto(f"{url}/healthz")
        self.tools: CDPSession = self.context.new_cdp_session(self.keeper)

    def tidy(self) -> bool:
        """Forget what a test left; whether all of it could be forgotten."""
        try:
            self.keeper.wait_for_selector("body", timeout=ANSWERS_WITHIN)
        except NoAnswer:
            return False
        for page in self.context.pages:
            if page is not self.keeper:
                page.close()
        self.context.clear_cookies()
        self.context.clear_permissions()
        self.tools.send("Storage.clearDataForOrigin", {"origin": self.url, "storageTypes": "all"})
        return bool(self.keeper.evaluate(_CLOCK_IS_REAL))


class Contexts:
    """The contexts of one browser, for the site at one address."""

    def __init__(self, browser: Browser, url: str, patience: int) -> None:
        self._browser, self._url, self._patience = browser, url, patience
        self._free: list[_Lent] = []

    @contextmanager
    def lend(self) -> Iterator[BrowserContext]:
        """A context in which nothing is stored, and no page is open but one that nobody sees."""
        lent = self._free.pop() if self._free else _Lent(self._browser, self._url, self._patience)
        yield lent.context
        if lent.tidy():
            self._free.append(lent)
        else:
            lent.context.close()
