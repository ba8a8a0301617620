"""Keep hwadmin in step with a system of your own: your accounts, places and people there, its devices back.

    python mirror.py source.json state.json

reads your data from ``source.json``, writes it to hwadmin, and keeps in ``state.json`` the devices hwadmin
has and how far its feed was read. It may be stopped and started again at any point: what is there already is
sent again and changes nothing, and the feed goes on where the state was saved last. HWADMIN_URL and
HWADMIN_TOKEN say where and as whom. It needs nothing but Python.

The source, by keys of your own::

    {"accounts": {"customer-12": {"name": "Riverside Clinic",
        "locations": {"site-3": {"name": "Ward 3", "address": "1 Quay"}},
        "employees": {"e-17": {"name": "Dana Reed", "email": "dana@example.com"}}}}}
"""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ATTEMPTS = 5


class Hwadmin:
    """The API of hwadmin, as far as this program needs it."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url.rstrip("/"), token

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, str], Any]:
        """One request; its status, headers and JSON."""
        request = urllib.request.Request(  # noqa: S310
            f"{self.url}/api/v1{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return answer.status, dict(answer.headers), json.load(answer)
        except urllib.error.HTTPError as refusal:
            return refusal.code, dict(refusal.headers), json.load(refusal)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One request, sent again while hwadmin is busy: all of ours may be repeated."""
        for attempt in range(1, ATTEMPTS + 1):
            status, headers, answer = self.send(method, path, body)
            if status < 400:
                return answer
            if status not in (429, 503) or attempt == ATTEMPTS:
                raise RuntimeError(f"{method} {path}: {status} {answer.get('detail')}")
            time.sleep(float(headers.get("Retry-After", "2")))
        raise AssertionError

    def items(self, path: str) -> Iterator[dict[str, Any]]:
        """A whole list, page by page."""
        cursor = ""
        while True:
            page = self.call("GET", f"{path}?limit=200{cursor}")
            yield from page["items"]
            if page["next_cursor"] is None:
                return
            cursor = f"&cursor={urllib.parse.quote(page['next_cursor'])}"


def push(source: dict[str, Any], hwadmin: Hwadmin) -> None:
    """Write the accounts, places and people of the source; who is no longer in it has left."""
    for key, account in source["accounts"].items():
        path = f"/accounts/external/{urllib.parse.quote(key, safe='')}"
        account_id = hwadmin.call("PUT", path, {"name": account["name"]})["id"]
        for kind in ("locations", "employees"):
            wanted = account.get(kind, {})
            for item_key, fields in wanted.items():
                path = f"/accounts/{account_id}/{kind}/external/{urllib.parse.quote(item_key, safe='')}"
                hwadmin.call("PUT", path, fields)
            gone = [
                row["id"]
                for row in hwadmin.items(f"/accounts/{account_id}/{kind}")
                # What has no key of ours was entered by somebody else, and is theirs.
                if row["external_id"] is not None and row["external_id"] not in wanted
            ]
            for row_id in gone:
                hwadmin.call("DELETE", f"/accounts/{account_id}/{kind}/{row_id}")


def pull(state: dict[str, Any], hwadmin: Hwadmin, path: Path) -> None:
    """Bring the devices of the state up to what hwadmin has."""
    if "after" not in state:
        # First where the feed ends, then what there is: so nothing that happens meanwhile is missed.
        after = _end_of_feed(hwadmin)
        state["devices"] = {str(device["id"]): device for device in hwadmin.items("/devices")}
        state["after"] = after
        save(state, path)
    while True:
        page = hwadmin.call("GET", f"/events?limit=200&after={state['after']}")
        for event in page["items"]:
            if event["type"].startswith("device."):
                _take(state["devices"], event["data"])
        state["after"] = page["last"]
        save(state, path)
        if page["next_cursor"] is None:
            return


def _end_of_feed(hwadmin: Hwadmin) -> str:
    after = "0-0"
    while True:
        page = hwadmin.call("GET", f"/events?limit=200&after={after}")
        after = page["last"]
        if page["next_cursor"] is None:
            return after


def _take(devices: dict[str, Any], device: dict[str, Any]) -> None:
    """Take over a device as it is now; one that is out of service is no longer ours."""
    if device["state"] == "retired":
        devices.pop(str(device["id"]), None)
    else:
        devices[str(device["id"])] = device


def save(state: dict[str, Any], path: Path) -> None:
    """Write the state whole: whoever reads it finds the former one or this one, and nothing between."""
    new = path.with_suffix(".new")
    new.write_text(json.dumps(state))
    new.replace(path)


def run(source: dict[str, Any], path: Path, hwadmin: Hwadmin) -> dict[str, Any]:
    """Bring both sides in step once."""
    state: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    push(source, hwadmin)
    pull(state, hwadmin, path)
    return state


if __name__ == "__main__":
    run(
        json.loads(Path(sys.argv[1]).read_text()),
        Path(sys.argv[2]),
        Hwadmin(os.environ["HWADMIN_URL"], os.environ["HWADMIN_TOKEN"]),
    )
