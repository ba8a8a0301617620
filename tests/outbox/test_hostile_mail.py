"""Whatever stands in a mail, it is shown: it adds no element, no attribute and no link."""

from __future__ import annotations

import dataclasses
from collections import Counter
from xml.etree.ElementTree import Element

import html5lib
import pytest
from flask import Flask

from hwadmin.outbox.mail_templates import MailContent, render_mail

HOSTILE = {
    "elements": "<script>alert(1)</script><img src=https://evil.example/seen.png><b>bold</b>",
    "attributes": '" onload="alert(1)" style="x\' onclick=\'alert(1)',
    "ends": "</td></table></div></body></html><form action=https://evil.example><input name=password>",
    "comments": "<!-- --><![CDATA[ ]]><?xml version='1.0'?><base href=https://evil.example>",
    "templates": "{{ 7 * 7 }}{% include 'x' %}${7*7}",
    "entities": "&lt;script&gt;&#60;script&#62;&amp;",
    "lines": "one\r\n.\r\nBcc: everybody@example.com\u2028\u2029\x0bSubject: other",
}
LINK = "https://hardware.example.com/orders/HW-000001"


def content_of(word: str) -> MailContent:
    """A mail that says this in every place there is; addresses are our own."""
    return MailContent(
        headline=word,
        facts=[(word, word)],
        reason=word,
        units=[(word, word, word)],
        more_units=2,
        orders=[(word, [(word, word, word, word, LINK)])],
        link=LINK,
        link_text=word,
        why=word,
    )


def shape(app: Flask, word: str) -> tuple[Counter[tuple[str, ...]], list[Element]]:
    """The elements of the mail with the names of their attributes, and all of them."""
    with app.test_request_context():
        html = render_mail("ada@example.com", "order.submitted", word, content_of(word)).html
    root = html5lib.parse(html, namespaceHTMLElements=False)
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    return Counter((element.tag, *sorted(element.attrib)) for element in elements), elements


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_word_changes_no_mail_but_its_words(app: Flask, hostile: str) -> None:
    plain, _ = shape(app, "word")
    found, elements = shape(app, hostile)
    # The lines of a reason are told apart; nothing else may be added.
    del found["br",], plain["br",]
    assert found == plain
    assert {element.get("href") for element in elements if element.tag == "a"} == {LINK}
    assert not any(name.startswith("on") for element in elements for name in element.attrib)
    shown = " ".join("".join(elements[0].itertext()).split())
    assert " ".join(hostile.splitlines()[0].split()) in shown


def test_every_place_of_a_mail_is_tried() -> None:
    untried = [
        field.name
        for field in dataclasses.fields(MailContent)
        if getattr(content_of("word"), field.name) in ((), None, "")
    ]
    assert untried == []
