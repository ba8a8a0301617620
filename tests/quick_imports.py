"""Libraries whose models read their own source, which the deep stack of pytest makes slow."""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
from types import ModuleType
from unittest.mock import patch

_module_of = inspect.getmodule


def module_of(thing: object, _filename: str | None = None) -> ModuleType | None:
    """The module something stands in: of a frame by name, not by comparing the files of all modules."""
    if inspect.isframe(thing):
        return sys.modules.get(thing.f_globals.get("__name__", ""))
    return _module_of(thing, _filename)


def find_modules_by_name() -> None:
    """Generic models are made while tests run, too."""
    inspect.getmodule = module_of  # type: ignore[assignment]


def import_models(name: str) -> None:
    """Import a library; what looks up the module of each frame of the stack for each model does it once."""
    with patch("inspect.getmodule", functools.cache(inspect.getmodule)):
        importlib.import_module(name)
