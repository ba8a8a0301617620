"""What a browser calls itself, in the words of its owner. Pure."""

from __future__ import annotations

import re

# The first that fits: most browsers also call themselves what came before them.
_BROWSERS = (
    ("Edge", r"Edg\w*/(\d+)"),
    ("Opera", r"OPR/(\d+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/(\d+)"),
    ("Chrome", r"(?:Chrome|CriOS)/(\d+)"),
    ("Safari", r"Version/(\d+).* Safari/"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("macOS", "Mac OS X"),
    ("Linux", "Linux"),
)


def browser_name(agent: str | None, *, version: bool = True) -> str:
    """The name of a browser and its system: “Firefox 147 on Windows”, or without the version."""
    if not agent:
        return "Unknown browser"
    system = next((name for name, mark in _SYSTEMS if mark in agent), None)
    for name, pattern in _BROWSERS:
        found = re.search(pattern, agent)
        if found:
            number = f" {found[1]}" if version else ""
            return f"{name}{number}" + (f" on {system}" if system else "")
    return agent[:60]
