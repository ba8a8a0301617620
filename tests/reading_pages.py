"""Pages as trees: read as a browser reads them, and found sound by a strict parser.

The parser that reads follows the same specification as the strict one and mends what is wrong. The strict one
takes as long as the page took to make, and so is shown each shape of a page once: by all workers and in all
runs together, but for `make test-full`. What is kept of a shape is a digest, where Python keeps bytecode.
"""

from __future__ import annotations

import re
import sys
from hashlib import blake2b
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement

import html5lib
from selectolax.lexbor import LexborHTMLParser, LexborNode

from tests.running import FULL


def kept_in(file: Path | None) -> set[str]:
    """The shapes that a run before has found sound."""
    return set(file.read_text().split()) if file is not None and file.exists() else set()


KEPT = Path(sys.pycache_prefix) / "sound_pages" if sys.pycache_prefix and not FULL else None
_SOUND = kept_in(KEPT)
# Where a text has no markup and no strange character in it, its words make a page neither sound nor unsound,
# nor do the values of attributes; but the type of a field decides where it may stand.
_PLAIN = r"[^<>&\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\U0010ffff]"
_WORDS = re.compile(rf"(?<=>){_PLAIN}*[^\W_]{_PLAIN}*(?=<)")
_VALUES = re.compile(rf'(?<=[a-z])(?<! type)="(?:(?!"){_PLAIN})*"')


def tree_of(html: str) -> Element:
    """The tree of a page, whatever is wrong with it, and with what is in its templates; without comments."""
    root = LexborHTMLParser(html).root
    assert root is not None
    return _copied(root, Element("html", _attributes(root)))


def faults_of(html: str) -> list[str]:
    """What a strict parser objects to in a page."""
    shape = _digest(_VALUES.sub('="x"', _WORDS.sub("x", html)))
    if shape in _SOUND:
        return []
    parser = html5lib.HTMLParser()
    parser.parse(html)
    if not parser.errors:
        _keep(shape, KEPT)
    return [f"HTML, line {line}: {code} {values}" for (line, _), code, values in parser.errors]


def _digest(shape: str) -> str:
    text = f"{html5lib.__version__} {shape}"
    return blake2b(text.encode(errors="surrogatepass"), digest_size=16).hexdigest()


def _keep(shape: str, file: Path | None) -> None:
    _SOUND.add(shape)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        # A line at once, so that those of several workers do not mix.
        with file.open("a") as lines:
            lines.write(f"{shape}\n")


def sound_tree_of(html: str) -> Element:
    """The tree of a page in which a strict parser finds nothing wrong."""
    assert faults_of(html) == []
    return tree_of(html)


def _attributes(node: LexborNode) -> dict[str, str]:
    return {name: value or "" for name, value in node.attributes.items()}


def _copied(node: LexborNode, element: Element) -> Element:
    """The element, with what is in the node put into it."""
    last: Element | None = None
    # What is in a template is a document of its own.
    inside = node.template_fragments()[0] if node.tag == "template" else node
    for child in inside.iter(include_text=True):
        if child.is_element_node:
            last = _copied(child, SubElement(element, child.tag or "", _attributes(child)))
        elif last is None:
            element.text = (element.text or "") + (child.text_content or "")
        elif child.is_text_node:
            last.tail = (last.tail or "") + (child.text_content or "")
    return element
