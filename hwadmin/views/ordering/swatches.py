"""How the colors of catalog items are drawn."""

from __future__ import annotations

_GREY = "#9aa3b2"
_SWATCHES = {
    "black": "#1c1d20",
    "midnight": "#1d2633",
    "graphite": "#4b4c50",
    "space": "#4b4c50",
    "gray": "#8a8d93",
    "grey": "#8a8d93",
    "silver": "#d4d6da",
    "white": "#f7f7f5",
    "starlight": "#efe6d6",
    "clear": "#e6edf2",
    "sage": "#a9b89a",
    "green": "#5d8a66",
    "mint": "#b5dcc6",
    "blue": "#3f6fb5",
    "navy": "#24385f",
    "teal": "#3f8f92",
    "lavender": "#c5b7dd",
    "purple": "#7a5ca8",
    "violet": "#7a5ca8",
    "pink": "#eab6c2",
    "red": "#b8323a",
    "coral": "#e8826b",
    "orange": "#dd8135",
    "yellow": "#ecca57",
    "gold": "#d8be8c",
    "sand": "#cdbb9c",
    "brown": "#7d5c43",
    "titanium": "#b4ada4",
}


def swatch(color: str) -> str:
    """The CSS color of a color name: by the last word of the name that is known, otherwise grey."""
    for word in reversed(color.lower().replace("-", " ").split()):
        if word in _SWATCHES:
            return _SWATCHES[word]
    return _GREY
