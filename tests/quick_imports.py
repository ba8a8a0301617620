"""Imports of libraries whose models read their own source, which pytest's deep stack makes slow."""

from __future__ import annotations

import functools
import importlib
import inspect
from unittest.mock import patch


def import_models(name: str) -> None:
    """Import a library; what looks up the module of each frame of the stack for each model does it once."""
    with patch("inspect.getmodule", functools.cache(inspect.getmodule)):
        importlib.import_module(name)
