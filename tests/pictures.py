"""Takes the pictures of the documentation, from the demo: ``python -m tests.pictures`` (make pictures).

They are of today's pages, so they differ after each change of what a page shows. Look at them before they are
committed.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from hwadmin.db.extensions import db
from hwadmin.demo.loading import load
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.models import Account, HardwareOrder, Person
from tests import databases
from tests.browser.conftest import Server, Site
from tests.guards.source_tree import ROOT

FOLDER = ROOT / "docs/using/pictures"
SCREEN = {"width": 1400, "height": 900}
# In order of preference; the one without a screen starts quickest.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def orders(page: Page, url: str) -> None:
    page.goto(f"{url}/orders/")


def order(page: Page, url: str) -> None:
    page.goto(f"{url}/orders/{_order_of(OrderStatus.SUBMITTED, 'Brightwater Marina')}")


def fulfill(page: Page, url: str) -> None:
    page.goto(f"{url}/orders/{_order_of(OrderStatus.APPROVED, 'Ferncliff Care Homes')}/fulfill")
    # Three that are right, and one that was read badly.
    for text in ("805ec09a1001", "805ec09a1002", "805ec09a1003", "80:5E:C0:9A:10:0"):
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    page.get_by_text("Everything is saved.").wait_for()


def dashboard(page: Page, url: str) -> None:
    page.goto(f"{url}/dashboard/")


def ordering(page: Page, url: str) -> None:
    account = db.session.query(Account).filter_by(name="Brightwater Marina").one().id
    db.session.rollback()
    page.goto(f"{url}/ordering/{account}/new")


def account_form(page: Page, url: str) -> None:
    page.goto(f"{url}/accounts/new-with-hardware")


# Who sees what; a picture is called as its function.
OF_ADA: tuple[Callable[[Page, str], None], ...] = (orders, order, fulfill, dashboard)
OF_PIET: tuple[Callable[[Page, str], None], ...] = (ordering, account_form)


def _order_of(status: OrderStatus, account: str) -> str:
    """The account's newest order of a status, or any of that status."""
    found = db.session.query(HardwareOrder).filter_by(status=status).order_by(HardwareOrder.id.desc()).all()
    reference = next((one for one in found if one.account.name == account), found[0]).reference
    db.session.rollback()
    return reference


@contextmanager
def _demo() -> Iterator[Site]:
    """A site with the demo, which ends with the program."""
    databases.prepare_for_tests()
    with databases.memory_folder() as folder, databases.Template("sqlite", folder).copy() as settings:
        app = databases.new_app(settings)
        with app.app_context():
            load()
            db.session.remove()
        with closing(Server()) as server, server.serve(app) as site:
            yield site
            db.engine.dispose()


def take(site: Site, browser: Browser, folder: Path) -> list[Path]:
    """Take every picture; returns the files."""
    taken = []
    for email, pictures in (("ada@example.com", OF_ADA), ("piet@example.com", OF_PIET)):
        context = browser.new_context(viewport=SCREEN, reduced_motion="reduce", color_scheme="light")  # type: ignore[arg-type]
        page = context.new_page()
        site.open_session(page, db.session.query(Person).filter_by(email=email).one())
        for show in pictures:
            show(page, site.url)
            page.wait_for_load_state("networkidle")
            file = folder / f"{show.__name__.replace('_', '-')}.png"
            page.screenshot(path=file)
            # A page has few colors: a palette makes the file less than half as long.
            with Image.open(file) as picture:
                picture.convert("RGB").quantize(128).save(file, optimize=True)
            taken.append(file)
        context.close()
    return taken


def main() -> int:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        sys.stderr.write("There is no chromium to take pictures with.\n")
        return 1
    with _demo() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for file in take(site, browser, FOLDER):
            sys.stdout.write(f"{file.relative_to(ROOT)}\n")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
